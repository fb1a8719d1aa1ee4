"""Every check holds, none can hide, and each that goes by a formula fails where that is wrong."""

import pytest
import torch
from torch import nn

from modules import arithmetic
from modules.checks import CHECKS, carry_out, depth, ensembles, groups, kernels, logic, loop, remedies
from modules.handwork import backprop


@pytest.mark.parametrize("name", CHECKS)
def test_it_holds_and_comes_out_alike_again(name):
    found = carry_out(name)
    assert found.holds, found
    assert found.says and found.measured and found.expected
    assert carry_out(name) == found


def test_a_name_that_is_none_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="there is no check 'xor_two_layer'; did you mean xor_two_layers"):
        carry_out("xor_two_layer")


def off_by_one(true):
    return lambda *given, **named: true(*given, **named) + 1


def no_shuffle(conv, groups):
    return nn.Sequential(
        nn.Conv2d(conv.in_channels, conv.out_channels, 1, groups=groups, bias=False), nn.ChannelShuffle(1)
    )


def summed(self, pooled, indices, size):
    flat = pooled.new_zeros(*pooled.shape[:-2], size[-2] * size[-1])
    return flat.scatter_add(-1, indices.flatten(-2), pooled.flatten(-2)).unflatten(-1, size[-2:])


WRONG = {
    "output_size": [(arithmetic, "output_size", lambda n, k, s=1, p=0, d=1: -(-(n + 2 * p - d * (k - 1) - 1) // s) + 1)],
    "convolution_costs": [(arithmetic, "grouped_weights", lambda inside, outside, kernel, groups: kernel**2 * inside * outside)],
    "separable_ratio": [(arithmetic, "separable_ratio", lambda channels, kernel: 1 / kernel**2)],
    "filter_depth": [(arithmetic, "standard_weights", lambda inside, outside, kernel: kernel**2 * outside)],
    "two_threes": [(arithmetic, "standard_weights", off_by_one(arithmetic.standard_weights))],
    "epoch_is_batches": [(loop, "steps_of_an_epoch", lambda images, batch: images // batch)],
    "backprop": [(backprop, "sigmoid", lambda z: 1 / (1 + 2.0**-z))],
    "xor_two_layers": [(logic, "unit", lambda weights, bias, inputs: (inputs @ torch.tensor(weights).numpy() > bias).astype(int))],
    "xor_no_perceptron": [(logic, "_separable", lambda points: True)],
    "shuffle_exchanges": [(groups, "shuffled_group", no_shuffle)],
    "shuffle_undone": [(groups, "shuffled_group", no_shuffle)],
    "rank_one": [(kernels, "_off", lambda kernel, column, row: 0.0)],
    "max_unpool": [(kernels.MaxUnpool, "forward", summed)],
    "adam_decay_step": [(remedies, "make_optimizer", lambda kind, layer: torch.optim.SGD(layer.parameters(), 0.1))],
    "dropout_eval_off": [(nn.Dropout, "eval", lambda self: self)],
    "batchnorm_statistics": [(nn.BatchNorm1d, "eval", lambda self: self)],
    "zero_init": [(nn.init, "zeros_", nn.init.ones_)],
    "deep_gradients": [(depth, "he", depth.xavier)],
    "residual_gradients": [(depth, "build_model", lambda name, **form: true_model("cifar_plain56", **form))],
    "bootstrap_unique": [(ensembles, "IMAGES", 10)],
}  # fmt: skip
true_model = depth.build_model


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_does_not_hold(name, monkeypatch):
    for where, what, wrong in WRONG[name]:
        monkeypatch.setattr(where, what, wrong)
    assert not carry_out(name).holds
