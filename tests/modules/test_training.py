"""One run: the same numbers bit for bit, paired with every other arm of its seed, and an end that is a result."""

import math
import random

import numpy as np
import pandas as pd
import pytest
import torch
from torch.optim.swa_utils import update_bn

import modules.fitting
import modules.member
from ablations.arms import Arm
from ablations.factors.augmentation import Augmentation
from ablations.factors.averaging import Averaging
from ablations.factors.bagging import Bagging
from ablations.factors.batchnorm import BatchNorm
from ablations.factors.cutmix import CutMix
from ablations.factors.cutout import Cutout
from ablations.factors.disturb_label import DisturbLabel
from ablations.factors.dropout import Dropout
from ablations.factors.early_stopping import EarlyStopping
from ablations.factors.gradient_clipping import GradientClipping
from ablations.factors.gradient_noise import GradientNoise
from ablations.factors.init import Init
from ablations.factors.input_noise import InputNoise
from ablations.factors.l1 import L1
from ablations.factors.max_norm import MaxNorm
from ablations.factors.mixup import Mixup
from ablations.factors.randaugment import RandAugment
from ablations.factors.sam import Sam
from ablations.factors.sham import Sham
from ablations.factors.standardization import Standardization
from ablations.factors.train_size import TrainSize
from ablations.factors.weight_noise import WeightNoise
from modules.batches import Batches
from modules.build import build, parameter_count
from modules.data.splits import make_splits
from modules.recipe import Data, Model, Recipe
from modules.settings import Averaging as HowAveraged
from modules.settings import Cosine, Ensemble, Sgd, Stopping, Trainer
from modules.streams import Streams
from modules.training import mean_curves, train
from tests.ablations.members import MEMBERS

BASELINE = Recipe(data=Data(train_size=40, label_noise=0.2, image_size=32), trainer=Trainer(epochs=2, batch_size=16))
LEVELS = [one.strong for name, one in MEMBERS.items() if name != "sham" and "lenet5" not in one.no_effect]
"""A level of every factor that finds something to change in LeNet-5."""
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
    iterate, lean = Batches.__iter__, modules.fitting.lean_trainer

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
    monkeypatch.setattr(modules.fitting, "lean_trainer", began)
    return log


def taken(log):
    found = {name: list(values) for name, values in log.items()}
    for values in log.values():
        values.clear()
    return found


def same(one, other):
    return len(one) == len(other) and all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


OTHER_IMAGES = {"train_size", "bagging"}
"""Factors that are about which images are trained on."""


def first_member(log):
    """What the first network of an ensemble draws from, or the one network that there is."""
    return {"images": log["images"][:6], "labels": log["labels"][:6], "forward": log["forward"][:1]}


@pytest.mark.parametrize("factor", [factor for factor in ARMS if factor not in OTHER_IMAGES])
def test_every_arm_sees_the_same_images_and_noisy_labels_in_the_same_order(factor, seen):
    train(BASELINE, seed=1)
    base = taken(seen)
    train(ARMS[factor], seed=1)
    log = taken(seen)
    arm = first_member(log)
    if factor == "standardization":  # of the plain pixels, what standardising would make of them
        moments = make_splits(ARMS[factor].data.unaugmented, Streams(1)).moments
        arm["images"] = [moments.done(batch) for batch in arm["images"]]
    assert same(arm["images"], base["images"])
    assert same(arm["labels"], base["labels"])
    assert same(arm["forward"], base["forward"])
    assert len(base["labels"]) == 2 * 3
    assert len(log["labels"]) == ARMS[factor].ensemble.members * 2 * 3


def pairs(log, epochs):
    """Every image trained on in an epoch, with its label, in some order; each epoch must hold the same ones."""
    images, labels = torch.cat(log["images"]), torch.cat(log["labels"])
    every = [(image.numpy().tobytes(), int(label)) for image, label in zip(images, labels, strict=True)]
    count = len(every) // epochs
    first, *others = (sorted(every[start : start + count]) for start in range(0, len(every), count))
    assert all(other == first for other in others)
    return first


