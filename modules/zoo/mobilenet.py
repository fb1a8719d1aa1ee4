"""MobileNetV1 (Howard et al. 2017): depthwise separable convolutions throughout.

Points people get wrong: each depthwise and each pointwise convolution has its own norm and ReLU; the last block has
stride 1 (the paper's table says 2 and does not mean it: its map stays 7 x 7).

The small form (images under 64 pixels): the first convolution has stride 1 instead of 2, so the whole network divides
the side by 16 instead of 32.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from modules.zoo.sizes import check_size, is_small

STAGES = ((64,), (128, 128), (256, 256), (512,) * 6, (1024, 1024))
"""Maps of each block; every stage but the first begins with stride 2."""


def mobilenet_v1(classes: int = 1000, channels: int = 3, image_size: int = 224) -> nn.Module:
    """MobileNetV1 of width 1: (N, channels, image_size, image_size) images to logits (N, classes).

    Raises ValueError where the image is smaller than 16 pixels: the last stage would have less than one.
    """
    check_size("mobilenet_v1", image_size, 16)
    layers = OrderedDict(stem=_stem(channels, is_small(image_size)))
    maps = 32
    for stage, widths in enumerate(STAGES, start=1):
        layers[f"stage{stage}"] = _stage(maps, widths, 1 if stage == 1 else 2)
        maps = widths[-1]
    head = OrderedDict(pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), head=nn.Linear(maps, classes))
    return nn.Sequential(layers | head)


def _stem(channels: int, small: bool) -> nn.Sequential:
    conv = nn.Conv2d(channels, 32, 3, 1 if small else 2, padding=1, bias=False)
    return nn.Sequential(OrderedDict(conv=conv, norm=nn.BatchNorm2d(32), relu=nn.ReLU()))


def _stage(channels_in: int, widths: tuple[int, ...], stride: int) -> nn.Sequential:
    sources = (channels_in, *widths[:-1])
    strides = (stride, *[1] * (len(widths) - 1))
    return nn.Sequential(*(_separable(*block) for block in zip(sources, widths, strides, strict=True)))


def _separable(channels_in: int, width: int, stride: int) -> nn.Sequential:
    """A 3 x 3 convolution of each map by itself, then a 1 x 1 convolution across maps."""
    return nn.Sequential(
        OrderedDict(
            depthwise=nn.Conv2d(channels_in, channels_in, 3, stride, padding=1, groups=channels_in, bias=False),
            norm1=nn.BatchNorm2d(channels_in),
            relu1=nn.ReLU(),
            pointwise=nn.Conv2d(channels_in, width, 1, bias=False),
            norm2=nn.BatchNorm2d(width),
            relu2=nn.ReLU(),
        )
    )
