import gc
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from modules.batches import Batches
from modules.data import splits, streamed, threads
from modules.data.settings import Augmentation
from modules.data.source import images_and_labels
from modules.data.splits import Part, StreamedPart, make_splits, streams_images
from modules.data.streamed import AHEAD
from modules.recipe import Data, Recipe
from modules.settings import Trainer
from modules.streams import Streams
from modules.training import train
from tests.modules.data.made import arrays, fill


@pytest.fixture
def pets(tmp_path):
    """Images of several sizes, grey and in colour, some to be shrunk and some to be enlarged."""
    fill(tmp_path / "pets", {"cat": 20, "dog": 20}, size=(40, 30))
    fill(tmp_path / "pets", {"emu": 20}, size=(9, 16), grey=True)
    return Data(name="folder", path=str(tmp_path / "pets"), image_size=16, label_noise=0.3)


def both(data, seed=0):
    return (make_splits(data.model_copy(update={"stream": stream}), Streams(seed)) for stream in (False, True))


def in_batches(part, size=7, seed=None):
    return list(Batches(part, size, None if seed is None else Streams(seed).torch("order")))


def everything(made):
    return [in_batches(part) for part in (made.train, made.val, made.test)]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("order", [None, 3])
def test_streamed_images_are_those_in_memory_bit_for_bit(pets, seed, order):
    held, flowing = both(pets, seed)
    assert torch.equal(held.true_labels, flowing.true_labels)
    for name in ("train", "val", "test"):
        one, other = getattr(held, name), getattr(flowing, name)
        assert isinstance(one, Part)
        assert isinstance(other, StreamedPart)
        for here, there in zip(in_batches(one, seed=order), in_batches(other, seed=order), strict=True):
            assert torch.equal(here.images, there.images)
            assert torch.equal(here.labels, there.labels)


RECIPE = Recipe(
    data=Data(train_size=60, image_size=32, label_noise=0.2, augmentation=Augmentation(rotate=10.0)),
    trainer=Trainer(epochs=2, batch_size=16),
)


def numbers(outcome):
    clocked = {name: value for name, value in outcome.metrics.items() if name != "seconds"}
    return clocked, outcome.curves, {name: tensor.numpy().tobytes() for name, tensor in outcome.weights.items()}


@pytest.mark.parametrize("kind", ["digits", "folder", "npz"])
def test_a_run_gives_the_same_numbers_streamed_and_in_memory(tmp_path, kind):
    images, labels = arrays(60, grey=False)
    np.savez(tmp_path / "made.npz", images=images, labels=labels)
    data = {
        "digits": RECIPE.data,
        "folder": Data(name="folder", path=str(fill(tmp_path / "pets", size=(40, 30))), label_noise=0.2),
        "npz": Data(name="npz", path=str(tmp_path / "made.npz"), test_share=0.3),
    }[kind]
    outcomes = [
        train(RECIPE.model_copy(update={"data": data.model_copy(update={"stream": stream})}), 3)
        for stream in (True, False)
    ]
    assert outcomes[0].status == "finished"
    assert numbers(outcomes[0]) == numbers(outcomes[1])


def test_images_are_streamed_where_they_do_not_fit(monkeypatch):
    asked = []
    monkeypatch.setattr(splits, "fits", lambda size, gpu_memory: asked.append(size) or size < 10**6)
    assert not streams_images(Data(image_size=8))
    assert streams_images(Data(image_size=32))
    assert asked == [4 * 1797 * 64, 4 * 1797 * 1024]
    assert streams_images(Data(image_size=8, stream=True))
    assert not streams_images(Data(image_size=32, stream=False))


def test_an_image_that_goes_bad_is_named(pets, tmp_path):
    made = make_splits(pets.model_copy(update={"stream": True}), Streams(0))
    path = tmp_path / "pets" / "cat" / "003.png"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"pets/cat/003\.png: is truncated; was it changed since the plan was made\?"):
        everything(made)
    path.unlink()
    with pytest.raises(ValueError, match=r"pets/cat/003\.png: .*No such file"):
        everything(made)


class Counted:
    """Counts the images that were asked for, each of which takes its time."""

    def __init__(self, pixels):
        self.pixels, self.count = pixels, 0

    def image(self, index, size):
        self.count += 1
        time.sleep(0.002)
        return self.pixels.image(index, size)


@pytest.fixture
def counted(monkeypatch):
    """A streamed part of digits, whose images are counted, decoded by one thread."""
    made = make_splits(Data(image_size=8, stream=True), Streams(0)).train.images
    images = images_and_labels(Data())
    with ThreadPoolExecutor(1) as one:
        monkeypatch.setattr(streamed, "pool", lambda: one)
        yield replace(made, images=replace(images, pixels=Counted(images.pixels)))


def drained():
    """Waits until the one thread has nothing to do."""
    streamed.pool().submit(int).result()


def test_only_a_few_batches_are_decoded_ahead(counted):
    batches = counted.batches(torch.arange(300).split(10))
    for taken in range(1, 5):
        next(batches)
        drained()
        assert counted.images.pixels.count == 10 * (taken + AHEAD)


def test_whoever_stops_early_leaves_nothing_behind(counted):
    batches = iter(Batches(StreamedPart(counted, torch.zeros(len(counted))), 10))
    next(batches)
    del batches
    gc.collect()
    drained()
    assert counted.images.pixels.count <= 20  # the second batch was under way


def test_streamed_images_can_be_asked_for_by_number(counted):
    chosen = torch.tensor([5, 3])
    assert torch.equal(counted[chosen], torch.stack([counted[torch.tensor([index])][0] for index in (5, 3)]))
    assert len(counted) == 808
    assert counted[torch.arange(0)].shape == (0, 1, 8, 8)
    assert counted[chosen].device.type == "cpu"
    assert counted.to(torch.device("meta"))[chosen].device.type == "meta"


def test_streamed_images_come_in_inference_mode(counted):
    chosen = torch.tensor([5, 3])
    with torch.inference_mode():
        inside = counted[chosen]
    assert torch.equal(inside, counted[chosen])


def test_threads_keep_the_order_and_pass_errors_on():
    assert threads.in_threads(lambda index: index * index, 500) == [index**2 for index in range(500)]
    assert threads.in_threads(int, 0) == []
    with pytest.raises(ZeroDivisionError):
        threads.in_threads(lambda index: 1 // (index - 300), 500)
