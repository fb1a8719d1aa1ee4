"""VGG 11, 13, 16 and 19 (Simonyan and Zisserman 2015): configurations A, B, D and E, without batch norm.

Points people get wrong: batch norm came later and is an edit here, not a part; the name counts convolutions and linear
layers, not pools; the paper began the deep ones with layers of a trained shallow one, since from N(0, 0.01) they do
not leave chance. Here all start from He normal weights (He et al. 2015), which need no such help.

The small form (images under 64 pixels): the two hidden linear layers have 512 units instead of 4,096. There is no
stride to take out: 32 pixels leave one. Pools are `ceil_mode`, so that 28 pixels do too; at 224 it changes nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from torch import nn

from modules.zoo.sizes import check_size, is_small
from modules.zoo.weights import he_normal

WIDTHS = (64, 128, 256, 512, 512)


def _vgg(
    name: str, depths: tuple[int, ...], classes: int = 1000, channels: int = 3, image_size: int = 224
) -> nn.Module:
    """The VGG with these many convolutions per stage: (N, channels, image_size, image_size) images to logits
    (N, classes). Raises ValueError where the image is smaller than 16 pixels: four pools leave nothing.
    """
    check_size(name, image_size, 16)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    maps = channels
    for stage, (depth, width) in enumerate(zip(depths, WIDTHS, strict=True), start=1):
        layers[f"stage{stage}"] = _stage(maps, width, depth)
        layers[f"pool{stage}"] = nn.MaxPool2d(2, ceil_mode=True)
        maps = width
    model = nn.Sequential(layers | _classifier(classes, image_size))
    he_normal(model, model[-1])
    return model


def _stage(channels_in: int, width: int, depth: int) -> nn.Sequential:
    return nn.Sequential(_unit(channels_in, width), *(_unit(width, width) for _ in range(depth - 1)))


def _unit(channels_in: int, width: int) -> nn.Sequential:
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(channels_in, width, 3, padding=1), relu=nn.ReLU()))


def _classifier(classes: int, image_size: int) -> OrderedDict[str, nn.Module]:
    side = -(-image_size // 32)
    hidden = 512 if is_small(image_size) else 4096
    return OrderedDict(
        flatten=nn.Flatten(),
        fc1=nn.Linear(WIDTHS[-1] * side * side, hidden),
        relu1=nn.ReLU(),
        dropout1=nn.Dropout(0.5),
        fc2=nn.Linear(hidden, hidden),
        relu2=nn.ReLU(),
        dropout2=nn.Dropout(0.5),
        fc3=nn.Linear(hidden, classes),
    )


vgg11 = partial(_vgg, "vgg11", (1, 1, 2, 2, 2))
vgg13 = partial(_vgg, "vgg13", (2, 2, 2, 2, 2))
vgg16 = partial(_vgg, "vgg16", (2, 2, 3, 3, 3))
vgg19 = partial(_vgg, "vgg19", (2, 2, 4, 4, 4))
