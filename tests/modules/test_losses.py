from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from kornia.losses import focal_loss
from sklearn.metrics import brier_score_loss, log_loss
from torch.nn import functional as F

import modules.settings
from modules.losses import in_a_row, make_loss, one_hot, smoothed
from modules.settings import CrossEntropy, Focal, SquaredError

LABELS = torch.arange(40) % 5
KINDS = get_args(get_args(modules.settings.Loss)[0])
every_kind = pytest.mark.parametrize("kind", KINDS)
smoothings = pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])


@pytest.fixture
def logits():
    return 3 * torch.randn(40, 5, dtype=torch.float64)


def shares():
    """Targets (40, 5) as mixing makes them."""
    return torch.distributions.Dirichlet(torch.ones(5, dtype=torch.float64)).sample((40,))


def test_cross_entropy_is_scikit_learns_log_loss(logits):
    expected = log_loss(LABELS, logits.softmax(1))
    assert float(make_loss(CrossEntropy())(logits, LABELS)) == pytest.approx(expected)


def test_squared_error_is_scikit_learns_brier_score_of_many_classes(logits):
    expected = brier_score_loss(LABELS, logits.softmax(1), labels=range(5), scale_by_half=False)
    assert float(make_loss(SquaredError())(logits, LABELS)) == pytest.approx(expected)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
def test_focal_loss_is_kornias(logits, gamma):
    expected = focal_loss(logits, LABELS, alpha=None, gamma=gamma, reduction="none").sum(1).mean()
    assert torch.allclose(make_loss(Focal(gamma=gamma))(logits, LABELS), expected)


@smoothings
def test_smoothed_labels_are_those_of_torchs_cross_entropy(logits, smoothing):
    expected = F.cross_entropy(logits, LABELS, label_smoothing=smoothing)
    assert torch.allclose(F.cross_entropy(logits, smoothed(LABELS, logits, smoothing)), expected)
    assert torch.allclose(make_loss(CrossEntropy(label_smoothing=smoothing))(logits, LABELS), expected)


@smoothings
def test_focal_loss_without_focus_is_cross_entropy_of_labels_and_of_shares(logits, smoothing):
    focal, plain = (
        make_loss(kind)
        for kind in (Focal(gamma=0.0, label_smoothing=smoothing), CrossEntropy(label_smoothing=smoothing))
    )
    for targets in (LABELS, shares()):
        assert torch.allclose(focal(logits, targets), plain(logits, targets))


@smoothings
def test_squared_error_is_the_squared_distance_from_smoothed_labels(logits, smoothing):
    probabilities = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(1, keepdims=True)
    targets = np.full((40, 5), smoothing / 5)
    targets[np.arange(40), LABELS] += 1 - smoothing
    expected = np.linalg.norm(probabilities - targets, axis=1) ** 2
    found = make_loss(SquaredError(label_smoothing=smoothing))(logits, LABELS)
    assert float(found) == pytest.approx(expected.mean())


@every_kind
@smoothings
def test_labels_and_the_shares_that_they_stand_for_agree(kind, smoothing, logits):
    loss = make_loss(kind(label_smoothing=smoothing))
    assert torch.allclose(loss(logits, LABELS), loss(logits, one_hot(LABELS, logits)))


@pytest.mark.parametrize("kind", [CrossEntropy, Focal])
@smoothings
@given(share=st.floats(0, 1))
def test_the_loss_of_mixed_targets_is_the_mix_of_the_losses(kind, smoothing, share):
    """As Zhang et al. (2018) write their loss in code."""
    loss, logits = make_loss(kind(label_smoothing=smoothing)), torch.linspace(-4, 4, 200).view(40, 5).double()
    others = LABELS.flip(0)
    mixed = share * one_hot(LABELS, logits) + (1 - share) * one_hot(others, logits)
    expected = share * loss(logits, LABELS) + (1 - share) * loss(logits, others)
    assert torch.allclose(loss(logits, mixed), expected)


@every_kind
def test_a_loss_of_single_precision_stays_so_and_its_gradient_is_what_differences_say(kind, logits):
    loss = make_loss(kind(label_smoothing=0.1))
    assert loss(logits.float(), LABELS).dtype == torch.float32
    for targets in (LABELS, shares()):
        assert torch.autograd.gradcheck(loss, (logits.requires_grad_(), targets))


@pytest.mark.parametrize("gamma", [0.3, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("right", [True, False])
def test_focal_loss_has_a_finite_gradient_where_a_probability_is_rounded_to_one(gamma, right):
    """(1 - p)^gamma has an infinite slope at p = 1 for gamma below 1."""
    sure = torch.tensor([[60.0, 0.0, -60.0]], requires_grad=True)
    make_loss(Focal(gamma=gamma))(sure, torch.tensor([0 if right else 1])).backward()
    assert sure.grad.isfinite().all()
    assert bool(sure.grad.abs().max() < 1e-6) == right


def test_every_loss_of_a_recipe_is_there_and_least_for_the_right_answer():
    sure = 50 * one_hot(LABELS, torch.zeros(40, 5))
    for kind in KINDS:
        loss = make_loss(kind())
        assert 0 <= loss(sure, LABELS) < 1e-6 < loss(torch.zeros(40, 5), LABELS) < loss(-sure, LABELS)


@smoothings
def test_pixels_in_a_row_lose_what_whole_masks_lose(smoothing):
    logits, labels = torch.randn(3, 5, 6, 7, requires_grad=True), torch.randint(5, (3, 6, 7))
    whole = F.cross_entropy(logits, labels, label_smoothing=smoothing)
    row = F.cross_entropy(*in_a_row(logits, labels), label_smoothing=smoothing)
    torch.testing.assert_close(row, whole)
    torch.testing.assert_close(*(torch.autograd.grad(loss, logits) for loss in (row, whole)))
