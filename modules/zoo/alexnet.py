"""AlexNet in two columns (Krizhevsky et al. 2012) and in one (Krizhevsky 2014, "One weird trick").

Points people get wrong: the two columns are groups of 2 in the second, fourth and fifth convolution, the third sees
both; without them the count is 62,378,344 and the network neither of the two. The first convolution needs images of
227 or, as here, a padding of 2 for 224. The pools overlap (3 x 3, stride 2). The response norm's alpha is 1e-4 for the
*sum* over 5 maps. The one-column network has 64, 192, 384, 256 and 256 maps and no response norm.

The small form (images under 64 pixels): the first convolution has stride 2 and padding 5 instead of 4 and 2, and the
two hidden linear layers have 512 units instead of 4,096. Weights are He normal (He et al.
2015): from the paper's N(0, 0.01), and from torch's default, a small one does not leave chance.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from modules.zoo.response_norm import ResponseNorm
from modules.zoo.sizes import check_size, is_small
from modules.zoo.weights import he_normal

SMALLEST = 15
"""Pixels that a convolution and three pools of stride 2 leave something of."""


def alexnet(classes: int = 1000, channels: int = 3, image_size: int = 224) -> nn.Module:
    """The two columns of 2012: (N, channels, image_size, image_size) images to logits (N, classes).

    Raises ValueError where the image is smaller than 15 pixels.
    """
    check_size("alexnet", image_size, SMALLEST)
    features = OrderedDict(
        conv1=_first(channels, 96, image_size),
        relu1=nn.ReLU(),
        norm1=ResponseNorm(),
        pool1=_pool(),
        conv2=nn.Conv2d(96, 256, 5, padding=2, groups=2),
        relu2=nn.ReLU(),
        norm2=ResponseNorm(),
        pool2=_pool(),
        conv3=nn.Conv2d(256, 384, 3, padding=1),
        relu3=nn.ReLU(),
        conv4=nn.Conv2d(384, 384, 3, padding=1, groups=2),
        relu4=nn.ReLU(),
        conv5=nn.Conv2d(384, 256, 3, padding=1, groups=2),
        relu5=nn.ReLU(),
        pool5=_pool(),
    )
    model = nn.Sequential(features | _classifier(classes, image_size))
    he_normal(model, model[-1])
    return model


def alexnet_one_column(classes: int = 1000, channels: int = 3, image_size: int = 224) -> nn.Module:
    """The one column of 2014: (N, channels, image_size, image_size) images to logits (N, classes).

    Raises ValueError where the image is smaller than 15 pixels.
    """
    check_size("alexnet_one_column", image_size, SMALLEST)
    features = OrderedDict(
        conv1=_first(channels, 64, image_size),
        relu1=nn.ReLU(),
        pool1=_pool(),
        conv2=nn.Conv2d(64, 192, 5, padding=2),
        relu2=nn.ReLU(),
        pool2=_pool(),
        conv3=nn.Conv2d(192, 384, 3, padding=1),
        relu3=nn.ReLU(),
        conv4=nn.Conv2d(384, 256, 3, padding=1),
        relu4=nn.ReLU(),
        conv5=nn.Conv2d(256, 256, 3, padding=1),
        relu5=nn.ReLU(),
        pool5=_pool(),
    )
    model = nn.Sequential(features | _classifier(classes, image_size))
    he_normal(model, model[-1])
    return model


def _first(channels: int, maps: int, image_size: int) -> nn.Module:
    stride, padding = (2, 5) if is_small(image_size) else (4, 2)
    return nn.Conv2d(channels, maps, 11, stride, padding)


def _pool() -> nn.Module:
    """ceil_mode makes no difference at 224 pixels; small images would lose their last rows to it."""
    return nn.MaxPool2d(3, 2, ceil_mode=True)


def _classifier(classes: int, image_size: int) -> OrderedDict[str, nn.Module]:
    after_conv1 = (image_size - 1) // 2 + 1 if is_small(image_size) else (image_size - 7) // 4 + 1
    side = after_conv1 // 8
    hidden = 512 if is_small(image_size) else 4096
    return OrderedDict(
        flatten=nn.Flatten(),
        fc6=nn.Linear(256 * side * side, hidden),
        relu6=nn.ReLU(),
        dropout6=nn.Dropout(0.5),
        fc7=nn.Linear(hidden, hidden),
        relu7=nn.ReLU(),
        dropout7=nn.Dropout(0.5),
        fc8=nn.Linear(hidden, classes),
    )
