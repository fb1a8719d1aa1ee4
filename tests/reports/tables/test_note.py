import pytest
from markdown_it import MarkdownIt

from reports.inference.effects import effects
from reports.tables.note import note
from tests.reports.conftest import make_runs, make_study

MANY = {
    "baseline": (0.0, 0.0),
    "helps": (9.0, -20.0),
    **{f"idle {n}": (0.0, 0.0) for n in range(60)},
    "hurts": (-9.0, 0.0),
    "sham": (0.0, 0.0),
}


@pytest.fixture(scope="module")
def crowded():
    return make_study(make_runs(MANY))


def read(text):
    """The first cells of the table as a reader sees them, and the numbers of cells in its rows."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    starts = [place for place, token in enumerate(tokens) if token.type == "tr_open"][1:]
    rows = [[t for t in tokens[start:] if t.type == "inline"] for start in starts]
    first = ["".join(part.content for part in row[0].children) for row in rows]
    counts = [line.count("|") for line in text.splitlines() if line.startswith("|")]
    return first, set(counts)


def test_what_fits_is_whole(study):
    text = note(study, 20_000)
    arms, _ = read(text)
    assert arms == ["baseline", *(effect.arm for effect in effects(study))]
    assert "left out" not in text


@pytest.mark.parametrize("longest", range(2000, 7500, 500))
def test_rows_are_left_out_whole_and_counted(crowded, longest):
    text = note(crowded, longest)
    arms, cells = read(text)
    assert len(text) <= longest
    assert len(cells) == 1
    assert f"**{len(MANY) - len(arms)} of {len(MANY)} rows are left out**" in text
    assert "report/index.html" in text


def test_no_row_more_would_have_fitted(crowded):
    """Each row of this table is at most 130 characters long."""
    assert 5000 - 130 < len(note(crowded, 5000)) <= 5000


def test_the_undecided_with_the_smallest_effects_go_first(crowded):
    arms, _ = read(note(crowded, 4000))
    assert {"baseline", "helps", "hurts", "sham"} <= set(arms)
    size = {effect.arm: abs(effect.accuracy.mean) for effect in effects(crowded)}
    idle = {arm for arm in size if arm.startswith("idle")}
    assert min(size[arm] for arm in idle & set(arms)) >= max(size[arm] for arm in idle - set(arms))


def test_the_rows_that_stay_keep_their_order(crowded):
    arms, _ = read(note(crowded, 4000))
    assert arms == [arm for arm in read(note(crowded, 20_000))[0] if arm in arms]


def test_where_no_table_fits_there_are_whole_sentences(crowded):
    text = note(crowded, 400)
    assert len(text) <= 400
    assert "|" not in text
    assert text.rstrip().endswith("artifacts of the run **made**.")
    assert "The baseline trains to" in text


def test_a_question_without_end_gives_way_to_the_name(studies):
    text = note(studies.study(question="Why? " * 5000), 5000)
    assert text.startswith("**made**")
    assert len(text) <= 5000


def test_hostile_names_stay_cells(studies):
    names = ["a|b", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "**bold** `code`", "../../etc"]
    runs = studies.runs({"baseline": (0, 0), **dict.fromkeys(names, (0.0, 0.0))})
    arms, _ = read(note(studies.study(runs), 20_000))
    assert sorted(arms) == sorted(["baseline", *names])


def test_a_collapsed_arm_says_so(studies):
    runs = studies.runs()
    runs.loc[(runs["arm"] == "dropout") & (runs["seed"] == 3), "status"] = "diverged"
    assert "unstable: 1/10 runs collapsed" in note(studies.study(runs), 20_000)
