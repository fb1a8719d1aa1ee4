import pytest
import torch
from scipy.stats import chisquare

from modules.data.augmenting import operations
from modules.data.augmenting.randaugment import randaugment
from modules.data.normal import Normal
from modules.data.settings import RandAugment

NORMAL = Normal(torch.tensor([0.2, 0.5, 0.7])[:, None, None], torch.tensor([0.3, 0.1, 0.2])[:, None, None])
TWO = RandAugment(operations=2, magnitude=9)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def drawn(monkeypatch):
    """What is drawn: for each operation in a row, the kinds, the signs, the size."""
    log = []
    monkeypatch.setattr(operations, "operated", lambda pixels, *how: log.append(how) or pixels)
    return log


@pytest.mark.parametrize("magnitude", [0, 30])
def test_no_operations_return_the_images_as_they_are(magnitude):
    images = torch.rand(3, 1, 8, 8)
    assert randaugment(images, RandAugment(operations=0, magnitude=magnitude), NORMAL, generator()) is images


def test_every_image_draws_for_itself_every_operation_equally_often_both_ways(drawn):
    randaugment(torch.rand(7000, 3, 4, 4), TWO, NORMAL, generator())
    (first, signs, size), (second, _, _) = drawn
    assert size == pytest.approx(0.3)
    for kinds in (first, second):
        assert chisquare(kinds.bincount(minlength=14).numpy()).pvalue > 0.001
    assert (first == second).double().mean() == pytest.approx(1 / 14, abs=0.01)  # with replacement
    assert set(signs.tolist()) == {1, -1}
    assert signs.double().mean() == pytest.approx(0, abs=0.04)


def test_it_works_on_pixels_whatever_they_were_normalised_by():
    pixels = torch.rand(64, 3, 8, 8)
    images = randaugment(NORMAL.done(pixels), TWO, NORMAL, generator())
    raw = randaugment(pixels, TWO, NORMAL.identity, generator())
    assert torch.isclose(NORMAL.undone(images), raw, atol=1e-4).double().mean() > 0.999  # some lie on a step
    assert not torch.allclose(raw, pixels, atol=0.1)


def test_the_stream_alone_decides():
    images = torch.rand(16, 1, 8, 8)
    how = RandAugment(operations=3, magnitude=20)
    raw = Normal(torch.zeros(1, 1, 1), torch.ones(1, 1, 1))
    one, other, third = (randaugment(images, how, raw, generator(seed)) for seed in (5, 5, 6))
    assert torch.equal(one, other)
    assert not torch.equal(one, third)
