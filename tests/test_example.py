"""The example notebook runs as it stands, and what is stored in it reads without running it."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLE = Path(__file__).parent.parent / "docs" / "example.ipynb"
SHORT = {
    "baseline.trainer.epochs=30": "baseline.trainer.epochs=2",
    '"seeds=5"': '"seeds=3", "baseline.data.train_size=40"',
}
"""What makes the same lesson shorter, though its network then learns little."""


@pytest.fixture
def notebook():
    return nbformat.read(EXAMPLE, as_version=4)


def executed(notebook, folder):
    """Its outputs after running it in an empty folder; raises where a cell does."""
    kernel = NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    kernel.execute()
    return outputs(notebook)


def outputs(notebook):
    """Everything shown, by kind."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for kind, content in output.get("data", {output.get("name"): output.get("text")}).items():
                found.setdefault(kind, []).append(content)
    return found


@pytest.mark.slow  # tests/runs/test_notebook.py has what is shown in a cell
def test_a_shorter_form_of_the_example_runs_from_question_to_report(notebook, tmp_path):
    for old, new in SHORT.items():
        assert sum(old in cell.source for cell in notebook.cells) == 1
        for cell in notebook.cells:
            cell.source = cell.source.replace(old, new)
    shown = executed(notebook, tmp_path)
    assert "stderr" not in shown
    assert len(shown["image/png"]) == 2
    html = "\n".join(shown["text/html"])
    for said in ("15 runs: 15 finished", "+2 Dropout modules", "New method raised test accuracy by"):
        assert said in html
    assert (tmp_path / "output" / "lesson" / "index.html").is_file()


@pytest.mark.slow
def test_the_example_finds_again_what_is_stored_in_it(notebook, tmp_path):
    stored = nbformat.read(EXAMPLE, as_version=4)
    shown = executed(notebook, tmp_path)
    assert "stderr" not in shown
    assert verdicts(shown) == verdicts(outputs(stored))


def verdicts(shown):
    """What the table of effects says of each arm."""
    (text,) = [text for text in shown["text/plain"] if "gap_verdict" in text]
    return re.findall(r"(\w+) +\d+ .*?(helps|hurts|undecided) .*?(shrinks|grows|unchanged|undecided)", text)


def test_the_stored_example_shows_tables_and_pictures_and_no_paths_of_a_machine(notebook):
    shown = outputs(notebook)
    assert not {"stderr", "application/javascript"} & shown.keys()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    assert len(shown["image/png"]) == 2
    assert "25 runs: 25 finished" in "\n".join(shown["text/html"])
    assert dict.fromkeys(arm for arm, *_ in verdicts(shown)).keys() == {"dropout", "augmentation", "init", "sham"}
    text = EXAMPLE.read_text()
    assert not re.search(r"/(home|root|tmp|work|Users)/|site-packages", text)
    assert "\\u001b" not in text
    assert len(text) < 500_000
