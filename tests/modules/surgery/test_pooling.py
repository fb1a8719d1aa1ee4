"""Kinds of subsampling stand in for one another: sizes stay, and `stride` is that of the convolution before."""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import fx, nn
from torch.nn import functional as F

from modules.surgery.passes import Shapes
from modules.surgery.pooling import KINDS, Window, call_kind, is_global, kind_of, pool_of_call


@st.composite
def geometries(draw, ceils=(False, True)):
    """Settings that torch accepts, and a size that is large enough for them."""
    kernel = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    assume(max(kernel) > 1)
    stride = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    assume(max(stride) > 1)
    padding = tuple(draw(st.integers(0, side // 2)) for side in kernel)
    size = tuple(draw(st.integers(side, 13)) for side in kernel)
    return kernel, stride, padding, draw(st.sampled_from(ceils)), size


@given(geometries(), st.sampled_from([nn.MaxPool2d, nn.AvgPool2d]))
def test_every_kind_gives_the_size_of_every_other(geometry, pool):
    kernel, stride, padding, ceil, size = geometry
    images = torch.rand(2, 3, *size)
    baseline = pool(kernel, stride, padding, ceil_mode=ceil)
    for make in KINDS.values():
        assert make(Window.of(baseline))(images).shape == baseline(images).shape


@given(geometries())
def test_each_kind_takes_what_its_name_says_from_every_window(geometry):
    """Against windows cut out by hand, of pixels that are all in the image."""
    kernel, stride, padding, ceil, size = geometry
    images = torch.rand(1, 1, *size, dtype=torch.float64)
    pooled = {kind: make(Window(kernel, stride, padding, ceil))(images)[0, 0] for kind, make in KINDS.items()}
    for row in range(pooled["max"].shape[0]):
        for column in range(pooled["max"].shape[1]):
            top, left = row * stride[0] - padding[0], column * stride[1] - padding[1]
            if min(top, left) < 0 or top + kernel[0] > size[0] or left + kernel[1] > size[1]:
                continue
            window = images[0, 0, top : top + kernel[0], left : left + kernel[1]]
            assert pooled["max"][row, column] == window.max()
            assert pooled["average"][row, column] == pytest.approx(window.mean().item())
            assert pooled["stride"][row, column] == window[(kernel[0] - 1) // 2, (kernel[1] - 1) // 2]


@pytest.mark.parametrize(("kernel", "padding"), [(2, 0), (3, 1), (1, 0)])
@pytest.mark.parametrize("stride", [2, 3])
@pytest.mark.parametrize("size", [8, 9, 12])
def test_stride_is_exactly_what_the_convolution_before_gives_with_that_stride(kernel, padding, stride, size):
    conv, images = nn.Conv2d(2, 4, 3, padding=1), torch.rand(2, 2, size, size)
    pooled = KINDS["stride"](Window((kernel,) * 2, (stride,) * 2, (padding,) * 2, False))
    strided = F.conv2d(images, conv.weight, conv.bias, stride=stride, padding=1).relu()
    shape = pooled(conv(images)).shape
    assert torch.allclose(pooled(conv(images).relu()), strided[:, :, : shape[2], : shape[3]], atol=1e-6)


def test_overlapping_pools_read_the_middle_of_their_windows():
    ramp = torch.arange(7.0).expand(1, 1, 7, 7)
    assert KINDS["stride"](Window((3, 3), (2, 2), (0, 0), False))(ramp)[0, 0, 0].tolist() == [1, 3, 5]
    assert KINDS["stride"](Window((3, 3), (2, 2), (1, 1), False))(ramp)[0, 0, 0].tolist() == [0, 2, 4, 6]


@pytest.mark.parametrize(
    "pool",
    [
        nn.MaxPool2d(3, 1), nn.AvgPool2d(3, 1, padding=1), nn.MaxPool2d(2, return_indices=True), nn.MaxPool2d(2, dilation=2),
        nn.MaxPool2d(1, 2), nn.AdaptiveAvgPool2d(1), nn.MaxPool1d(2), nn.ReLU(),
    ],
)  # fmt: skip
def test_some_pools_have_no_window(pool):
    assert Window.of(pool) is None


CALLS = [
    (lambda x: F.max_pool2d(x, 2), "max"),
    (lambda x: F.max_pool2d(x, (3, 2), stride=2, padding=1, ceil_mode=True), "max"),
    (lambda x: F.max_pool2d(x, 3, 2, 1, 1, True), "max"),
    (lambda x: F.max_pool2d(x, kernel_size=[2, 2]), "max"),
    (lambda x: torch.max_pool2d(x, 3, 2), "max"),
    (lambda x: torch.max_pool2d(x, 2), "max"),
    (lambda x: F.avg_pool2d(x, 2), "average"),
    (lambda x: F.avg_pool2d(x, 3, 2, 1, True, False), "average"),
    (lambda x: F.avg_pool2d(x, (2, 3), stride=(2, 1), padding=(0, 1), divisor_override=1), "average"),
    (lambda x: F.avg_pool2d(x, kernel_size=4), "average"),
]


@pytest.mark.parametrize(("function", "kind"), CALLS)
def test_a_functional_call_and_its_module_do_the_same(function, kind):
    images = torch.rand(2, 3, 9, 10)
    node = next(node for node in fx.symbolic_trace(function).graph.nodes if node.op == "call_function")
    pool = pool_of_call(node)
    assert torch.equal(pool(images), function(images))
    assert call_kind(node) == kind_of(pool) == kind
    assert Window.of_call(node) == Window.of(pool) is not None


@pytest.mark.parametrize(
    "function",
    [lambda x: F.avg_pool2d(x, x.size()[2:]), lambda x: F.max_pool2d(x, x.size(2)), lambda x: F.max_pool2d(x, 2, return_indices=True)[0],
     lambda x: F.adaptive_avg_pool2d(x, 1), lambda x: F.max_pool2d(x, 3, 1), lambda x: F.max_pool2d(x, 2, dilation=2)],
)  # fmt: skip
def test_some_functional_pools_have_no_window(function):
    assert not any(Window.of_call(node) for node in fx.symbolic_trace(function).graph.nodes)


@pytest.mark.parametrize(
    ("pool", "size", "expected"),
    [
        (nn.AvgPool2d(4), (4, 4), True), (nn.AvgPool2d(7), (4, 7), True), (nn.AvgPool2d(4), (8, 8), False),
        (nn.AvgPool2d((4, 2)), (4, 4), False), (nn.MaxPool2d(4), (4, 4), False),
    ],
)  # fmt: skip
def test_an_average_of_whole_maps_is_global(pool, size, expected):
    assert is_global(pool, Shapes(torch.Size((2, 3, *size)), None)) is expected


def test_of_a_pool_that_was_not_seen_nothing_is_known():
    assert not is_global(nn.AvgPool2d(4), None)


def test_gradients_reach_just_the_pixels_that_are_read():
    images = torch.rand(1, 1, 6, 6, requires_grad=True)
    KINDS["stride"](Window((3, 3), (2, 2), (0, 0), False))(images).sum().backward()
    assert images.grad.sum() == 4
    assert (images.grad[0, 0, 1::2, 1::2][:2, :2] == 1).all()
