import pytest

from modules.data.facts import Sizes, data_facts
from modules.recipe import Data

SOURCE = """
import numpy as np

def make(count=40, grey=True, kind=None):
    images = np.random.default_rng(0).random((count, 8, 8) if grey else (count, 3, 8, 8))
    labels = np.arange(count) % 2
    if kind == "parts":
        return {"train": (images, labels), "validation": (images, labels)}
    if kind == "three":
        return {name: (images, labels) for name in ("train", "val", "test")}
    if kind == "fails":
        raise RuntimeError("no\\nnetwork")
    return {None: (images, labels), "images": images, "loose": {"a": 1}, "half": {"train": images, "test": images}}[kind]
"""


@pytest.fixture
def made(tmp_path):
    (tmp_path / "made.py").write_text(SOURCE)
    return lambda **arguments: Data(name=f"{tmp_path}/made.py:make", arguments=arguments)


def test_a_function_is_called_with_its_arguments(made):
    facts = data_facts(made(count=60, grey=False))
    assert (facts.images, facts.classes, facts.channels, facts.ready) == (60, 2, 3, None)
    assert facts.source.endswith("made.py:make")


def test_a_function_may_return_parts(made):
    assert data_facts(made(kind="parts")).ready == Sizes(40, 0, 40)
    assert data_facts(made(kind="three")).ready == Sizes(40, 40, 40)


def test_a_function_of_a_package_is_found(tmp_path, monkeypatch):
    (tmp_path / "anybodys.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    assert data_facts(Data(name="anybodys:make")).images == 40


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "images"}, r"made\.py:make: returned ndarray; it must return \(images, labels\), or"),
        ({"kind": "loose"}, "returned a mapping of a; it must return"),
        ({"kind": "half"}, "returned ndarray for train; it must return"),
        ({"kind": "fails"}, "made.py:make: failed: RuntimeError: no network"),
        ({"number": 3}, "made.py:make: failed: TypeError: .*number"),
    ],
)
def test_what_a_function_does_wrong_is_told(made, arguments, words):
    with pytest.raises(ValueError, match=words) as said:
        data_facts(made(**arguments))
    assert "\n" not in str(said.value)


def test_a_function_that_is_not_there_is_told(tmp_path, made):
    with pytest.raises(ValueError, match="did you mean make"):
        data_facts(Data(name=made().name + "s"))


def test_the_arguments_tell_data_apart(made):
    assert data_facts(made(count=40)).checksum != data_facts(made(count=42)).checksum


ANNOTATED = """
import numpy as np

IMAGES = np.zeros((20, 8, 10), dtype=np.uint8)

def masks(short=0):
    return IMAGES, np.tile(np.arange(10) // 5, (20, 8, 1))[: 20 - short]

def boxes(wide=4):
    return IMAGES, [np.array([[1, 2, wide, 6, 0]]), [], np.zeros((0, 5)), *[[[0, 0, 10, 8, 1], [2, 2, 4, 4, 0]]] * 17]
"""


@pytest.fixture
def annotated(tmp_path):
    (tmp_path / "annotated.py").write_text(ANNOTATED)
    return lambda name, **arguments: Data(name=f"{tmp_path}/annotated.py:{name}", arguments=arguments)


def test_masks_make_it_segmentation(annotated):
    facts = data_facts(annotated("masks"))
    assert (facts.task, facts.images, facts.classes) == ("segmentation", 20, 2)


def test_a_list_of_boxes_for_each_image_makes_it_detection(annotated):
    facts = data_facts(annotated("boxes"))
    assert (facts.task, facts.images, facts.classes, facts.counts) == ("detection", 20, 2, (18, 17))


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("masks", {"short": 1}, r"annotated.py:masks: masks are int64 of shape \(19, 8, 10\); they must be"),
        ("boxes", {"wide": 11}, "annotated.py:boxes: box .* of image 0 is not within its 10 x 8 pixels"),
    ],
)
def test_masks_and_boxes_that_do_not_fit_are_told(annotated, name, arguments, words):
    with pytest.raises(ValueError, match=words):
        data_facts(annotated(name, **arguments))
