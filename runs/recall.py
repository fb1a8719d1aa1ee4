"""A plan as it was last carried out, by its name or its spec."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from ablations import Spec, load_spec, shipped_specs
from ablations.spec import NAME
from runs.home import Home
from runs.plan import Plan
from runs.shared import open_shared
from runs.written import light_plan, plan_from_data

Source = str | PathLike[str] | Spec
"""A name, a file, or the spec itself."""


class NothingRecorded(ValueError):
    """What is asked for was never run in that folder, or was run otherwise."""


class Recalled(NamedTuple):
    """A plan, without building a network, and what has to be said of it."""

    plan: Plan
    note: str = ""


def recall(source: Source, home: Home, overrides: Sequence[str] = ()) -> Recalled:
    """The plan as it was last carried out under that name; a spec or overrides ask for another one, a file may have
    changed.

    Raises SpecError for a bad spec, NothingRecorded where it was not run.
    """
    name = "" if isinstance(source, Spec) else str(source)
    elsewhere = not name or overrides or name in shipped_specs() or Path(name).is_file()
    if not elsewhere and is_name(name) and (recorded := _recorded(name, home)):
        return Recalled(recorded)
    return _as_given(source if isinstance(source, Spec) else load_spec(name, overrides), name, bool(overrides), home)


def _as_given(given: Spec, source: str, overridden: bool, home: Home) -> Recalled:
    recorded = _recorded(given.name, home)
    if recorded is None:
        first = f"`ablate run {source}`" if source else "running it"
        raise NothingRecorded(f"{given.name}: nothing is recorded in {home.root}; {first} comes first")
    if given == recorded.spec:
        return Recalled(recorded)
    if source and not overridden:
        note = f"{given.name} was last run with other settings; this is about the runs planned then."
        return Recalled(recorded, note)
    if otherwise := _done_otherwise(given, recorded.spec):
        first = "`ablate run`" if source else "running it"
        raise NothingRecorded(f"{given.name}: {otherwise} otherwise than asked here; {first} comes first")
    plan = light_plan(given, {one.cell: one.proof for one in recorded.arms}, recorded.trials)
    return Recalled(replace(plan, searching=recorded.searching, counts=recorded.counts if given.rule else None))


def _recorded(name: str, home: Home) -> Plan | None:
    written = open_shared(home).read_plan(name)
    return None if written is None else plan_from_data(written)


def _done_otherwise(given: Spec, recorded: Spec) -> str:
    """What cannot be had from runs that were chosen in another way."""
    if given.tune != recorded.tune:
        return "settings were searched"
    return "seeds were added" if given.rule and given.rule != recorded.rule else ""


def is_name(text: str) -> bool:
    """Whether it can name a folder: letters, digits, - and _."""
    return re.fullmatch(NAME, text) is not None
