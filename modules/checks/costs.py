"""What each kind of convolution costs, counted on real layers."""

from __future__ import annotations

from fractions import Fraction

from torch import nn

from modules import arithmetic
from modules.build import count_macs, parameter_count
from modules.checks import Checked
from modules.convolutions import stand_in

SIDE, KERNEL, STRIDE, GROUPS = 12, 3, 2, 2
CHANNELS = (4, 8)


def convolution_costs() -> Checked:
    """Weights and MACs of every kind: the formula against the numbers in a layer and those that torch counts."""
    real = {**{kind: _counted(_layer(kind)) for kind in ("standard", *KINDS)}, "transposed": _counted(_transposed())}
    wanted = {"standard": _standard(), **_of_kinds(), "transposed": _of_transposed()}
    wrong = [kind for kind, counts in real.items() if counts != wanted[kind]]
    measured = "; ".join(f"{kind} {weights} and {macs:,}" for kind, (weights, macs) in real.items())
    expected = "as the formulas say" + "".join(f"; {kind} {wanted[kind][0]} and {wanted[kind][1]:,}" for kind in wrong)
    says = f"Weights and MACs, {CHANNELS[0]} to {CHANNELS[1]} maps, {KERNEL} x {KERNEL}, stride {STRIDE}, {SIDE} pixels"
    return Checked(says, measured, expected, not wrong)


KINDS = ("pointwise", "grouped", "shuffled_group", "depthwise", "depthwise_separable", "spatially_separable")


def _layer(kind: str) -> nn.Module:
    conv = nn.Conv2d(*CHANNELS, KERNEL, STRIDE, padding=1, bias=False)
    return conv if kind == "standard" else stand_in(kind, conv, GROUPS)


def _transposed() -> nn.Module:
    return nn.ConvTranspose2d(*CHANNELS, KERNEL, STRIDE, padding=1, output_padding=1, groups=GROUPS, bias=False)


def _counted(layer: nn.Module) -> tuple[int, int]:
    return parameter_count(layer), count_macs(layer, (CHANNELS[0], SIDE, SIDE))


def _standard() -> tuple[int, int]:
    weights, out = arithmetic.standard_weights(*CHANNELS, KERNEL), _out()
    return weights, arithmetic.macs(weights, out, out)


def _of_kinds() -> dict[str, tuple[int, int]]:
    inside, outside = CHANNELS
    weights = {
        "pointwise": arithmetic.pointwise_weights(inside, outside),
        "grouped": arithmetic.grouped_weights(inside, outside, KERNEL, GROUPS),
        "shuffled_group": arithmetic.grouped_weights(inside, outside, KERNEL, GROUPS),
        "depthwise": arithmetic.depthwise_weights(inside, KERNEL, outside // inside),
        "depthwise_separable": arithmetic.depthwise_separable_weights(inside, outside, KERNEL),
    }
    out = _out()
    spatial = (
        arithmetic.spatially_separable_weights(inside, outside, KERNEL),
        arithmetic.spatially_separable_macs(inside, outside, KERNEL, out_height=out, out_width=out, in_width=SIDE),
    )
    return {kind: (count, arithmetic.macs(count, out, out)) for kind, count in weights.items()} | {
        "spatially_separable": spatial
    }


def _of_transposed() -> tuple[int, int]:
    """Each weight once for every pixel that comes in."""
    weights = arithmetic.transposed_weights(*CHANNELS, KERNEL, GROUPS)
    return weights, arithmetic.macs(weights, SIDE, SIDE)


def _out() -> int:
    return arithmetic.output_size(SIDE, KERNEL, STRIDE, padding=1)


def separable_ratio() -> Checked:
    """A depthwise separable convolution against the standard one: 1 / Cout + 1 / k^2 (Howard et al. 2017)."""
    forms = [(inside, outside, kernel) for inside in (3, 8) for outside in (4, 16, 32) for kernel in (3, 5)]
    found = [(_ratios(*form), arithmetic.separable_ratio(*form[1:])) for form in forms]
    farthest = max(abs(float(ratio) - wanted) for ratios, wanted in found for ratio in ratios)
    measured = f"{farthest:.0e} off at most, weights and MACs of {len(forms)} layers"
    return Checked("Depthwise separable costs 1 / Cout + 1 / k^2 of the standard", measured, "0", farthest < 1e-12)


def _ratios(inside: int, outside: int, kernel: int) -> tuple[Fraction, Fraction]:
    conv = nn.Conv2d(inside, outside, kernel, padding=kernel // 2, bias=False)
    pair = stand_in("depthwise_separable", conv)
    shape = (inside, SIDE, SIDE)
    return (Fraction(parameter_count(pair), parameter_count(conv)),
            Fraction(count_macs(pair, shape), count_macs(conv, shape)))  # fmt: skip
