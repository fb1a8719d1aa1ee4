import hypothesis.strategies as st
import pytest
from hypothesis import given

from reports.tables.tex import tex, unset
from tests.reports.hostile import NAMES

SAID = {
    "a_b & 5%": r"a\_b \& 5\%", "{x}": r"\{x\}", r"\input": r"\textbackslash{}input", "−0.5 ± 0.1": r"$-$0.5 $\pm$ 0.1",
    "--flag": "-{}-flag", "[x]": "{[}x{]}", "é": r"\'{e}", "Ångström": r"\r{A}ngstr\"{o}m", "λ=0.1": r"$\lambda$=0.1",
    "Ω": r"$\Omega$", "드롭": "{[}deu{]}{[}rob{]}", "🔥": "{[}fire{]}", "中": "{[}4e2d{]}", "д": "{[}de{]}", "＝": "=", "a\u200fb": "ab",
    "two\nlines": "two lines", "": "",
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), SAID.items(), ids=map(ascii, SAID))
def test_text_is_set_as_it_stands(text, said):
    assert tex(text) == said


@given(st.text() | st.sampled_from(NAMES))
def test_any_text_is_one_line_of_ascii_with_closed_braces(text):
    said = tex(text)
    assert said.isascii()
    assert said == "" or said.isprintable()
    bare = said.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    assert said.count("$") % 2 == text.count("$") % 2


def test_what_stands_by_its_name_is_known():
    assert unset("드롭")
    assert not unset("λ é − ±")
