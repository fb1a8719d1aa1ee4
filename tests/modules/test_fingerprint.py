import ast
import sys
from pathlib import Path

import pytest

from ablations.factors.dropout import Dropout
from ablations.factors.init import Init
from ablations.factors.sham import Sham
from modules import fingerprint as module
from modules.catalog import DATASETS
from modules.data.source import images_and_labels
from modules.data.splits import make_splits
from modules.fingerprint import TRAINED_THROUGH, code_version, fingerprint, source_digest
from modules.recipe import Data, Model, Recipe, Trainer
from modules.training import train
from modules.values import flatten

RECIPE = Recipe()
OTHERS = {
    "data": RECIPE.model_copy(update={"data": Data(train_size=100)}),
    "model": RECIPE.model_copy(update={"model": Model(name="cifar_resnet20")}),
    "trainer": RECIPE.model_copy(update={"trainer": Trainer(epochs=3)}),
    "surgery": Dropout(p=0.5).apply(RECIPE),
    "strength": Dropout(p=0.4).apply(RECIPE),
    "sham": Sham().apply(RECIPE),
}
PLAIN_DATA = {"modules.catalog", "modules.imports", "modules.names", "modules.recipe", "modules.values"}
"""Read by training, but what they say is in the recipe or the checksum."""


def test_equal_recipes_have_equal_fingerprints():
    assert fingerprint(RECIPE, 0) == fingerprint(Recipe.model_validate(RECIPE.model_dump(exclude={"model"})), 0)


CHANGES = {
    "data.train_size": 100,
    "data.val_share": 0.2,
    "data.test_share": 0.4,
    "data.label_noise": 0.1,
    "data.image_size": 28,
    "data.augmentation.shift": 0.1,
    "data.augmentation.rotate": 5.0,
    "data.augmentation.scale": 0.1,
    "data.augmentation.flip": 0.5,
    "model.name": "cifar_resnet20",
    "optimizer.name": "rmsprop",
    "optimizer.lr": 0.01,
    "optimizer.weight_decay": 0.1,
    "optimizer.momentum": 0.5,
    "optimizer.nesterov": True,
    "schedule.name": "cosine",
    "trainer.epochs": 61,
    "trainer.batch_size": 33,
    "replicate": 1,
}
"""Another value for every field of the default recipe."""
ONE_VALUE = {"data.name", "loss.name"}
"""Fields that know one value so far."""


def test_no_field_is_missing_here():
    assert CHANGES.keys() | ONE_VALUE == flatten(RECIPE.canonical()).keys()
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


def test_a_whole_number_is_the_same_number():
    assert fingerprint(changed("optimizer.lr", 1), 0) == fingerprint(changed("optimizer.lr", 1.0), 0)


def test_the_order_of_edits_does_not_show():
    one, other = Dropout().apply(Init().apply(RECIPE)), Init().apply(Dropout().apply(RECIPE))
    assert fingerprint(one, 0) == fingerprint(other, 0)


def test_the_data_show(monkeypatch):
    before = fingerprint(RECIPE, 0)
    monkeypatch.setitem(module.DATASETS, "digits", DATASETS["digits"]._replace(checksum="another"))
    assert fingerprint(RECIPE, 0) != before


@pytest.mark.parametrize("name", [*TRAINED_THROUGH, "modules.zoo.lenet", "modules.data.digits"])
def test_the_code_that_is_passed_through_shows(name, monkeypatch):
    before, digest = fingerprint(RECIPE, 0), module.source_digest
    monkeypatch.setattr(module, "source_digest", lambda asked: "new" if asked == name else digest(asked))
    assert fingerprint(RECIPE, 0) != before


@pytest.mark.parametrize("name", ["modules.zoo.cifar_resnet", "ablations.factors.dropout", "reports.tables"])
def test_other_code_does_not_show(name, monkeypatch):
    before, digest = fingerprint(RECIPE, 0), module.source_digest
    monkeypatch.setattr(module, "source_digest", lambda asked: "new" if asked == name else digest(asked))
    assert fingerprint(RECIPE, 0) == before


def test_whatever_differs_shows():
    names = [fingerprint(recipe, 0) for recipe in (RECIPE, *OTHERS.values())] + [fingerprint(RECIPE, 1)]
    assert len(set(names)) == len(names)


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Digest of a module with the given text."""
    monkeypatch.syspath_prepend(tmp_path)

    def digest_of(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        return source_digest(name)

    return digest_of


def test_comments_and_docstrings_retrain_nothing_but_code_does(source):
    base = source("one", "def f():\n    return 1\n")
    assert source("two", '"""About."""\n\n# why\ndef f():\n    """What."""\n    return   1\n') == base
    assert source("three", "def f():\n    return 2\n") != base


def test_a_run_depends_on_the_code_of_its_own_edits_only(monkeypatch):
    before = code_version(RECIPE), code_version(OTHERS["surgery"])
    digest = module.source_digest
    monkeypatch.setattr(module, "source_digest", lambda name: "new" if name.endswith("dropout") else digest(name))
    assert code_version(RECIPE) == before[0]
    assert code_version(OTHERS["surgery"]) != before[1]


def reached(name, seen):
    """Every module of the package that importing `name` reaches."""
    root = Path(module.__file__).parent.parent
    path = root / (name.replace(".", "/") + ".py")
    if name in seen or not path.exists():
        return seen
    seen.add(name)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("modules"):
            reached(node.module, seen)
    return seen


def test_the_code_that_training_passes_through_is_covered():
    assert reached("modules.training", set()) - PLAIN_DATA == set(TRAINED_THROUGH)


def test_what_is_imported_by_way_of_others_is_reached():
    assert "modules.surgery" in reached("modules.classifier", set())
    assert "modules.zoo.lenet" not in reached("modules.training", set())


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
    paths = (Path(name) for name in files)
    return {
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in paths
        if path.is_relative_to(root) and path.relative_to(root).parts[0] in ("modules", "ablations")
    }


def test_the_code_that_a_run_really_executes_is_covered():
    short = RECIPE.model_copy(update={"data": Data(train_size=20, image_size=16), "trainer": Trainer(epochs=1)})
    ran = executed(Dropout(p=0.5).apply(short))
    own = {"modules.zoo.lenet", "modules.data.digits", "ablations.factors.dropout"}
    assert own <= ran
    assert "modules.classifier" in ran
    assert ran <= {*TRAINED_THROUGH, *PLAIN_DATA, *own, "ablations.edit"}
