"""What is done to training images, kind after kind."""

from __future__ import annotations

import torch

from modules.data.augmenting.affine import affine
from modules.data.augmenting.crop import crop
from modules.data.augmenting.cutout import cutout
from modules.data.augmenting.randaugment import randaugment
from modules.data.normal import Normal
from modules.data.settings import Augmentation
from modules.streams import Streams

PIXELS = Normal(torch.zeros(1, 1, 1), torch.ones(1, 1, 1))
"""Pixels that are left as they are."""


class Augmenter:
    """Augments batches of images (N, C, S, S) as `how` says; each kind draws from a stream of its own, so that
    switching one on does not move another's draws. Off returns the images as they are.

    `normal` says how pixels became images, `mean` (C, 1, 1) is the mean pixel of the training images as they are here,
    which cutout leaves behind: 0 where they are standardised.
    """

    def __init__(self, how: Augmentation, streams: Streams, normal: Normal, mean: torch.Tensor) -> None:
        self.how, self.normal, self.mean = how, normal, mean
        self._affine = streams.torch("augmentation")
        self._crop, self._cutout, self._randaugment = (streams.torch("augmentation", kind) for kind in (1, 2, 3))

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """The order is that of Cubuk et al. (2019): where the picture lies, then what is done to it, and cutout last,
        so that nothing moves or repaints the hole. Crop moves by whole pixels, so it comes before they are resampled.
        """
        images = crop(images, self.how.crop, self.normal, self._crop)
        images = affine(images, self.how, self._affine)
        images = randaugment(images, self.how.randaugment, self.normal, self._randaugment)
        return cutout(images, self.how.cutout, self.mean, self._cutout)

    def with_masks(self, images: torch.Tensor, masks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images and their masks (N, S, S), moved alike, by the draws of images alone; a mask's pixel is the nearest
        one, and what a crop brings in from outside is background."""
        cropping, moving = self._crop.clone_state(), self._affine.clone_state()
        moved = crop(masks[:, None].float(), self.how.crop, PIXELS, cropping)
        moved = affine(moved, self.how, moving, mode="nearest")
        return self(images), moved[:, 0].to(masks.dtype)
