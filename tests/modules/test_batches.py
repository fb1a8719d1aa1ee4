from itertools import chain

import pytest
import torch

from modules.batches import Batches
from modules.data.splits import Part

PART = Part(torch.arange(10.0).view(10, 1, 1, 1), torch.arange(10))


def labels(batches):
    return [batch.labels.tolist() for batch in batches]


def test_without_a_stream_images_come_as_they_lie():
    assert labels(Batches(PART, 4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


@pytest.mark.parametrize("size", [1, 3, 5, 10, 11])
def test_an_epoch_holds_every_image_once_with_its_label(size):
    batches = Batches(PART, size, torch.Generator().manual_seed(0))
    epoch = list(batches)
    assert len(epoch) == len(batches)
    assert max(len(batch.labels) for batch in epoch) == min(size, 10)
    assert sorted(chain(*labels(epoch))) == list(range(10))
    assert all(torch.equal(batch.images.flatten(), batch.labels.float()) for batch in epoch)


def test_the_stream_shuffles_anew_in_every_epoch_and_again_alike():
    one, other = (Batches(PART, 5, torch.Generator().manual_seed(3)) for _ in range(2))
    first, second = labels(one), labels(one)
    assert first != second
    assert [labels(other), labels(other)] == [first, second]


def test_the_batch_size_does_not_move_the_order():
    small, large = (chain(*labels(Batches(PART, size, torch.Generator().manual_seed(3)))) for size in (2, 7))
    assert list(small) == list(large)
