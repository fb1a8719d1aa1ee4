"""Average precision by pycocotools (Lin et al. 2014): the one place that knows the library."""

from __future__ import annotations

import contextlib
import io
from typing import Any, NamedTuple

import numpy as np


class Found(NamedTuple):
    """Things found in images, a row for each."""

    image: np.ndarray
    """(F,), int64: the number of the image."""
    boxes: np.ndarray
    """(F, 4)."""
    labels: np.ndarray
    """(F,), int64, 0 to K - 1."""
    scores: np.ndarray
    """(F,)."""


class Precision(NamedTuple):
    """Mean over classes of the average precision, in percent; nan where there is nothing to find."""

    at_50: float
    """A box counts where it overlaps the thing by half or more."""
    at_50_to_95: float
    """The mean over ten such thresholds."""


def mean_average_precision(found: Found, truth: np.ndarray) -> Precision:
    """Of what was found in images whose things are `truth` (N, M, 5); classes that have none there do not count."""
    coco, judging = pycocotools()
    with contextlib.redirect_stdout(io.StringIO()):  # they print what they do
        things, answers = coco(), coco()
        things.dataset, answers.dataset = _as_coco(_true(truth), len(truth)), _as_coco(found, len(truth))
        things.createIndex(), answers.createIndex()
        judge = judging(things, answers, "bbox")
        judge.params.maxDets = [1, 10, max(100, _most(found))]  # what is left out beyond would cost no precision
        judge.evaluate(), judge.accumulate()
    precision = judge.eval["precision"][:, :, :, 0, -1]  # of boxes of any size
    valid = precision[:, :, precision[0, 0] > -1]
    return Precision(*(100 * float(some.mean()) if some.size else np.nan for some in (valid[:1], valid)))


def pycocotools() -> tuple[Any, Any]:
    """The library's classes; raises ValueError, with the cure, where it is missing."""
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError:
        raise ValueError("mAP needs pycocotools; pip install 'ablations[detection]' brings it") from None
    return COCO, COCOeval


def _most(found: Found) -> int:
    """The largest number of things found of one class in one image."""
    pairs = np.stack([found.image, found.labels], axis=1)
    return int(np.unique(pairs, axis=0, return_counts=True)[1].max(initial=0))


def _true(truth: np.ndarray) -> Found:
    image, place = np.nonzero(truth[..., 4] >= 0)
    things = truth[image, place]
    return Found(image, things[:, :4], things[:, 4].astype(np.int64), np.ones(len(image)))


def _as_coco(found: Found, images: int) -> dict[str, object]:
    """The same as the library wants it, ids from 1 on."""
    rows = zip(found.image.tolist(), found.boxes.tolist(), found.labels.tolist(), found.scores.tolist(), strict=True)
    annotations = [
        {
            "id": number, "image_id": image + 1, "category_id": label + 1, "score": score, "iscrowd": 0,
            "bbox": [left, top, right - left, bottom - top], "area": (right - left) * (bottom - top),
        }
        for number, (image, (left, top, right, bottom), label, score) in enumerate(rows, start=1)
    ]  # fmt: skip
    labels = sorted({one["category_id"] for one in annotations})
    return {
        "images": [{"id": number + 1} for number in range(images)],
        "categories": [{"id": label} for label in labels],
        "annotations": annotations,
    }
