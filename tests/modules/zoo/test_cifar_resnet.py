"""The CIFAR ResNets and their plain twins."""

import pytest
import torch
from torch import fx, nn

from modules.zoo import cifar_resnet
from modules.zoo.cifar_resnet import BasicBlock, ShortcutA


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110])
@pytest.mark.parametrize("kind", ["resnet", "plain"])
def test_the_name_counts_convolutions_and_the_linear_layer(kind, depth):
    with torch.device("meta"):
        model = getattr(cifar_resnet, f"cifar_{kind}{depth}")()
    assert sum(isinstance(module, nn.Conv2d | nn.Linear) for module in model.modules()) == depth


def test_twins_draw_the_same_weights_under_one_seed():
    torch.manual_seed(1)
    one = cifar_resnet.cifar_resnet20().state_dict()
    torch.manual_seed(1)
    two = cifar_resnet.cifar_plain20().state_dict()
    assert list(one) == list(two)
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_resnet_without_its_additions_is_its_plain_twin():
    with_skip, plain = cifar_resnet.cifar_resnet20(), cifar_resnet.cifar_plain20()
    plain.load_state_dict(with_skip.state_dict())
    x = torch.randn(2, 3, 16, 16)
    assert not torch.allclose(with_skip(x), plain(x))
    for module in with_skip.modules():
        if isinstance(module, BasicBlock):
            module.shortcut = None
    assert torch.equal(with_skip(x), plain(x))


def test_option_a_takes_every_second_pixel_and_fills_up_with_zeros():
    x = torch.randn(1, 16, 4, 4)
    out = ShortcutA(growth=2, stride=2)(x)
    assert torch.equal(out[:, 8:24], x[:, :, ::2, ::2])
    assert not out[:, :8].any() and not out[:, 24:].any()
    assert torch.equal(ShortcutA(growth=1, stride=1)(x), x)


@pytest.mark.parametrize("block", [BasicBlock(8, 8, 1, True), BasicBlock(8, 16, 2, True), BasicBlock(8, 16, 2, False)])
def test_a_block_can_be_traced(block):
    x = torch.randn(2, 8, 6, 6)
    assert torch.equal(fx.symbolic_trace(block.eval())(x), block(x))
