"""One run: the same numbers bit for bit, paired with every other arm of its seed, and an end that is a result."""

import math
import random

import numpy as np
import pytest
import torch

import modules.training
from ablations.arms import Arm
from ablations.factors import FACTORS
from ablations.factors.activation import Activation
from ablations.factors.architecture import Architecture
from ablations.factors.augmentation import Augmentation
from ablations.factors.batchnorm import BatchNorm
from ablations.factors.convolution import Convolution
from ablations.factors.dropout import Dropout
from ablations.factors.init import Init
from ablations.factors.optimizer import Optimizer
from ablations.factors.remove import Remove
from ablations.factors.sham import Sham
from ablations.factors.subsampling import Subsampling
from ablations.factors.weight_decay import WeightDecay
from ablations.factors.width import Width
from modules.batches import Batches
from modules.build import build
from modules.data.splits import make_splits
from modules.recipe import Data, Recipe, Schedule, Sgd, Trainer
from modules.streams import Streams
from modules.training import train

BASELINE = Recipe(data=Data(train_size=40, label_noise=0.2, image_size=32), trainer=Trainer(epochs=2, batch_size=16))
LEVELS = [
    Dropout(), BatchNorm(), WeightDecay(), Init(), Optimizer(), Augmentation(shift=0.1, rotate=15.0, flip=0.5),
    Architecture(name="mlp"), Width(), Remove(name="relu1"), Convolution(), Subsampling(), Activation(),
]  # fmt: skip
NOT_HERE = {"depth", "skip", "auxiliary"}
"""Factors of which LeNet-5 has nothing to change."""
ARMS = {level.factor: Arm(level.factor, (level,)).recipe(BASELINE) for level in LEVELS}
SHAM = Sham().apply(BASELINE)
every_arm = pytest.mark.parametrize("recipe", ARMS.values(), ids=ARMS)


def numbers(outcome):
    clocked = {name: value for name, value in outcome.metrics.items() if name != "seconds"}
    weights = {name: tensor.numpy().tobytes() for name, tensor in outcome.weights.items()}
    return clocked, outcome.curves, weights


@pytest.fixture
def seen(monkeypatch):
    """What training draws from: the batches, in order, and the state of torch's generator when it begins."""
    log = {"images": [], "labels": [], "forward": []}
    iterate, lean = Batches.__iter__, modules.training.lean_trainer

    def watched(self):
        for batch in iterate(self):
            if self.order is not None:
                log["images"].append(batch.images.clone())
                log["labels"].append(batch.labels.clone())
            yield batch

    def began(*args):
        log["forward"].append(torch.random.get_rng_state())
        return lean(*args)

    monkeypatch.setattr(Batches, "__iter__", watched)
    monkeypatch.setattr(modules.training, "lean_trainer", began)
    return log


def taken(log):
    found = {name: list(values) for name, values in log.items()}
    for values in log.values():
        values.clear()
    return found


def same(one, other):
    return len(one) == len(other) and all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_arms_here_cover_every_factor():
    assert {*ARMS, *NOT_HERE, "sham"} == set(FACTORS)


@every_arm
def test_every_arm_sees_the_same_images_and_noisy_labels_in_the_same_order(recipe, seen):
    train(BASELINE, seed=1)
    base = taken(seen)
    train(recipe, seed=1)
    arm = taken(seen)
    assert same(arm["images"], base["images"])
    assert same(arm["labels"], base["labels"])
    assert same(arm["forward"], base["forward"])
    assert len(base["labels"]) == 2 * 3


@pytest.mark.parametrize("level", LEVELS, ids=ARMS)
def test_every_arm_starts_from_the_same_weights_but_where_it_redraws_them(level):
    base, arm = build(BASELINE, 1).state_dict(), build(level.apply(BASELINE), 1).state_dict()
    alike = {name for name in base.keys() & arm.keys() if base[name].shape == arm[name].shape}
    kept = {name for name in alike if torch.equal(base[name], arm[name])}
    assert not kept if level.factor == "init" else kept == alike or level.redraws


def test_the_sham_sees_the_same_images_but_in_another_order_from_other_weights(seen):
    train(BASELINE, seed=1)
    base = taken(seen)
    train(SHAM, seed=1)
    sham = taken(seen)
    assert not same(sham["labels"], base["labels"])
    assert not same(sham["forward"], base["forward"])
    assert first_epoch(sham) == first_epoch(base)
    ours, theirs = (build(recipe, 1).state_dict() for recipe in (BASELINE, SHAM))
    assert not any(torch.equal(ours[name], theirs[name]) for name in ours)


