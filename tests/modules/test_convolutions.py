"""Every kind of convolution is the standard one with a kernel of its pattern, and the identities of the field hold.

Numbers are small integers in float64, so equality is exact unless a tolerance is stated.
"""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from modules import arithmetic
from modules.arithmetic import transposed_output_size, window
from modules.build import anatomy, parameter_count
from modules.convolutions import (
    KINDS,
    MaxUnpool,
    eligible,
    gain,
    grouped,
    match_gain,
    spatially_separable,
    stand_in,
)

# torch announces that an even window with padding="same" may copy its input.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

IN, OUT, GROUPS = 4, 8, 2


def integers(*shape):
    return torch.randint(-4, 5, shape).double()


def with_integers(module):
    """The module in float64 with small whole numbers for parameters."""
    module.double()
    for parameter in module.parameters():
        parameter.data = integers(*parameter.shape)
    return module


@st.composite
def convolutions(draw):
    """A standard convolution of any geometry, and images for it."""
    pair = st.tuples
    kernel, dilation = draw(pair(*[st.integers(1, 5)] * 2)), draw(pair(*[st.integers(1, 2)] * 2))
    padding = draw(st.one_of(pair(*[st.integers(0, 4)] * 2), st.sampled_from(["same", "valid"])))
    stride = (1, 1) if padding == "same" else draw(pair(*[st.integers(1, 3)] * 2))
    mode = draw(st.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"]))
    size = []
    for axis in range(2):
        span = window(kernel[axis], dilation[axis])
        known = span // 2 if padding == "same" else 0 if padding == "valid" else padding[axis]
        least = max(1, span - 2 * known, known + 1 if mode != "zeros" else 1)
        size.append(draw(st.integers(least, least + 6)))
    conv = nn.Conv2d(
        IN, OUT, kernel, stride, padding, dilation, bias=draw(st.booleans()), padding_mode=mode, dtype=torch.float64
    )
    return with_integers(conv), integers(2, IN, *size)


def at_centre(conv, weight):
    """A k x k kernel that is zero but for its middle, (Cout, Cin, 1, 1)."""
    dense = torch.zeros_like(conv.weight)
    middle = [(side - 1) // 2 for side in conv.kernel_size]
    dense[:, :, middle[0], middle[1]] = weight[:, :, 0, 0]
    return dense


def block_diagonal(weight):
    """The kernel in which groups do not see each other, from that of a grouped convolution, (Cout, Cin / g, k, k)."""
    rows = weight.chunk(IN // weight.shape[1])
    zero = torch.zeros_like(rows[0])
    return torch.cat([torch.cat([zero] * i + [row] + [zero] * (len(rows) - 1 - i), 1) for i, row in enumerate(rows)])


def dealt(weight):
    """Channels out, (Cout, ...), dealt like cards: one of each group in turn."""
    groups = weight.chunk(GROUPS)
    return torch.stack([group[i] for i in range(len(groups[0])) for group in groups])


# The k x k kernel of a standard convolution that does what the stand-in with these weights does.
DENSE = {
    "pointwise": lambda conv, w: at_centre(conv, *w),
    "grouped": lambda conv, w: block_diagonal(*w),
    "shuffled_group": lambda conv, w: dealt(block_diagonal(*w)),
    "depthwise": lambda conv, w: block_diagonal(*w),
    "depthwise_separable": lambda conv, w: torch.einsum("ckl,oc->ockl", w[0][:, 0], w[1][:, :, 0, 0]),
    "spatially_separable": lambda conv, w: torch.einsum("mik,oml->oikl", w[0][..., 0], w[1][:, :, 0]),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150)
@given(drawn=convolutions())
def test_every_kind_does_what_the_standard_convolution_with_its_kernel_does(kind, drawn):
    conv, images = drawn
    assume(eligible(kind, conv, GROUPS))
    # In an even window that is spread evenly there is no weight in the middle.
    assume(kind != "pointwise" or all(k % 2 or d % 2 for k, d in zip(conv.kernel_size, conv.dilation, strict=True)))
    fresh = with_integers(stand_in(kind, conv, GROUPS))
    stages = [module for module in fresh.modules() if isinstance(module, nn.Conv2d)]
    conv.weight.data = DENSE[kind](conv, [stage.weight.data for stage in stages])
    if conv.bias is not None:
        conv.bias.data = stages[-1].bias.data
        if kind == "shuffled_group":
            conv.bias.data = dealt(conv.bias.data)
    assert torch.equal(fresh(images), conv(images))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150)
@given(drawn=convolutions())
def test_every_kind_has_the_output_size_of_the_convolution_whose_place_it_takes(kind, drawn):
    conv, images = drawn
    assume(eligible(kind, conv, GROUPS))
    assert stand_in(kind, conv, GROUPS)(images).shape == conv(images).shape


@pytest.mark.parametrize(
    ("kind", "names"),
    {
        "pointwise": ["weight", "bias"],
        "grouped": ["weight", "bias"],
        "shuffled_group": ["conv.weight", "conv.bias"],
        "depthwise": ["weight", "bias"],
        "depthwise_separable": ["depthwise.weight", "pointwise.weight", "pointwise.bias"],
        "spatially_separable": ["vertical.weight", "horizontal.weight", "horizontal.bias"],
    }.items(),
)
def test_stages_have_names_and_the_bias_is_in_the_last_one_if_there_is_one(kind, names):
    conv = nn.Conv2d(IN, OUT, 3, padding=1)
    assert list(stand_in(kind, conv).state_dict()) == names
    conv.bias = None
    assert list(stand_in(kind, conv).state_dict()) == [name for name in names if "bias" not in name]


@pytest.mark.parametrize(
    ("kind", "weights"),
    {
        "pointwise": arithmetic.pointwise_weights(IN, OUT),
        "grouped": arithmetic.grouped_weights(IN, OUT, 3, GROUPS),
        "shuffled_group": arithmetic.grouped_weights(IN, OUT, 3, GROUPS),
        "depthwise": arithmetic.depthwise_weights(IN, 3, OUT // IN),
        "depthwise_separable": arithmetic.depthwise_separable_weights(IN, OUT, 3),
        "spatially_separable": arithmetic.spatially_separable_weights(IN, OUT, 3),
    }.items(),
)
def test_every_kind_has_the_weights_of_its_closed_form(kind, weights):
    assert parameter_count(stand_in(kind, nn.Conv2d(IN, OUT, 3, bias=False), GROUPS)) == weights


def test_the_channels_between_a_spatially_separable_pair_can_be_chosen():
    narrow = spatially_separable(nn.Conv2d(IN, OUT, 3, bias=False), middle=3)
    assert parameter_count(narrow) == arithmetic.spatially_separable_weights(IN, OUT, 3, middle=3)


@pytest.mark.parametrize("kind", KINDS)
def test_mode_type_and_device_are_carried_and_the_convolution_is_left_alone(kind):
    conv = nn.Conv2d(IN, OUT, 3, padding=2, dtype=torch.float64).eval()
    before = anatomy(conv)
    fresh = stand_in(kind, conv)
    assert not any(module.training for module in fresh.modules())
    assert {parameter.dtype for parameter in fresh.parameters()} == {torch.float64}
    assert anatomy(conv) == before
    assert all(parameter.is_meta for parameter in stand_in(kind, conv.to("meta")).parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_weights_come_from_the_global_generator(kind):
    conv, state = nn.Conv2d(IN, OUT, 3), torch.get_rng_state()
    one, other = stand_in(kind, conv), stand_in(kind, conv)
    torch.set_rng_state(state)
    assert anatomy(stand_in(kind, conv)) == anatomy(one) != anatomy(other)


STANDARD = {"in_channels": 4, "out_channels": 8, "kernel_size": 3}


@pytest.mark.parametrize(
    ("changes", "groups", "left_out"),
    [
        ({}, 2, set()),
        ({"groups": 2}, 2, set(KINDS)),
        ({"kernel_size": 1}, 2, set(KINDS)),
        ({"kernel_size": (1, 3)}, 2, {"spatially_separable"}),
        ({"kernel_size": (3, 1)}, 2, {"spatially_separable"}),
        ({"kernel_size": 2}, 2, set()),
        ({"out_channels": 6}, 2, {"depthwise"}),
        ({"out_channels": 2}, 2, {"depthwise"}),
        ({"out_channels": 7}, 2, {"grouped", "shuffled_group", "depthwise"}),
        ({"in_channels": 1}, 2, {"grouped", "shuffled_group", "depthwise"}),
        ({}, 4, set()),
        ({}, 1, {"grouped", "shuffled_group"}),
        ({}, 8, {"grouped", "shuffled_group"}),
    ],
)
def test_a_kind_is_eligible_where_it_fits_and_changes_something(changes, groups, left_out):
    conv = nn.Conv2d(**{**STANDARD, **changes})
    assert {kind for kind in KINDS if not eligible(kind, conv, groups)} == left_out


@pytest.mark.parametrize(
    ("kind", "changes", "groups", "words"),
    [
        ("depthwise", {"groups": 4}, 2, "its channels are in 4 groups already; leave it as it is"),
        ("pointwise", {"kernel_size": 1}, 2, "its window is one pixel"),
        ("grouped", {}, 3, "2 or more and divide its channels, 4 in and 8 out, not 3"),
        ("depthwise", {"out_channels": 6}, 2, "a multiple of two or more channels in, not 6 of 4"),
        ("spatially_separable", {"kernel_size": (1, 3)}, 2, "2 or more, not 1 x 3"),
        ("deepwise", {}, 2, "there is no kind of convolution 'deepwise'; did you mean depthwise"),
    ],
)
def test_what_cannot_stand_in_is_refused_with_the_rule(kind, changes, groups, words):
    with pytest.raises(ValueError, match=words):
        stand_in(kind, nn.Conv2d(**{**STANDARD, **changes}), groups)


def test_groups_that_do_not_divide_are_refused_with_advice():
    with pytest.raises(ValueError, match="3 does not divide 4 and 8: take a divisor of both"):
        grouped(nn.Conv2d(4, 8, 3), 3)


@pytest.mark.parametrize("scale", [0.0, 0.01, 1.0, 30.0])
@pytest.mark.parametrize("kind", KINDS)
def test_white_images_keep_the_variance_that_the_old_initialisation_gave(kind, scale):
    conv = nn.Conv2d(64, 128, 3, padding=1, bias=False, padding_mode="circular")
    nn.init.normal_(conv.weight, std=scale)
    fresh = stand_in(kind, conv)
    match_gain(fresh, conv)
    *earlier, last = [gain(module).item() for module in fresh.modules() if isinstance(module, nn.Conv2d)]
    assert earlier == pytest.approx([1.0] * len(earlier), rel=1e-5)
    assert last == pytest.approx(gain(conv).item(), rel=1e-5)
    images = torch.randn(4, 64, 16, 16)
    # Over 128 channels drawn at random the variance is met within 10 %.
    assert fresh(images).var().item() == pytest.approx(conv(images).var().item(), rel=0.1)


def test_the_gain_is_the_standard_deviation_times_the_root_of_the_fan_in():
    conv = nn.Conv2d(64, 128, 3)
    nn.init.kaiming_normal_(conv.weight)
    assert gain(conv).item() == pytest.approx(2**0.5, rel=0.01)
    assert gain(conv).item() == pytest.approx(conv.weight.std(correction=0).item() * (64 * 9) ** 0.5, rel=1e-3)


@pytest.mark.parametrize("value", [0.0, 0.5])
@pytest.mark.parametrize("kind", KINDS)
def test_constant_weights_and_zeros_have_a_gain_too(kind, value):
    conv = nn.Conv2d(IN, OUT, 3)
    nn.init.constant_(conv.weight, value)
    fresh = stand_in(kind, conv)
    match_gain(fresh, conv)
    *earlier, last = [module.weight for module in fresh.modules() if isinstance(module, nn.Conv2d)]
    assert all(weight.any() and weight.isfinite().all() for weight in earlier)
    assert last.isfinite().all() and last.any() == (value > 0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_bias_is_that_of_the_convolution_whose_place_is_taken(kind):
    conv = nn.Conv2d(IN, OUT, 3)
    fresh = stand_in(kind, conv)
    match_gain(fresh, conv)
    biases = [parameter for name, parameter in fresh.named_parameters() if "bias" in name]
    assert len(biases) == 1 and torch.equal(biases[0], conv.bias)


@given(groups=st.integers(1, 5), each=st.integers(1, 5))
def test_a_shuffle_by_the_size_of_the_groups_undoes_the_shuffle_by_their_number(groups, each):
    images = integers(2, groups * each, 3, 2)
    shuffled = nn.ChannelShuffle(groups)(images)
    assert torch.equal(nn.ChannelShuffle(each)(shuffled), images)


@pytest.mark.parametrize(("kind", "seen"), [("grouped", 2), ("shuffled_group", 4)])
def test_only_after_a_shuffle_do_the_next_groups_see_every_channel(kind, seen):
    first, second = stand_in(kind, nn.Conv2d(4, 4, 3, padding=1)), grouped(nn.Conv2d(4, 4, 3, padding=1), 2)
    images = torch.randn(1, 4, 3, 3, requires_grad=True)
    second(first(images))[:, 0].sum().backward()
    assert images.grad.abs().sum((0, 2, 3)).count_nonzero() == seen


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_kernel_is_spatially_separable_exactly_where_its_rank_is_one(rank):
    kernel = sum(torch.outer(*torch.randn(2, 3, dtype=torch.float64)) for _ in range(rank))
    assert torch.linalg.matrix_rank(kernel) == rank
    conv = nn.Conv2d(1, 1, 3, padding=1, bias=False, dtype=torch.float64)
    conv.weight.data[0, 0] = kernel
    pair = spatially_separable(conv)
    # The nearest pair there is (Eckart and Young 1936): where it fails, all fail.
    rows, scales, columns = torch.linalg.svd(kernel)
    pair.vertical.weight.data[0, 0, :, 0] = rows[:, 0] * scales[0]
    pair.horizontal.weight.data[0, 0, 0] = columns[0]
    images = integers(1, 1, 6, 6)
    assert torch.allclose(pair(images), conv(images), rtol=0, atol=1e-9) == (rank == 1)


def test_pointwise_is_linear_over_the_channels_of_each_pixel():
    mixing = with_integers(stand_in("pointwise", nn.Conv2d(IN, OUT, 3, padding=1)))
    images = integers(2, IN, 5, 4)
    over_channels = F.linear(images.movedim(1, -1), mixing.weight[:, :, 0, 0], mixing.bias)
    assert torch.equal(mixing(images), over_channels.movedim(-1, 1))


@given(drawn=convolutions(), groups=st.sampled_from([1, 2, 4]))
def test_a_transposed_convolution_is_the_adjoint_of_the_convolution(drawn, groups):
    conv, images = drawn
    assume(conv.padding_mode == "zeros" and not isinstance(conv.padding, str))
    conv = with_integers(nn.Conv2d(IN, OUT, conv.kernel_size, conv.stride, conv.padding, conv.dilation, groups, False))
    there = integers(*conv(images).shape)
    missing = [
        size - transposed_output_size(out, *axis)
        for size, out, *axis in zip(
            images.shape[2:], there.shape[2:], conv.kernel_size, conv.stride, conv.padding, conv.dilation, strict=True
        )
    ]
    back = nn.ConvTranspose2d(
        OUT, IN, conv.kernel_size, conv.stride, conv.padding, missing, groups, False, conv.dilation
    ).double()
    back.weight.data = conv.weight.data
    assert (conv(images) * there).sum() == (images * back(there)).sum()


@st.composite
def pools(draw):
    """A max pool whose windows may overlap, leave gaps, or stand over the edge; and images without ties."""
    kernel = draw(st.integers(1, 3))
    pool = nn.MaxPool2d(
        kernel, draw(st.integers(1, 4)), draw(st.integers(0, kernel // 2)), return_indices=True,
        ceil_mode=draw(st.booleans()),
    )  # fmt: skip
    height, width = draw(st.integers(3, 7)), draw(st.integers(3, 7))
    return pool, (torch.randperm(2 * 3 * height * width) + 1.0).view(2, 3, height, width)


@given(drawn=pools())
def test_unpooling_puts_values_back_at_their_maximum_once_and_zero_elsewhere(drawn):
    pool, images = drawn
    pooled, indices = pool(images)
    # No two pixels are alike, so those that won a window are those whose value came through.
    won = torch.where(torch.isin(images, pooled), images, 0.0)
    assert torch.equal(MaxUnpool()(pooled, indices, images.shape), won)


def test_unpooling_gives_torch_s_answer_where_torch_is_deterministic():
    images = torch.randn(2, 3, 7, 6)
    pooled, indices = nn.MaxPool2d(2, return_indices=True)(images)
    torch.use_deterministic_algorithms(False)
    try:
        theirs = nn.MaxUnpool2d(2)(pooled, indices, output_size=images.shape)
    finally:
        torch.use_deterministic_algorithms(True)
    assert torch.equal(MaxUnpool()(pooled, indices, images.shape), theirs)


def test_of_different_values_for_one_pixel_one_is_kept():
    images = torch.zeros(1, 1, 3, 3)
    images[..., 1, 1] = 1
    pooled, indices = nn.MaxPool2d(2, stride=1, return_indices=True)(images)
    values = torch.tensor([1.0, 2.0, 3.0, 4.0]).view_as(pooled)
    unpooled = MaxUnpool()(values, indices, images.shape)
    assert unpooled.sum() == unpooled[..., 1, 1] and unpooled[..., 1, 1] in values


def test_gradients_come_back_through_the_unpooling_to_the_maxima_alone():
    images = torch.randperm(36).double().view(1, 1, 6, 6).requires_grad_()
    pooled, indices = nn.MaxPool2d(2, return_indices=True)(images)
    unpooled = MaxUnpool()(pooled, indices, images.shape)
    unpooled.sum().backward()
    assert torch.equal(images.grad, torch.isin(images, pooled).double())
