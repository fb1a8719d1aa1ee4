from reports.alerts import alerts
from reports.answer import answer


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


def test_a_sound_study_warns_of_nothing(studies):
    runs = studies.runs({"baseline": (0, 0), "dropout": (8, -20), "sham": (0, 0)}, rng=2)
    assert alerts(studies.study(runs)) == []