def first_epoch(log):
    """The images and labels of the first epoch, whatever their order."""
    batches = zip(log["images"][:3], log["labels"][:3], strict=True)
    return sorted(
        (image.numpy().tobytes(), int(label))
        for images, labels in batches
        for image, label in zip(images, labels, strict=True)
    )


def test_order_and_labels_differ_between_seeds(seen):
    train(BASELINE, seed=1)
    one = taken(seen)
    train(BASELINE, seed=2)
    assert not same(taken(seen)["labels"], one["labels"])


@every_arm
def test_the_same_run_gives_the_same_numbers_whatever_ran_before(recipe):
    first = numbers(train(recipe, seed=3))
    train(BASELINE, seed=4)
    torch.manual_seed(99)
    torch.rand(7)
    assert numbers(train(recipe, seed=3)) == first


def test_another_seed_gives_other_numbers():
    assert numbers(train(BASELINE, seed=3)) != numbers(train(BASELINE, seed=4))


def test_training_leaves_everything_that_is_measured():
    heard = []
    outcome = train(BASELINE, 0, on_epoch=lambda epoch, point: heard.append((epoch, point)))
    assert outcome.status == "finished"
    assert outcome.device == "cpu"
    assert {
        "train_accuracy", "train_accuracy_clean", "val_accuracy", "test_accuracy", "gap", "test_loss",
        "test_calibration_error", "epochs", "seconds", "parameters", "macs",
    } == outcome.metrics.keys()  # fmt: skip
    assert (outcome.metrics["parameters"], outcome.metrics["macs"], outcome.metrics["epochs"]) == (61_706, 416_520, 2)
    assert [epoch for epoch, _ in heard] == [1, 2]
    assert [point["val_loss"] for _, point in heard] == outcome.curves["val_loss"]
    assert all(len(curve) == 2 for curve in outcome.curves.values())


def test_the_last_validation_point_is_the_final_validation_accuracy():
    outcome = train(BASELINE, 0)
    assert outcome.curves["val_accuracy"][-1] == pytest.approx(outcome.metrics["val_accuracy"])


def test_a_loss_that_is_not_finite_ends_the_run_as_diverged_with_its_last_finite_numbers():
    exploding = BASELINE.model_copy(update={"optimizer": Sgd(name="sgd", lr=1e6)})
    outcome = train(exploding, 0)
    assert outcome.status == "diverged"
    assert all(math.isfinite(value) for value in outcome.metrics.values())
    assert outcome.metrics["epochs"] < 2


def test_it_learns():
    recipe = Recipe(data=Data(train_size=200, image_size=32), trainer=Trainer(epochs=12, batch_size=16))
    curves = train(recipe, 0).curves
    assert curves["train_loss"][-1] < 0.5 * curves["train_loss"][0]
    assert curves["val_accuracy"][-1] > 60


def test_zero_weights_stay_at_the_rate_of_the_majority_class():
    zeros = Init(scheme="zeros").apply(BASELINE)
    outcome = train(zeros.model_copy(update={"trainer": Trainer(epochs=4, batch_size=16)}), 0)
    majority = 100 * 83 / 809  # the most frequent class of the test images
    assert outcome.metrics["test_accuracy"] <= majority + 0.2


def test_a_cosine_schedule_ends_at_zero(monkeypatch):
    rates = []
    step = torch.optim.SGD.step
    monkeypatch.setattr(
        torch.optim.SGD, "step", lambda self, **k: (rates.append(self.param_groups[0]["lr"]), step(self, **k))[1]
    )
    train(
        BASELINE.model_copy(update={"schedule": Schedule(name="cosine"), "trainer": Trainer(epochs=4, batch_size=40)}),
        0,
    )
    expected = [0.02 * (1 + math.cos(math.pi * epoch / 4)) / 2 for epoch in range(4)]
    assert rates == pytest.approx(expected)


def forward_state(recipe, seed):
    """torch's global generator as the forward stream leaves it before the first draw."""
    torch.manual_seed(Streams(seed, recipe.replicate).number("forward"))
    return torch.get_rng_state()


