import pytest
import torch
from torch import nn

from ablations.factors.groupnorm import GroupNorm
from modules.build import build_model, parameter_count
from modules.surgery import NoEffect

IMAGES = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def operated(model, **settings):
    return GroupNorm(**settings).operate(model, torch.Generator())


def kinds(model, kind):
    return [module for module in model.modules() if isinstance(module, kind)]


@pytest.mark.parametrize("model", ["cifar_resnet20", "resnet18"])
def test_a_residual_network_has_it_in_the_place_of_every_batch_norm(model):
    network = build_model(model, classes=10, image_size=32)
    edited = operated(network)
    assert len(kinds(edited, nn.GroupNorm)) == len(kinds(network, nn.BatchNorm2d)) > 0
    assert not kinds(edited, nn.BatchNorm2d)
    assert parameter_count(edited) == parameter_count(network)
    assert {name for name, _ in edited.named_parameters()} == {name for name, _ in network.named_parameters()}
    assert not list(edited.buffers())


def test_it_is_the_network_that_a_person_would_write():
    network = build_model("cifar_resnet20", channels=3)
    edited = operated(network)
    for block in [network, *(block for stage in (network.stage1, network.stage2, network.stage3) for block in stage)]:
        for name, module in list(block.named_children()):
            if isinstance(module, nn.BatchNorm2d):
                setattr(block, name, nn.GroupNorm(8, module.num_features))
    assert torch.equal(edited(IMAGES), network(IMAGES))


def test_a_batch_of_one_is_trained_like_any_other():
    edited = operated(build_model("cifar_resnet20", channels=3)).train()
    together = edited(IMAGES)
    for index in range(len(IMAGES)):
        assert torch.allclose(edited(IMAGES[index : index + 1]), together[index], atol=1e-5)
    edited(IMAGES[:1]).sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in edited.parameters())


def test_lenets_six_maps_are_six_groups_and_its_sixteen_are_eight():
    edited = operated(build_model("lenet5"))
    assert [edited.conv1.norm.num_groups, edited.conv2.norm.num_groups] == [6, 8]


def test_a_network_with_another_norm_everywhere_is_no_effect():
    with pytest.raises(NoEffect, match="1 InstanceNorm2d"):
        operated(nn.Sequential(nn.Conv2d(3, 4, 3), nn.InstanceNorm2d(4)))


def test_a_batch_norm_with_a_forward_of_its_own_is_refused_with_the_edits_name():
    class Activating(nn.BatchNorm2d):
        def forward(self, x):
            return super().forward(x).relu()

    with pytest.raises(NoEffect, match=r"GroupNorm\(groups=8, share=1.0\) cannot be carried out here: Activating has"):
        operated(nn.Sequential(nn.Conv2d(3, 4, 3), Activating(4)))


@pytest.mark.parametrize("groups", [0, -1, 1.5])
def test_groups_out_of_range_are_refused(groups):
    with pytest.raises(ValueError, match="Input should be"):
        GroupNorm(groups=groups)


@pytest.mark.parametrize("model", ["lenet5", "mlp", "cifar_resnet20", "mobilenet_v1"])
def test_the_proof_finds_no_more_than_was_declared(proved, model):
    told = proved(GroupNorm(), model, 32)
    assert told[0] == "model.surgeries[groupnorm]"
    assert not any("redrawn" in line or "resized" in line for line in told)
