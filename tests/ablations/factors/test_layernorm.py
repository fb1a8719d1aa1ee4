import pytest
import torch
from torch import nn

from ablations.factors.groupnorm import GroupNorm
from ablations.factors.layernorm import LayerNorm
from modules.build import build_model
from modules.surgery import NoEffect

IMAGES = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(0))


def operated(model, **settings):
    return LayerNorm(**settings).operate(model, torch.Generator())


def test_what_an_activation_sees_has_mean_zero_and_spread_one_in_every_example():
    edited, seen = operated(build_model("lenet5")), []
    edited.relu1.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    edited(IMAGES * 5 - 2)
    assert torch.allclose(seen[0].mean((1, 2, 3)), torch.zeros(4), atol=1e-5)
    assert torch.allclose(seen[0].var((1, 2, 3), correction=0), torch.ones(4), atol=1e-3)


@pytest.mark.parametrize("model", ["lenet5", "cifar_resnet20"])
def test_an_example_does_not_depend_on_the_others_in_its_batch(model):
    edited = operated(build_model(model, channels=1, image_size=32))
    alone, together = edited.train()(IMAGES[:1]), edited(IMAGES)[:1]
    assert torch.allclose(alone, together, atol=1e-5)
    assert torch.equal(edited(IMAGES), edited.eval()(IMAGES))


def test_maps_get_one_group_and_the_convolution_loses_its_bias():
    edited = operated(build_model("lenet5"))
    assert [edited.conv1.norm.num_groups, edited.conv2.norm.num_groups] == [1, 1]
    assert edited.conv1.bias is None
    assert edited.fc1.bias is not None


def test_hidden_linear_layers_get_it_where_there_is_no_convolution():
    edited = operated(build_model("mlp"))
    names = [name for name, module in edited.named_modules() if isinstance(module, nn.LayerNorm)]
    assert names == [f"{name}.norm" for name, module in edited.named_modules() if isinstance(module, nn.Linear)][:-1]


def test_in_the_place_of_batch_norms_it_is_a_group_norm_of_one_group():
    network = build_model("cifar_resnet20", channels=1)
    one, other = operated(network), GroupNorm(groups=1).operate(network, torch.Generator())
    assert torch.equal(one(IMAGES), other(IMAGES))


def test_half_a_share_is_half_of_the_places():
    edited = operated(build_model("cifar_resnet20"), share=0.5)
    kinds = [type(module) for module in edited.modules() if isinstance(module, nn.BatchNorm2d | nn.GroupNorm)]
    assert kinds == [nn.GroupNorm] * 10 + [nn.BatchNorm2d] * 9


def test_twice_is_once_too_often():
    with pytest.raises(NoEffect, match=r"it looks for batch norms, and convolutions .* that no norm follows"):
        operated(operated(build_model("lenet5")))


@pytest.mark.parametrize("model", ["lenet5", "mlp", "cifar_resnet20", "vgg11"])
def test_the_proof_finds_no_more_than_was_declared(proved, model):
    told = proved(LayerNorm(), model, 32)
    assert told[0] == "model.surgeries[layernorm]"
    assert not any("redrawn" in line or "resized" in line for line in told)
