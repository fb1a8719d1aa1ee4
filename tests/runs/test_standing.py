import io

import pytest
from rich.console import Console

from runs.standing import is_over, left, lines, table, troubles

STATUS = {
    "name": "small", "runs": 8, "finished": 3, "diverged": 0, "failed": 0, "running": 1, "missing": 4,
    "failures": [], "lost": [], "workers": [], "eta_seconds": None, "arms": [],
}  # fmt: skip


def command(member="run@here#0"):
    return worker(member, member) | {"is_command": True, "pid": 7}


def worker(name="cpu0@here#1", member="run@here#0", run=None, **more):
    told = {"worker": name, "member": member, "is_command": False, "pid": 1, "device": "cpu", "run": run}
    return told | {"epoch": 3, "epochs": 30, "done": 2} | more


def failure(title, first, last=None, ended=0.0):
    return {"title": title, "first_reason": first, "reason": last or first, "first_ended": ended}


def found(**more):
    return STATUS | more


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"workers": [command(), worker()], "eta_seconds": 170.0}, "about 3 min left with 1 worker"),
        ({"workers": [command(), worker(), worker("b")], "eta_seconds": 7.2}, "about 7 s left with 2 workers"),
        ({"workers": [command(), worker()]}, "1 worker at work; how long it takes shows when the first runs have"),
        ({"workers": [command()]}, "the workers are being started"),
        ({"workers": [], "running": 0}, "nobody is at work; `ablate run small` goes on"),
        ({"workers": [command()], "running": 0, "missing": 0}, "all runs have ended; what is left is to ship them"),
        ({"running": 0, "missing": 0}, "nothing is left to do"),
    ],
)
def test_the_time_left_is_told_or_why_it_is_not_known(more, said):
    assert left(found(**more)).startswith(said)


def test_it_is_over_when_all_runs_have_ended_and_nobody_may_add_any():
    assert is_over(found(running=0, missing=0, failed=2))
    assert not is_over(found(running=0, missing=0, workers=[command()]))
    assert not is_over(found(running=0, missing=1))


def test_runs_that_share_a_cause_are_one_line_which_names_the_first():
    failures = [
        failure("dropout · seed 1", "ValueError: boom", ended=3.0),
        failure("dropout · seed 2", "ValueError: boom", ended=2.0),
        failure("sham · seed 0", "OSError: gone", "ValueError: boom", ended=5.0),
    ]
    assert list(troubles(found(failures=failures))) == [
        "failed: 2 runs: ValueError: boom (first: dropout · seed 2)",
        "failed: sham · seed 0: OSError: gone; when tried again: ValueError: boom",
    ]


def test_what_was_taken_back_is_told_with_the_reason():
    lost = [
        {"reason": "its worker was killed (SIGKILL)", "attempts": 2},
        {"reason": "its worker is gone", "attempts": 1},
    ]
    assert list(troubles(found(lost=lost))) == [
        "2 attempts taken back: its worker was killed (SIGKILL)", "1 attempt taken back: its worker is gone",
    ]  # fmt: skip


def test_every_command_is_followed_by_its_workers():
    other = command("run@there#9")
    workers = [worker("cpu10@here#2"), worker("cpu2@here#1", run="sham · seed 0"), command(), other]
    assert [line.plain for line in lines(found(workers=workers))][2:] == [
        "  `ablate run` on here, process 7: 2 workers",
        "    cpu2@here, cpu: sham · seed 0, epoch 3 of 30; 2 ended",
        "    cpu10@here, cpu: waits for a run; 2 ended",
        "  `ablate run` on there, process 7: no worker",
    ]


def test_the_arms_tell_what_has_ended_and_what_is_left():
    states = {"finished": 2, "diverged": 1, "failed": 1, "running": 0, "missing": 0}
    arms = [
        {"arm": "dropout [p=0.5]", "model": "mlp", "runs": 5, **states, "seconds_left": 40.0},
        {"arm": "sham", "model": "lenet5", "runs": 5, **states, "seconds_left": None},
        {"arm": "baseline", "model": "mlp", "runs": 4, **states, "seconds_left": 0.0},
    ]
    console = Console(file=io.StringIO(), width=80)
    console.print(table(arms))
    rows = [line.split() for line in console.file.getvalue().splitlines()]
    assert rows == [
        ["Arm", "Model", "Runs", "Failed", "Training", "left"],
        ["dropout", "[p=0.5]", "mlp", "4/5", "1", "40", "s"],
        ["sham", "lenet5", "4/5", "1", "?"],
        ["baseline", "mlp", "4/4", "1"],
    ]
