from itertools import chain

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from modules.batches import Batches, even_batches
from modules.data.splits import Part

PART = Part(torch.arange(10.0).view(10, 1, 1, 1), torch.arange(10))


def labels(batches):
    return [batch.labels.tolist() for batch in batches]


def test_without_a_stream_images_come_as_they_lie():
    assert labels(Batches(PART, 4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


@pytest.mark.parametrize("size", [1, 4, 5, 10, 11])
def test_an_epoch_holds_every_image_once_with_its_label(size):
    batches = Batches(PART, size, torch.Generator().manual_seed(0))
    epoch = list(batches)
    assert len(epoch) == len(batches)
    assert max(len(batch.labels) for batch in epoch) == min(size, 10)
    assert sorted(chain(*labels(epoch))) == list(range(10))
    assert all(torch.equal(batch.images.flatten(), batch.labels.float()) for batch in epoch)


@pytest.mark.parametrize(("size", "sizes"), [(3, [3, 3, 4]), (9, [10]), (1, [1] * 10), (4, [4, 4, 2])])
def test_a_rest_of_one_image_joins_the_batch_before_it(size, sizes):
    batches = Batches(PART, size, torch.Generator().manual_seed(0))
    assert [len(batch.labels) for batch in batches] == sizes
    assert len(batches) == len(sizes)


def test_a_batch_norm_trains_on_any_number_of_images():
    norm = torch.nn.BatchNorm1d(1)
    for images, _ in Batches(PART, 3, torch.Generator().manual_seed(0)):
        norm(images.view(-1, 1))


def test_the_stream_shuffles_anew_in_every_epoch_and_again_alike():
    one, other = (Batches(PART, 5, torch.Generator().manual_seed(3)) for _ in range(2))
    first, second = labels(one), labels(one)
    assert first != second
    assert [labels(other), labels(other)] == [first, second]


def test_the_batch_size_does_not_move_the_order():
    small, large = (chain(*labels(Batches(PART, size, torch.Generator().manual_seed(3)))) for size in (2, 7))
    assert list(small) == list(large)


CHOSEN = torch.tensor([7, 7, 2, 9, 7])


def test_chosen_images_come_as_often_as_they_are_chosen():
    assert labels(Batches(PART, 2, chosen=CHOSEN)) == [[7, 7], [2, 9, 7]]
    shuffled = Batches(PART, 2, torch.Generator().manual_seed(0), CHOSEN)
    epochs = [list(shuffled) for _ in range(2)]
    assert len(shuffled) == len(epochs[0]) == 2
    for epoch in epochs:
        assert sorted(chain(*labels(epoch))) == [2, 7, 7, 7, 9]
        assert all(torch.equal(batch.images.flatten(), batch.labels.float()) for batch in epoch)
    assert labels(epochs[0]) != labels(epochs[1])


def test_all_images_chosen_once_come_in_the_order_in_which_they_would_come_anyway():
    given, plain = (Batches(PART, 4, torch.Generator().manual_seed(3), chosen) for chosen in (torch.arange(10), None))
    assert labels(given) == labels(plain)


@given(st.integers(1, 3000), st.integers(1, 600))
def test_even_batches_hold_every_image_once_and_none_is_a_rest(count, largest):
    part = Part(torch.empty(count, 0), torch.arange(count))
    batches = even_batches(part, largest)
    sizes = [len(batch.labels) for batch in batches]
    assert sum(sizes) == count
    assert max(sizes) <= largest
    assert len(sizes) <= -(-count // largest)
    assert max(sizes) - min(sizes) < len(sizes)
    assert len(even_batches(part, largest, torch.zeros(7, dtype=torch.long))) == -(-7 // largest)
