"""Whole runs of R-CNN, as small as they can be."""

import base64
import io
import json
import math

import numpy as np
import pytest
from PIL import Image

from modules.data.settings import Augmentation, Mixing
from modules.data.splits import make_splits
from modules.detection import galleries
from modules.detection.pretraining import pretrained
from modules.recipe import Data, Model, Recipe
from modules.settings import Averaging, Detection, Ensemble, Noise, Sgd, Stopping, Trainer
from modules.streams import Streams
from modules.training import train

CLOCKS = ("seconds", "seconds_per_image")
SCENES = Data(name="digit_boxes", arguments={"images": 40, "classes": 2, "size": 48})


def recipe(data=SCENES, epochs=1, **parts):
    detection = {"draws": 8, "proposals": 60, **parts.pop("detection", {})}
    return Recipe(data=data, trainer=Trainer(epochs=epochs), detection=Detection(**detection), **parts)


def numbers(outcome):
    clocked = {name: value for name, value in outcome.metrics.items() if name not in CLOCKS}
    weights = {name: tensor.numpy().tobytes() for name, tensor in outcome.weights.items()}
    return clocked, outcome.curves, weights, outcome.pictures


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ABLATE_HOME", str(tmp_path_factory.mktemp("home")))
        return train(recipe(), 0)


def test_the_same_call_gives_the_same_numbers_bit_for_bit(outcome):
    pretrained.cache_clear()
    assert numbers(train(recipe(), 0)) == numbers(outcome)


def test_it_leaves_what_every_run_leaves(outcome):
    wanted = {
        "train_accuracy",
        "val_accuracy",
        "test_accuracy",
        "gap",
        "test_loss",
        "epochs",
        "seconds",
        "parameters",
        "macs",
    }
    ours = {"test_map_50", "test_map_50_95", "proposal_recall", "seconds_per_image"}
    assert wanted | ours <= outcome.metrics.keys()
    assert all(math.isfinite(value) for value in outcome.metrics.values())
    assert outcome.metrics["test_accuracy"] == outcome.metrics["test_map_50"] >= outcome.metrics["test_map_50_95"]
    assert outcome.metrics["proposal_recall"] > 80
    assert [len(values) for values in outcome.curves.values()] == [1] * 4
    assert outcome.status == "finished"


def test_epochs_are_heard_of():
    heard = []
    train(recipe(epochs=2), 0, on_epoch=lambda epoch, point: heard.append((epoch, sorted(point))))
    assert heard == [(epoch, ["train_accuracy", "train_loss", "val_accuracy", "val_loss"]) for epoch in (1, 2)]


def test_pictures_show_some_images_as_they_are(outcome):
    assert 0 < len(json.dumps(outcome.pictures)) < 100_000
    splits = make_splits(SCENES.model_copy(update={"standardize": False}), Streams(0))
    for number, picture in enumerate(outcome.pictures):
        shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture["png"]))))
        pixels = (255 * splits.test.images[number]).round().numpy().transpose(1, 2, 0)
        assert np.array_equal(shown, pixels)
        assert picture["side"] == 48
        assert len(picture["found"]) <= len(picture["true"])
        truth = splits.test.labels[number]
        assert [row[:4] for row in picture["true"]] == truth[truth[:, 4] >= 0][:, :4].tolist()


def test_arms_differ_in_what_they_leave_out_alone(outcome):
    unmoved = train(recipe(detection={"box_regression": False}), 0)
    softmax = train(recipe(detection={"classifier": "softmax"}), 0)
    assert numbers(unmoved)[1:3] == numbers(softmax)[1:3] == numbers(outcome)[1:3]
    assert {o.metrics["proposal_recall"] for o in (unmoved, softmax, outcome)} == {outcome.metrics["proposal_recall"]}
    assert len({str(o.pictures) for o in (unmoved, softmax, outcome)}) == 3


