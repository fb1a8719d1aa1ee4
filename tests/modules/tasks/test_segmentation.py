import numpy as np
import pytest
import torch
from sklearn.metrics import jaccard_score

from modules.build import build
from modules.data.settings import Data, Mixing
from modules.recipe import Recipe
from modules.settings import Noise
from modules.tasks.segmentation import Confusion, mean_iou
from modules.tasks.task import task_of

DATA = Data(name="digit_masks", arguments={"images": 24, "size": 24, "classes": 2})


def test_mean_iou_is_that_of_sklearn():
    rng = np.random.default_rng(0)
    labels, logits = torch.from_numpy(rng.integers(4, size=(5, 6, 6))), torch.from_numpy(rng.normal(size=(5, 4, 6, 6)))
    tally = Confusion()
    for some in (slice(0, 2), slice(2, 5)):
        tally.add(torch.tensor(1.0), logits[some], labels[some])
    theirs = jaccard_score(labels.flatten(), logits.argmax(1).flatten(), average="macro")
    assert tally.means() == (1.0, pytest.approx(100 * theirs))
    assert tally.pixel_accuracy == pytest.approx(100 * float((logits.argmax(1) == labels).double().mean()))


def test_classes_that_are_neither_there_nor_found_do_not_count():
    assert mean_iou(torch.tensor([[3.0, 1, 0], [0, 4, 0], [0, 0, 0]])) == pytest.approx((3 / 4 + 4 / 5) / 2)


@pytest.mark.parametrize(
    ("recipe", "key"),
    [
        (Recipe(data=DATA.model_copy(update={"label_noise": 0.1})), "data.label_noise"),
        (Recipe(data=DATA.model_copy(update={"mixing": Mixing(mixup=0.2)})), "data.mixing"),
        (Recipe(data=DATA, noise=Noise(labels=0.1)), "noise.labels"),
    ],
)
def test_what_has_no_meaning_for_masks_is_refused_by_name(recipe, key):
    with pytest.raises(ValueError, match=f"{key} is for images of one class; digit_masks has a class for every pixel"):
        task_of(DATA).refuse_unfit(recipe)
    with pytest.raises(ValueError, match=key):
        build(recipe, 0)
