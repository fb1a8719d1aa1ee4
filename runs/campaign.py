"""A campaign: a plan being carried out, from the first command that takes part in it to the last.

What it goes by is written down when it starts and read from there by all who take part: an edit of the spec or of the
code meanwhile changes nothing in it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from secrets import token_hex
from typing import Any, NamedTuple, Self

from ablations import Spec
from modules.fingerprint import fingerprint
from modules.values import digest
from runs.commit import commit, difference
from runs.home import Home
from runs.lock import Busy
from runs.plan import Plan, cells
from runs.presence import Lease, Presence, new_name
from runs.shared import Shared, open_shared
from runs.written import plan_as_data, plan_from_data

PATIENCE = 2.0
"""Seconds in which a campaign that somebody else starts is written down."""


class Campaign(NamedTuple):
    """What is frozen when a campaign starts, beside its plan."""

    id: str
    started: float
    version: str
    """Of the code that its runs pass through."""
    commit: str | None
    difference: str
    """How the files differ from that commit."""

    @classmethod
    def of(cls, spec: Spec) -> Self:
        return cls(token_hex(4), time.time(), version_of(spec), commit(), difference())


def version_of(spec: Spec) -> str:
    """What this code would train for a spec: it changes with everything that can change a number of its runs."""
    return digest([fingerprint(arm.recipe(plain), spec.seeds[0]) for arm, plain in cells(spec)])


def campaign_of(written: Mapping[str, Any]) -> Campaign:
    """The campaign that a written plan belongs to."""
    return Campaign(**written["campaign"])


class Part:
    """The part that this command takes in a campaign: one of those that take part leads it."""

    def __init__(self, shared: Shared, name: str, me: Presence):
        self.shared, self.name, self.me = shared, name, me
        self.campaign: Campaign
        self._leading = ExitStack()
        self._still_leads: Callable[[], bool]
        self.leads = False

    def begin_or_join(self, spec: Spec) -> None:
        """Starts a campaign, or takes part in the one that goes on; raises Busy where that is about something else."""
        if self.take_lead(patience=1.0):
            self._end_last()
            self.campaign = Campaign.of(spec)
            self.shared.drop_queues(self.name, self.campaign.id)
            return
        written = _when_written(self.shared, self.name)
        self.campaign = campaign_of(written)
        if plan_from_data(written).spec != spec:
            raise Busy(f"{self.name}: another process runs it with other settings; wait for it, or stop it")
        if self.campaign.version != version_of(spec):
            raise Busy(f"{self.name}: another process runs it with other code; wait for it, or stop it")

    def _end_last(self) -> None:
        """Nobody joins a campaign that was cut off, whose plan is the one that is written down until there is a new."""
        written = self.shared.read_plan(self.name)
        if written is not None and not written.get("over", True):
            self.shared.write_plan(self.name, {**written, "over": True})

    def take_lead(self, patience: float = 0.0) -> bool:
        """Leads from now on, where nobody else does; tells whether this command leads."""
        if self.leads and not self._still_leads():
            self.leave()
        if not self.leads:
            try:
                self._still_leads = self._leading.enter_context(self.shared.alone(self.name, "lead", patience))
                self.leads = True
            except Busy:
                return False
        return True

    @property
    def workers(self) -> int:
        """How many there are in the campaign."""
        return sum(not one.is_command for one in self.shared.present(self.name))

    def write(self, plan: Plan, over: bool = False) -> None:
        """Writes down what all go by."""
        campaign = self.campaign._asdict()
        self.shared.write_plan(self.name, {**plan_as_data(plan), "campaign": campaign, "over": over})

    def leave(self) -> None:
        """Lets another lead."""
        self.leads = False
        self._leading.close()


@contextmanager
def taking_part(plan: Plan, home: Home) -> Iterator[Part]:
    """Takes part in carrying out a plan, as long as the context lasts."""
    shared, worker = open_shared(home), new_name("run")
    part = Part(shared, plan.spec.name, me := Presence(worker, plan.spec.name, "", worker, os.getpid()))
    try:
        part.begin_or_join(plan.spec)
        with Lease(shared, me):
            yield part
    finally:
        part.leave()


def _when_written(shared: Shared, name: str) -> dict[str, Any]:
    """The plan of somebody who has just begun, perhaps only now."""
    until = time.monotonic() + PATIENCE
    while True:
        written = shared.read_plan(name)
        if written and "campaign" in written and not written["over"]:
            return written
        if time.monotonic() > until:
            raise Busy(f"{name}: another process is at it, but has written no plan; wait for it, or stop it")
        time.sleep(0.1)
