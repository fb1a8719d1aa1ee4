"""The images of each part, with the regions in them and what is true of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch

from modules.data.facts import data_facts
from modules.data.splits import Part, Splits
from modules.detection.boxes import overlaps
from modules.detection.proposals import Proposals
from modules.detection.regions import FOREGROUND, Regions, Warper, make_regions
from modules.detection.scoring import NEGATIVE
from modules.measures import PARTS
from modules.recipe import Recipe


class Gallery(NamedTuple):
    """The images of a part."""

    images: torch.Tensor
    """(N, C, S, S), 0 to 1."""
    warper: Warper
    truth: np.ndarray
    """(N, M, 5)."""
    regions: Regions
    """Proposals; of training images, with the boxes of things among them."""

    @property
    def proposed(self) -> Regions:
        """The proposals alone, as a detector sees them."""
        rows = self.regions.thing < 0
        return Regions(*(column[rows] for column in self.regions))

    @property
    def squares(self) -> Part:
        """All regions as images, and what they show."""
        labels = self.regions.labels.to(self.images.device)
        return Part(self.warper.warp(self.regions.image, self.regions.boxes), labels)

    @property
    def recall(self) -> float:
        """Percent of the things that a proposal overlaps by half or more."""
        proposed, found = self.proposed, []
        for number, things in enumerate(self.truth):
            boxes = proposed.boxes[proposed.image == number]
            found += overlaps(things[things[:, 4] >= 0, :4], boxes).max(axis=1, initial=0).tolist()
        return 100 * float(np.mean(np.array(found) >= FOREGROUND))


def make_galleries(recipe: Recipe, splits: Splits, proposed: Proposals) -> dict[str, Gallery]:
    """By the name of the part; `splits` hold images as they are, 0 to 1."""
    return {part: _gallery(recipe, part, splits, proposed) for part in PARTS}


def _gallery(recipe: Recipe, part: str, splits: Splits, proposed: Proposals) -> Gallery:
    images, labels = getattr(splits, part)
    truth, settings = labels.cpu().numpy(), recipe.detection
    boxes = proposed.of(images, settings.proposals)
    regions = make_regions(boxes, truth, data_facts(recipe.data).classes, with_truth=part == "train")
    pixels, standardize = splits.moments, recipe.data.standardize
    centred = images - pixels.mean.to(images)
    warper = Warper(centred, pixels, standardize, settings.region_size, settings.context)
    return Gallery(images, warper, truth, regions)


def refuse_lacking(recipe: Recipe, seed: int, galleries: Mapping[str, Gallery]) -> None:
    """Raises ValueError where a seed leaves a class nothing to be learnt from, or a part nothing to be found."""
    facts, regions = data_facts(recipe.data), galleries["train"].regions
    scored = recipe.detection.classifier == "svm"
    for label, name in enumerate(facts.class_names):
        if not (regions.thing == label).any():
            raise ValueError(
                f"class {name!r} of {recipe.data.place} has no box in the training part of seed {seed}; add images of "
                "it, raise data.train_size, or leave the class out"
            )
        if scored and not (regions.overlap[:, label] < NEGATIVE).any():
            raise ValueError(
                f"all regions in the training part of seed {seed} overlap boxes of class {name!r} of "
                f"{recipe.data.place} by {NEGATIVE} or more, so an SVM has nothing to tell it from; add images in "
                "which it fills less, raise detection.proposals, or let detection.classifier be softmax"
            )
    for part in ("val", "test"):
        if not (galleries[part].truth[..., 4] >= 0).any():
            raise ValueError(
                f"{recipe.data.place} has no box in the {part} part of seed {seed}, so nothing can be found there; "
                f"add images, or raise data.{part}_share"
            )
