import ast
from pathlib import Path

import pytest

from ablations.factors.dropout import Dropout
from ablations.factors.sham import Sham
from modules import fingerprint as module
from modules.fingerprint import TRAINED_THROUGH, code_version, fingerprint, source_digest
from modules.recipe import Data, Model, Recipe, Trainer

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
