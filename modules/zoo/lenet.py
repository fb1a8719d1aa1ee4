"""LeNet-5 (LeCun et al. 1998) in its modern form.

Points people get wrong: the input is 32 x 32 (28 is padded by 2); here the third layer sees all maps of the second
(the paper's table leaves some out), subsampling is plain max pooling and the output layer is linear, so the count is
61,706 at 10 classes and one channel, not the paper's 60,000.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn


def lenet5(classes: int = 10, channels: int = 1, image_size: int = 32) -> nn.Module:
    """LeNet-5 for (N, channels, image_size, image_size) images; returns logits (N, classes).

    Raises ValueError where the image is smaller than 16 pixels: two 5 x 5 convolutions and pools leave nothing.
    """
    padding = 2 if image_size == 28 else 0
    side = ((image_size + 2 * padding - 4) // 2 - 4) // 2
    if side < 1:
        raise ValueError(f"lenet5 needs images of 16 pixels or more, not {image_size}")
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(channels, 6, 5, padding=padding),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(6, 16, 5),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc1=nn.Linear(16 * side * side, 120),
            relu3=nn.ReLU(),
            fc2=nn.Linear(120, 84),
            relu4=nn.ReLU(),
            fc3=nn.Linear(84, classes),
        )
    )
