"""How far an ablation is, from the records alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

from runs.home import Home
from runs.lock import Busy, alone
from runs.plan import Plan
from runs.queue import Queue
from runs.records import Records
from runs.trials import expected_runs


def status(plan: Plan, home: Home) -> dict[str, Any]:
    """Counts of the planned runs by status, and the failed ones with their reasons."""
    newest = Records(home).newest(plan.by_fingerprint)
    running = _running(plan, home) - {key for key, record in newest.items() if record["status"] != "failed"}
    counts = Counter(record["status"] for key, record in newest.items() if key not in running)
    return {
        "name": plan.spec.name,
        "runs": (total := expected_runs(plan)),
        "finished": counts["finished"],
        "diverged": counts["diverged"],
        "failed": counts["failed"],
        "running": len(running),
        "missing": total - counts.total() - len(running),
        "failures": [
            {"run": record["id"], "arm": record["arm"], "seed": record["seed"], "reason": record["reason"]}
            for key, record in newest.items()
            if record["status"] == "failed" and key not in running
        ],
    }


def _running(plan: Plan, home: Home) -> set[str]:
    """Runs that are claimed while a process works on the ablation; what a dead one claimed is not running."""
    if not _held(home, plan.spec.name) or not home.journal(plan.spec.name).exists():
        return set()
    claims = Queue(home.journal(plan.spec.name), plan.spec.name).running()
    return {claim.key for claim in claims} & plan.by_fingerprint.keys()


def _held(home: Home, name: str) -> bool:
    if not home.lock(name).exists():
        return False
    try:
        with alone(home, name):
            return False
    except Busy:
        return True
