import pytest
from pybtex.database import parse_string

from ablations import FACTORS, load_spec
from ablations.seeds import Looks, Stein
from reports.pages.cards import cards
from reports.sources.recorded import recorded_study
from reports.words.references import factors_cite, methods_cite, references
from runs import light_plan
from runs.results import Results

ALWAYS = {"student1908probable"}


def planned(*overrides):
    return recorded_study(
        light_plan(load_spec("remedies", list(overrides)), {}), Results({}, {}), "ablate run remedies"
    )


@pytest.fixture(scope="module")
def two_factors():
    return planned("factors={dropout: {}, weight_decay: {}}", "claims=[]")


def test_a_plan_cites_the_papers_of_the_factors_it_switches_in_its_order(two_factors):
    names = ("dropout", "weight_decay", "sham")
    assert factors_cite(two_factors) == [key for name in names for key in FACTORS[name].cites]


def test_a_paper_of_several_factors_stands_once():
    study = planned("factors={dropout: {}, spatial_dropout: {}}", "claims=[]")
    assert references(study).count("@inproceedings{li2019understanding,") == 1


def test_the_file_is_what_a_well_kept_parser_reads(two_factors):
    found = parse_string(references(two_factors), "bibtex").entries
    assert list(found) == list(dict.fromkeys([*factors_cite(two_factors), *methods_cite(two_factors)]))


def test_every_card_of_a_report_has_its_entries(two_factors):
    for card in cards(two_factors):
        assert tuple(parse_string(card.bibtex, "bibtex").entries) == card.factor.cites


def test_of_anybodys_runs_only_the_methods_are_cited(study):
    assert factors_cite(study) == []
    assert set(parse_string(references(study), "bibtex").entries) == set(methods_cite(study))


@pytest.mark.parametrize(
    ("key", "cited", "changes"),
    [
        ("dunn1961multiple", True, {}),
        ("dunn1961multiple", False, {"arms": {"baseline": (0, 0), "dropout": (8, -20), "sham": (0, 0)}}),
        ("smyth2004linear", True, {"arms": {"baseline": (0, 0), **{f"arm{i}": (0, 0) for i in range(6)}}, "seeds": 4}),
        (
            "smyth2004linear",
            False,
            {"arms": {"baseline": (0, 0), **{f"arm{i}": (0, 0) for i in range(6)}}, "seeds": 12},
        ),
        ("smyth2004linear", False, {"seeds": 4}),
        ("yates1937design", True, {"arms": {"baseline": (0, 0), "a": (8, -20), "b": (1, 0), "a + b": (9, -20)}}),
        ("yates1937design", False, {}),
    ],
)
def test_a_method_is_cited_where_the_numbers_come_from_it(key, cited, changes, studies):
    found = methods_cite(studies.study(studies.runs(**changes), claims=()))
    assert (key in found) == cited
    assert set(found) >= ALWAYS


def test_stein_is_cited_where_the_first_seeds_said_how_many_there_were_to_be(studies):
    study = studies.study(sampling=Stein(stein=5, half_width=1.0, most=10))
    assert "stein1945two" in methods_cite(study)
    assert "stein1945two" not in methods_cite(studies.study())


def test_looks_share_the_level_among_them_even_with_a_single_arm(studies):
    runs = studies.runs({"baseline": (0, 0), "dropout": (8, -20), "sham": (0, 0)})
    assert "dunn1961multiple" in methods_cite(studies.study(runs, claims=(), sampling=Looks(looks=(5, 10))))


@pytest.mark.parametrize(("clean", "cited"), [(98.0, False), (80.0, True), (float("nan"), False)])
def test_the_kind_of_label_noise_is_cited_where_labels_are_noisy(clean, cited, studies):
    runs = studies.runs()
    runs["train_accuracy_clean"] = clean
    assert ("zhang2017understanding" in methods_cite(studies.study(runs))) == cited


def test_without_any_numbers_the_file_can_be_written_too(studies):
    runs = studies.runs({"baseline": (0, 0)}, seeds=1)
    assert set(methods_cite(studies.study(runs, claims=()))) == ALWAYS
