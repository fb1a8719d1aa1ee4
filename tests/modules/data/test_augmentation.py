"""The kinds of augmentation together."""

import pytest
import torch

from modules.data.augmentation import Augmenter
from modules.data.augmenting.affine import affine
from modules.data.normal import Normal
from modules.data.settings import Augmentation, RandAugment
from modules.streams import Streams

RAW = Normal(torch.zeros(1, 1, 1), torch.ones(1, 1, 1))
GREY = torch.full((1, 1, 1), 0.5)
KINDS = {
    "affine": {"shift": 0.1, "rotate": 15.0},
    "crop": {"crop": 0.125},
    "cutout": {"cutout": 0.25},
    "randaugment": {"randaugment": RandAugment(operations=2)},
}


def augmenter(*kinds, seed=3):
    settings = {name: value for kind in kinds for name, value in KINDS[kind].items()}
    return Augmenter(Augmentation(**settings), Streams(seed), RAW, GREY)


def images():
    return torch.rand(16, 1, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("how", [Augmentation(), Augmentation(randaugment=RandAugment(operations=0, magnitude=3))])
def test_off_returns_the_images_as_they_are(how):
    given_images = images()
    assert how.off
    assert Augmenter(how, Streams(0), RAW, GREY)(given_images) is given_images


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_on_by_itself_and_draws_anew_for_every_batch(kind):
    augment = augmenter(kind)
    assert not augment.how.off
    first, second = augment(images()), augment(images())
    assert not torch.equal(first, images())
    assert not torch.equal(first, second)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_streams_give_the_same_images(kind):
    one, other, third = (augmenter(kind, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(one(images()), other(images()))
    assert not torch.equal(one(images()), third(images()))


def test_the_affine_map_draws_from_the_purpose_s_own_stream():
    how = Augmentation(**KINDS["affine"])
    assert torch.equal(augmenter("affine")(images()), affine(images(), how, Streams(3).torch("augmentation")))


@pytest.mark.parametrize("other", ["affine", "crop", "randaugment"])
def test_switching_a_kind_on_does_not_move_the_holes(other):
    """Cutout comes last, so that they stay visible."""
    alone, together = augmenter("cutout"), augmenter("cutout", other)
    for _ in range(3):
        holes = alone(images()) == 0.5
        assert holes.any((1, 2, 3)).all()
        assert (together(images())[holes] == 0.5).all()


@pytest.mark.parametrize("other", ["cutout", "crop", "randaugment"])
def test_switching_a_kind_on_does_not_move_the_affine_draws(other, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "modules.data.augmentation.affine", lambda images, how, generator: seen.append(generator.get_state()) or images
    )
    augmenter("affine")(images())
    augment = augmenter("affine", other)
    augment(images())
    assert torch.equal(*seen)


def test_images_arrive_as_they_were_normalised_and_holes_are_the_mean_pixel():
    """The same images, standardised or not, become the same pixels."""
    normal = Normal(torch.full((1, 1, 1), 0.4), torch.full((1, 1, 1), 0.3))
    how = Augmentation(crop=0.25, cutout=0.5)
    raw = Augmenter(how, Streams(0), normal.identity, normal.mean)(images())
    standardised = Augmenter(how, Streams(0), normal, torch.zeros(1, 1, 1))(normal.done(images()))
    assert torch.allclose(normal.undone(standardised), raw, atol=1e-6)
    assert (raw == 0.4).any()  # a hole
    assert (raw == 0).any()  # a border


@pytest.mark.parametrize("kind", ["affine", "crop"])
def test_masks_move_with_their_images_by_the_draws_of_images_alone(kind):
    masks = torch.zeros(16, 16, 16, dtype=torch.long)
    masks[:, 4:12, 5:11] = 7
    with_masks, alone = augmenter(kind), augmenter(kind)
    for _ in range(2):
        moved, moved_masks = with_masks.with_masks(masks[:, None].float(), masks)
        assert torch.equal(moved, alone(masks[:, None].float()))
        assert set(moved_masks.unique().tolist()) == {0, 7}
        assert moved_masks.dtype == masks.dtype
        assert ((moved[:, 0] > 3.5) == (moved_masks == 7)).double().mean() > 0.97
