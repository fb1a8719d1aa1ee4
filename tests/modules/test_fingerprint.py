import shutil
import sys
from pathlib import Path

import pytest

from ablations.factors.activation import Activation
from ablations.factors.augmentation import Augmentation
from ablations.factors.averaging import Averaging
from ablations.factors.bagging import Bagging
from ablations.factors.cutout import Cutout
from ablations.factors.dropout import Dropout
from ablations.factors.early_stopping import EarlyStopping
from ablations.factors.ensemble import DeepEnsemble
from ablations.factors.init import Init
from ablations.factors.input_noise import InputNoise
from ablations.factors.l1 import L1
from ablations.factors.loss import Loss
from ablations.factors.mixup import Mixup
from ablations.factors.optimizer import Optimizer
from ablations.factors.randaugment import RandAugment
from ablations.factors.sam import Sam
from ablations.factors.schedule import Schedule
from ablations.factors.sham import Sham
from ablations.factors.weight_decay import WeightDecay
from ablations.factors.width import Width
from modules import fingerprint as module
from modules.catalog import DATASETS
from modules.data.source import images_and_labels
from modules.data.splits import make_splits
from modules.detection.pretraining import pretrained
from modules.fingerprint import files, fingerprint, fingerprints, passed_through
from modules.recipe import Data, Model, Recipe
from modules.settings import Detection, Trainer
from modules.sources import reached_from, source_digest
from modules.training import train
from modules.values import digest, flatten

RECIPE = Recipe()
OTHERS = {
    "data": RECIPE.model_copy(update={"data": Data(train_size=100)}),
    "model": RECIPE.model_copy(update={"model": Model(name="cifar_resnet20")}),
    "trainer": RECIPE.model_copy(update={"trainer": Trainer(epochs=3)}),
    "surgery": Dropout(p=0.5).apply(RECIPE),
    "strength": Dropout(p=0.4).apply(RECIPE),
    "sham": Sham().apply(RECIPE),
}


def test_many_seeds_at_once_are_named_as_one_by_one():
    assert fingerprints(RECIPE, [0, 7]) == {0: fingerprint(RECIPE, 0), 7: fingerprint(RECIPE, 7)}


def test_equal_recipes_have_equal_fingerprints():
    assert fingerprint(RECIPE, 0) == fingerprint(Recipe.model_validate(RECIPE.model_dump(exclude={"model"})), 0)


CHANGES = {
    "data.train_size": 100,
    "data.val_share": 0.2,
    "data.test_share": 0.4,
    "data.label_noise": 0.1,
    "data.image_size": 28,
    "data.channels": 3,
    "data.bad_files": "skip",
    "data.augmentation.shift": 0.1,
    "data.augmentation.rotate": 5.0,
    "data.augmentation.scale": 0.1,
    "data.augmentation.flip": 0.5,
    "data.augmentation.crop": 0.1,
    "data.augmentation.cutout": 0.5,
    "data.augmentation.randaugment.operations": 2,
    "data.augmentation.randaugment.magnitude": 5,
    "data.mixing.mixup": 0.2,
    "data.mixing.cutmix": 1.0,
    "data.standardize": False,
    "model.name": "cifar_resnet20",
    "loss.name": "focal",
    "loss.label_smoothing": 0.1,
    "optimizer.name": "rmsprop",
    "optimizer.lr": 0.01,
    "optimizer.weight_decay": 0.1,
    "optimizer.decay": "decoupled",
    "optimizer.momentum": 0.5,
    "optimizer.nesterov": True,
    "schedule.name": "cosine",
    "regularization.l1": 0.1,
    "regularization.max_norm": 1.0,
    "regularization.clip_norm": 1.0,
    "regularization.sam": 0.05,
    "noise.inputs": 0.1,
    "noise.weights": 0.1,
    "noise.gradients": 0.1,
    "noise.labels": 0.1,
    "stopping.patience": 5,
    "stopping.monitor": "val_loss",
    "averaging.kind": "swa",
    "averaging.decay": 0.9,
    "averaging.start": 0.5,
    "ensemble.members": 2,
    "ensemble.bootstrap": True,
    "trainer.epochs": 61,
    "trainer.batch_size": 33,
    "trainer.precision": "bf16",
    "trainer.compile": True,
    "trainer.probe": True,
    "replicate": 1,
}
"""Another value for every field of the default recipe."""
ONE_VALUE = {"data.name"}
"""Fields that know one value so far."""

