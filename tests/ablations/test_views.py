from html.parser import HTMLParser

from ablations.views import Cell, Column, View, Viewed

HOSTILE = "<script>alert(1)</script>[bold]\"'&"
VIEW = View(
    title="A title", sentences=("One.", "Two."), warnings=("Mind this.",), note="In small letters.",
    columns=(Column("Arm"), Column("n", numeric=True)), rows=((Cell("dropout", strong=True), Cell("8")), (Cell("sham"), Cell("7"))),
)  # fmt: skip


class Elements(HTMLParser):
    """The names of all elements, and the text in each kind of them."""

    def __init__(self, html):
        super().__init__()
        self.open, self.texts = [], {}
        self.feed(html)
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.texts.setdefault(tag, [])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        for tag in self.open:
            self.texts[tag].append(data)


def test_html_has_a_heading_over_every_column_and_bold_where_it_is_meant():
    texts = Elements(VIEW._repr_html_()).texts
    assert texts["th"] == ["Arm", "n"]
    assert texts["td"] == ["dropout", "8", "sham", "7"]
    assert texts["strong"] == ["A title", "dropout"]
    assert texts["small"] == ["In small letters."]
    assert "One. Two." in texts["p"]


def test_html_escapes_whatever_stands_in_a_view():
    hostile = View(HOSTILE, (HOSTILE,), (HOSTILE,), (Column(HOSTILE),), ((Cell(HOSTILE, strong=True),),), HOSTILE)
    texts = Elements(hostile._repr_html_()).texts
    assert "script" not in texts
    assert "".join(texts["td"]) == HOSTILE
    assert "".join(texts["div"]).count(HOSTILE) == 6


def test_html_has_no_colours_of_its_own_so_that_it_reads_in_the_dark():
    html = VIEW._repr_html_()
    assert "color" not in html
    assert "background" not in html


def test_text_has_no_signs_for_terminals_even_where_colours_are_forced(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    hostile = VIEW._replace(rows=((Cell(HOSTILE), Cell("8")),))
    lines = repr(hostile).splitlines()
    assert "\x1b" not in repr(hostile)
    assert lines[:4] == ["A title", "One.", "Two.", "! Mind this."]
    assert lines[4].split() == ["Arm", "n"]
    assert lines[5].split() == [HOSTILE, "8"]
    assert lines[-1] == "In small letters."


def test_what_is_long_wraps():
    assert max(map(len, repr(View("word " * 100)).splitlines())) <= 120


def test_a_value_shows_its_view_in_print_repr_and_notebook():
    class Shown(Viewed):
        @property
        def view(self):
            return VIEW

    assert str(Shown()) == repr(Shown()) == repr(VIEW)
    assert Shown()._repr_html_() == VIEW._repr_html_()