def test_without_fine_tuning_the_features_are_those_of_single_digits():
    plain = train(recipe(detection={"fine_tuning": False}), 0)
    assert "test_loss" not in plain.metrics
    assert plain.metrics["test_accuracy"] >= 0
    assert plain.status == "finished"


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"model": Model(name="cifar_resnet20"), "stopping": Stopping(patience=1)}, marks=pytest.mark.slow),
        {
            "data": SCENES.model_copy(update={"augmentation": Augmentation(shift=0.1)}),
            "averaging": Averaging(kind="swa"),
        },
        {"data": SCENES.model_copy(update={"standardize": False, "channels": 1, "image_size": 64})},
        {"detection": {"region_size": 24, "proposals": 5}, "model": Model(name="mlp")},
    ],
)
def test_networks_sizes_and_remedies_are_those_of_the_recipe(parts):
    assert train(recipe(**parts), 1).status == "finished"


def test_what_diverges_is_a_result():
    diverged = train(recipe(optimizer=Sgd(name="sgd", lr=1e9)), 0)
    assert diverged.status == "diverged"
    assert diverged.metrics["test_accuracy"] >= 0


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"data": SCENES.model_copy(update={"label_noise": 0.1})}, "data.label_noise has no meaning for boxes"),
        ({"data": SCENES.model_copy(update={"mixing": Mixing(mixup=0.2)})}, "data.mixing has no meaning for boxes"),
        ({"data": SCENES.model_copy(update={"stream": True})}, "data.stream has no meaning for boxes"),
        ({"noise": Noise(labels=0.1)}, "noise.labels has no meaning for boxes"),
        ({"ensemble": Ensemble(members=2)}, "ensemble has no meaning for boxes, which digit_boxes has: take it away"),
        (
            {"detection": {"classifier": "softmax", "fine_tuning": False}},
            "set detection.fine_tuning to true, or take svm",
        ),
    ],
)
def test_what_has_no_meaning_for_boxes_is_refused(parts, words):
    with pytest.raises(ValueError, match=words):
        train(recipe(**parts), 0)


OWN = """
import numpy as np

def make(things):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 60, (20, 32, 32)).astype(np.uint8)
    boxes = []
    for number, image in enumerate(images):
        image[8:20, 6:24] = 200
        boxes.append([[6, 8, 24, 20, number % 2]] if number in things else [])
    return images, [np.array(one) for one in boxes]
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    return lambda things: Data(name=f"{tmp_path}/own.py:make", arguments={"things": list(things)}, image_size=32)


def test_images_without_things_are_no_trouble(own):
    outcome = train(recipe(own(range(12))), 0)
    assert outcome.metrics["proposal_recall"] == 100


def test_where_no_image_has_a_thing_there_is_nothing_to_find(own):
    with pytest.raises(ValueError, match="no image has a box, so there is nothing to find; give boxes of some images"):
        train(recipe(own([])), 0)


def test_where_all_regions_show_a_class_an_svm_has_nothing_to_tell_it_from(own, monkeypatch):
    monkeypatch.setattr(galleries, "NEGATIVE", 0.0)
    with pytest.raises(
        ValueError, match="all regions in the training part of seed 0 overlap boxes of class '0'"
    ) as said:
        train(recipe(own(range(12))), 0)
    assert "\n" not in str(said.value)


def lacking(data, part, label):
    """A seed that leaves a part without boxes of a class, or without any where there is no class given."""
    for seed in range(100):
        there = getattr(make_splits(data, Streams(seed)), part).labels[..., 4]
        if not ((there >= 0) if label is None else (there == label)).any():
            return seed


@pytest.mark.parametrize(
    ("part", "label", "words"),
    [
        ("train", 1, "class '1' of .*own.py:make has no box in the training part of seed .*; add images of it, raise"),
        ("val", None, "own.py:make has no box in the val part of seed .*; add images, or raise data.val_share"),
    ],
)
def test_what_a_seed_leaves_without_examples_is_told(own, part, label, words):
    data = own([0, 1, 2, 4, 6])
    with pytest.raises(ValueError, match=words) as said:
        train(recipe(data), lacking(data, part, label))
    assert "\n" not in str(said.value)
