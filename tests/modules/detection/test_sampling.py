import numpy as np
import pytest
import torch

from modules.data.normal import Normal
from modules.detection.regions import Regions, Warper
from modules.detection.sampling import RegionBatches

IDENTITY = Normal(torch.zeros(1, 1, 1), torch.ones(1, 1, 1))


def regions(shown):
    count, boxes = len(shown), np.tile(np.array([[0, 0, 8, 8]], dtype=np.float32), (len(shown), 1))
    overlap = np.array([[1.0, 0.0] if one else [0.1, 0.2] for one in shown])
    return Regions(np.zeros(count, dtype=np.int64), boxes, np.full(count, -1), overlap, np.zeros((count, 2, 4)))


def batches(shown, size=32, count=320, seed=0):
    warper = Warper(torch.rand(1, 1, 8, 8), IDENTITY, True, 8, 0)
    return RegionBatches(warper, regions(shown), size, count, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("size", [1, 2, 4, 32, 33])
def test_a_quarter_of_every_batch_shows_things(size):
    made = batches([1, 0, 0, 0, 0, 0, 0, 0], size)
    assert len(list(made)) == len(made) == round(320 / size)
    for images, labels in made:
        assert images.shape == (size, 1, 8, 8)
        assert (labels == 0).sum() == max(1, round(size / 4))
        assert ((labels == 0) | (labels == 2)).all()


def test_all_show_things_where_there_is_nothing_else():
    for _, labels in batches([1, 1]):
        assert (labels == 0).all()


def test_regions_are_drawn_anew_in_every_epoch_and_alike_for_a_seed():
    one, other = batches([0, 1] * 20, seed=3), batches([0, 1] * 20, seed=3)
    first, second = one._rows().tolist(), one._rows().tolist()
    assert first != second
    assert [first, second] == [other._rows().tolist(), other._rows().tolist()]
