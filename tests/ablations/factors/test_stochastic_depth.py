import pytest
import torch
from torch import nn

from ablations.arms import Arm
from ablations.factors.depth import Depth
from ablations.factors.skip import Skip
from ablations.factors.stochastic_depth import StochasticDepth
from modules.build import build, build_model
from modules.recipe import Data, Model, Recipe
from modules.surgery import NoEffect

IMAGES = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def operated(model, p=0.5):
    return StochasticDepth(p=p).operate(model, torch.Generator())


@pytest.mark.parametrize("model", ["lenet5", "cifar_plain20", "squeezenet", "googlenet"])
def test_a_network_without_skips_is_no_effect(model):
    with pytest.raises(NoEffect, match=r"StochasticDepth\(p=0.2\) changes nothing here: it looks for skip connections"):
        operated(build_model(model), 0.2)


def test_sums_that_no_trace_sees_are_refused_with_the_edits_name():
    with pytest.raises(NoEffect, match=r"StochasticDepth\(p=0.5\) cannot be carried out here: sums in a forward"):
        operated(nn.TransformerEncoderLayer(4, 2))


@pytest.mark.parametrize("model", ["cifar_resnet20", "resnet18", "shufflenet_v1"])
def test_in_eval_mode_the_network_is_as_before_bit_for_bit(model):
    network = build_model(model, classes=10, image_size=32).eval()
    edited = operated(network)
    assert torch.equal(edited(IMAGES), network(IMAGES))
    assert edited.state_dict().keys() == network.state_dict().keys()


def test_with_a_p_close_to_one_the_last_block_hardly_ever_learns_and_the_first_one_does():
    torch.manual_seed(1)
    edited = operated(build_model("cifar_resnet20", classes=10, channels=3), 1 - 1e-9)
    edited(IMAGES).square().sum().backward()
    assert not edited.stage3[2].conv1.weight.grad.any()
    assert edited.stage1[0].conv1.weight.grad.any()


def summed(block, maps):
    """What a block has before its last ReLU, and the branch in it."""
    seen = []
    block.relu2.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    block.norm2.register_forward_hook(lambda module, args, output: seen.append(output))
    with torch.no_grad():
        block(maps)
    branch, total = seen
    return total, branch


def test_the_expectation_of_a_block_is_the_block():
    torch.manual_seed(2)
    network, maps = build_model("cifar_resnet20").eval(), torch.rand(1, 64, 4, 4)
    block = operated(network).stage3[2]
    block.stochastic_depth.train()
    drawn, _ = summed(block, maps.repeat(2000, 1, 1, 1))
    expected, branch = summed(network.stage3[2], maps)
    spread = branch.abs() / 2000**0.5  # each draw is 0 or twice the branch, so the branch is their spread
    assert ((drawn.mean(0) - expected).abs() <= 5 * spread + 1e-4).all()


def rates(model):
    kind = "StochasticDepth"
    return [module.p for module in model.modules() if type(module).__name__ == kind]


def recipe(*edits):
    return Arm("arm", edits).recipe(Recipe(data=Data(image_size=16), model=Model(name="cifar_resnet20")))


def test_blocks_that_another_edit_brings_are_counted_whatever_the_order():
    for edits in ((StochasticDepth(p=0.5), Depth(multiplier=2.0)), (Depth(multiplier=2.0), StochasticDepth(p=0.5))):
        found = rates(build(recipe(*edits), 1))
        assert found == pytest.approx([0.5 * block / 18 for block in range(1, 19)])


def test_beside_skips_that_are_off_it_has_nothing_to_do():
    with pytest.raises(NoEffect, match="StochasticDepth"):
        build(recipe(StochasticDepth(), Skip()), 1)


@pytest.mark.parametrize(("model", "blocks"), [("cifar_resnet20", 9), ("resnet18", 8), ("shufflenet_v1", 13)])
def test_the_proof_finds_no_more_than_was_declared(proved, model, blocks):
    told = proved(StochasticDepth(), model, 32)
    assert told == [
        "model.surgeries[stochastic_depth]", f"+{blocks} StochasticDepth modules", "initial weights equal",
        "parameters equal",
    ]  # fmt: skip
