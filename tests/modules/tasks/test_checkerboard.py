"""The strength of a network's own pattern, on patterns that are made and on layers that are known for theirs."""

import pytest
import torch
from torch import nn

from modules.tasks.checkerboard import checkerboard
from modules.upsampling import Resizing, Transposing

IMAGES = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def decoder(up: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.MaxPool2d(2), up, nn.Conv2d(8, 5, 3, padding=1)).eval()


def test_a_transposed_convolution_whose_window_the_stride_does_not_divide_shows_and_resizing_does_not():
    assert checkerboard(decoder(Transposing(8, 8, kernel=3)), IMAGES) > 0.1
    assert checkerboard(decoder(Resizing(8, 8)), IMAGES) < 1e-5


def test_a_window_that_the_stride_divides_shows_nothing_where_its_weights_are_even():
    up = Transposing(8, 8, kernel=4)
    nn.init.ones_(up.transposed.weight)
    assert checkerboard(decoder(up), IMAGES) < 1e-5
    nn.init.ones_((odd := Transposing(8, 8, kernel=3)).transposed.weight)
    assert checkerboard(decoder(odd), IMAGES) > 0.01


def test_it_is_the_pattern_s_spread_by_that_of_what_images_make():
    def paint(images: torch.Tensor) -> torch.Tensor:
        signs = (-1.0) ** torch.arange(images.shape[-1])
        pattern = 0.5 * (signs[:, None] * signs).expand(len(images), -1, -1)
        return torch.stack([images[:, 0] + pattern, -images[:, 0] - pattern], dim=1)

    spread = float((IMAGES[:, 0] + paint(0 * IMAGES)[:, 0]).var((1, 2), correction=0).mean().sqrt())
    assert checkerboard(paint, IMAGES) == pytest.approx(0.5 / spread)


def test_what_all_classes_have_in_common_does_not_count():
    def lift(images: torch.Tensor) -> torch.Tensor:
        rows = torch.arange(images.shape[-1]).float()[:, None].expand_as(images[:, 0])
        return torch.stack([images[:, 0] + rows, images[:, 1] + rows], dim=1)

    assert checkerboard(lift, IMAGES) < 1e-5


def test_a_network_that_says_the_same_everywhere_has_no_pattern():
    assert checkerboard(lambda images: torch.ones(len(images), 2, *images.shape[2:]), IMAGES) == 0


def test_what_is_not_finite_is_not_measured():
    assert checkerboard(lambda images: torch.full((len(images), 2, *images.shape[2:]), torch.nan), IMAGES) is None


@pytest.mark.parametrize("error", [ValueError, AssertionError, RuntimeError])
def test_whatever_a_network_says_of_larger_images_is_no_trouble(error):
    def picky(images: torch.Tensor) -> torch.Tensor:
        if images.shape[-1] > 16:
            raise error("16 pixels a side alone")
        return images

    assert checkerboard(picky, IMAGES) is None


def test_memory_that_does_not_suffice_is_told():
    def large(images: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("no memory left")

    with pytest.raises(torch.OutOfMemoryError):
        checkerboard(large, IMAGES)


def test_a_network_for_one_size_only_is_not_measured():
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 2 * 16 * 16), nn.Unflatten(1, (2, 16, 16)))
    assert checkerboard(model, IMAGES) is None
