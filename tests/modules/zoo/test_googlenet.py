"""GoogLeNet and its auxiliary heads."""

import pytest
import torch
from torch import nn

from modules.build import parameter_count
from modules.zoo.auxiliary import AuxiliaryHead, NoHead, WithAuxiliary
from modules.zoo.googlenet import GoogLeNet, Inception, googlenet


@pytest.fixture(autouse=True)
def without_storage():
    with torch.device("meta"):
        yield


@pytest.fixture
def small() -> nn.Module:
    return googlenet(classes=10, channels=1, image_size=32)


def test_the_heads_account_for_the_published_difference():
    model = googlenet()
    heads = [module for module in model.modules() if isinstance(module, AuxiliaryHead)]
    assert len(heads) == 2
    assert parameter_count(model) - sum(parameter_count(head) for head in heads) == 6_998_552


def test_training_mode_returns_the_heads_logits_as_well(small):
    out = small.train()(torch.zeros(3, 1, 32, 32))
    assert isinstance(out, WithAuxiliary)
    assert out.logits.shape == (3, 10) and [head.shape for head in out.auxiliary] == [(3, 10)] * 2


def test_eval_mode_returns_plain_logits_and_calls_no_head(small):
    for module in small.modules():
        if isinstance(module, AuxiliaryHead):
            module.register_forward_hook(lambda *_: pytest.fail("a head was called"))
    assert small.eval()(torch.zeros(3, 1, 32, 32)).shape == (3, 10)


def test_a_head_that_returns_none_is_passed_on(small):
    small.auxiliary4a = NoHead()
    out = small.train()(torch.zeros(3, 1, 32, 32))
    assert out.auxiliary[0] is None and out.auxiliary[1].shape == (3, 10)


def test_the_large_branch_is_5_by_5_and_each_convolution_has_a_bias_and_a_relu():
    for block in (module for module in googlenet().modules() if isinstance(module, Inception)):
        kernels = [conv.kernel_size[0] for conv in block.modules() if isinstance(conv, nn.Conv2d)]
        assert kernels == [1, 1, 3, 1, 5, 1]
        assert sum(isinstance(module, nn.ReLU) for module in block.modules()) == 6
        assert all(conv.bias is not None for conv in block.modules() if isinstance(conv, nn.Conv2d))


@pytest.mark.parametrize(
    ("size", "sides"), [(224, [28, 14, 7]), (96, [12, 6, 3]), (64, [8, 4, 2]), (32, [16, 8, 4]), (28, [14, 7, 3])]
)
def test_stages_work_at_these_sides(size, sides):
    model = googlenet(image_size=size)
    seen = []
    for stage in ("stage3", "stage4", "stage5"):
        model.get_submodule(stage).register_forward_hook(lambda stage, args, out: seen.append(out.shape[-1]))
    model.train()(torch.zeros(1, 3, size, size))
    assert seen == sides


def test_stages_end_with_the_widths_of_table_1():
    model = GoogLeNet(classes=10, channels=3, image_size=224)
    widths = []
    for module in model.modules():
        if isinstance(module, Inception):
            module.register_forward_hook(lambda module, args, out: widths.append(out.shape[1]))
    model.eval()(torch.zeros(1, 3, 224, 224))
    assert widths == [256, 480, 512, 512, 512, 528, 832, 832, 1024]
