"""`ablate arithmetic` and `ablate trace`: what they print, leave and answer."""

import json

import pytest

import ablations_cli
from modules.handwork import autograd, formulas


def ablate(capsys, *words):
    code = ablations_cli.main(list(words))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_arithmetic_prints_a_network_and_says_that_all_agree(capsys):
    code, out, _ = ablate(capsys, "arithmetic", "lenet5", "classes=3", "channels=3", "image_size=28")
    assert code == 0
    assert "(28 + 2*2 - 1*(5-1) - 1)/1 + 1 = 28" in out and "All agree with a pass of torch" in out


def test_arithmetic_is_there_for_scripts(capsys):
    code, out, _ = ablate(capsys, "arithmetic", "lenet5", "--json")
    found = json.loads(out)
    assert (code, found["parameters"], found["macs"], found["wrong"]) == (0, 61706, 416520, [])


def test_arithmetic_that_does_not_agree_ends_with_1(capsys, monkeypatch):
    monkeypatch.setattr(formulas, "output_size", lambda *geometry: 5)
    code, out, _ = ablate(capsys, "arithmetic", "lenet5")
    assert code == 1 and "Not all agree with a pass of torch" in out


def test_arithmetic_takes_anybodys_model_with_its_settings(capsys, tmp_path):
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Sequential):\n    def __init__(self, hidden, channels):\n"
        "        super().__init__(nn.Conv2d(channels, hidden, 3, dilation=2, groups=channels))\n"
    )
    code, out, _ = ablate(capsys, "arithmetic", f"{tmp_path}/net.py:Net", "hidden=4", "channels=2", "image_size=9")
    assert code == 0 and "(9 + 2*0 - 2*(3-1) - 1)/1 + 1 = 5" in out


def test_trace_writes_a_page_into_the_output_folder(capsys, own_home):
    code, out, _ = ablate(capsys, "trace", "backprop")
    page = own_home / "reports" / "backprop" / "index.html"
    assert code == 0 and f"Page: {page}" in out
    assert "agrees with torch's autograd" in out
    assert "Back-propagation, one step by hand" in page.read_text()


def test_trace_reads_a_file_and_settings_over_it(capsys, tmp_path):
    (tmp_path / "net.yaml").write_text("sizes: [2, 2, 2]\ninputs: [0.05, 0.1]\nlr: 1\n")
    page = tmp_path / "there" / "page.html"
    code, _, _ = ablate(capsys, "trace", "backprop", str(tmp_path / "net.yaml"), "lr=0.1", "--out", str(page))
    assert code == 0 and "learning rate <i>η</i> = 0.1" in page.read_text()


def test_trace_that_does_not_agree_ends_with_1_and_says_so_on_the_page(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(autograd, "_far", lambda ours, theirs: 1.0)
    code, out, _ = ablate(capsys, "trace", "backprop", "--out", str(tmp_path / "page.html"))
    assert code == 1 and "does NOT agree" in out
    assert "The check failed." in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["arithmetic", "lenet"], "did you mean lenet5"),
        (["arithmetic", "lenet5", "image_size=8"], "needs images of 16 pixels or more"),
        (["arithmetic", "lenet5", "classes=0"], "classes must be a whole number of 1 or more, not 0"),
        (["arithmetic", "lenet5", "depth=2"], "'depth': a model of the zoo takes classes, channels, image_size"),
        (["arithmetic", "nowhere.py:Net"], "there is no file nowhere.py"),
        (["trace", "backprop", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["trace", "backprop", "inputs=[1]"], "inputs: must hold 2 numbers, as `sizes` begins, not 1"),
        (["trace", "backprop", "weights=[[[1,2],[3,4]],[[1]]]"], "weights.1.0: must hold 2 numbers"),
        (["trace", "backprop", "rate=1"], "rate: unknown key"),
        (["trace", "backprop", "loss=hinge"], "there is no choice 'hinge'; known: cross_entropy, squared"),
        (["trace", "backprop", "lr=fast"], "lr: must be a number, not 'fast'"),
        (["trace", "backprop", "biases=[[0,0],[100]]", "loss=cross_entropy"], "take smaller weights, biases, inputs"),
    ],
)
def test_bad_input_is_answered_in_a_line(capsys, words, says):
    code, out, err = ablate(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("ablate: ") and err.count("\n") == 1
    assert says in err


def test_a_page_that_cannot_be_written_is_said(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = ablate(capsys, "trace", "backprop", "--out", str(tmp_path / "file" / "page.html"))
    assert code == 2 and "cannot be written" in err and "--out" in err
