"""A class for every pixel: what is measured, against other libraries, and what makes no sense there."""

import pytest
import torch
from torchmetrics.functional.classification import multiclass_jaccard_index

from ablations.factors.ensemble import DeepEnsemble
from ablations.factors.upsampling import Upsampling
from modules.build import build
from modules.data.settings import Augmentation, Mixing, RandAugment
from modules.data.splits import make_splits
from modules.recipe import Data, Model, Recipe
from modules.settings import Adam, Focal, Noise, SquaredError, Trainer
from modules.streams import Streams
from modules.tasks.segmentation import Confusion, Segmentation
from modules.training import train

DATA = Data(name="digit_masks", arguments={"images": 30, "size": 24, "classes": 2, "scale": [0.6, 0.8]})
RECIPE = Recipe(
    data=DATA,
    model=Model(name="segnet"),
    optimizer=Adam(name="adam", lr=0.01),
    trainer=Trainer(epochs=2, batch_size=8),
)


def with_data(**changes) -> Recipe:
    return RECIPE.model_copy(update={"data": DATA.model_copy(update=changes)})


def test_mean_iou_is_that_of_torchmetrics():
    labels = torch.randint(4, (6, 9, 9))
    logits = torch.randn(6, 4, 9, 9)
    tally = Confusion()
    for some in (slice(0, 4), slice(4, 6)):
        tally.add(torch.tensor(1.0), logits[some], labels[some])
    theirs = multiclass_jaccard_index(logits.argmax(1), labels, 4)
    assert tally.means() == (1.0, pytest.approx(100 * float(theirs)))


def test_a_run_leaves_its_score_in_the_usual_columns_and_what_is_its_own_beside_them():
    outcome = train(RECIPE, 0)
    assert outcome.metrics["test_accuracy"] == outcome.metrics["test_mean_iou"]
    for name in ("test_pixel_accuracy", "boundary_quality", "train_accuracy", "val_accuracy"):
        assert 0 <= outcome.metrics[name] <= 100
    assert outcome.metrics["checkerboard"] >= 0
    assert len(outcome.curves["val_accuracy"]) == 2


def test_the_same_seed_gives_the_same_numbers_bit_for_bit():
    recipe = Upsampling(kind="transposed").apply(with_data(augmentation=Augmentation(shift=0.1, rotate=10.0, crop=0.1)))
    one, other = train(recipe, 1), train(recipe, 1)
    assert all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)
    assert {**one.metrics, "seconds": 0} == {**other.metrics, "seconds": 0}


def test_the_probabilities_of_an_ensemble_are_averaged_pixel_by_pixel():
    splits, recipe = make_splits(DATA, Streams(0)), DeepEnsemble(members=2).apply(RECIPE)
    networks = [build(recipe, 0, member) for member in (0, 1)]
    found = Segmentation().measure(networks, splits, recipe)
    mean = sum(network.eval()(splits.test.images).softmax(1) for network in networks)
    hits = (mean.argmax(1) == splits.test.labels).double().mean()
    assert found["test_pixel_accuracy"] == pytest.approx(100 * float(hits))


@pytest.mark.parametrize("loss", [Focal(name="focal"), SquaredError(name="mse", label_smoothing=0.1)])
def test_every_loss_is_one_of_pixels_too(loss):
    assert train(RECIPE.model_copy(update={"loss": loss}), 0).status == "finished"


@pytest.mark.parametrize(
    ("key", "recipe"),
    [
        ("data.label_noise", with_data(label_noise=0.1)),
        ("data.mixing", with_data(mixing=Mixing(mixup=1.0))),
        ("data.augmentation.cutout", with_data(augmentation=Augmentation(cutout=0.2))),
        (
            "data.augmentation.randaugment",
            with_data(augmentation=Augmentation(randaugment=RandAugment(operations=1))),
        ),
        ("noise.labels", RECIPE.model_copy(update={"noise": Noise(labels=0.1)})),
    ],
)
def test_what_is_for_images_of_one_class_is_refused_before_anything_is_trained(key, recipe):
    with pytest.raises(ValueError, match=f"^{key} is for images of one class; digit_masks has a class for every pixel"):
        build(recipe, 0)


@pytest.mark.parametrize(
    ("model", "data", "message"),
    [
        ("lenet5", DATA, "lenet5 is for classification, but digit_masks is for segmentation; take segnet"),
        ("segnet", Data(), "segnet is for segmentation, but digits is for classification; take lenet5"),
    ],
)
def test_a_network_for_another_task_is_refused(model, data, message):
    with pytest.raises(ValueError, match=message):
        build(Recipe(data=data, model=Model(name=model)), 0)
