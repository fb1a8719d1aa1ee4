"""SqueezeNet 1.0 (Iandola et al. 2016): Fire modules, and no linear layer at all.

Points people get wrong: the classifier is a 1 x 1 convolution with a ReLU, averaged over the map; the pools sit behind
the first convolution, the fourth and the eighth layer (1.1 has them elsewhere, and 2.4 times fewer MACs); the first
convolution has no padding; dropout comes before the last convolution. Weights are He normal (He et al. 2015), since
there is no norm.

The small form (images under 64 pixels): the first convolution has stride 1 instead of 2.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn

from modules.zoo.sizes import check_size, is_small
from modules.zoo.weights import he_normal


class Fire(nn.Module):
    """Squeezes to few maps by 1 x 1, then expands by 1 x 1 and by 3 x 3 to `expand` maps each, concatenated."""

    def __init__(self, channels_in: int, squeeze: int, expand: int):
        super().__init__()
        self.squeeze = nn.Conv2d(channels_in, squeeze, 1)
        self.relu = nn.ReLU()
        self.expand1 = nn.Conv2d(squeeze, expand, 1)
        self.relu1 = nn.ReLU()
        self.expand3 = nn.Conv2d(squeeze, expand, 3, padding=1)
        self.relu3 = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.squeeze(x))
        return torch.cat([self.relu1(self.expand1(x)), self.relu3(self.expand3(x))], dim=1)


def squeezenet(classes: int = 1000, channels: int = 3, image_size: int = 224) -> nn.Module:
    """SqueezeNet 1.0: (N, channels, image_size, image_size) images to logits (N, classes).

    Raises ValueError where the image is smaller than 14 pixels: a 7 x 7 convolution and three pools leave nothing.
    """
    check_size("squeezenet", image_size, 14)
    model = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(channels, 96, 7, 1 if is_small(image_size) else 2),
            relu1=nn.ReLU(),
            pool1=_pool(),
            stage1=nn.Sequential(Fire(96, 16, 64), Fire(128, 16, 64), Fire(128, 32, 128)),
            pool2=_pool(),
            stage2=nn.Sequential(Fire(256, 32, 128), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256)),
            pool3=_pool(),
            stage3=nn.Sequential(Fire(512, 64, 256)),
            dropout=nn.Dropout(0.5),
            conv10=nn.Conv2d(512, classes, 1),
            relu10=nn.ReLU(),
            average=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
        )
    )
    he_normal(model)
    return model


def _pool() -> nn.Module:
    return nn.MaxPool2d(3, 2, ceil_mode=True)
