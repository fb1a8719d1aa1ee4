import re
import shutil
import subprocess

import pytest

from reports.tables.latex import latex
from tests.reports.hostile import NAMES

NARROW = r"\documentclass{article}"


def compiled(text, folder):
    """What pdflatex says of a paper with the table alone, and the pages' text where there is a tool to read it."""
    if not shutil.which("pdflatex"):
        pytest.skip("pdflatex is not installed; apt-get install texlive-latex-base")
    packages = re.findall(r"^% (\\usepackage{.*})$", text, re.MULTILINE)
    (folder / "table.tex").write_text(text)
    (folder / "paper.tex").write_text(
        "\n".join([NARROW, *packages, r"\begin{document}", r"\input{table}", r"\end{document}"])
    )
    words = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(words, cwd=folder, capture_output=True, timeout=120, check=False)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said[-2000:]
    return said


def hostile(studies, names=NAMES, **changes):
    arms = {"baseline": (0, 0), **{name: (index % 9, 0) for index, name in enumerate(names)}, "sham": (0, 0)}
    return studies.study(studies.runs(arms, seeds=4, **changes), claims=())


def test_it_escapes_and_balances(studies):
    study = studies.study(
        studies.runs({"baseline": (0, 0), "a_b & 5%": (8, -20), "sham": (0, 0)}), claims=(), question="100 % {x}?"
    )
    text = latex(study)
    assert r"\textbf{a\_b \& 5\%}" in text
    assert r"100 \% \{x\}?" in text
    body = text.partition(r"\midrule")[2].partition(r"\bottomrule")[0]
    assert {line.replace(r"\&", "").count("&") for line in body.splitlines() if line.endswith(r"\\")} == {7}
    assert all(ord(character) < 128 for character in text)


def test_the_caption_says_what_the_numbers_are(study):
    caption = latex(study).partition(r"\caption{")[2].partition(r"\label")[0]
    for word in ("What helps?", "n of them", "$\\pm$ is half of a 95 \\%", "paired t", "3 comparisons", "1 point"):
        assert word in caption


def test_every_verdict_is_a_letter_that_is_explained(study):
    text = latex(study)
    assert "a: reduces overfitting and improves accuracy." in text
    letters = re.findall(r"& ([a-z]|--)(?: \d+/\d+)? & [\d.]+\$\\times\$ \\\\", text)
    assert letters[0] == "--"  # the baseline's
    assert all(f"{letter}: " in text for letter in letters[1:])


def test_several_models_head_their_rows(studies):
    text = latex(studies.study(studies.runs(models=("a", "b"))))
    assert text.count("\nbaseline & ") == 2
    assert text.index(r"\textit{a}") < text.index(r"\textit{b}")


def test_a_label_holds_nothing_that_latex_takes_for_more(studies):
    assert r"\label{tab:a-b-c}" in latex(studies.study(name="a_b %{}\\c"))


def test_it_compiles_with_booktabs_alone_and_fits_the_page(study, tmp_path):
    said = compiled(latex(study), tmp_path)
    assert "Overfull" not in said
    assert "Float too large" not in said


def test_as_many_arms_as_there_are_remedies_fit_a_page(studies, tmp_path):
    said = compiled(latex(hostile(studies, [f"augmentation_number_{n}" for n in range(33)])), tmp_path)
    assert "Overfull" not in said
    assert "Float too large" not in said
    assert "[2]" not in said


def test_a_longer_table_is_broken_over_pages(studies, tmp_path):
    study = hostile(studies, [f"arm {n}" for n in range(60)], models=("a", "b"))
    said = compiled(latex(study), tmp_path)
    assert "[3" in said
    assert "Overfull" not in said


@pytest.mark.parametrize("longest", [0, 1, 2, 5, 12])
@pytest.mark.parametrize("count", [24, 30, 36])
def test_long_names_take_lines_that_count(studies, tmp_path, count, longest):
    study = hostile(studies, [f"arm {n} {'of a long name ' * 8 * (n < longest)}".strip() for n in range(count)])
    said = compiled(latex(study), tmp_path)
    assert "Float too large" not in said
    assert "Overfull" not in said


@pytest.mark.parametrize("words", [1, 100, 250])
def test_a_long_question_takes_lines_that_count(studies, tmp_path, words):
    study = hostile(studies, [f"arm {n}" for n in range(30)])
    asked = studies.study(study.runs, claims=(), question="Why? " * words)
    assert "Float too large" not in compiled(latex(asked), tmp_path)


def test_a_table_that_fits_a_page_floats(studies):
    assert r"\begin{table}" in latex(hostile(studies, [f"arm {n}" for n in range(33)]))


@pytest.mark.parametrize("question", ["", r"\input{/etc/passwd} \undefined", "왜?"])
def test_hostile_names_compile_and_command_nothing(studies, tmp_path, question):
    study = hostile(studies)
    said = compiled(latex(studies.study(study.runs, claims=(), question=question)), tmp_path)
    assert "/etc/passwd" not in said
    assert "Overfull" not in said


def test_a_row_that_begins_with_a_bracket_or_a_star_is_a_row(studies, tmp_path):
    compiled(latex(hostile(studies, ["[1cm]", "*", "[", "]"])), tmp_path)
