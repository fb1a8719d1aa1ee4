import numpy as np
import pytest

from ablations.claims import Claim
from ablations.seeds import Looks
from reports.inference.claims import judged_claims
from reports.words.claims import asserted, claims_method, effect_in_short, found_in_words, said
from tests.reports.conftest import make_runs, make_study
from tests.reports.inference.test_claims import RECORD


def only(claim, runs=None, **changes):
    (found,) = judged_claims(make_study(runs, claims=(claim,), **changes))
    return found


def test_a_claim_is_said_in_its_own_words_or_by_what_is_compared():
    claim = Claim(arm="dropout", direction="higher", than=90)
    assert said(claim, "mean IoU") == asserted(claim, "mean IoU") == "dropout: test mean IoU higher than 90 %"
    assert said(claim.model_copy(update={"says": "It helps."}), "accuracy") == "It helps."
    assert asserted(Claim(check="rank_one"), "accuracy") == "exact fact: rank one"


def test_what_was_found_is_a_sentence_with_its_interval():
    found = only(Claim(arm="dropout", measure="gap", direction="lower"))
    low, high = sorted((abs(found.effect.low), abs(found.effect.high)))
    assert found_in_words(found) == (
        f"On lenet5, the gap of dropout is {-found.effect.mean:.1f} points lower than that of baseline "
        f"(in truth it may be {low:.1f} to {high:.1f} lower; 10 seeds)."
    )
    assert effect_in_short(found) == f"−{-found.effect.mean:.1f} ± {found.effect.half:.1f} points"


def test_an_interval_about_0_names_both_sides():
    assert "lower to" in found_in_words(only(Claim(arm="weight_decay", direction="higher")))


def test_a_ratio_is_so_many_times():
    runs = make_runs()
    runs.loc[runs["arm"] == "dropout", "macs"] = 41652
    found = only(Claim(arm="dropout", measure="macs", direction="lower"), runs)
    assert effect_in_short(found) == "× 0.1"
    assert "is 0.1 times that of baseline, exactly" in found_in_words(found)


@pytest.mark.parametrize(("seeds", "why"), [(2, "2 seeds; fewer than 3 are not tested"), (1, "1 seed; fewer than 3")])
def test_too_few_seeds_are_said(seeds, why):
    assert why in found_in_words(only(Claim(arm="dropout", than=10, direction="higher"), make_runs(seeds=seeds)))


def test_what_was_not_measured_is_said():
    found = only(Claim(arm="dropout", measure="unsteadiness", direction="lower"))
    assert found_in_words(found) == "On lenet5, the unsteadiness of dropout was not measured."
    assert effect_in_short(found) == "–"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (RECORD, "a fact. Measured: 4; expected: 4."),
        ({**RECORD, "reason": "OSError: no"}, "It could not be carried out: OSError: no."),
        (None, "It has not been carried out yet."),
    ],
)
def test_a_check_says_what_was_measured(record, words):
    found = only(Claim(check="xor_two_layers"), checks={"xor_two_layers": record} if record else {})
    assert found_in_words(found) == words


def test_the_method_names_the_level_and_the_kinds():
    claims = (
        Claim(arm="dropout", than=1, direction="higher"), Claim(arm="dropout", than=2, direction="higher"),
        Claim(arm="dropout", measure="macs", direction="same"), Claim(check="xor_two_layers"),
    )  # fmt: skip
    told = claims_method(make_study(claims=claims, score="mean IoU"))
    for part in (
        "what is estimated (2 comparisons)",
        "each at level 0.025",
        "exactly",
        "1 exact fact by carrying it out",
    ):
        assert part in told
    assert "main table" not in told
    assert claims_method(make_study(claims=())) == ""


def test_the_method_names_the_main_table_where_it_judges_and_the_level_that_looks_leave():
    claims = (Claim(arm="dropout", direction="higher"), Claim(arm="dropout", than=1, direction="higher"))
    told = claims_method(make_study(claims=claims, score="mean IoU", sampling=Looks(looks=(5, 10))))
    assert told.startswith(
        "on test mean IoU and gap against the baseline by the intervals of the main table; all others"
    )
    assert "at level 0.025," in told


def test_an_effect_too_small_for_the_usual_digits_is_shown_with_more():
    runs = make_runs()
    runs["test_loss"] = np.where(runs["arm"] == "dropout", 0.2, 0.2009) + np.resize([0.0, 1e-4], len(runs))
    found = only(Claim(arm="dropout", measure="test_loss", direction="lower"), runs)
    assert effect_in_short(found) == "−0.00090 ± 0.00008"
    assert "is 0.00090 lower than that of baseline (in truth it may be 0.00082 to 0.00098" in found_in_words(found)


def test_a_score_of_another_name_is_said_all_over_the_page():
    from reports.pages.page import page

    runs = make_runs().assign(val_accuracy=np.nan)
    text = page(make_study(runs, score="mean IoU"), {})
    shown = text.partition("<main")[2].partition("<script")[0]
    assert "Test mean IoU" in shown
    assert "ccuracy" not in shown


def test_equal_differences_are_said_to_be():
    runs = make_runs().assign(test_accuracy=75.0)
    claim = Claim(arm="baseline", than=80, direction="lower")
    assert found_in_words(only(claim, runs)).endswith("is 5.0 points lower than 80 % (the same under all 10 seeds).")
    assert "interval of the median" in claims_method(make_study(runs, claims=(claim,)))
    same = Claim(arm="dropout", than="sham", direction="same")
    assert "is the same as that of sham (the same under all 10 seeds)" in found_in_words(only(same, runs))
