import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from runs import watching
from runs.watching import news, picture, tell, watch

ARM = {"arm": "sham", "model": "lenet5", "finished": 0, "diverged": 0, "failed": 0, "runs": 4, "seconds_left": 1.0}
FOUND = {
    "name": "small", "runs": 8, "finished": 3, "diverged": 0, "failed": 0, "running": 0, "missing": 5,
    "failures": [], "lost": [], "workers": [], "eta_seconds": None, "arms": [ARM],
}  # fmt: skip
OVER = FOUND | {"finished": 8, "missing": 0}
LOST = [{"reason": "its worker is gone", "attempts": 1}]


class Looks:
    """An onlooker that sees one thing after the other, and remembers at which plans it looked."""

    def __init__(self, *found):
        self.found, self.plans = list(found), []

    def look(self, plan):
        self.plans.append(plan)
        return self.found.pop(0)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(watching, "EVERY", 0.0)


def test_elsewhere_than_on_a_terminal_a_line_is_written_when_something_has_changed():
    said = list(news([FOUND, FOUND, FOUND | {"lost": LOST}, FOUND | {"lost": LOST}, OVER | {"lost": LOST}]))
    assert [re.sub(r"^[\d:]{8} ", "", line) for line in said] == [
        "small: 8 runs: 3 finished, 0 diverged, 0 failed, 0 running, 5 missing; "
        "nobody is at work; `ablate run small` goes on",
        "1 attempt taken back: its worker is gone",
        "small: 8 runs: 8 finished, 0 diverged, 0 failed, 0 running, 0 missing; nothing is left to do",
    ]


def test_it_is_watched_until_it_is_over(plan, capsys):
    onlooker = Looks(FOUND, FOUND, OVER)
    watch(onlooker, plan, lambda: pytest.fail("this plan cannot grow"))
    assert onlooker.found == []
    assert capsys.readouterr().out.splitlines()[-1].endswith("nothing is left to do")


def test_a_plan_that_may_grow_is_read_again(plan, monkeypatch):
    monkeypatch.setattr(watching, "PLAN_EVERY", 2)
    grown, onlooker = replace(plan), Looks(FOUND, FOUND, FOUND, OVER)
    watch(onlooker, replace(plan, searching=True), lambda: grown)
    assert [one is grown for one in onlooker.plans] == [False, False, True, True]


def test_a_picture_has_as_many_arms_as_there_is_room_for_first_those_that_go_on():
    arms = [ARM | {"arm": f"done{n}", "finished": 4} for n in range(3)] + [ARM | {"arm": f"open{n}"} for n in range(5)]
    console = Console(file=io.StringIO(), width=40, height=8)
    console.print(picture(FOUND | {"arms": arms}, height=8))
    shown = console.file.getvalue().splitlines()
    assert len(shown) < 8  # the last line is the cursor's
    assert max(map(len, shown)) <= 40
    assert "open0" in shown[3]
    assert shown[-1] == " and 5 more arms"


def test_told_once_no_line_is_cut(capsys):
    reason = "ValueError: " + "x" * 200
    tell(FOUND | {"lost": [{"reason": reason, "attempts": 1}]})
    assert f"  1 attempt taken back: {reason}\n" in capsys.readouterr().out
