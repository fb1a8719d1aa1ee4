"""The arithmetic of convolutions (Dumoulin and Visin 2016, arXiv:1603.07285), as functions of whole numbers.

Sizes are in pixels along one axis. `kernel` is the side of a square kernel where weights are counted. Weights are those
of the kernel; a bias adds one per channel out. One MAC is one multiply-accumulate, for one image, biases left out.

Points people get wrong: the size is rounded down, and a dilated kernel spans more pixels than it has weights; a
transposed convolution multiplies once per weight and pixel of its *input*; the first stage of a spatially separable
convolution has moved along one axis only.
"""

from __future__ import annotations


def window(kernel: int, dilation: int = 1) -> int:
    """Pixels that a kernel spans: d(k - 1) + 1."""
    _positive(kernel=kernel, dilation=dilation)
    return dilation * (kernel - 1) + 1


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Positions of the kernel: floor((n + 2p - d(k - 1) - 1) / s) + 1, with `padding` pixels on either side.

    Raises ValueError where the window is larger than the padded input.
    """
    _positive(size=size, stride=stride)
    room = size + 2 * padding - window(kernel, dilation)
    if room < 0:
        raise ValueError(
            f"a window of {window(kernel, dilation)} pixels does not fit into {size} pixels padded by {padding}: "
            f"pad by {padding - room // 2} or more, or take a smaller kernel or dilation"
        )
    return room // stride + 1


def transposed_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1, output_padding: int = 0
) -> int:
    """Size after a transposed convolution: (n - 1)s - 2p + d(k - 1) + output_padding + 1.

    It is that input size from which a convolution of the same geometry leads to `size`. Strides lead there from several
    sizes, of which `output_padding`, in [0, max(s, d) - 1], picks one. Raises ValueError where it is out of range or
    padding leaves nothing.
    """
    _positive(size=size, stride=stride)
    if not 0 <= output_padding < max(stride, dilation):
        raise ValueError(
            f"output_padding must be 0 or more and below the stride {stride} or the dilation {dilation}, "
            f"not {output_padding}; enlarge further by the next layer"
        )
    there = (size - 1) * stride - 2 * padding + window(kernel, dilation) + output_padding
    if there < 1:
        raise ValueError(f"padding of {padding} leaves {there} pixels: a transposed convolution crops by it, lower it")
    return there


def standard_weights(channels_in: int, channels_out: int, kernel: int) -> int:
    """k^2 Cin Cout."""
    return grouped_weights(channels_in, channels_out, kernel, groups=1)


def pointwise_weights(channels_in: int, channels_out: int) -> int:
    """Cin Cout (Lin et al. 2014)."""
    return standard_weights(channels_in, channels_out, kernel=1)


def grouped_weights(channels_in: int, channels_out: int, kernel: int, groups: int) -> int:
    """k^2 Cin Cout / g (Krizhevsky et al. 2012); also those of a shuffled group, for the shuffle has none.

    Raises ValueError where the groups do not divide the channels.
    """
    _positive(kernel=kernel)
    check_groups(channels_in, channels_out, groups)
    return kernel**2 * channels_in * channels_out // groups


def depthwise_weights(channels_in: int, kernel: int, multiplier: int = 1) -> int:
    """k^2 Cin m, for m maps of each channel."""
    return grouped_weights(channels_in, channels_in * multiplier, kernel, groups=channels_in)


def depthwise_separable_weights(channels_in: int, channels_out: int, kernel: int) -> int:
    """k^2 Cin + Cin Cout (Sifre 2014; Howard et al. 2017)."""
    return depthwise_weights(channels_in, kernel) + pointwise_weights(channels_in, channels_out)


def separable_ratio(channels_out: int, kernel: int) -> float:
    """Weights, and MACs, of a depthwise separable convolution relative to the standard one: 1 / Cout + 1 / k^2.

    Above 1 where there is nothing to save: at k = 1, or one channel out.
    """
    _positive(channels_out=channels_out, kernel=kernel)
    return 1 / channels_out + 1 / kernel**2


def spatially_separable_weights(channels_in: int, channels_out: int, kernel: int, middle: int | None = None) -> int:
    """k Cin Cmid + k Cmid Cout, for k x 1 then 1 x k; `middle` channels between them, by default Cout."""
    return sum(_spatial_stages(channels_in, channels_out, kernel, middle))


def transposed_weights(channels_in: int, channels_out: int, kernel: int, groups: int = 1) -> int:
    """k^2 Cin Cout / g, as torch keeps them: (Cin, Cout / g, k, k)."""
    return grouped_weights(channels_in, channels_out, kernel, groups)


def macs(weights: int, height: int, width: int) -> int:
    """Each weight is used once per pixel: of the output, or of the *input* of a transposed convolution.

    Holds for every kind but the spatially separable one.
    """
    _positive(weights=weights, height=height, width=width)
    return weights * height * width


def spatially_separable_macs(
    channels_in: int, channels_out: int, kernel: int, *,
    out_height: int, out_width: int, in_width: int, middle: int | None = None,
) -> int:  # fmt: skip
    """k Cin Cmid Ho W + k Cmid Cout Ho Wo: after the k x 1 stage the width is still that of the input."""
    vertical, horizontal = _spatial_stages(channels_in, channels_out, kernel, middle)
    return macs(vertical, out_height, in_width) + macs(horizontal, out_height, out_width)


def check_groups(channels_in: int, channels_out: int, groups: int) -> None:
    """Raises ValueError unless the groups divide both the channels in and the channels out."""
    _positive(channels_in=channels_in, channels_out=channels_out, groups=groups)
    if channels_in % groups or channels_out % groups:
        raise ValueError(
            f"groups must divide the channels in and out, and {groups} does not divide {channels_in} and "
            f"{channels_out}: take a divisor of both"
        )


def _spatial_stages(channels_in: int, channels_out: int, kernel: int, middle: int | None) -> tuple[int, int]:
    middle = channels_out if middle is None else middle
    _positive(channels_in=channels_in, channels_out=channels_out, kernel=kernel, middle=middle)
    return kernel * channels_in * middle, kernel * middle * channels_out


def _positive(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise ValueError(f"{name} must be 1 or more, not {number}")
