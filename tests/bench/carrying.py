"""Many runs of made trainings, carried out by two workers."""

from ablations import load_spec
from runs.engines.local import Local
from runs.execute import Listener, Summary, execute
from runs.home import Home
from runs.plan import Plan, make_plan
from runs.slots import Slot
from runs.work import Train
from tests.bench.commands import WORKLOAD


def made_plan(name: str, seeds: int, epochs: int) -> Plan:
    """The arms of the six-switch ablation under so many seeds; only the arms are built, so it costs what they do."""
    return make_plan(load_spec(WORKLOAD, [f"name={name}", f"seeds={seeds}", f"baseline.trainer.epochs={epochs}"]))


def carried_out(plan: Plan, home: Home, train: Train, listener: Listener = lambda event, record: None) -> Summary:
    """All runs of a plan by two workers that train in another way."""
    slots = [Slot(0), Slot(1)]
    summary = execute(plan, home, lambda member: Local(home, plan.spec.name, slots, member, train), listener)
    assert summary.complete, summary
    return summary
