import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from modules.catalog import DATASETS
from modules.data.prepared import all_prepared
from modules.data.source import checksum, images_and_labels
from modules.data.splits import make_splits, noisy_labels
from modules.imports import load_object
from modules.recipe import Data
from modules.streams import Streams
from tests.modules.data.made import arrays, fill


def splits(seed=0, replicate=0, **settings):
    return make_splits(Data(image_size=8, **settings), Streams(seed, replicate))


def images_of(part):
    return {image.numpy().tobytes() for image in part.images}


@pytest.mark.parametrize("name", DATASETS)
def test_data_sets_are_what_the_catalog_says(name):
    card = DATASETS[name]
    images, labels = load_object(card.loader)()
    assert checksum(images, labels) == card.checksum
    assert images.shape[:2] == (card.images, card.channels)
    assert tuple(np.bincount(labels)) == card.counts
    assert len(card.counts) == card.classes


def test_other_data_under_the_same_name_are_refused(monkeypatch):
    images_and_labels.cache_clear()
    bunch = load_digits()
    bunch.images[0, 0, 0] += 1
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda: bunch)
    with pytest.raises(ValueError, match="data set 'digits' has checksum"):
        images_and_labels(Data())
    images_and_labels.cache_clear()


def test_parts_have_the_sizes_asked_for_and_all_classes():
    made = splits(train_size=200)
    assert [len(part.labels) for part in (made.train, made.val, made.test)] == [200, 180, 809]
    counts = torch.bincount(made.true_labels)
    assert counts.min() == counts.max() == 20
    for part in (made.val, made.test):
        shares = torch.bincount(part.labels) / len(part.labels)
        assert (shares - 0.1).abs().max() < 0.02


def test_no_image_is_in_two_parts():
    made = splits()
    digits = load_digits()
    total = sum(len(part.labels) for part in (made.train, made.val, made.test))
    assert total == len(digits.target)
    distinct = len({image.tobytes() for image in digits.images})
    assert len(images_of(made.train) | images_of(made.val) | images_of(made.test)) == distinct


def test_the_test_images_depend_on_neither_size_nor_noise():
    base = splits(train_size=100)
    other = splits(train_size=400, label_noise=0.5)
    assert torch.equal(base.test.labels, other.test.labels)
    assert torch.equal(base.val.labels, other.val.labels)


def test_smaller_training_sets_are_parts_of_larger_ones():
    small, large = splits(train_size=100, label_noise=0.3), splits(train_size=400, label_noise=0.3)
    assert torch.equal(large.true_labels[:100], small.true_labels)
    assert torch.equal(large.train.labels[:100], small.train.labels)


def test_seeds_split_differently_and_the_sham_alike():
    assert not torch.equal(splits(0).test.labels, splits(1).test.labels)
    assert torch.equal(splits(0, replicate=0).true_labels, splits(0, replicate=1).true_labels)


def test_mean_and_spread_are_those_of_the_training_images():
    made = splits(train_size=150)
    assert made.train.images.mean().abs() < 1e-5
    assert (made.train.images.std() - 1).abs() < 1e-5
    assert made.test.images.mean().abs() > 1e-5


@pytest.mark.parametrize("p", [0.0, 0.2, 1.0])
def test_label_noise_changes_p_times_k_minus_1_of_k_labels(p):
    labels = torch.arange(10).repeat(4000)
    noisy = noisy_labels(labels, 10, p, np.random.default_rng(0))
    assert (noisy != labels).double().mean() == pytest.approx(p * 0.9, abs=0.01)
    assert noisy.min() >= 0
    assert noisy.max() <= 9


def test_only_training_labels_carry_the_noise():
    clean, noisy = splits(train_size=300), splits(train_size=300, label_noise=0.5)
    assert torch.equal(noisy.true_labels, clean.train.labels)
    assert not torch.equal(noisy.train.labels, clean.train.labels)
    assert torch.equal(noisy.val.labels, clean.val.labels)
    assert torch.equal(noisy.test.labels, clean.test.labels)


def test_images_come_in_the_size_asked_for():
    images = all_prepared(Data().source, 28)
    assert images.shape[1:] == (1, 28, 28)
    assert images.min() >= 0
    assert images.max() <= 1


