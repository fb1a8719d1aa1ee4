"""LeNet-5 as in the paper: every number of its section II."""

import pytest
import torch
from torch import nn

from modules.zoo.lenet import C3_TABLE, PartialConvolution, RadialBasis, ScaledTanh, Subsampling, lenet5, lenet5_1998

PARAMETERS = {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164, "output": 0}
CONNECTIONS = {"c1": 122_304, "s2": 5_880, "c3": 151_600, "s4": 2_000, "c5": 48_120, "f6": 10_164, "output": 840}


@pytest.mark.parametrize(("layer", "parameters"), PARAMETERS.items())
def test_each_layer_of_the_paper_has_its_parameters(layer, parameters):
    assert sum(parameter.numel() for parameter in lenet5_1998().get_submodule(layer).parameters()) == parameters


def connections() -> dict[str, int]:
    """Inputs of every unit, its bias among them, counted from what the layers really see."""
    counts: dict[str, int] = {}

    def count(layer, module, args, out):
        pixels = out[0, 0].numel()
        if isinstance(module, nn.Conv2d):
            inputs = module.weight[0].numel() + 1
            units = len(module.weight) * pixels
        elif isinstance(module, Subsampling):
            inputs, units = module.sum.kernel_size**2 + 1, out[0].numel()
        elif isinstance(module, nn.Linear):
            inputs, units = args[0].shape[1] + 1, out.shape[1]
        else:
            inputs, units = args[0].shape[1], out.shape[1]
        counts[layer] = counts.get(layer, 0) + inputs * units

    model = lenet5_1998()
    for path, module in model.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear | Subsampling | RadialBasis):
            layer = path.partition(".")[0]
            module.register_forward_hook(lambda *seen, layer=layer: count(layer, *seen))
    model(torch.zeros(1, 1, 32, 32))
    return counts


def test_the_paper_s_network_has_its_340908_connections():
    assert connections() == CONNECTIONS
    assert sum(CONNECTIONS.values()) == 340_908


def test_the_table_has_sixty_links_three_four_or_six_to_a_map_and_ten_from_each():
    assert [len(maps) for maps in C3_TABLE] == [3] * 6 + [4] * 9 + [6]
    assert [sum(source in maps for maps in C3_TABLE) for source in range(6)] == [10] * 6
    assert len(set(C3_TABLE)) == 16


def test_a_map_of_the_third_layer_depends_on_the_maps_of_its_row_alone():
    layer = PartialConvolution(C3_TABLE)
    for row, maps in enumerate(C3_TABLE):
        x = torch.randn(1, 6, 5, 5, requires_grad=True)
        layer(x)[0, row].sum().backward()
        seen = x.grad.abs().sum((0, 2, 3)).nonzero().flatten().tolist()
        assert seen == list(maps)


def test_squashing_keeps_one_and_minus_one_where_they_are():
    ends = ScaledTanh()(torch.tensor([-1.0, 0.0, 1.0, 100.0]))
    assert torch.allclose(ends, torch.tensor([-1.0, 0.0, 1.0, 1.7159]), atol=1e-4)


def test_subsampling_sums_then_scales_and_shifts_each_map():
    layer = Subsampling(2)
    with torch.no_grad():
        layer.coefficient.copy_(torch.tensor([2.0, -1.0]).view(2, 1, 1))
        layer.bias.copy_(torch.tensor([0.5, 3.0]).view(2, 1, 1))
    x = torch.arange(32.0).view(1, 2, 4, 4)
    sums = x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]
    assert torch.equal(layer(x)[0, 0], 2 * sums[0, 0] + 0.5)
    assert torch.equal(layer(x)[0, 1], 3 - sums[0, 1])


def test_logits_are_minus_half_the_squared_distances_to_the_codes():
    layer = RadialBasis(10)
    x = torch.randn(5, 84)
    assert torch.allclose(layer(x), -(torch.cdist(x, layer.codes) ** 2) / 2, atol=1e-3)
    assert torch.equal(layer(layer.codes).argmax(1), torch.arange(10))
    assert torch.equal(layer(layer.codes).diagonal(), torch.zeros(10))


@pytest.mark.parametrize("classes", [1, 2, 10, 11, 1000])
def test_codes_are_distinct_signs_that_are_not_trained_and_depend_on_no_seed(classes):
    layer = RadialBasis(classes)
    assert layer.codes.shape == (classes, 84)
    assert set(layer.codes.flatten().tolist()) == {-1.0, 1.0}
    assert len(layer.codes.unique(dim=0)) == classes
    assert not list(layer.parameters()) and "codes" in layer.state_dict()
    torch.manual_seed(17)
    assert torch.equal(RadialBasis(classes).codes, layer.codes)


def test_the_code_of_a_digit_is_its_picture():
    ink = RadialBasis(10).codes.view(10, 12, 7) > 0
    one, eight = ink[1], ink[8]
    assert one[:10, 3:5].all() and not one[10:].any()
    assert torch.equal(eight, eight.flip(1)) and not ink[0, 4:8, 2:5].any()


@pytest.mark.parametrize("build", [lenet5, lenet5_1998])
def test_28_pixels_are_padded_to_32(build):
    small, large = (sum(parameter.numel() for parameter in build(image_size=size).parameters()) for size in (28, 32))
    assert small == large


def test_the_modern_form_keeps_the_names_under_which_runs_were_recorded():
    layers = "conv1 relu1 pool1 conv2 relu2 pool2 flatten fc1 relu3 fc2 relu4 fc3"
    assert [name for name, _ in lenet5().named_children()] == layers.split()