NO_DIFFERENCE = {"data.path", "data.stream"}
"""Fields that the numbers do not depend on: of files, what is in them counts."""

OF_DETECTORS = {f"detection.{name}" for name in Detection.model_fields}
"""Fields that say nothing where images have no boxes."""


def test_no_field_is_missing_here():
    assert CHANGES.keys() | ONE_VALUE | NO_DIFFERENCE | OF_DETECTORS == flatten(RECIPE.canonical()).keys()
    assert len(DATASETS) == 1


def changed(path, value):
    """The default recipe with one field, deep down, replaced."""
    tree = RECIPE.model_dump()
    *above, last = path.split(".")
    branch = tree
    for key in above:
        branch = branch[key]
    branch[last] = value
    if path == "optimizer.name":
        tree["optimizer"] = {"name": value, "lr": 0.02}
    return Recipe.model_validate(tree)


@pytest.mark.parametrize(("path", "value"), CHANGES.items(), ids=CHANGES)
def test_every_field_shows(path, value):
    assert fingerprint(changed(path, value), 0) != fingerprint(RECIPE, 0)


def test_whether_images_are_streamed_does_not_show():
    assert fingerprint(changed("data.stream", True), 0) == fingerprint(changed("data.stream", False), 0)


def test_a_recipe_keeps_the_name_that_it_had_before_there_were_more_settings():
    """That of the default recipe when its trainer had epochs and a batch size alone."""
    assert digest(module._placeless(RECIPE)) == "0eacea479911a141"


def test_a_whole_number_is_the_same_number():
    assert fingerprint(changed("optimizer.lr", 1), 0) == fingerprint(changed("optimizer.lr", 1.0), 0)


def test_the_order_of_edits_does_not_show():
    one, other = Dropout().apply(Init().apply(RECIPE)), Init().apply(Dropout().apply(RECIPE))
    assert fingerprint(one, 0) == fingerprint(other, 0)


def test_the_data_show(monkeypatch):
    before = fingerprint(RECIPE, 0)
    monkeypatch.setitem(module.DATASETS, "digits", DATASETS["digits"]._replace(checksum="another"))
    assert fingerprint(RECIPE, 0) != before


def with_new_code(monkeypatch, name):
    """As if a file of the project had other code in it."""
    digest = module.source_digest
    monkeypatch.setattr(module, "source_digest", lambda path: "new" if path == module.ROOT / name else digest(path))


PASSED = sorted(str(path.relative_to(module.ROOT)) for path in passed_through("modules.training"))


@pytest.mark.parametrize("name", [*PASSED, "modules/zoo/lenet.py", "modules/data/digits.py"])
def test_the_code_that_is_passed_through_shows(name, monkeypatch):
    before = fingerprint(RECIPE, 0)
    with_new_code(monkeypatch, name)
    assert fingerprint(RECIPE, 0) != before


@pytest.mark.parametrize(
    "name",
    ["modules/zoo/resnet.py", "modules/surgery/widening.py", "ablations/factors/dropout.py", "reports/tables/rows.py"],
)
def test_other_code_does_not_show(name, monkeypatch):
    before = fingerprint(RECIPE, 0)
    with_new_code(monkeypatch, name)
    assert fingerprint(RECIPE, 0) == before


@pytest.mark.parametrize("name", ["ablations/factors/width.py", "modules/surgery/widening.py"])
def test_what_an_edit_goes_through_shows_with_that_edit_alone(name, monkeypatch):
    before = fingerprint(RECIPE, 0), fingerprint(Width().apply(RECIPE), 0)
    with_new_code(monkeypatch, name)
    assert fingerprint(RECIPE, 0) == before[0]
    assert fingerprint(Width().apply(RECIPE), 0) != before[1]


def test_whatever_differs_shows():
    names = [fingerprint(recipe, 0) for recipe in (RECIPE, *OTHERS.values())] + [fingerprint(RECIPE, 1)]
    assert len(set(names)) == len(names)


@pytest.fixture
def own(tmp_path):
    """A network of somebody's own, with a part in a file beside it."""
    (tmp_path / "parts.py").write_text("WIDTH = 4\n")
    (tmp_path / "net.py").write_text("from parts import WIDTH\n\ndef make(classes):\n    return WIDTH * classes\n")
    return tmp_path


def of_own(folder):
    reached_from.cache_clear()
    source_digest.cache_clear()
    return fingerprint(RECIPE.model_copy(update={"model": Model(name=f"{folder}/net.py:make")}), 0)


