import pytest
import torch
from torch import nn

from ablations.factors.remove import Remove
from modules.build import build, build_model
from modules.recipe import Data, Model, Recipe
from modules.surgery import NoEffect

ROWS = torch.rand(3, 4)


def operated(name, model):
    return Remove(name=name).operate(model, torch.Generator())


def named():
    """Two stages; the ReLU of the first is that of the second."""
    relu = nn.ReLU()
    stage = nn.Sequential(nn.Linear(4, 4), relu)
    return nn.ModuleDict({"one": stage, "two": nn.Sequential(nn.Linear(4, 4), relu), "head": nn.Linear(4, 4)})


def left(model):
    """The names of what is no nn.Identity."""
    return [
        name for name, module in model.named_modules(remove_duplicate=False) if name and type(module) is not nn.Identity
    ]


EVERY = ["one", "one.0", "one.1", "two", "two.0", "two.1", "head"]


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("head", ["head"]), ("one", ["one", "one.0", "one.1"]), ("one.0", ["one.0"]), ("*.0", ["one.0", "two.0"]),
        ("one.1", ["one.1", "two.1"]), ("t?o.0", ["two.0"]), ("[ot]*.0", ["one.0", "two.0"]), ("*", EVERY),
        ("one*", ["one", "one.0", "one.1"]),
    ],
)  # fmt: skip
def test_what_the_pattern_names_is_left_out(name, gone):
    """A shared module goes from everywhere, but not because the container of one of its places does."""
    assert left(operated(name, named())) == [name for name in EVERY if name not in gone]


def test_what_reaches_it_goes_on_as_it_is():
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    assert torch.equal(operated("1", model)(ROWS), model[2](model[0](ROWS)))


def test_hooks_and_mode_stay():
    model, seen = nn.Sequential(nn.Linear(4, 4)).eval(), []
    model[0].register_forward_hook(lambda *_: seen.append(1))
    edited = operated("0", model)
    edited(ROWS)
    assert seen == [1]
    assert not edited[0].training


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("hed", "did you mean head"),
        ("one.7", r"did you mean one.\d"),
        ("Head", "did you mean head"),
        ("zzzz", "known: head, one, one.0"),
    ],
)
def test_a_name_that_nothing_has_is_answered_with_the_nearest(name, advice):
    with pytest.raises(NoEffect, match=f"no module has such a name; {advice}"):
        operated(name, named())


def test_a_network_of_one_module_has_nothing_to_remove():
    with pytest.raises(NoEffect, match="no module has such a name; it has no modules inside"):
        operated("weight", nn.Linear(4, 4))


@pytest.mark.parametrize("name", ["stage1.0.shortcut", "*.1.shortcut"])
def test_what_does_nothing_already_is_no_effect(name):
    with pytest.raises(NoEffect, match="modules of that name that do something"):
        operated(name, build_model("resnet18", image_size=32))


def built(name, model):
    baseline = Recipe(data=Data(image_size=16), model=Model(name=model))
    return build(Remove(name=name).apply(baseline), 1)


@pytest.mark.parametrize(
    ("name", "model"), [("conv2", "lenet5"), ("stage2", "cifar_resnet20"), ("flatten", "lenet5"), ("fc3", "lenet5")]
)
def test_what_leaves_shapes_that_do_not_fit_is_refused_by_name(name, model):
    with pytest.raises(
        ValueError,
        match=rf"Remove\(name='{name}'\) leaves a network that .*(cannot take what reaches it|returns \(2, 84\))",
    ):
        built(name, model)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("stage1.2", "cifar_resnet20"),
        ("*norm*", "cifar_resnet20"),
        ("relu?", "lenet5"),
        ("dropout*", "alexnet"),
        ("*.branch_pool.0", "googlenet"),
    ],
)
def test_the_proof_finds_no_more_than_was_declared(proved, name, model):
    assert proved(Remove(name=name), model)[0] == "model.surgeries[remove]"
