import numpy as np
import pandas as pd
import pytest

from reports.inference.collapse import collapsed, collapsed_runs
from reports.study import Study


@pytest.mark.parametrize(
    ("accuracies", "out"),
    [
        ([80, 81, 79, 80.5, 10.2], [False] * 4 + [True]),  # at chance
        ([80, 81, 79, 80.5, 40.0], [False] * 4 + [True]),  # far from its arm
        ([80, 81, 79, 80.5, 83.0], [False] * 5),
        ([80, 80.1, 40.0], [False] * 3),  # too few to say what far is
    ],
)
def test_collapsed_runs_are_those_at_chance_or_far_from_their_arm(accuracies, out):
    assert list(collapsed(accuracies, [False] * len(out), chance=10.0)) == out


def test_calm_arms_are_rarely_said_to_have_collapsed_and_planted_collapses_are_seen():
    random = np.random.default_rng(0)
    flagged, arms = 0, 0
    for _ in range(300):
        runs = pd.DataFrame(
            [("m", arm, seed, "finished", random.normal(80, 1)) for arm in range(9) for seed in range(5)],
            columns=["model", "arm", "seed", "status", "test_accuracy"],
        )
        found = collapsed_runs(Study("made", "", 1.0, runs, ()))
        flagged, arms = flagged + int(found.any(axis=2).sum()), arms + 9
        runs.loc[7, "test_accuracy"] = 40.0
        assert collapsed_runs(Study("made", "", 1.0, runs, ()))[0, 1, 2]
    assert flagged / arms < 0.02
