"""The zoo as a whole: published counts, small forms, and networks that surgery can see into."""

import ast
from collections import Counter
from pathlib import Path

import pytest
import torch
from torch import nn

import modules.zoo
from modules.build import count_macs, parameter_count
from modules.imports import load_object
from modules.zoo.cards import MODELS

ZOO = Path(modules.zoo.__file__).parent
IMAGENET = (1000, 3, 224)
CIFAR = (10, 3, 32)

# Parameters and MACs as the papers, or torchvision's documentation of the same form, give them; MACs to three digits.
PUBLISHED = {
    "perceptron": (7_850, 7_840, (10, 1, 28)),
    "mlp": (1_735_178, 1.73e6, (10, 3, 28)),
    "lenet5": (61_706, 416_520, (10, 1, 32)),
    "lenet5_1998": (60_000, 325_680, (10, 1, 32)),
    "alexnet": (60_965_224, 724_406_816, IMAGENET),
    "alexnet_one_column": (61_100_840, 714_188_480, IMAGENET),
    "vgg11": (132_863_336, 7.61e9, IMAGENET),
    "vgg13": (133_047_848, 11.31e9, IMAGENET),
    "vgg16": (138_357_544, 15.47e9, IMAGENET),
    "vgg19": (143_667_240, 19.63e9, IMAGENET),
    "googlenet": (13_378_280, 1.58e9, IMAGENET),
    "resnet18": (11_689_512, 1.81e9, IMAGENET),
    "resnet34": (21_797_672, 3.66e9, IMAGENET),
    "resnet50": (25_557_032, 4.09e9, IMAGENET),
    "resnet101": (44_549_160, 7.80e9, IMAGENET),
    "resnet152": (60_192_808, 11.51e9, IMAGENET),
    "cifar_resnet20": (269_722, 40.6e6, CIFAR),
    "cifar_resnet32": (464_154, 68.9e6, CIFAR),
    "cifar_resnet44": (658_586, 97.2e6, CIFAR),
    "cifar_resnet56": (853_018, 125.5e6, CIFAR),
    "cifar_resnet110": (1_727_962, 252.9e6, CIFAR),
    "mobilenet_v1": (4_231_976, 569e6, IMAGENET),
    "shufflenet_v1": (1_865_728, 137e6, IMAGENET),
    "squeezenet": (1_248_424, 819e6, IMAGENET),
}
SMALLEST = {
    **dict.fromkeys(MODELS, 16),
    **dict.fromkeys((name for name in MODELS if name.startswith("cifar_")), 8),
    "perceptron": 1,
    "mlp": 1,
    "deep_mlp": 1,
    "segnet": 8,
    "alexnet": 15,
    "alexnet_one_column": 15,
    "googlenet": 8,
    "squeezenet": 14,
}
WORD = {"cifar_resnet": "a CIFAR ResNet", "cifar_plain": "a CIFAR ResNet"}

DEEP = [f"{kind}{depth}" for kind in ("resnet", "plain") for depth in (50, 101, 152)]
DEEP += [f"cifar_{kind}{depth}" for kind in ("resnet", "plain") for depth in (44, 56, 110)]

every_model = pytest.mark.parametrize("name", MODELS)
every_kind_of_model = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in DEEP else ()) for name in MODELS]
)
"""Every network; the deep ones, which are others repeated, every now and then only."""


def made(name: str, **form: int) -> nn.Module:
    """The network without storage: shapes and counts cost nothing."""
    with torch.device("meta"):
        return load_object(MODELS[name].builder)(**form)


def expected(name: str, classes: int, size: int) -> tuple[int, ...]:
    """The shape of the logits of two images: a class for each, or for each pixel."""
    return (2, classes, size, size) if MODELS[name].task == "segmentation" else (2, classes)


def logits_shape(model: nn.Module, channels: int, size: int) -> tuple[int, ...]:
    return tuple(model.eval()(torch.zeros(2, channels, size, size, device="meta")).shape)


@every_model
def test_a_network_s_own_defaults_are_its_reference_form_and_have_the_counts_of_its_card(name):
    card = MODELS[name]
    model = made(name)
    assert logits_shape(model, card.channels, card.image_size) == expected(name, card.classes, card.image_size)
    assert parameter_count(model) == card.parameters
    assert count_macs(model, (card.channels, card.image_size, card.image_size)) == card.macs


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_card_has_the_published_counts(name):
    parameters, macs, form = PUBLISHED[name]
    card = MODELS[name]
    assert (card.parameters, card.classes, card.channels, card.image_size) == (parameters, *form)
    assert card.macs == pytest.approx(macs, rel=0 if isinstance(macs, int) else 5e-3)


