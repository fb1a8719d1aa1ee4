import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from modules.data.normal import mean_and_spread, moments


@given(st.integers(0, 99), st.integers(1, 9), st.sampled_from([1, 3]), st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_mean_and_spread_are_those_over_all_pixels(seed, count, channels, shift, scale):
    images = torch.from_numpy(np.random.default_rng(seed).normal(shift, scale, (count, channels, 4, 4)))
    images = images.float()
    found = mean_and_spread(np.stack([moments(image) for image in images]), 16)
    pixels = images.double().transpose(0, 1).flatten(1)
    assert torch.allclose(found.mean.flatten().double(), pixels.mean(1), rtol=1e-5, atol=1e-5 * scale)
    assert torch.allclose(found.spread.flatten().double(), pixels.std(1), rtol=1e-5)


def test_a_channel_that_is_the_same_everywhere_becomes_0():
    images = torch.rand(5, 3, 4, 4)
    images[:, 1] = 0.25
    normal = mean_and_spread(np.stack([moments(image) for image in images]), 16)
    found = normal.apply_(images.clone())
    assert found.isfinite().all()
    assert not found[:, 1].any()
