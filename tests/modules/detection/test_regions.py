import numpy as np
import pytest
import torch
from torch.nn import functional as F

from modules.data.normal import Normal
from modules.detection import regions
from modules.detection.regions import PUBLISHED, Warper, make_regions

MEAN, SPREAD = torch.tensor([0.2, 0.4, 0.6])[:, None, None], torch.tensor([0.5, 1.0, 2.0])[:, None, None]
TRUTH = np.array([[[0, 0, 10, 10, 1], [20, 20, 30, 30, 0]], [[-1] * 5] * 2], dtype=np.float32)


def warper(images, size=16, context=0, standardize=False):
    return Warper(images - MEAN, Normal(MEAN, SPREAD), standardize, size, context)


@pytest.fixture
def images():
    return torch.rand(2, 3, 16, 16)


def warped(images, box, **how):
    return warper(images, **how).warp(np.array([1]), np.array([box], dtype=np.float32))[0]


def test_a_whole_image_comes_as_it_is(images):
    torch.testing.assert_close(warped(images, [0, 0, 16, 16]), images[1])
    normal = (images[1] - MEAN) / SPREAD
    torch.testing.assert_close(warped(images, [0, 0, 16, 16], standardize=True), normal)


def test_a_region_is_cut_out(images):
    torch.testing.assert_close(warped(images, [4, 2, 12, 10], size=8), images[1, :, 2:10, 4:12])


def test_it_is_stretched_each_way_as_torch_does(images):
    theirs = F.interpolate(images[1:, :, 2:6, 4:12], size=(32, 32), mode="bilinear", align_corners=False)[0]
    ours = warped(images, [4, 2, 12, 6], size=32)
    torch.testing.assert_close(ours[:, 4:-4, 4:-4], theirs[:, 4:-4, 4:-4])


def test_many_at_a_time_are_what_they_are_one_by_one(images, monkeypatch):
    image, boxes = np.array([0, 1, 1, 0, 1]), np.array([[0, 0, 9, 9 + number] for number in range(5)])
    whole = warper(images).warp(image, boxes.astype(np.float32))
    monkeypatch.setattr(regions, "AT_ONCE", 2)
    assert torch.equal(warper(images).warp(image, boxes.astype(np.float32)), whole)
    assert warper(images).warp(image[:0], boxes[:0].astype(np.float32)).shape == (0, 3, 16, 16)


@pytest.mark.parametrize("standardize", [False, True])
def test_what_lies_outside_is_the_mean_pixel(images, standardize):
    square = warped(images, [8, 8, 24, 24], standardize=standardize)
    outside = torch.zeros(3, 1, 1) if standardize else MEAN
    torch.testing.assert_close(square[:, 9:, 9:], outside.expand(3, 7, 7))


def test_context_is_so_many_pixels_of_the_published_side():
    picture = torch.zeros(1, 3, 400, 400)
    picture[:, :, 100:200, 100:300] = 1
    square = Warper(picture, Normal(MEAN * 0, SPREAD), False, PUBLISHED, 16)
    region = square.warp(np.array([0]), np.array([[100, 100, 300, 200]], dtype=np.float32))[0, 0]
    assert (region > 0.5).any(0).nonzero().flatten().tolist() == list(range(16, PUBLISHED - 16))
    assert (region > 0.5).any(1).nonzero().flatten().tolist() == list(range(16, PUBLISHED - 16))


def test_a_region_shows_what_it_overlaps_by_half():
    proposed = [np.array([[0, 0, 10, 10], [0, 0, 10, 5], [0, 0, 10, 4.9], [21, 21, 31, 31]]), np.array([[0, 0, 5, 5]])]
    made = make_regions([one.astype(np.float32) for one in proposed], TRUTH, classes=3)
    assert made.labels.tolist() == [1, 1, 3, 0, 3]
    assert made.image.tolist() == [0, 0, 0, 0, 1]
    assert made.overlap[0].tolist() == [0, 1, 0]
    assert made.nearest[3, 0].tolist() == [20, 20, 30, 30]
    assert (made.thing == -1).all()


def test_the_boxes_of_things_may_join():
    empty = [np.zeros((0, 4), dtype=np.float32)] * 2
    made = make_regions(empty, TRUTH, classes=3, with_truth=True)
    assert made.boxes.tolist() == TRUTH[0, :, :4].tolist()
    assert made.thing.tolist() == [1, 0]
    assert made.labels.tolist() == [1, 0]