@every_kind_of_model
@pytest.mark.parametrize(
    ("classes", "channels", "size"),
    [
        (10, 1, 28),
        (2, 3, 32),
        (5, 1, 16),
        (4, 3, 96),
        *(pytest.param(*form, marks=pytest.mark.slow) for form in [(7, 3, 28), (100, 1, 32), (3, 1, 64)]),
    ],
)
def test_every_network_takes_small_images(name, classes, channels, size):
    model = made(name, classes=classes, channels=channels, image_size=size)
    assert logits_shape(model, channels, size) == expected(name, classes, size)


@every_kind_of_model
def test_an_image_that_is_too_small_is_refused_and_one_pixel_more_is_not(name):
    smallest = SMALLEST[name]
    model = made(name, classes=2, channels=1, image_size=smallest)
    assert logits_shape(model, 1, smallest) == expected(name, 2, smallest)
    word = WORD.get(name.rstrip("0123456789"), name)
    with pytest.raises(
        ValueError, match=f"^{word} needs images of {smallest} pixels or more, not {smallest - 1}; choose"
    ):
        made(name, classes=2, channels=1, image_size=smallest - 1)


@every_kind_of_model
def test_every_module_without_children_is_used_once_in_a_training_pass(name):
    card = MODELS[name]
    model = made(name).train()
    uses: Counter[str] = Counter()
    leaves = {path: module for path, module in model.named_modules() if not list(module.children())}
    for path, module in leaves.items():
        module.register_forward_hook(lambda *_, path=path: uses.update([path]))
    model(torch.zeros(2, card.channels, card.image_size, card.image_size, device="meta"))
    assert uses == dict.fromkeys(leaves, 1)


@every_kind_of_model
def test_stages_are_sequences_of_blocks_of_which_one_may_be_repeated(name):
    card = MODELS[name]
    model = made(name)
    for stage in (module for path, module in model.named_children() if path.startswith("stage")):
        assert isinstance(stage, nn.Sequential)
        shapes: dict[nn.Module, tuple] = {}
        hooks = [
            block.register_forward_hook(
                lambda block, args, out, shapes=shapes: shapes.update({block: (args[0].shape, out.shape)})
            )
            for block in stage
        ]
        logits_shape(model, card.channels, card.image_size)
        for hook in hooks:
            hook.remove()
        assert list(shapes) == list(stage)
        alike = [index for index, block in enumerate(stage) if shapes[block][0] == shapes[block][1]]
        if alike:
            stage.insert(alike[-1], stage[alike[-1]])
    assert logits_shape(model, card.channels, card.image_size) == expected(name, card.classes, card.image_size)


PLAIN_CALLS = {
    "torch.cat",
    "nn.functional.pad",
    "super().forward",
    "super",
    "sum",
    "range",
    "zip",
    "list",
    "WithAuxiliary",
}
"""What a forward may call besides its children and the methods of a tensor named here."""
PLAIN_METHODS = {"square", "unsqueeze", "sum"}


def functional_calls(source: str) -> set[str]:
    """Calls in any `forward` that surgery could not see."""
    forwards = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef) and node.name == "forward"
    ]
    calls = {call.func for forward in forwards for call in ast.walk(forward) if isinstance(call, ast.Call)}
    return {ast.unparse(call) for call in calls if not _plain(call)}


def _plain(call: ast.expr) -> bool:
    name = ast.unparse(call)
    if name in PLAIN_CALLS or name == "convolution" or name.startswith("self."):
        return True
    return (
        isinstance(call, ast.Attribute) and call.attr in PLAIN_METHODS and not name.startswith(("torch.", "nn.", "F."))
    )


@pytest.mark.parametrize("path", sorted(ZOO.glob("*.py")), ids=lambda path: path.name)
def test_no_activation_norm_or_pool_is_a_mere_function(path):
    assert functional_calls(path.read_text()) == set()


def test_a_mere_function_would_be_seen():
    source = "def forward(self, x):\n    x = F.relu(self.conv(x)).flatten(1)\n    return torch.max_pool2d(x.relu(), 2)"
    assert functional_calls(source) == {"F.relu", "F.relu(self.conv(x)).flatten", "torch.max_pool2d", "x.relu"}


def test_the_table_is_plain_data():
    imports = [
        node
        for node in ast.walk(ast.parse((ZOO / "cards.py").read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert {ast.unparse(node) for node in imports} == {
        "from __future__ import annotations",
        "from typing import NamedTuple",
    }


def test_the_table_begins_with_the_oldest_and_names_every_network_by_its_function():
    assert [*MODELS][:2] == ["perceptron", "mlp"] and [*MODELS][-1] == "segnet"
    assert all(card.builder.endswith(f":{name}") for name, card in MODELS.items())
