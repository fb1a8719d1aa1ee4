import pytest
from scipy import stats

from ablations.seeds import Looks, Stein
from reports.inference.effects import effects
from reports.inference.looks import next_counts
from reports.inference.ranks import ranks
from reports.words.alerts import alerts
from reports.words.footnote import footnote

ARMS = {"baseline": (0, 0), "strong": (8, -20), "weak": (0.9, -1), "sham": (0, 0)}
LOOKS = Looks(looks=(4, 8, 16))


def declared(studies, sampling=LOOKS, seeds=16, keep=None, arms=ARMS):
    """A study of that many seeds, of which `keep` says how many each arm has."""
    runs = studies.runs(arms, seeds=seeds)
    if keep:
        runs = runs[runs["seed"] < runs["arm"].map(keep)].reset_index(drop=True)
    return studies.study(runs, sampling=sampling, claims=())


def of(study, arm):
    return next(effect for effect in effects(study) if effect.arm == arm)


def carried_out(studies, arms=ARMS, sampling=LOOKS):
    """The study at its end: seeds were added as long as the rule asked for more."""
    keep = dict.fromkeys(arms, sampling.first)
    while True:
        study = declared(studies, sampling, 40, keep, arms)
        wanted = {arm: count for (arm, _), count in next_counts(study).items()}
        if wanted == keep:
            return study, keep
        keep = wanted


def test_each_look_has_its_share_of_the_level(studies):
    study = declared(studies)
    wide = study.runs.pivot(index="seed", columns="arm", values="test_accuracy")
    differences = (wide["strong"] - wide["baseline"])[:4]
    theirs = stats.ttest_1samp(differences, 0).confidence_interval(1 - 0.05 / 3 / 2)
    first = of(study, "strong").looks[0]
    assert (first.low, first.high) == pytest.approx((theirs.low, theirs.high))


def test_a_decided_arm_stays_as_it_was_when_it_was_decided(studies):
    study = declared(studies)
    strong = of(study, "strong")
    assert strong.verdict == "helps"
    assert strong.accuracy == strong.looks[-1]
    assert strong.accuracy.n == 4 * 2 ** (len(strong.looks) - 1) < 16


def test_decided_arms_stop_and_undecided_ones_and_the_controls_go_on(studies):
    study, counts = carried_out(studies)
    assert counts["strong"] < counts["weak"] == 16
    assert counts["baseline"] == counts["sham"] == 16
    assert of(study, "weak").accuracy.n == 16
    assert len(of(study, "weak").looks) == 3


def test_where_all_is_decided_nobody_goes_on(studies):
    arms = {"baseline": (0, 0), "one": (40, -20), "other": (-40, 5), "sham": (0, 0)}
    _, counts = carried_out(studies, arms)
    assert set(counts.values()) == {4}


def test_a_look_that_is_not_complete_is_not_taken(studies):
    study = declared(studies, keep={"baseline": 8, "strong": 4, "weak": 7, "sham": 8})
    assert of(study, "weak").accuracy.n == 4
    assert next_counts(study)["weak", "lenet5"] == 8
    assert any("3 runs lie beyond the last look that is complete for their arm" in alert for alert in alerts(study))


def test_seeds_that_the_rule_still_asks_for_are_said(studies):
    study = declared(studies, Stein(stein=5, half_width=0.2, most=60), seeds=6)
    (told,) = [alert for alert in alerts(study) if "seeds to come" in alert]
    assert "weak 60" in told
    assert ranks(study) == {}


def test_a_failed_run_is_used_up(studies):
    runs = studies.runs(ARMS, seeds=8)
    runs.loc[(runs["arm"] == "weak") & (runs["seed"] == 2), "status"] = "failed"
    study = studies.study(runs, sampling=LOOKS, claims=())
    assert of(study, "weak").accuracy.n == 7
    assert next_counts(study)["weak", "lenet5"] == 16


def test_the_reader_is_told_of_the_looks(studies):
    study, _ = carried_out(studies)
    assert "over the 3 declared looks, at 4, 8 and 16 seeds" in footnote(study)
    assert any("declared before the runs: looks at 4, 8 and 16 seeds" in alert for alert in alerts(study))


def test_in_two_stages_the_spread_alone_says_how_many(studies):
    rule = Stein(stein=5, half_width=1.5, most=40)
    study, counts = carried_out(studies, sampling=rule)
    wide = study.runs.pivot(index="seed", columns="arm", values="test_accuracy")
    for arm in ("strong", "weak"):
        first = (wide[arm] - wide["baseline"])[:5]
        needed = (stats.t.ppf(1 - 0.025 / 2, 4) * first.std() / 1.5) ** 2
        assert counts[arm] == min(max(5, int(-(-needed // 1))), 40)
        assert of(study, arm).accuracy.half <= 1.5 + 1e-9 or counts[arm] == 40
    assert "two-stage t, Stein 1945" in footnote(study)


def test_a_study_with_a_number_of_seeds_has_no_rule(study):
    with pytest.raises(ValueError, match="no rule"):
        next_counts(study)
