"""The ImageNet ResNets and their plain twins."""

import pytest
import torch
from torch import fx, nn

from modules.zoo import resnet
from modules.zoo.resnet import BasicBlock, Bottleneck

DEPTHS = [18, 34, 50, 101, 152]
SMALL = {"classes": 10, "channels": 1, "image_size": 32}


def built(kind: str, depth: int, **form: int) -> nn.Module:
    return getattr(resnet, f"{kind}{depth}")(**form)


def blocks(model: nn.Module) -> list[nn.Module]:
    return [module for module in model.modules() if isinstance(module, BasicBlock | Bottleneck)]


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_name_counts_the_layers_on_the_longest_way(depth):
    with torch.device("meta"):
        model = built("plain", depth)
    assert sum(isinstance(module, nn.Conv2d | nn.Linear) for module in model.modules()) == depth


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_plain_twin_lacks_nothing_but_the_projections(depth):
    with torch.device("meta"):
        twins = [built(kind, depth) for kind in ("resnet", "plain")]
    shapes = [{name: tuple(weight.shape) for name, weight in twin.named_parameters()} for twin in twins]
    assert {name: shape for name, shape in shapes[0].items() if ".shortcut." not in name} == shapes[1]
    projections = [block for block in blocks(twins[0]) if isinstance(block.shortcut, nn.Sequential)]
    assert len(projections) == (3 if depth < 50 else 4)


@pytest.mark.parametrize("depth", [18, 50])
def test_a_resnet_without_its_additions_is_its_plain_twin(depth):
    with_skip, plain = built("resnet", depth, **SMALL), built("plain", depth, **SMALL)
    left = plain.load_state_dict(with_skip.state_dict(), strict=False)
    assert not left.missing_keys
    x = torch.randn(2, 1, 32, 32)
    assert not torch.allclose(with_skip(x), plain(x))
    for block in blocks(with_skip):
        block.shortcut = None
    assert torch.equal(with_skip(x), plain(x))


@pytest.mark.parametrize("block", [BasicBlock(8, 8, 1, True), BasicBlock(8, 16, 2, True), Bottleneck(32, 8, 1, True)])
def test_a_block_adds_its_shortcut_then_applies_the_last_relu_and_can_be_traced(block):
    block.eval()
    x = torch.randn(2, block.conv1.in_channels, 6, 6)
    last = block.get_submodule("relu3" if isinstance(block, Bottleneck) else "relu2")
    sums = []
    last.register_forward_pre_hook(lambda module, args: sums.append(args[0]))
    out = block(x)
    shortcut, block.shortcut = block.shortcut, None
    block(x)
    assert torch.equal(out, (sums[1] + shortcut(x)).relu())
    block.shortcut = shortcut
    graph = fx.symbolic_trace(block)
    assert torch.equal(graph(x), out)
    assert sum(node.op == "call_function" for node in graph.graph.nodes) == 1


def test_a_bottleneck_has_its_stride_in_the_3_by_3():
    block = Bottleneck(256, 128, stride=2, skip=True)
    assert [conv.stride for conv in (block.conv1, block.conv2, block.conv3)] == [(1, 1), (2, 2), (1, 1)]


@pytest.mark.parametrize(
    ("size", "sides"), [(224, [56, 28, 14, 7]), (64, [16, 8, 4, 2]), (32, [16, 8, 4, 2]), (28, [14, 7, 4, 2])]
)
def test_stages_work_at_these_sides(size, sides):
    with torch.device("meta"):
        model = built("resnet", 18, image_size=size)
    seen = []
    for stage in range(1, 5):
        model.get_submodule(f"stage{stage}").register_forward_hook(lambda stage, args, out: seen.append(out.shape[-1]))
    model(torch.zeros(2, 3, size, size, device="meta"))
    assert seen == sides


def test_convolutions_start_from_he_normal_weights_by_their_outputs():
    conv = built("resnet", 18, **SMALL).get_submodule("stage4.0.conv1")
    assert conv.weight.std().item() == pytest.approx((2 / (512 * 9)) ** 0.5, rel=0.01)
