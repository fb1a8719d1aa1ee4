import io
import warnings

import numpy as np
import pytest
from PIL import Image

from modules.data.pictures import Unreadable, decode
from tests.modules.data.made import pixels


def encoded(image, kind="PNG", **how):
    content = io.BytesIO()
    image.save(content, kind, **how)
    return content.getvalue()


COLOUR, GREY = Image.fromarray(pixels("c")), Image.fromarray(pixels("g", grey=True))
MODES = {
    "RGB": (encoded(COLOUR), COLOUR),
    "L": (encoded(GREY), GREY),
    "RGBA": (encoded(COLOUR.convert("RGBA")), COLOUR),
    "LA": (encoded(GREY.convert("LA")), GREY),
    "1": (encoded(GREY.convert("1")), GREY.convert("1").convert("L")),
    "P": (encoded(COLOUR.quantize(50)), COLOUR.quantize(50).convert("RGB")),
    "P with transparency": (encoded(COLOUR.quantize(50), transparency=3), COLOUR.quantize(50).convert("RGB")),
    "BMP": (encoded(COLOUR, "BMP"), COLOUR),
    "PPM": (encoded(COLOUR, "PPM"), COLOUR),
    "PGM": (encoded(GREY, "PPM"), GREY),
    "TIFF": (encoded(COLOUR, "TIFF"), COLOUR),
    "WEBP": (encoded(COLOUR, "WEBP", lossless=True), COLOUR),
    "GIF": (encoded(GREY, "GIF"), GREY.convert("RGB")),
}


@pytest.mark.parametrize(("content", "image"), MODES.values(), ids=MODES)
def test_every_mode_becomes_grey_or_colour_between_0_and_1(content, image):
    found = decode(content)
    expected = np.asarray(image, dtype=np.float32) / 255
    expected = expected[None] if expected.ndim == 2 else expected.transpose(2, 0, 1)
    assert found.dtype == np.float32
    assert np.array_equal(np.broadcast_to(found, expected.shape), expected)


def test_sixteen_bits_are_not_clipped_to_eight():
    deep = np.linspace(0, 65535, 120, dtype=np.uint16).reshape(10, 12)
    assert np.allclose(decode(encoded(Image.fromarray(deep)))[0], deep / 65535, atol=1e-6)


def test_cmyk_is_colour():
    assert decode(encoded(COLOUR.convert("CMYK"), "JPEG")).shape == (3, 10, 12)


def test_a_photograph_is_turned_as_its_camera_was_held():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by 90 degrees
    found = decode(encoded(COLOUR, exif=exif))
    assert np.array_equal(found, np.rot90(decode(encoded(COLOUR)), -1, axes=(1, 2)))


def test_a_large_jpeg_comes_smaller_but_never_below_twice_the_size():
    content = encoded(COLOUR.resize((1600, 1200)), "JPEG")
    assert decode(content).shape == (3, 1200, 1600)
    _, height, width = decode(content, 32).shape
    assert 64 <= height < 1200
    assert width * 3 == height * 4
    assert decode(content, 700).shape == (3, 1200, 1600)


def test_of_moving_images_it_is_the_first():
    frames = [Image.fromarray(pixels(index)) for index in range(3)]
    content = encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    assert np.array_equal(decode(content), decode(encoded(frames[0])))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not an image"),
        (b"\x89PNG\r\n\x1a\n", "is truncated|cannot be decoded|is not an image"),
        (encoded(COLOUR)[:-60], "is truncated"),
        (encoded(COLOUR, "JPEG")[:-60], "is truncated"),
        (encoded(Image.new("I", (4, 4)), "TIFF"), "has pixels of mode I, of which nobody knows the range"),
    ],
)
def test_why_a_file_cannot_be_used_is_said(content, words):
    with pytest.raises(Unreadable, match=words):
        decode(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "GIF", "PPM"])
def test_a_file_cut_off_anywhere_is_read_or_said_to_be_unreadable(kind):
    whole = encoded(COLOUR, kind)
    for length in range(0, len(whole), 7):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own, on top of its errors
            try:
                assert decode(whole[:length]).shape[0] in (1, 3)
            except Unreadable as error:
                assert "\n" not in str(error)
