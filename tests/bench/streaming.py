"""How busy training stays while its images are decoded: a folder of made PNGs, streamed and in memory."""

import multiprocessing
import tempfile
import time
from pathlib import Path

IMAGES = 4000
SIZE = 32
CLASSES = ("bright", "dark")
ROUNDS = 3


def streaming():
    """Rows (name, value, goal), measured in a process with one thread, as a worker is."""
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(1) as worker:
        make_images(Path(folder))
        streamed, held, busy = worker.apply(epochs, (folder,))
    name = f"an epoch of cifar_resnet20 on {IMAGES // 2} PNGs of {SIZE} x {SIZE} that are streamed"
    yield name, f"{streamed:.1f} s", ""
    yield "  time in training steps", f"{100 * busy:.1f} %", "at least 90 %"
    yield "  ratio to the same images in memory", f"{streamed / held:.2f}", "at most 1.10"


def make_images(folder: Path) -> None:
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    for index in range(IMAGES):
        label = CLASSES[index % len(CLASSES)]
        pixels = rng.integers(0, 200, (SIZE, SIZE, 3)) + 55 * (label == "bright")
        (folder / label).mkdir(exist_ok=True)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / label / f"{index:05}.png")


def epochs(folder: str) -> tuple[float, float, float]:
    """Seconds of an epoch streamed and in memory, the shortest of a few in turns, and the share of the streamed one
    that was not spent waiting for images.
    """
    import torch

    torch.set_num_threads(1)
    from modules.build import build_model

    network = build_model("cifar_resnet20", classes=len(CLASSES), channels=3, image_size=SIZE)
    streamed, held = _batches(folder, stream=True), _batches(folder, stream=False)
    rounds = [(_epoch(network, streamed), _epoch(network, held)) for _ in range(ROUNDS)]
    seconds, busy = min(one for one, _ in rounds)
    return seconds, min(other for _, (other, _) in rounds), busy


def _batches(folder: str, stream: bool):
    from modules.batches import Batches
    from modules.data.splits import make_splits
    from modules.recipe import Data
    from modules.streams import Streams

    data = Data(name="folder", path=folder, image_size=SIZE, stream=stream)
    return Batches(make_splits(data, Streams(0)).train, 32, Streams(0).torch("order"))


def _epoch(network, batches) -> tuple[float, float]:
    import torch
    from torch.nn import functional as F

    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    working, started = 0.0, time.perf_counter()
    for images, labels in batches:
        step = time.perf_counter()
        optimizer.zero_grad()
        F.cross_entropy(network(images), labels).backward()
        optimizer.step()
        working += time.perf_counter() - step
    seconds = time.perf_counter() - started
    return seconds, working / seconds
