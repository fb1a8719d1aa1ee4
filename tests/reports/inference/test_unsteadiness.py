import math
from dataclasses import replace

import pandas as pd
import pytest

from reports.inference.unsteadiness import mean_jump, unsteadiness


def test_only_jumps_of_the_second_half_count():
    assert mean_jump([0, 90, 10, 50, 52, 49]) == pytest.approx(2.5)


@pytest.mark.parametrize("curve", [[], [1], [1, 2, 3]])
def test_a_short_curve_has_no_second_half(curve):
    assert math.isnan(mean_jump(curve))


def test_it_is_that_of_each_run_in_its_place(studies):
    study = studies.study()
    curves = study.curves.copy()
    more = curves.assign(epoch=curves["epoch"] + 3, value=curves["value"] + 3)
    both = replace(study, curves=pd.concat([curves, more]).sample(frac=1, random_state=0))
    found = unsteadiness(both)
    assert found.shape == (1, len(study.arm_names), len(study.seeds))
    assert found == pytest.approx(1.0)
    assert pd.isna(unsteadiness(study)).all()
