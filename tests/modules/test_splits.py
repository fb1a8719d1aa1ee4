import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from modules.catalog import DATASETS
from modules.data.source import checksum, images_and_labels
from modules.data.splits import make_splits, noisy_labels
from modules.imports import load_object
from modules.recipe import Data
from modules.streams import Streams


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
    assert len(np.unique(labels)) == card.classes


def test_other_data_under_the_same_name_are_refused(monkeypatch):
    images_and_labels.cache_clear()
    bunch = load_digits()
    bunch.images[0, 0, 0] += 1
    monkeypatch.setattr("modules.data.digits.load_digits", lambda: bunch)
    with pytest.raises(ValueError, match="data set 'digits' has checksum"):
        images_and_labels("digits", 8)
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
    images, _, _ = images_and_labels("digits", 28)
    assert images.shape[1:] == (1, 28, 28)
    assert images.min() >= 0
    assert images.max() <= 1


def test_too_many_training_images_get_advice():
    with pytest.raises(
        ValueError, match=r"train_size is 900, but validation and test leave 808 of 1797 images of digits; lower it"
    ):
        Data(train_size=900)
