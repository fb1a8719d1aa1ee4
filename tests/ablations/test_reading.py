"""Settings that are no spec are read as one is, with the same answers."""

import pytest

from ablations import SpecError
from ablations.reading import read_as, read_settings
from modules.handwork.example import Example


def test_words_are_settings_with_values_in_yaml():
    assert read_settings(["classes=10", "names=[a, b]", "lr=1e-3"]) == {"classes": 10, "names": ["a", "b"], "lr": 0.001}
    assert read_settings([]) == {}


def test_a_file_comes_first_and_words_over_it(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("sizes: [2, 3, 1]\nlr: 0.1\n")
    assert read_as(Example, [str(path), "lr=2"]) == Example(sizes=(2, 3, 1), lr=2.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sizes: [2, 2]\ninputs: [1]\n", r"net.yaml:2: inputs: must hold 2 numbers"),
        ("weights:\n  - [[1, 2], [3, 4]]\n  - [[1]]\n", r"net.yaml:3: weights.1.0: must hold 2 numbers"),
        ("loss: hinge\n", r"net.yaml:1: loss: there is no choice 'hinge'; known: cross_entropy, squared"),
        ("rate: 1\n", r"net.yaml:1: rate: unknown key"),
        ("sizes: [2\n", r"not readable as YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, says):
    path = tmp_path / "net.yaml"
    path.write_text(text)
    with pytest.raises(SpecError, match=says):
        read_as(Example, [str(path)])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["a.yaml"], "a.yaml: there is no such file; a setting reads key=value"),
        (["a.yaml", "b.yaml"], "b.yaml: one file at most, beside a.yaml"),
        (["=3"], "an override reads key=value"),
    ],
)
def test_words_that_cannot_be_read_are_said(words, says):
    with pytest.raises(SpecError, match=says):
        read_settings(words)
