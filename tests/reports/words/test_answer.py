import pytest

from reports.tables.rows import rows
from reports.words.alerts import alerts
from reports.words.answer import answer, baseline_sentence
from reports.words.footnote import footnote


def test_numbers_come_first_and_five_sentences_are_enough(study):
    told = answer(study)
    assert len(told) <= 5
    assert told[0].startswith("The baseline trains to 98.0 % and tests at 7")
    assert told[1].startswith("Dropout raised test accuracy by ")
    assert "better in 10 of 10" in told[1]
    assert "% of the gap, for 1.0 times the training time" in told[1]
    assert "init zeros" in told[2]


def test_nothing_is_claimed_of_too_few_seeds(studies):
    told = " ".join(answer(studies.study(studies.runs(seeds=2))))
    assert "Nothing is tested yet" in told
    assert "raised" not in told


def test_a_study_without_numbers_says_so(studies):
    runs = studies.runs(seeds=3)
    runs["status"], runs["reason"] = "failed", "ValueError: boom"
    runs["test_accuracy"] = runs["gap"] = float("nan")
    study = studies.study(runs)
    assert "left no numbers" in answer(study)[0]
    assert any("15 of 15 runs failed; the first, baseline seed 0: ValueError: boom" in alert for alert in alerts(study))


def test_each_alert_has_its_cause(studies):
    sham_works = {"baseline": (0, 0), "dropout": (8, -20), "sham": (6, 0)}
    no_gap = {"baseline": (0, -34), "dropout": (8, -34), "sham": (0, -34)}
    assert "The sham, which changes nothing, helps" in " ".join(alerts(studies.study(studies.runs(sham_works))))
    assert "does not overfit" in " ".join(alerts(studies.study(studies.runs(no_gap))))
    assert "Only 2 seeds" in " ".join(alerts(studies.study(studies.runs(seeds=2))))
    missing = studies.runs()
    missing.loc[0, "status"] = "missing"
    assert "1 of 50 runs are missing" in " ".join(alerts(studies.study(missing)))


def test_runs_of_other_code_and_of_several_commits_are_told(studies):
    runs = studies.runs()
    runs["commit"] = ["abc"] * 49 + ["def"]
    (told,) = [alert for alert in alerts(studies.study(runs)) if "commits" in alert]
    assert told.startswith("The runs are from 2 commits (abc, def); by their fingerprints, ")
    runs["other_code"] = [False] * 49 + [True]
    (told,) = [alert for alert in alerts(studies.study(runs)) if "other code" in alert]
    assert told.startswith("1 of 50 runs were trained with other code than was planned (def), ")


def test_a_sound_study_warns_of_nothing(studies):
    runs = studies.runs({"baseline": (0, 0), "dropout": (8, -20), "sham": (0, 0)}, rng=2)
    assert alerts(studies.study(runs)) == []


def full_set(studies, gap=0):
    runs = studies.runs({
        "baseline": (0, -20), "without dropout": (-8, 0), "without init": (0, 0), "none": (-9, gap), "sham": (0, -20),
    })  # fmt: skip
    return studies.study(runs, claims=(), full_set=("dropout", "init"))


def test_where_the_baseline_is_the_full_set_the_reader_is_told(studies):
    told = " ".join(answer(full_set(studies)))
    assert "The baseline, with all of dropout, init, trains to 98.0 %" in told
    assert "Test accuracy fell with leaving out all of them (" in told
    assert ", leaving out dropout (" in told
    assert "; the arm none is the recipe without any of them." in footnote(full_set(studies))


def test_of_a_full_set_the_plain_recipe_is_asked_whether_it_overfits(studies):
    assert not any("overfit" in alert for alert in alerts(full_set(studies)))
    assert any("The plain recipe does not overfit" in alert for alert in alerts(full_set(studies, gap=-40)))
    assert any("The plain recipe is not shown to overfit" in alert for alert in alerts(full_set(studies, gap=-34)))


def test_an_arm_that_closes_the_gap_is_not_merely_undecided(studies):
    arms = {"baseline": (0, 0), "closes": (0.6, -20), "idles": (0.6, 0), "sham": (0, 0)}
    told = answer(studies.study(studies.runs(arms), claims=()))[-1]
    assert told == "Accuracy undecided, but the gap shrinks: closes; undecided: idles."


def test_what_rose_too_is_not_said_to_have_done_all_that_the_best_did(studies):
    arms = {"baseline": (0, 0), "first": (9, -20), "second": (6, 0), "sham": (0, 0)}
    told = answer(studies.study(studies.runs(arms), claims=()))
    assert told[2].startswith("It rose also with second (+6")


def test_an_effect_too_small_to_matter_is_called_so(studies):
    study = studies.study(studies.runs(spread=0.2), margin=30.0, claims=())
    assert "), less than the margin and closed" in answer(study)[1]
    assert any("by less than the margin" in row.verdict for row in rows(study))


def test_label_noise_explains_the_gap(studies):
    assert " %, or 63." in baseline_sentence(studies.study(), ["lenet5"])
    runs = studies.runs()
    runs["gap"] = runs["train_accuracy"] - runs["test_accuracy"]
    assert "label noise" not in baseline_sentence(studies.study(runs), ["lenet5"])


def test_a_model_without_a_baseline_is_named_and_the_others_are_compared(studies):
    runs = studies.runs(models=("a", "b", "c"))
    runs.loc[(runs["model"] == "b") & (runs["arm"] == "baseline"), "status"] = "failed"
    study = studies.study(runs, claims=())
    assert "on average over 2 architectures" in answer(study)[0]
    assert answer(study)[1].startswith("Dropout raised test accuracy")
    assert "Nothing is compared on b, whose baseline left no numbers." in alerts(study)


@pytest.mark.parametrize(
    ("runs", "sentence"),
    [
        (dict(seeds=2), "at least 3 seeds that an arm shares with the baseline"),
        (dict(spread=0.0), "the seed changes nothing; check seeding"),
        (dict(arms={"baseline": (0, 0)}), "There is no arm to compare with it."),
    ],
)
def test_where_nothing_is_tested_the_reason_is_said(studies, runs, sentence):
    assert sentence in " ".join(answer(studies.study(studies.runs(**runs), claims=())))
