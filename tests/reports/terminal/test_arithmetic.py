"""What a network's arithmetic looks like in a terminal."""

import json

from modules.handwork.rows import Arithmetic, Row
from reports.terminal.arithmetic import as_data, print_arithmetic, verdict

ROWS = (
    Row("conv", "Conv2d", (6, 28, 28), "(32 + 2*0 - 1*(5-1) - 1)/1 + 1 = 28", (5, 5), ("1", "1"), 156, 117600),
    Row("odd", "Conv2d", (6, 28, 14), "28; 14", (5, 7), ("1", "2"), 0, 0),
    Row("mix", "Mix", (6, 28, 14), None, None, None, 0, 0),
)
FOUND = Arithmetic("net", (1, 32, 32), ROWS, 161, 5, 117600, 0)


def test_every_layer_has_its_line_and_the_last_one_says_that_all_agree(capsys):
    print_arithmetic(FOUND)
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 120
    assert "(32 + 2*0 - 1*(5-1) - 1)/1 + 1 = 28" in lines[1] and "117,600" in lines[1]
    assert "5 x 7" in lines[2] and "1 x 2" in lines[2]
    assert lines[3].split() == ["mix", "Mix", "6", "x", "28", "x", "14", "as", "seen", "-", "-"]
    assert "All agree with a pass of torch: 2 sizes by formula (1 more as seen), 161 parameters, 5 of them in" in shown


def test_what_does_not_agree_is_named():
    wrong = FOUND._replace(rows=(ROWS[0]._replace(wrong="6 x 27 x 27 by formula, 6 x 28 x 28 seen"), *ROWS[1:]), macs=7)
    said = verdict(wrong)
    assert said.startswith("Not all agree with a pass of torch. conv: 6 x 27 x 27 by formula, 6 x 28 x 28 seen; MACs: ")
    assert "All agree" not in said


def test_scripts_get_the_same():
    data = json.loads(json.dumps(as_data(FOUND)))
    assert data["rows"][0]["field"] == [5, 5] and data["rows"][2]["formula"] is None
    assert data["wrong"] == []
