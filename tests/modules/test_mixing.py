import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, kstest
from torch.nn import functional as F

from modules.data.settings import Mixing
from modules.mixing import Box, Mixer, box_around, cutmix, mixup

LABELS = torch.tensor([0, 1, 2, 3, 1, 0])
TARGETS = F.one_hot(LABELS, 4).float()
NUMBERED = torch.arange(6.0)[:, None, None, None].expand(6, 1, 8, 8)
"""Every pixel says whose it is."""


def images(count=6):
    return torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def mixer(seed=0, classes=4, **how):
    return Mixer(Mixing(**how), classes, np.random.default_rng(seed))


def partners(seed=0):
    return torch.from_numpy(np.random.default_rng(seed).permutation(6))


@given(st.floats(0, 1), st.integers(0, 50))
def test_mixup_lies_on_the_line_between_the_two(share, seed):
    mixed, targets = mixup(images(), TARGETS, share, partners(seed))
    assert torch.allclose(mixed, torch.lerp(images()[partners(seed)], images(), share), atol=1e-6)
    assert torch.allclose(targets, torch.lerp(TARGETS[partners(seed)], TARGETS, share), atol=1e-6)
    assert torch.allclose(targets.sum(1), torch.ones(6))


def test_mixup_is_kornia_s():
    from kornia.augmentation import RandomMixUpV2

    theirs = RandomMixUpV2(p=1.0, data_keys=["input"])
    parameters = {"mixup_pairs": partners(), "mixup_lambdas": torch.full((6,), 0.3), "batch_prob": torch.ones(6)}
    expected = theirs(images(), params={**parameters, "dtype": torch.tensor(0)})  # theirs is the partner's share
    assert torch.allclose(mixup(images(), TARGETS, 0.7, partners())[0], expected, atol=1e-6)


@pytest.mark.parametrize(("share", "whose"), [(1.0, "own"), (0.0, "partner's")])
def test_mixup_s_ends_are_whole_images(share, whose):
    places = torch.arange(6) if whose == "own" else partners()
    mixed, targets = mixup(images(), TARGETS, share, partners())
    assert torch.equal(mixed, images()[places])
    assert torch.equal(targets, TARGETS[places])


boxes = st.tuples(*[st.integers(0, 8)] * 4).map(
    lambda ends: Box(min(ends[0], ends[2]), min(ends[1], ends[3]), max(ends[0], ends[2]), max(ends[1], ends[3]))
)


@given(boxes, st.integers(0, 50))
def test_labels_of_cutmix_go_by_the_pixels_that_each_image_has(box, seed):
    mixed, targets = cutmix(NUMBERED, torch.eye(6), box, partners(seed))
    pixels = torch.stack([(mixed == number).float().mean((1, 2, 3)) for number in range(6)], dim=1)
    assert torch.equal(targets, pixels)


@given(boxes)
def test_cutmix_takes_the_box_from_the_partner_and_all_else_from_the_image(box):
    given_images = images()
    mixed, targets = cutmix(given_images, TARGETS, box, partners())
    inside = torch.zeros(8, 8, dtype=torch.bool)
    inside[box.top : box.bottom, box.left : box.right] = True
    assert torch.equal(mixed, torch.where(inside, images()[partners()], images()))
    assert torch.equal(given_images, images())
    assert torch.allclose(targets.sum(1), torch.ones(6))


def authors_box(side, share, row, column):
    """The authors' own rule."""
    cut = int(side * np.sqrt(1.0 - share))
    ends = np.clip([row - cut // 2, column - cut // 2, row + cut // 2, column + cut // 2], 0, side)
    return tuple(map(int, ends))


@given(st.integers(8, 64), st.floats(0, 1), st.data())
def test_the_box_is_the_authors(side, share, data):
    row, column = (data.draw(st.integers(0, side - 1)) for _ in range(2))
    assert box_around(row, column, share, side) == authors_box(side, share, row, column)


def test_off_returns_images_and_labels_as_they_are():
    given_images = images()
    assert mixer()(given_images, LABELS) == (given_images, LABELS)


@pytest.mark.parametrize("how", [{"mixup": 0.2}, {"cutmix": 1.0}, {"mixup": 1.0, "cutmix": 1.0}])
@pytest.mark.parametrize("seed", range(5))
def test_targets_are_shares_of_every_class(how, seed):
    mixed, targets = mixer(seed, **how)(images(), LABELS)
    assert mixed.shape == images().shape
    assert mixed.dtype == targets.dtype == torch.float32
    assert targets.shape == (6, 4)
    assert (targets >= 0).all()
    assert torch.allclose(targets.sum(1), torch.ones(6))


def test_the_share_is_that_of_a_beta_distribution():
    mix = mixer(mixup=0.4, classes=6)
    zero_and_one = torch.tensor([0.0, 1.0])[:, None, None, None]
    shares = [mix(zero_and_one, torch.tensor([0, 1]))[1][0, 0].item() for _ in range(4000)]
    kept = [share for share in shares if share < 1]  # where partners are themselves, it does not show
    assert 0.45 < len(kept) / len(shares) < 0.55
    assert kstest(kept, beta(0.4, 0.4).cdf).pvalue > 0.001


@pytest.mark.parametrize("kind", ["mixup", "cutmix"])
@given(seed=st.integers(0, 200))
def test_with_a_tiny_alpha_every_image_is_one_of_the_pair(kind, seed):
    mixed, targets = mixer(seed, classes=6, **{kind: 1e-6})(NUMBERED, torch.arange(6))
    if kind == "mixup":
        whole = targets.max(1).values > 1 - 1e-6
        assert whole.all()
        assert torch.allclose(mixed[:, 0, 0, 0], targets.argmax(1).float(), atol=1e-4)
    else:  # the partner's box may be cut off at the border
        assert torch.equal(targets, torch.stack([(mixed == n).float().mean((1, 2, 3)) for n in range(6)], dim=1))


def test_where_both_are_on_a_batch_draws_one_of_them():
    mix = mixer(mixup=1.0, cutmix=1.0, classes=6)
    pasted = [bool((mix(NUMBERED, torch.arange(6))[0] % 1 == 0).all()) for _ in range(400)]
    assert sum(pasted) / len(pasted) == pytest.approx(0.5, abs=0.08)


def test_the_stream_alone_decides():
    one, other, third = (mixer(seed, cutmix=1.0)(images(), LABELS)[0] for seed in (1, 1, 2))
    assert torch.equal(one, other)
    assert not torch.equal(one, third)