def test_too_many_training_images_get_advice():
    with pytest.raises(
        ValueError, match=r"train_size is 900, but validation and test leave 808 of 1797 images of digits; lower it or"
    ):
        Data(train_size=900)


@given(st.floats(0.02, 0.4), st.floats(0.02, 0.5))
def test_the_sizes_that_a_recipe_foresees_are_those_of_the_split(val_share, test_share):
    data = Data(image_size=8, val_share=val_share, test_share=test_share)
    made = make_splits.__wrapped__(data, Streams(0))
    assert len(made.val.labels) == data.val_size
    assert len(made.train.labels) == data.pool_size


@given(st.integers(0, 2**32 - 1), st.integers(10, 808))
def test_every_training_set_is_balanced_as_far_as_its_classes_last(seed, size):
    made = make_splits.__wrapped__(Data(image_size=8, train_size=size), Streams(seed))
    pool = make_splits.__wrapped__(Data(image_size=8), Streams(seed)).true_labels
    counts, there = torch.bincount(made.true_labels, minlength=10), torch.bincount(pool, minlength=10)
    short = counts < there
    assert counts.sum() == size
    assert not short.any() or counts[short].min() >= counts.max() - 1


def test_every_seed_is_clean_in_what_it_is_judged_by():
    """The labels of validation and test images are those that scikit-learn gives for the very same pixels."""
    digits = load_digits()
    pairs = zip(digits.images, digits.target, strict=True)
    truth = {(image / 16).astype(np.float32).tobytes(): label for image, label in pairs}
    images = all_prepared(Data().source, 8)
    made = splits(seed=4, train_size=100, label_noise=0.9)
    scale, shift = _normalisation(images, made)
    for part in (made.val, made.test):
        plain = ((part.images * scale + shift) * 16).round() / 16
        found = [truth[image.numpy().tobytes()] for image in plain]
        assert part.labels.tolist() == found


def _normalisation(images, made):
    """Spread and mean that the split took out, from the extremes, which every part has."""
    low, high = made.test.images.min(), made.test.images.max()
    return (images.max() - images.min()) / (high - low), -low / (high - low)


def test_too_large_shares_get_advice():
    with pytest.raises(ValueError, match="validation and test leave 0 of 1797 images of digits; lower val_share or"):
        Data(val_share=0.6, test_share=0.6)


@pytest.mark.parametrize("settings", [{"val_share": 0.001}, {"test_share": 0.001}, {"val_share": 0.0001}])
def test_too_small_shares_are_refused_in_the_recipe(settings):
    (share,) = settings
    with pytest.raises(
        ValueError, match=rf"{share} is .* of 1797 images of digits, fewer than the 10 classes; raise it"
    ):
        Data(**settings)


def test_no_class_may_be_left_untrained():
    with pytest.raises(ValueError, match="there are 10 classes, but validation and test leave 7 of 1797 images"):
        Data(val_share=0.45, test_share=0.5455)


@pytest.mark.parametrize("seed", range(3))
def test_digits_are_split_as_scikit_learn_splits_them(seed):
    """What recorded runs were trained on must not move: written out as it was before there were other data."""
    digits, data, streams = load_digits(), Data(image_size=8, train_size=100), Streams(seed)
    rng = streams.numpy("split")
    state = int(rng.integers(2**31))
    numbers, labels = np.arange(1797), digits.target
    rest, test = train_test_split(numbers, test_size=0.45, stratify=labels, random_state=state)
    pool, val = train_test_split(rest, test_size=180, stratify=labels[rest], random_state=state)
    made = make_splits(data, streams)
    images = torch.from_numpy((digits.images[:, None] / 16).astype(np.float32))
    scale, shift = _normalisation(images, made)
    for part, numbers in ((made.val, val), (made.test, test)):
        assert part.labels.tolist() == labels[numbers].tolist()
        assert torch.allclose(part.images * scale + shift, images[numbers], atol=1e-5)
    drawn = {image.tobytes() for image in digits.images[pool]}
    assert {
        ((image * scale + shift)[0] * 16).round().double().numpy().tobytes() for image in made.train.images
    } <= drawn


