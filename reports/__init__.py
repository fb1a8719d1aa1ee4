"""What was found: tidy frames, effects, intervals, verdicts, tables, figures, pages. Never imports torch."""

from __future__ import annotations

import importlib
from typing import Any

# pandas and Altair take their time; a command that only shows progress need not wait for them.
_LATER = {
    "ArmCard": "reports.study",
    "FactorCard": "reports.study",
    "Study": "reports.study",
    "BadRuns": "reports.sources.bad_runs",
    "Report": "reports.report",
    "publish_report": "reports.reading",
    "read_report": "reports.reading",
    "Declared": "reports.sources.declared",
    "declare": "reports.sources.declared",
    "read_runs": "reports.sources.from_csv",
    "study_from_runs": "reports.sources.from_frame",
    "effects_frame": "reports.inference.effects",
    "more_seeds": "reports.deciding",
    "recorded_study": "reports.sources.recorded",
    "write_report": "reports.write",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(_LATER)