@pytest.mark.parametrize("recipe", [*ARMS.values(), SHAM], ids=[*ARMS, "sham"])
def test_only_dropout_draws_from_torchs_global_generator(recipe):
    train(recipe, seed=5)
    moved = not torch.equal(torch.get_rng_state(), forward_state(recipe, 5))
    assert moved == (recipe == ARMS["dropout"])


def test_augmentation_does_not_move_the_masks_of_dropout():
    states = []
    for recipe in (ARMS["dropout"], Augmentation(rotate=20.0).apply(ARMS["dropout"])):
        train(recipe, seed=5)
        states.append(torch.get_rng_state())
    assert torch.equal(*states)


def test_no_other_library_s_generator_is_touched():
    before = random.getstate(), np.random.get_state()[1].tobytes()
    train(ARMS["dropout"], seed=5)
    assert (random.getstate(), np.random.get_state()[1].tobytes()) == before


def test_everything_at_once_sees_what_the_baseline_sees(seen):
    train(BASELINE, seed=1)
    base = taken(seen)
    here = tuple(level for level in LEVELS if level.factor != "architecture")  # which would leave the others nothing
    everything = Arm("everything", here).recipe(BASELINE)
    train(everything, seed=1)
    together = taken(seen)
    assert same(together["images"], base["images"])
    assert same(together["labels"], base["labels"])
    assert same(together["forward"], base["forward"])


def test_the_order_is_drawn_anew_in_every_epoch(seen):
    train(BASELINE, seed=1)
    labels = taken(seen)["labels"]
    assert not same(labels[:3], labels[3:])
    assert torch.equal(torch.cat(labels[:3]).sort().values, torch.cat(labels[3:]).sort().values)


def test_accuracies_are_measured_on_plain_images():
    """With a learning rate too small to move a weight, an augmented run is the plain one but for its curves."""
    still = BASELINE.model_copy(update={"optimizer": Sgd(name="sgd", lr=1e-30)})
    plain, augmented = (train(recipe, 0) for recipe in (still, Augmentation(rotate=90.0).apply(still)))
    assert numbers(plain)[0] == numbers(augmented)[0]
    assert plain.curves["val_loss"] == augmented.curves["val_loss"]
    assert plain.curves["train_loss"] != augmented.curves["train_loss"]


def test_a_diverged_run_keeps_the_weights_and_numbers_of_its_last_finite_epoch(monkeypatch):
    one_epoch = train(BASELINE.model_copy(update={"trainer": Trainer(epochs=1, batch_size=16)}), 0)

    def poisoned(recipe, seed):
        network, batches = build(recipe, seed), []

        def poison(module, args):
            batches.extend([1] * module.training)
            return (args[0] * float("nan"),) if module.training and len(batches) > 4 else None

        network.register_forward_pre_hook(poison)
        return network

    monkeypatch.setattr(modules.training, "build", poisoned)
    outcome = train(BASELINE, 0)
    assert outcome.status == "diverged"
    assert numbers(outcome) == numbers(one_epoch)


def test_a_diverged_run_diverges_again_with_the_same_numbers():
    exploding = BASELINE.model_copy(update={"optimizer": Sgd(name="sgd", lr=1e6)})
    assert numbers(train(exploding, 0)) == numbers(train(exploding, 0))


def test_zero_weights_answer_with_the_majority_class_and_nothing_else():
    """The only gradient is that of the last bias, so full batches end at the commonest of the labels trained on."""
    whole = BASELINE.model_copy(update={"trainer": Trainer(epochs=3, batch_size=40)})
    outcome = train(Init(scheme="zeros").apply(whole), 0)
    splits = make_splits(whole.data, Streams(0))
    counts = torch.bincount(splits.train.labels, minlength=10)
    assert outcome.metrics["train_accuracy"] == pytest.approx(100 * int(counts.max()) / 40)
    shares = {round(100 * int(count) / 809, 6) for count in torch.bincount(splits.test.labels)}
    assert round(outcome.metrics["test_accuracy"], 6) in shares
    assert not any(weight.any() for name, weight in outcome.weights.items() if name != "fc3.bias")


def test_an_interrupt_is_an_interrupt():
    def interrupt(epoch, point):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(BASELINE, 0, on_epoch=interrupt)


def test_what_on_epoch_raises_is_not_swallowed():
    def fail(epoch, point):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        train(BASELINE, 0, on_epoch=fail)
