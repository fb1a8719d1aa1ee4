"""For a person who reviews in MLflow's UI: a view of the runs by arm, and links to the report, the view, the curves."""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

Note = Callable[[int], str]
"""Text in Markdown, in at most so many characters."""

VIEW = "arms"
VIEW_TAG = f"mlflow.sharedViewState.{VIEW}"
"""Where MLflow 3.17 keeps a saved view of an experiment's runs."""
SHOWN = ("metrics.`test_accuracy`", "metrics.`gap`", "metrics.`train_accuracy`", "tags.`seed`")
MOST_FOLDED = 200
"""Groups; the names of more might not fit into a tag."""
TRACEBACK = "\n\nWhere it happened: traceback.txt, among the artifacts."


def arms_view(cells: Collection[tuple[str, str]]) -> str:
    """The runs of these (arm, model) as MLflow's UI saves a view: a line for each arm, averaged over its seeds.

    Sorted by arm, since the UI loads a hundred runs at a time: an average is then over all runs of an arm, and not over
    those that happen to be loaded.
    """
    keys = ("arm", "model") if len({model for _, model in cells}) > 1 else ("arm",)
    groups = [",".join(f"tag.{key}.{value}" for key, value in zip(keys, cell, strict=False)) for cell in cells]
    state = {
        "searchFilter": "tags.purpose = 'report'",
        "orderByKey": "tags.`arm`",
        "orderByAsc": True,
        "selectedColumns": SHOWN,
        "groupBy": {"aggregateFunction": "average", "groupByKeys": [{"mode": "tag", "groupByData": k} for k in keys]},
        "groupsExpanded": dict.fromkeys(groups if len(groups) <= MOST_FOLDED else (), False),
    }
    now = int(time.time() * 1000)
    return json.dumps({"name": VIEW, "createdAt": now, "updatedAt": now, "state": _packed(state)})


def linked(note: Note, experiment: str, parent: str) -> Note:
    """The note with links below its first paragraph, which is all that the UI shows at first."""
    links = _links(experiment, parent)

    def with_links(longest: int) -> str:
        title, _, rest = note(longest - len(links) - len("\n\n")).partition("\n\n")
        return f"{title}\n\n{links}\n\n{rest}"

    return with_links


def why_failed(reason: str, longest: int) -> str:
    """The reason of a failure as the run's note, in one line; a traceback's long lines push the UI's page apart."""
    told = " ".join(reason.split()).replace("`", "'")
    return f"`{told[: longest - len(TRACEBACK) - 2]}`{TRACEBACK}"


def _links(experiment: str, parent: str) -> str:
    runs = f"#/experiments/{experiment}/runs"
    training = "workflowType=machine_learning"  # else MLflow 3.17 opens its pages for chats
    by_arm = f"{runs}?{training}&viewStateShareKey={VIEW}"
    return (
        f"[Report]({runs}/{parent}/artifacts/report/index.html?{training}) · [Runs by arm]({by_arm}) · "
        f"[Curves by arm]({by_arm}&compareRunsMode=CHART)"
    )


def _packed(state: Mapping[str, Any]) -> str:
    return "deflate;" + base64.b64encode(zlib.compress(json.dumps(state).encode())).decode()
