"""The papers behind the factors: held against pybtex, BibTeX itself, and what the cards say."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import Entry, parse_string

from ablations.factors import FACTORS
from ablations.references import bibtex, entries, split
from reports.words.references import METHODS

PARSED = parse_string("\n\n".join(entries().values()), "bibtex").entries
NAMED = re.compile(r"([^\W\d_][\w-]+)(?: and [^\W\d_][\w-]+| et al\.)? ((?:19|20)\d\d)\b")
"""Papers as cards name them: a surname, those who wrote it along, a year."""
NEEDED = {
    "article": {"journal"},
    "inproceedings": {"booktitle"},
    "incollection": {"booktitle", "publisher"},
    "techreport": {"institution"},
    "misc": {"howpublished"},
}

every_key = pytest.mark.parametrize("key", entries())
every_factor = pytest.mark.parametrize("factor", FACTORS)


def surname(key: str) -> str:
    """Of the first author, as text writes it, without particles."""
    person = PARSED[key].persons["author"][0]
    return Entry("misc", persons={"author": [person]}).persons["author"][0].rich_last_names[-1].render_as("text")


def year(key: str) -> str:
    return PARSED[key].fields["year"]


def told(factor: str) -> str:
    """Everything that a factor says in words."""
    kind = FACTORS[factor]
    return " ".join(" ".join((kind.__doc__ or "", kind.source, kind.expect, kind.pitfall)).split())


def test_a_well_kept_parser_finds_the_same_entries():
    assert list(PARSED) == list(entries())


def test_keys_stand_in_the_order_of_the_alphabet_each_once():
    assert list(entries()) == sorted(set(entries()))


@every_key
def test_every_entry_says_who_what_when_and_where(key):
    entry = PARSED[key]
    assert entry.persons["author"]
    assert entry.fields["title"]
    assert NEEDED[entry.type] <= set(entry.fields)
    assert re.fullmatch(r"(19|20)\d\d", year(key))


@every_key
def test_an_entry_is_plain_text_that_ends_where_its_braces_do(key):
    text = entries()[key]
    assert text.isascii()
    assert text.count("{") == text.count("}")
    assert text.endswith("\n}")
    assert max(map(len, text.splitlines())) <= 100


@every_key
def test_a_key_is_made_of_surname_year_and_a_word(key):
    plain = surname(key).lower().replace("ü", "u")
    assert re.fullmatch(rf"{plain}{year(key)}[a-z]+", key)


@every_key
def test_every_page_range_has_two_ends_and_every_doi_its_form(key):
    fields = PARSED[key].fields
    first, _, last = fields.get("pages", "1--2").partition("--")
    assert [int(part) for part in first.split(".")] < [int(part) for part in last.split(".")]
    assert re.fullmatch(r"10\.\d{4,5}/\S+", fields.get("doi", "10.1000/any"))
    assert re.fullmatch(r"\d{4}\.\d{4,5}", fields.get("eprint", "1234.56789"))


@every_factor
def test_every_paper_that_a_card_names_has_its_entry(factor):
    cited = {(surname(key), year(key)) for key in FACTORS[factor].cites}
    assert set(NAMED.findall(told(factor))) <= cited


@every_factor
def test_a_card_cites_no_paper_that_it_does_not_name(factor):
    named = NAMED.findall(told(factor))
    assert [key for key in FACTORS[factor].cites if (surname(key), year(key)) not in named] == []


@every_factor
def test_the_papers_of_the_source_come_first_in_its_order(factor):
    source = list(dict.fromkeys(NAMED.findall(FACTORS[factor].source)))
    assert [(surname(key), year(key)) for key in FACTORS[factor].cites][: len(source)] == source


def test_every_entry_is_used():
    cited = {key for kind in FACTORS.values() for key in kind.cites}
    assert cited | METHODS.keys() == set(entries())


def test_entries_come_once_each_in_the_order_asked_for():
    text = bibtex(["he2016deep", "ba2016layer", "he2016deep"])
    assert list(parse_string(text, "bibtex").entries) == ["he2016deep", "ba2016layer"]


def test_a_key_that_is_not_there_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="there is no reference 'srivastava2014'; did you mean srivastava2014dropout"):
        bibtex(["srivastava2014"])


WORDS = st.text(
    st.characters(codec="ascii", exclude_characters='{}"@\\%#$&_^~', categories=["L", "N", "P"]), min_size=1
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}\d{4}", fullmatch=True), WORDS, max_size=5))
def test_any_entries_are_split_as_pybtex_splits_them(titles):
    text = "".join(f"@misc{{{key},\n  title = {{{title}}}\n}}\n\n" for key, title in titles.items())
    parts = split("What this is.\n\n" + text)
    assert list(parts) == list(titles)
    for key, part in parts.items():
        (found,) = parse_string(part, "bibtex").entries.values()
        assert (found.key, found.fields["title"]) == (key, titles[key])


LATEX = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error"]
LACKING = [name for name in ("pdflatex", "bibtex") if not shutil.which(name)]


@pytest.mark.skipif(bool(LACKING), reason=f"no {' and no '.join(LACKING)} on this machine, so nothing can be typeset")
def test_a_plain_article_that_cites_everything_is_typeset_without_a_warning(tmp_path):
    (tmp_path / "references.bib").write_text("\n\n".join(entries().values()))
    (tmp_path / "all.tex").write_text(
        "\\documentclass{article}\\sloppy\\hbadness=10000\\begin{document}"
        "\\nocite{*}Text.\\bibliographystyle{plain}\\bibliography{references}\\end{document}"
    )
    said = [
        subprocess.run([*command, "all"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for command in (LATEX, ["bibtex"], LATEX, LATEX)
    ]
    assert "warning" not in said[1].lower()
    assert "warning" not in said[3].lower()
    assert (tmp_path / "all.bbl").read_text().count("\\bibitem") == len(entries())
