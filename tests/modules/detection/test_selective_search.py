import subprocess
import sys

import numpy as np
import pytest

from modules.data.generated import Scenes
from modules.data.scenes import make_scenes
from modules.detection.boxes import overlaps
from modules.detection.selective_search import SMALLEST, search

AGAIN = """
from modules.data.generated import Scenes
from modules.data.scenes import make_scenes
from modules.detection.selective_search import search
for scene in make_scenes(Scenes(images=10, classes=3)):
    print(search(scene.image).tobytes().hex())
"""


@pytest.mark.parametrize("size", [32, 64, 96])
@pytest.mark.parametrize("canvas", ["plain", "noise", "stripes", "clouds"])
def test_things_are_among_what_is_proposed(size, canvas):
    found = []
    for scene in make_scenes(Scenes(images=12, size=size, classes=5, canvas=canvas)):
        boxes = search(scene.image)
        assert (boxes[:, :2] >= 0).all() and (boxes[:, 2:] <= size).all()
        assert (boxes[:, 2:] - boxes[:, :2] >= SMALLEST * min(1, size / 64)).all()
        found += overlaps(scene.boxes[:, :4], boxes).max(axis=1).tolist()
    assert np.mean(np.array(found) >= 0.5) >= 0.8


def test_two_processes_propose_the_same():
    ours = "".join(search(scene.image).tobytes().hex() + "\n" for scene in make_scenes(Scenes(images=10, classes=3)))
    theirs = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True, check=True).stdout
    assert ours == theirs


def test_of_an_image_of_one_colour_the_whole_is_proposed():
    assert search(np.full((3, 20, 20), 90, dtype=np.uint8)).tolist() == [[0, 0, 20, 20]]


def test_grey_images_are_seen_as_those_of_equal_colours():
    image = make_scenes(Scenes(images=10, classes=3))[0].image
    assert np.array_equal(search(image[:1]), search(np.repeat(image[:1], 3, axis=0)))


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ValueError, match=r"needs opencv-contrib-python-headless; pip install 'ablations\[detection\]'"):
        search(np.zeros((3, 20, 20), dtype=np.uint8))