@pytest.mark.parametrize(("level", "count"), [(TrainSize(images=30), 30), (Bagging(members=2), 40)], ids=repr)
def test_arms_about_the_images_take_them_from_the_baselines_with_the_same_noisy_labels(level, count, seen):
    raw = Standardization(standardize=False).apply(BASELINE)  # else a mean of fewer images would move all of them
    train(raw, seed=1)
    base = taken(seen)
    train(level.apply(raw), seed=1)
    arm = taken(seen)
    network = {name: values[: len(values) // (2 if level.factor == "bagging" else 1)] for name, values in arm.items()}
    assert len(pairs(network, 2)) == count
    assert set(pairs(network, 2)) < set(pairs(base, 2))
    assert (len(set(pairs(network, 2))) == count) == (level.factor == "train_size")  # a resample holds some twice
    assert same(network["forward"], base["forward"])


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


def in_trainer(recipe, **settings):
    return recipe.model_copy(update={"trainer": recipe.trainer.model_copy(update=settings)})


REMEDIES = (BatchNorm(), Mixup(alpha=0.4), Sam(rho=0.05), Averaging(kind="swa", start=0.0), Bagging(members=2))
SMALL = Recipe(data=Data(train_size=20, label_noise=0.2, image_size=16), trainer=Trainer(epochs=1, batch_size=8))
ROUNDED = in_trainer(Arm("several", REMEDIES).recipe(SMALL), precision="bf16")


@pytest.fixture
def answered(monkeypatch):
    """In what the first layer of every network answers, by whether the network trains, and whether its norms do."""
    log, build_network = {}, modules.member.build

    def watched(*args):
        network = build_network(*args)
        first, norm = (
            next(module for module in network.modules() if isinstance(module, kind))
            for kind in (torch.nn.Conv2d, torch.nn.BatchNorm2d)
        )

        def note(layer, inputs, output):
            log.setdefault((network.training, norm.training), set()).add(output.dtype)

        first.register_forward_hook(note)
        return network

    monkeypatch.setattr(modules.member, "build", watched)
    return log


@pytest.mark.parametrize(
    ("recipe", "dtype"),
    [(in_trainer(ROUNDED, precision="float32"), torch.float32), (ROUNDED, torch.bfloat16)],
    ids=["float32", "bf16"],
)
def test_every_pass_of_a_run_is_in_its_precision_and_weights_are_float32(recipe, dtype, answered):
    outcome = train(recipe, 0)
    training, refreshing, measuring = (True, True), (False, True), (False, False)
    assert answered.keys() == {training, refreshing, measuring}
    assert set.union(*answered.values()) == {dtype}
    assert {tensor.dtype for tensor in outcome.weights.values()} == {torch.float32, torch.int64}


def test_a_run_in_bf16_gives_the_same_numbers_again():
    assert numbers(train(ROUNDED, 0)) == numbers(train(ROUNDED, 0))


def test_in_bf16_no_dose_is_no_change_and_a_sham_is_another_run():
    plain = in_trainer(SMALL, precision="bf16")
    found = numbers(train(plain, 0))
    assert numbers(train(Arm("off", (Dropout.null(), Sam.null(), Mixup.null())).recipe(plain), 0)) == found
    assert numbers(train(Sham().apply(plain), 0)) != found


def test_a_compiled_run_has_the_numbers_and_names_of_a_plain_one_where_code_is_the_same(monkeypatch):
    """As it is with a backend that carries graphs out as they are; what is measured is not compiled at all."""
    compile_network, modes = torch.compile, []

    def backend(graph, inputs):
        modes.append(torch.is_grad_enabled())
        return graph.forward

    monkeypatch.setattr(
        torch, "compile", lambda of, dynamic, options: compile_network(of, dynamic=dynamic, backend=backend)
    )
    recipe = Arm("several", (*REMEDIES[:-1], Dropout(p=0.5))).recipe(SMALL)
    assert numbers(train(in_trainer(recipe, compile=True), 0)) == numbers(train(recipe, 0))
    assert modes == [True, True]  # for the two sizes of batches


def test_another_seed_gives_other_numbers():
    assert numbers(train(BASELINE, seed=3)) != numbers(train(BASELINE, seed=4))


def test_training_leaves_everything_that_is_measured():
    heard = []
    outcome = train(BASELINE, 0, on_epoch=lambda epoch, point: heard.append((epoch, point)))
    assert outcome.status == "finished"
    assert outcome.device == "cpu"
    assert {
        "train_accuracy", "train_accuracy_clean", "val_accuracy", "test_accuracy", "gap", "test_loss",
        "test_calibration_error", "epochs", "checkpoint_epoch", "seconds", "parameters", "macs",
    } == outcome.metrics.keys()  # fmt: skip
    assert (outcome.metrics["parameters"], outcome.metrics["macs"], outcome.metrics["epochs"]) == (61_706, 416_520, 2)
    assert outcome.metrics["checkpoint_epoch"] == 2
    assert [epoch for epoch, _ in heard] == [1, 2]
    assert [point["val_loss"] for _, point in heard] == outcome.curves["val_loss"]
    assert all(len(curve) == 2 for curve in outcome.curves.values())


@pytest.mark.parametrize("kind", [None, "ema", "swa"])
def test_the_last_validation_point_is_the_final_validation_accuracy(kind):
    """Averaged weights, too, and with statistics of batch norms that fit them."""
    averaged = BASELINE.model_copy(update={"averaging": HowAveraged(kind=kind, decay=0.8, start=0.0)})
    outcome = train(BatchNorm().apply(averaged), 0)
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
        BASELINE.model_copy(update={"schedule": Cosine(), "trainer": Trainer(epochs=4, batch_size=40)}),
        0,
    )
    expected = [0.02 * (1 + math.cos(math.pi * epoch / 4)) / 2 for epoch in range(4)]
    assert rates == pytest.approx(expected)


def forward_state(recipe, seed):
    """torch's global generator as the forward stream of the network trained last leaves it before the first draw."""
    torch.manual_seed(Streams(seed, recipe.replicate, recipe.ensemble.members - 1).number("forward"))
    return torch.get_rng_state()


@pytest.mark.parametrize("recipe", [*ARMS.values(), SHAM], ids=[*ARMS, "sham"])
def test_only_dropout_draws_from_torchs_global_generator(recipe):
    train(recipe, seed=5)
    moved = not torch.equal(torch.get_rng_state(), forward_state(recipe, 5))
    assert moved == (recipe in (ARMS["dropout"], ARMS["spatial_dropout"]))


@pytest.mark.parametrize(
    "level",
    [
        Augmentation(rotate=20.0),
        Mixup(),
        InputNoise(),
        WeightNoise(),
        GradientNoise(),
        DisturbLabel(),
        Sam(),
        Averaging(),
    ],
    ids=repr,
)
def test_nothing_else_moves_the_masks_of_dropout(level):
    """Not even a second pass, which draws the same masks once more."""
    states = []
    for recipe in (ARMS["dropout"], level.apply(ARMS["dropout"])):
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
    # Another architecture, or no activations, would leave the others nothing, and of norms an arm has one.
    absent = OTHER_IMAGES | {"architecture", "remove", "layernorm", "groupnorm", "standardization"}
    everything = Arm("everything", tuple(level for level in LEVELS if level.factor not in absent)).recipe(BASELINE)
    train(everything, seed=1)
    together = first_member(taken(seen))
    assert same(together["images"], base["images"])
    assert same(together["labels"], base["labels"])
    assert same(together["forward"], base["forward"])


def test_the_order_is_drawn_anew_in_every_epoch(seen):
    train(BASELINE, seed=1)
    labels = taken(seen)["labels"]
    assert not same(labels[:3], labels[3:])
    assert torch.equal(torch.cat(labels[:3]).sort().values, torch.cat(labels[3:]).sort().values)


@pytest.mark.parametrize(
    "level",
    [
        Augmentation(rotate=90.0),
        Cutout(),
        RandAugment(),
        Mixup(),
        CutMix(),
        InputNoise(),
        WeightNoise(),
        DisturbLabel(p=0.5),
    ],
    ids=repr,
)
def test_what_is_done_while_training_is_off_when_measuring(level):
    """With a learning rate too small to move a weight, the run is the plain one but for its curves."""
    still = BASELINE.model_copy(update={"optimizer": Sgd(name="sgd", lr=1e-30)})
    plain, disturbed = (train(recipe, 0) for recipe in (still, level.apply(still)))
    assert numbers(plain)[0] == numbers(disturbed)[0]
    assert plain.curves["val_loss"] == disturbed.curves["val_loss"]
    assert plain.curves["train_loss"] != disturbed.curves["train_loss"]


def poison(monkeypatch, member, after):
    """Makes images nan for one network of a run, in training steps after so many."""

    def poisoned(recipe, seed, number):
        network, batches = build(recipe, seed, number), []

        def spoil(module, args):
            batches.extend([1] * module.training)
            return (args[0] * float("nan"),) if module.training and len(batches) > after else None

        if number == member:
            network.register_forward_pre_hook(spoil)
        return network

    monkeypatch.setattr(modules.member, "build", poisoned)


def test_a_diverged_run_keeps_the_weights_and_numbers_of_its_last_finite_epoch(monkeypatch):
    one_epoch = train(BASELINE.model_copy(update={"trainer": Trainer(epochs=1, batch_size=16)}), 0)

    poison(monkeypatch, member=0, after=4)
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


@pytest.mark.parametrize("kind", ["ema", "swa"])
def test_a_run_that_diverges_leaves_the_average_of_its_last_finite_epoch(kind, monkeypatch):
    averaged = BASELINE.model_copy(update={"averaging": HowAveraged(kind=kind, start=0.0)})
    one_epoch = train(averaged.model_copy(update={"trainer": Trainer(epochs=1, batch_size=16)}), 0)
    poison(monkeypatch, member=0, after=4)
    outcome = train(averaged, 0)
    assert outcome.status == "diverged"
    assert numbers(outcome) == numbers(one_epoch)


def lasting(epochs, recipe=BASELINE):
    return recipe.model_copy(update={"trainer": Trainer(epochs=epochs, batch_size=40)})


NOISY = lasting(30, Recipe(data=Data(train_size=40, label_noise=0.4, image_size=32), optimizer=Sgd(name="sgd", lr=0.1)))
"""Takes one step an epoch, and is at its best long before the end."""


@pytest.mark.parametrize("monitor", ["val_accuracy", "val_loss"])
@pytest.mark.parametrize("seed", [0, 1])
def test_early_stopping_measures_the_best_epoch_as_if_training_had_been_that_long(monitor, seed):
    stopped = train(NOISY.model_copy(update={"stopping": Stopping(patience=3, monitor=monitor)}), seed)
    values = [value if monitor == "val_accuracy" else -value for value in stopped.curves[monitor]]
    best = 1 + values.index(max(values))
    assert stopped.status == "finished"
    assert stopped.metrics["checkpoint_epoch"] == best
    assert stopped.metrics["epochs"] == len(values) == min(30, best + 3)
    assert stopped.metrics["val_accuracy"] == pytest.approx(stopped.curves["val_accuracy"][best - 1])
    assert numbers(stopped)[2] == numbers(train(lasting(best, NOISY), seed))[2]


def test_early_stopping_ends_before_the_epochs_are_over_and_keeps_an_earlier_one():
    stopped = train(NOISY.model_copy(update={"stopping": Stopping(patience=3)}), 0).metrics
    assert stopped["checkpoint_epoch"] < stopped["epochs"] < 30


def weights_after(epochs):
    """Of a training without averaging, in which every epoch is one step."""
    return {name: tensor.double() for name, tensor in train(lasting(epochs), 0).weights.items()}


def averaged(**how):
    return train(lasting(4).model_copy(update={"averaging": HowAveraged(**how)}), 0).weights


def test_swa_measures_the_mean_of_the_weights_after_its_epochs():
    third, fourth = weights_after(3), weights_after(4)
    for name, tensor in averaged(kind="swa", start=0.5).items():
        assert torch.allclose(tensor.double(), (third[name] + fourth[name]) / 2, atol=1e-7)


def test_after_swa_batch_norms_have_the_statistics_that_torch_finds_for_the_averaged_weights():
    recipe = BatchNorm().apply(BASELINE.model_copy(update={"averaging": HowAveraged(kind="swa", start=0.0)}))
    found, network = train(recipe, 0).weights, build(recipe, 0)
    network.load_state_dict(found)
    update_bn([make_splits(recipe.data, Streams(0)).train.images], network)
    assert "conv2.norm.running_var" in found
    assert all(torch.allclose(found[name], tensor, atol=1e-6) for name, tensor in network.state_dict().items())


def test_ema_measures_the_exponential_average_over_steps():
    """As pandas writes it for `adjust=False`."""
    steps = [weights_after(epochs) for epochs in (1, 2, 3, 4)]
    for name, tensor in averaged(kind="ema", decay=0.7).items():
        rows = pd.DataFrame([step[name].flatten().numpy() for step in steps])
        expected = rows.ewm(alpha=0.3, adjust=False).mean().iloc[-1].to_numpy()
        assert np.allclose(tensor.flatten().numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["ema", "swa"])
def test_averaging_does_not_change_how_a_network_is_trained(kind):
    plain = train(BASELINE, 0)
    found = train(BASELINE.model_copy(update={"averaging": HowAveraged(kind=kind, start=0.0)}), 0)
    assert found.curves["train_loss"] == plain.curves["train_loss"]
    assert found.curves["val_loss"] != plain.curves["val_loss"]


DEEP = BASELINE.model_copy(update={"ensemble": Ensemble(members=3)})


def member_weights(outcome, number):
    prefix = f"member_{number}."
    found = {name.removeprefix(prefix): tensor for name, tensor in outcome.weights.items() if name.startswith(prefix)}
    return {name: tensor.numpy().tobytes() for name, tensor in found.items()}


@pytest.mark.parametrize("sham", [False, True], ids=["baseline", "sham"])
def test_the_first_member_of_an_ensemble_is_the_network_trained_alone_bit_for_bit(sham):
    together, alone = (train(Sham().apply(recipe) if sham else recipe, 2) for recipe in (DEEP, BASELINE))
    assert member_weights(together, 1) == numbers(alone)[2]
    assert together.metrics["member_1_test_accuracy"] == alone.metrics["test_accuracy"]
    assert together.metrics["member_1_test_loss"] == alone.metrics["test_loss"]


def test_no_two_members_have_a_weight_in_common_nor_has_the_sham_with_any():
    outcomes = [train(recipe, 2) for recipe in (DEEP, Sham().apply(DEEP))]
    members = [member_weights(outcome, number) for outcome in outcomes for number in (1, 2, 3)]
    for name in members[0]:
        assert len({member[name] for member in members}) == 6


def test_what_an_ensemble_costs_is_that_of_all_its_members():
    heard = []
    outcome = train(DEEP, 0, on_epoch=lambda epoch, point: heard.append((epoch, point)))
    metrics = outcome.metrics
    assert heard == [(epoch, {}) for epoch in range(1, 7)]
    assert (metrics["parameters"], metrics["macs"], metrics["epochs"]) == (3 * 61_706, 3 * 416_520, 6)
    assert "checkpoint_epoch" not in metrics  # each member has one of its own
    assert all(len(curve) == 2 for curve in outcome.curves.values())
    assert parameter_count(build(DEEP, 0)) == 61_706


def test_the_seconds_of_an_ensemble_are_the_sum_over_its_members(monkeypatch):
    spent = []
    member = modules.member.train_member

    def clocked(*args):
        trained = member(*args)
        spent.append(trained.seconds)
        return trained

    monkeypatch.setattr("modules.training.train_member", clocked)
    assert train(DEEP, 0).metrics["seconds"] == pytest.approx(sum(spent))
    assert len(spent) == 3


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("bootstrap", [False, True])
def test_an_ensembles_test_loss_is_at_most_the_mean_of_its_members(bootstrap, seed):
    ensemble = Ensemble(members=2, bootstrap=bootstrap)
    metrics = train(lasting(1).model_copy(update={"ensemble": ensemble}), seed).metrics
    assert metrics["test_loss"] <= (metrics["member_1_test_loss"] + metrics["member_2_test_loss"]) / 2


def test_bagging_starts_from_the_weights_of_the_baseline_and_ends_elsewhere():
    bagged = train(Bagging(members=2).apply(BASELINE), 2)
    assert not set(member_weights(bagged, 1).values()) & set(numbers(train(BASELINE, 2))[2].values())


def test_a_member_that_diverges_makes_a_diverged_run_of_which_the_others_are_whole(monkeypatch):
    whole = train(DEEP, 0)
    poison(monkeypatch, member=1, after=4)
    outcome = train(DEEP, 0)
    assert outcome.status == "diverged"
    assert outcome.metrics["epochs"] == 2 + 1 + 2
    assert all(math.isfinite(value) for value in outcome.metrics.values())
    for number, unharmed in ((1, True), (2, False), (3, True)):
        assert (member_weights(outcome, number) == member_weights(whole, number)) == unharmed
    assert [len(curve) for curve in outcome.curves.values()] == [2] * 4


def test_early_stopping_stops_every_member_by_itself():
    ensemble = NOISY.model_copy(update={"stopping": Stopping(patience=3), "ensemble": Ensemble(members=2)})
    alone = train(ensemble.model_copy(update={"ensemble": Ensemble()}), 0)
    together = train(ensemble, 0)
    assert member_weights(together, 1) == numbers(alone)[2]
    assert alone.metrics["epochs"] < together.metrics["epochs"] < 60


def test_curves_of_members_are_averaged_over_those_that_got_there():
    curves = mean_curves([{"val_loss": [1.0, 2.0, 3.0]}, {"val_loss": [3.0]}, {"val_loss": []}])
    assert curves == {"val_loss": [2.0, 2.0, 3.0]}


AWKWARD = '''
import torch
from torch import nn


class Net(nn.Module):
    """Frozen layers, tied weights, a weight without a gradient, buffers that a forward puts others in the place of."""

    def __init__(self, classes):
        super().__init__()
        self.front, self.frozen = nn.Conv2d(1, 4, 3, stride=2), nn.BatchNorm2d(4).eval()
        self.front.requires_grad_(False)
        self.body, self.norm, self.drop = nn.Linear(900, 16), nn.BatchNorm1d(16), nn.Dropout(0.3)
        self.one, self.other, self.head = nn.Linear(16, 16), nn.Linear(16, 16), nn.Linear(16, classes)
        self.other.weight = self.one.weight
        self.idle = nn.Parameter(torch.ones(3))
        self.register_buffer("mean", torch.zeros(16))
        self.register_buffer("steps", torch.zeros((), dtype=torch.float16), persistent=False)

    def get_extra_state(self):
        return {"version": 1}

    def set_extra_state(self, state):
        pass

    def forward(self, images):
        images = self.norm(self.body(self.frozen(self.front(images)).flatten(1))).relu()
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * images.detach().mean(0)
            self.steps += 1
        return self.head(self.other(self.drop(self.one(images - self.mean).relu())).relu())
'''
STRONG = [
    Sam(rho=0.5), Averaging(kind="swa", start=0.0), Averaging(), MaxNorm(norm=0.1), L1(strength=0.1),
    WeightNoise(sigma=0.5), GradientNoise(eta=1.0), GradientClipping(norm=0.01), EarlyStopping(patience=1),
    Bagging(members=2),
]  # fmt: skip


@pytest.mark.parametrize("level", STRONG, ids=repr)
def test_an_awkward_network_keeps_what_is_frozen_and_what_is_tied(level, tmp_path):
    (tmp_path / "net.py").write_text(AWKWARD)
    recipe = BASELINE.model_copy(update={"model": Model(name=f"{tmp_path}/net.py:Net")})
    recipe = level.apply(recipe)
    before, (found, again) = build(recipe, 0).state_dict(), (train(recipe, 0) for _ in range(2))
    assert numbers(found) == numbers(again)
    assert found.status == "finished"
    prefix = "member_1." if recipe.ensemble.members > 1 else ""
    weights = {name.removeprefix(prefix): tensor for name, tensor in found.weights.items()}
    for name in ("front.weight", "front.bias", "frozen.running_mean", "frozen.running_var"):
        assert torch.equal(weights[name], before[name])
    assert torch.equal(weights["one.weight"], weights["other.weight"])
    assert not torch.equal(weights["one.weight"], before["one.weight"])
    assert weights["mean"].any()