@pytest.mark.parametrize(("name", "text"), [("parts.py", "WIDTH = 5\n"), ("net.py", "def make(classes):\n    pass\n")])
def test_the_users_own_code_shows_wherever_it_lies(own, tmp_path_factory, name, text):
    before = of_own(own)
    moved = tmp_path_factory.mktemp("moved") / "deeper"
    shutil.copytree(own, moved)
    assert of_own(moved) == before
    (moved / name).write_text(text)
    assert of_own(moved) != before


def test_what_is_imported_by_way_of_others_is_reached():
    assert {"modules/surgery/tools.py", "modules/data/splits.py"} <= set(PASSED)
    assert not {"modules/zoo/lenet.py", "modules/zoo/cards.py", "modules/recipe.py"} & set(PASSED)


def executed(recipe):
    """The files of the project in which something is called while a recipe is trained."""
    root, files = Path(module.__file__).parent.parent, set()
    for remembered in (images_and_labels, make_splits):
        remembered.cache_clear()
    sys.setprofile(lambda frame, event, arg: files.add(frame.f_code.co_filename) if event == "call" else None)
    try:
        train(recipe, 0)
    finally:
        sys.setprofile(None)
    paths = {Path(name) for name in files if Path(name).is_relative_to(root)}
    return {
        str(path.relative_to(root)) for path in paths if path.relative_to(root).parts[0] in ("modules", "ablations")
    }


EDITS = [
    Dropout(p=0.5), Width(multiplier=0.5), Activation(name="tanh"), Sam(), DeepEnsemble(members=2), Mixup(), L1(),
    Averaging(kind="swa", start=0.0), InputNoise(), Augmentation(rotate=5.0), Schedule(), Optimizer(name="muon"),
    WeightDecay(decay="decoupled"), Bagging(members=2), EarlyStopping(), Loss(name="mse"), RandAugment(), Cutout(),
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=repr)
def test_the_code_that_a_run_really_executes_is_covered(edit):
    short = RECIPE.model_copy(update={"data": Data(train_size=20, image_size=16), "trainer": Trainer(epochs=1)})
    ran = executed(edit.apply(short))
    operates = [type(surgery).__module__ for surgery in edit.apply(short).model.surgeries]
    own = (
        "modules.zoo.lenet", "modules.data.digits", "modules.data.shipped", "modules.tasks.classification", *operates,
    )  # fmt: skip
    covered = {str(path.relative_to(module.ROOT)) for name in own for path in passed_through(name)}
    assert {f"{name.replace('.', '/')}.py" for name in (*own, "modules.classifier", "modules.steps")} <= ran
    assert {name for name in ran if not name.startswith(module.PLAIN_DATA)} <= {*PASSED, *covered}


SCENES = Data(name="digit_boxes", arguments={"images": 10, "size": 24, "classes": 1})
OTHERWISE = {
    "proposals": 9,
    "region_size": 24,
    "context": 0,
    "fine_tuning": False,
    "draws": 9,
    "classifier": "softmax",
    "box_regression": False,
}


def test_settings_of_detectors_show_where_images_have_boxes():
    assert {f"detection.{name}" for name in OTHERWISE} == OF_DETECTORS
    plain = Recipe(data=SCENES)
    changed = [plain.model_copy(update={"detection": Detection(**{key: value})}) for key, value in OTHERWISE.items()]
    assert len({fingerprint(recipe, 0) for recipe in (plain, *changed)}) == len(OTHERWISE) + 1


def test_settings_of_detectors_do_not_show_elsewhere():
    assert fingerprint(RECIPE, 0) == fingerprint(RECIPE.model_copy(update={"detection": Detection(context=0)}), 0)


def test_the_code_that_detectors_learn_single_digits_by_is_covered():
    recipe = Recipe(data=SCENES.model_copy(update={"arguments": (("images", 30), ("size", 32), ("classes", 1))}))
    recipe = recipe.model_copy(update={"trainer": Trainer(epochs=1), "detection": Detection(draws=2, proposals=20)})
    pretrained.cache_clear()
    covered = {str(path.relative_to(module.ROOT)) for path in files(recipe)}
    ran = {name for name in executed(recipe) if not name.startswith(module.PLAIN_DATA)}
    assert {"modules/data/function.py", "modules/data/labelled.py", "modules/detection/digits.py"} <= ran <= covered
