"""Pictures of masks, read back."""

import base64
import io

import numpy as np
import torch
from PIL import Image

from modules.tasks.pictures import COLOURS, LARGEST, mask_pictures


def read(text: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))


def test_images_and_masks_are_read_back_with_a_colour_for_each_class():
    pixels, true = torch.rand(2, 3, 8, 8), torch.zeros(2, 8, 8, dtype=torch.long)
    true[0, 2:5] = 2
    one, other = mask_pictures(pixels, true, 0 * true, ["background", "0", "1"])
    assert np.array_equal(read(one["png"]), (255 * pixels[0]).round().byte().permute(1, 2, 0).numpy())
    assert np.array_equal(read(one["masks"][0]), np.array(COLOURS, dtype=np.uint8)[true[0].numpy()])
    assert (one["true"], one["found"], other["true"]) == (["1"], [], [])


def test_grey_images_and_large_ones_are_pictures_too():
    mask = torch.zeros(1, 200, 200, dtype=torch.long)
    (one,) = mask_pictures(torch.rand(1, 1, 200, 200), mask, mask, ["background"])
    assert read(one["png"]).shape == (LARGEST, LARGEST)
