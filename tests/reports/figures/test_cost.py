from hypothesis import given
from hypothesis import strategies as st

from reports.figures import describe, figures
from reports.figures.cost import Bargain, cost, cost_axis, frontier, undominated
from reports.inference.effects import effects

BARGAINS = st.lists(st.builds(Bargain, st.integers(1, 6), st.integers(-3, 3)), max_size=12)


@given(BARGAINS)
def test_what_is_kept_is_what_no_other_dominates(bargains):
    def dominated(one):
        return any(b.cost <= one.cost and b.gain >= one.gain and b != one for b in bargains)

    assert undominated(bargains) == [not dominated(one) for one in bargains]


def priced(studies, **seconds):
    runs = studies.runs({"baseline": (0, 0), "cheap": (2, 0), "dear": (6, 0), "vain": (1, 0), "sham": (9, 0)})
    runs["seconds"] = runs["arm"].map({"baseline": 2.0, "sham": 1.0, "vain": 8.0} | seconds)
    return studies.study(runs, claims=())


def test_the_frontier_leaves_out_the_sham_and_what_costs_more_for_less(studies):
    study = priced(studies, cheap=2.2, dear=4.0)
    assert [e.arm for e in frontier(effects(study))] == ["cheap", "dear"]
    assert describe(study, "cost").startswith("Cost against gain. By the estimates no other arm gains more")
    assert "dear (+5.9 points, 2 times the time)" in describe(study, "cost")
    assert "vain" not in describe(study, "cost")


def test_every_arm_stands_at_its_price_with_the_tables_interval(studies, rows):
    study = priced(studies, cheap=2.2, dear=4.0)
    shown = {row["arm"]: row for row in rows(cost(study)) if "y_low" in row}
    for e in effects(study):
        assert (shown[e.arm]["x"], shown[e.arm]["y_low"]) == (e.time_ratio, e.accuracy.low)


def test_the_baseline_is_marked_at_its_own_price(studies, rows):
    assert {"x": 1, "y": 0, "arm": "baseline"} in rows(cost(priced(studies, cheap=2.2, dear=4.0)))


def test_wide_costs_have_a_logarithmic_axis_and_the_caption_says_so(studies):
    assert cost_axis([0.9, 1.5]) == cost_axis([1.5, 0.9])
    assert not cost_axis([0.9, 1.5]).logarithmic
    (panel,) = cost(priced(studies, cheap=0.2, dear=40.0)).to_dict()["vconcat"]
    assert "(logarithmic)" in panel["title"]["subtitle"][0]


def test_without_times_there_is_no_figure_of_them(studies):
    runs = studies.runs().assign(seconds=float("nan"))
    assert "cost" not in figures(studies.study(runs, claims=()))
