"""Exact facts that claims name, carried out once per version of their code, and what came of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

from ablations.claims import Claim
from modules.checks import CHECKS, Checked, carry_out
from modules.names import in_a_line
from modules.sources import ROOT, source_digest
from modules.values import digest
from runs.files import read_json, write_json
from runs.home import Home

Tell = Callable[[str], None]


class CheckRecord(TypedDict):
    """What came of a check."""

    name: str
    code: str
    """Digest of the code that it may pass through."""
    ended: float
    says: str
    measured: str
    expected: str
    holds: bool
    reason: str | None
    """Why it could not be carried out, where it could not."""


def named_checks(claims: Iterable[Claim]) -> list[str]:
    """The checks that claims name, each once."""
    return list(dict.fromkeys(claim.check for claim in claims if claim.check))


def carry_out_checks(names: Iterable[str], home: Home, tell: Tell) -> dict[str, CheckRecord]:
    """Carries out the checks that today's code has no record of; those that could not be are tried again."""
    found = {name: _kept(name, home) or _carried_out(name, home, tell) for name in names}
    if found:
        held = sum(record["holds"] for record in found.values())
        tell(f"Checks: {held} of {len(found)} hold")
    return found


def recorded_checks(names: Iterable[str], home: Home) -> dict[str, CheckRecord]:
    """What came of each check by today's code or, where that has none, last; carries out nothing."""
    found = {name: _read(_path(name, check_version(name), home)) or _newest(name, home) for name in names}
    return {name: record for name, record in found.items() if record is not None}


def check_version(name: str) -> str:
    """The code that a check may pass through, as a digest: much of it is found by name, which no import shows."""
    packages = {"modules", CHECKS[name].partition(".")[0]}
    files = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    sources = sorted([str(path.relative_to(ROOT)), source_digest(path)] for path in files)
    return digest([CHECKS[name], sources, version("torch")])


def _carried_out(name: str, home: Home, tell: Tell) -> CheckRecord:
    record = _attempted(name)
    home.checks.mkdir(parents=True, exist_ok=True)
    write_json(_path(name, record["code"], home), record)
    if record["reason"]:
        tell(f"check {name} failed: {record['reason']}")
    elif not record["holds"]:
        tell(f"check {name} does not hold: measured {record['measured']}, expected {record['expected']}")
    return record


def _attempted(name: str) -> CheckRecord:
    reason = None
    try:
        found = carry_out(name)
    except Exception as error:  # whatever a check raises, the others can be carried out
        found, reason = Checked("", "", "", False), in_a_line(error)
    return {
        "name": name, "code": check_version(name), "ended": time.time(), "says": found.says,
        "measured": found.measured, "expected": found.expected, "holds": found.holds, "reason": reason,
    }  # fmt: skip


def _kept(name: str, home: Home) -> CheckRecord | None:
    """The record by today's code, unless it is that of a failure."""
    record = _read(_path(name, check_version(name), home))
    return record if record and not record["reason"] else None


def _newest(name: str, home: Home) -> CheckRecord | None:
    records = [record for path in home.checks.glob(f"{name}.*.json") if (record := _read(path))]
    return max(records, key=lambda record: record["ended"], default=None)


def _path(name: str, code: str, home: Home) -> Path:
    return home.checks / f"{name}.{code}.json"


def _read(path: Path) -> CheckRecord | None:
    try:
        record: CheckRecord = read_json(path)
        return record
    except (OSError, ValueError):
        return None