def test_mean_and_spread_are_of_the_training_images_alone(tmp_path):
    """Test images are white; normalised by their own, too, training images would have another mean."""
    images, labels = arrays(80, grey=False)
    images[40:] = 255
    np.savez(tmp_path / "made.npz", x_train=images[:40], y_train=labels[:40], x_test=images[40:], y_test=labels[40:])
    data = Data(name="npz", path=str(tmp_path / "made.npz"), image_size=10)
    made = make_splits(data, Streams(0))
    assert made.train.images.mean((0, 2, 3)).abs().max() < 1e-5
    assert (made.train.images.std((0, 2, 3)) - 1).abs().max() < 1e-5
    assert made.test.images.min() > 1


def test_smaller_training_sets_are_parts_of_larger_ones_of_a_ready_part(tmp_path):
    fill(tmp_path / "train", {"cat": 30, "dog": 30})
    fill(tmp_path / "test", {"cat": 8, "dog": 8})
    small, large = (
        make_splits(Data(name="folder", path=str(tmp_path), image_size=8, train_size=size, label_noise=0.4), Streams(1))
        for size in (20, 40)
    )
    assert torch.equal(small.train.labels, large.train.labels[:20])
    assert torch.equal(small.true_labels, large.true_labels[:20])
    assert torch.equal(small.test.labels, large.test.labels)
    assert small.test.labels.tolist() == [0] * 8 + [1] * 8
    assert torch.bincount(small.true_labels).tolist() == [10, 10]


def test_the_ready_test_part_is_the_same_under_every_seed(tmp_path):
    for part in ("train", "val", "test"):
        fill(tmp_path / part, {"cat": 12, "dog": 12})
    data = Data(name="folder", path=str(tmp_path), image_size=8, stream=True)
    one, other = (make_splits(data, Streams(seed)) for seed in (0, 1))
    assert torch.equal(one.test.images.chosen, other.test.images.chosen)
    assert torch.equal(one.val.images.chosen, other.val.images.chosen)
    assert not torch.equal(one.train.images.chosen, other.train.images.chosen)
    parts = [set(part.images.chosen.tolist()) for part in (one.train, one.val, one.test)]
    assert sorted(number for part in parts for number in part) == list(range(72))


def test_images_that_are_not_standardised_are_pixels_from_0_to_1():
    raw, images = splits(train_size=100, standardize=False), all_prepared(Data().source, 8)
    pixels = {image.numpy().tobytes() for image in images}
    for part in (raw.train, raw.val, raw.test):
        assert images_of(part) <= pixels
        assert part.images.min() == 0
        assert part.images.max() == 1


def test_the_moments_are_those_of_the_training_images_as_they_are():
    """Of scikit-learn's StandardScaler, over all pixels of a channel."""
    raw, standardised = (splits(train_size=100, standardize=standardize) for standardize in (False, True))
    scaler = StandardScaler().fit(raw.train.images.double().flatten()[:, None])
    assert raw.moments.mean.item() == pytest.approx(scaler.mean_[0], rel=1e-6)
    assert raw.moments.spread.item() == pytest.approx(scaler.scale_[0], rel=1e-3)  # by n - 1 there, by n here
    assert (standardised.moments.mean.item(), standardised.moments.spread.item()) == (0, 1)
    assert (raw.normal.mean.item(), raw.normal.spread.item()) == (0, 1)
    assert torch.equal(raw.moments.mean, standardised.normal.mean)
    assert torch.equal(raw.moments.spread, standardised.normal.spread)


def test_standardising_is_what_the_normal_does_to_the_pixels():
    raw, standardised = (splits(train_size=100, standardize=standardize) for standardize in (False, True))
    for name in ("train", "val", "test"):
        before, after = getattr(raw, name), getattr(standardised, name)
        assert torch.equal(standardised.normal.done(before.images), after.images)
        assert torch.allclose(standardised.normal.undone(after.images), before.images, atol=1e-6)
        assert torch.equal(before.labels, after.labels)


def test_on_another_device_everything_that_is_trained_on_moves():
    made = splits(train_size=20).to(torch.device("meta"))
    parts = (made.train, made.val, made.test)
    assert {tensor.device.type for part in parts for tensor in part} == {"meta"}
    assert made.true_labels.device.type == "meta"
