"""The disturbances: each begins an ablation, disturbs it at random moments, and has it finished."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from subprocess import Popen

from runs import engines, shipping
from tests.chaos.checks import trained_twice
from tests.chaos.disk import disk_full, power_cut
from tests.chaos.files import garbage, torn_lines
from tests.chaos.processes import send, send_all
from tests.chaos.surroundings import clock_set, database_restarted, tracker_away
from tests.chaos.trial import LEASE, Failed, Trial, until

KILL, TERM, INT, STOP, CONT = signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSTOP, signal.SIGCONT
MOST_DEATHS = 2
"""Under one run: with a third it has failed, as documented."""
SECONDS_TO_LEAVE = engines.local.GRACE + shipping.GRACE + shipping.IN_HAND
"""In which a command has ended that is asked to; far fewer where the tracker is not being made just then."""
INTERRUPTED = 130


def workers_killed(trial: Trial) -> None:
    """Any that is at work, again and again."""
    _strike(trial, lambda: [pid for pid, _ in trial.at_work()], KILL, times=6)


def workers_terminated(trial: Trial) -> None:
    """The same by SIGTERM, as `kill` sends it."""
    _strike(trial, lambda: [pid for pid, _ in trial.at_work()], TERM, times=3)


def helpers_killed(trial: Trial) -> None:
    """The process that forks the workers, and Python's own that tidies up after it."""
    _strike(trial, lambda: [*trial.servers(), *trial.resource_trackers()] if trial.at_work() else [], KILL, times=2)


def _strike(trial: Trial, victims: Callable[[], list[int]], number: signal.Signals, times: int) -> None:
    command, struck = trial.begin(most=3), 0
    while command.poll() is None and struck < times and trial.deaths() < MOST_DEATHS:
        if there := victims():
            struck += send(trial.random.choice(there), number)
        time.sleep(trial.random.uniform(0.5, 2.0))
    trial.tell(f"{struck} times")
    trial.ends(command, 0)


def command_killed(trial: Trial) -> None:
    """Twice: what one command left, the next takes up, and is killed, too."""
    for ended in (0, 4):
        command = trial.begin(ended + 1, ended + 4)
        send(command.pid, KILL)
        trial.ends(command, -KILL)
        trial.tell(f"at {trial.recorded} runs")
    trial.finish()


def all_killed(trial: Trial) -> None:
    """Every process at once, as where a machine's memory runs out."""
    command = trial.begin(most=12)
    trial.kill_all()
    trial.ends(command, -KILL)
    trial.tell(f"at {trial.recorded} runs")
    trial.finish()


def command_terminated(trial: Trial) -> None:
    """As by `kill`, and by whoever shuts a machine down."""
    _asked_to_end(trial, lambda pid: send(pid, TERM))


def command_interrupted(trial: Trial) -> None:
    """As by Ctrl-C, which goes to all processes in front."""
    _asked_to_end(trial, lambda _: send_all(trial.processes(), INT))


def _asked_to_end(trial: Trial, ask: Callable[[int], object]) -> None:
    command = trial.begin()
    began = time.monotonic()
    ask(command.pid)
    trial.ends(command, INTERRUPTED, within=SECONDS_TO_LEAVE)
    trial.tell(f"at {trial.recorded} runs; ended after {time.monotonic() - began:.1f} s")
    until(lambda: not trial.processes(), "all its processes are gone", within=2.0)
    trial.finish()


def worker_frozen(trial: Trial) -> None:
    """For longer than its lease, so that its run is given to another: what it brings then is too late."""
    command = trial.begin()
    pid, claim = trial.random.choice(until(trial.at_work, "a worker is in the middle of a run"))
    send(pid, STOP)
    until(
        lambda: command.poll() is not None or trial.status_of(claim.id) is not None, "its run is taken back", 10 * LEASE
    )
    before = trial.status_of(claim.id)
    send(pid, CONT)
    trial.tell(f"its attempt: {before}")
    trial.ends(command, 0)
    if trial.status_of(claim.id) != before:
        raise Failed(f"the attempt of a frozen worker was {before}, and is {trial.status_of(claim.id)}")


def command_frozen(trial: Trial) -> None:
    """The command alone: nobody has died, so nothing may be trained again."""
    command = trial.begin()
    _freeze(trial, [command.pid])
    trial.ends(command, 0)
    trial.agree(trained_twice(trial))


def all_frozen(trial: Trial) -> None:
    """Every process, as where a laptop is closed."""
    command = trial.begin()
    _freeze(trial, trial.processes())
    trial.ends(command, 0)
    trial.agree(trained_twice(trial))


def _freeze(trial: Trial, processes: list[int]) -> None:
    send_all(processes, STOP)
    time.sleep(2 * LEASE)
    send_all(processes, CONT)
    trial.tell(f"{len(processes)} processes")


def two_at_once(trial: Trial) -> None:
    """Two commands share the work."""
    first, second = _two(trial)
    trial.ends(first, 0)
    trial.ends(second, 0)
    trial.agree(trained_twice(trial))


def one_of_two_killed(trial: Trial) -> None:
    """The other carries on with all of it, whichever of them led."""
    commands = _two(trial)
    killed, left = trial.random.sample(commands, 2)
    trial.reach(killed, trial.random.randint(1, len(trial.plan.runs) // 2))
    send(killed.pid, KILL)
    trial.ends(killed, -KILL)
    trial.tell(f"the {'first' if killed is commands[0] else 'second'}, at {trial.recorded} runs")
    trial.ends(left, 0)


def _two(trial: Trial) -> list[Popen[bytes]]:
    first = trial.start()
    time.sleep(trial.random.uniform(0.0, 3.0))
    return [first, trial.start()]


DISTURBANCES: dict[str, Callable[[Trial], None]] = {
    function.__name__: function
    for function in (
        workers_killed,
        workers_terminated,
        helpers_killed,
        command_killed,
        all_killed,
        command_terminated,
        command_interrupted,
        worker_frozen,
        command_frozen,
        all_frozen,
        two_at_once,
        one_of_two_killed,
        tracker_away,
        database_restarted,
        disk_full,
        clock_set,
        torn_lines,
        garbage,
        power_cut,
    )
}
