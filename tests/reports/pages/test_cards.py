import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ablations import load_spec
from ablations.factors import FACTORS
from ablations.references import bibtex
from reports.pages.cards import cards, other_lines
from reports.pages.page import page
from reports.sources.recorded import recorded_study
from reports.study import FactorCard
from runs import light_plan
from runs.results import Results

NAMES = ("init", "dropout", "sham")


def factor(name, **texts):
    return FactorCard(name, *(texts.get(key, f"{key} of {name}") for key in ("about", "source", "expect", "pitfall")))


@pytest.fixture
def carded(studies):
    """Two levels of init, dropout, both together, and the sham, on two models."""
    arms = {
        "baseline": (0, 0),
        "dropout": (8, -20),
        "init zeros": (-65, -32),
        "init he": (0, 0),
        "both": (9, -21),
        "sham": (0, 0),
    }
    runs = studies.runs(arms, models=("lenet5", "mlp"))
    runs.loc[runs["arm"] == "both", "factor"] = "dropout + init"
    runs.loc[runs["arm"] == "dropout", "level"] = "p=0.5"
    runs.loc[runs["arm"] == "init zeros", "level"] = "zeros"
    return studies.study(runs, factors=tuple(map(factor, NAMES)), claims=())


def test_there_is_one_card_per_factor_in_the_order_of_the_plan(carded):
    assert [card.factor.name for card in cards(carded)] == list(NAMES)


def test_every_arm_on_every_model_has_one_line_in_the_card_of_its_factor_or_among_the_others(carded):
    lines = {card.factor.name: [(line.arm.name, line.arm.model) for line in card.lines] for card in cards(carded)}
    assert lines == {
        "init": [(arm, model) for model in ("lenet5", "mlp") for arm in ("init zeros", "init he")],
        "dropout": [("dropout", "lenet5"), ("dropout", "mlp")],
        "sham": [("sham", "lenet5"), ("sham", "mlp")],
    }
    assert [(line.arm.name, line.arm.model) for line in other_lines(carded)] == [("both", "lenet5"), ("both", "mlp")]


def test_a_level_is_said_where_the_name_does_not_say_it(carded):
    levels = {line.arm.name: line.level for card in cards(carded) for line in card.lines}
    assert levels == {"dropout": "p=0.5", "init zeros": "", "init he": "", "sham": ""}


def test_what_was_seen_is_the_effect_of_the_table_with_its_verdict(carded):
    seen = cards(carded)[1].lines[0].seen
    assert re.fullmatch(
        r"\+\d\.\d ± \d\.\d points \(by at least \d\.\d\): reduces overfitting and improves accuracy", seen
    )


def test_without_numbers_nothing_was_seen(studies):
    runs = studies.runs(seeds=3)
    runs["status"], runs["test_accuracy"], runs["gap"] = "failed", math.nan, math.nan
    assert {line.seen for line in other_lines(studies.study(runs))} == {"no numbers yet"}


def test_of_anybodys_runs_there_is_a_list_alone(study):
    assert cards(study) == []
    assert [line.arm.name for line in other_lines(study)] == ["dropout", "weight_decay", "init zeros", "sham"]


@pytest.mark.parametrize("design", ["one_at_a_time", "leave_one_out", "pairwise"])
def test_a_plan_gives_the_cards_of_all_its_factors_in_its_order_the_sham_last(design):
    spec = load_spec(
        "remedies", [f"design={design}", "factors={weight_decay: {}, dropout: {}, batchnorm: {}}", "claims=[]"]
    )
    study = recorded_study(light_plan(spec, {}), Results({}, {}), "ablate run remedies")
    assert [card.factor.name for card in cards(study)] == ["weight_decay", "dropout", "batchnorm", "sham"]
    assert all(card.lines for card in cards(study))
    told = cards(study)[1].factor
    assert (told.expect, told.pitfall) == (FACTORS["dropout"].expect, FACTORS["dropout"].pitfall)


class _Cards(HTMLParser):
    """The heading of each card, by the way it is labelled, and all the text there is."""

    def __init__(self, text):
        super().__init__()
        self.labels, self.headings, self.text, self._heading = [], {}, "", None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self._heading = named.get("id") if tag == "h3" else None
        self.labels += [named["aria-labelledby"]] if tag == "article" else []

    def handle_data(self, data):
        self.text += data
        if self._heading:
            self.headings[self._heading] = data
            self._heading = None


def test_the_page_shows_each_card_once_under_its_heading(carded):
    found = _Cards(page(carded, {}))
    assert [found.headings[label] for label in found.labels] == list(NAMES)
    for name in NAMES:
        for key in ("about", "source", "expect", "pitfall"):
            assert found.text.count(f"{key} of {name}") == 1
    assert found.text.count("Seen here:") == 10
    assert "Arms of several factors" in found.text


def test_the_page_has_the_entry_of_each_paper_that_a_card_cites(studies):
    cited = replace(factor("dropout"), cites=("he2016deep", "muller2019when"))
    found = _Cards(page(studies.study(factors=(cited, factor("init")), claims=()), {}))
    assert found.text.count("BibTeX:") == 1
    assert "BibTeX: he2016deep, muller2019when" in found.text
    assert bibtex(cited.cites) in found.text


def test_hostile_texts_are_shown_as_they_are(studies):
    bad = "<script>alert(1)</script><img src=x onerror='1'>\"&"
    runs = studies.runs({"baseline": (0, 0), bad: (8, -20), "sham": (0, 0)})
    runs.loc[runs["arm"] == bad, ["factor", "level"]] = bad
    told = page(
        studies.study(runs, claims=(), factors=(factor(bad, about=bad, source=bad, expect=bad, pitfall=bad),)), {}
    )
    assert "<script>" not in told and "<img" not in told
    assert _Cards(told).text.count(bad) >= 6
