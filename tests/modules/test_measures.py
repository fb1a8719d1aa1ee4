import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import accuracy_score, log_loss
from torch import nn

from modules.data.normal import Normal
from modules.data.splits import Part, Splits
from modules.measures import EVALUATION_BATCH, accuracy, accuracy_gap, average_logits, measure, predict

PLAIN = Normal(torch.zeros(1, 1, 1), torch.ones(1, 1, 1))


def measured(part, *networks, true=None, test=None, label_noise=0.0):
    """Of networks on one part, which is validation and, unless there is another one, test part, too."""
    splits = Splits(part, part.labels if true is None else true, part, part if test is None else test, PLAIN, PLAIN)
    return measure(networks or [nn.Identity()], splits, label_noise)


def test_accuracy_is_scikit_learns_in_percent():
    logits = torch.randn(50, 4)
    labels = torch.randint(4, (50,))
    assert accuracy(logits, labels) == pytest.approx(100 * accuracy_score(labels, logits.argmax(1)))


@pytest.mark.parametrize(
    ("train", "test", "noise", "gap"),
    [(100, 80, 0.0, 20), (100, 80, 0.2, 34), (66, 80, 0.2, 0), (10, 10, 1.0, 0)],
)
def test_the_gap_compares_like_with_like(train, test, noise, gap):
    assert accuracy_gap(train, test, noise, classes=10) == pytest.approx(gap)


def test_a_memoriser_of_noise_and_an_ideal_one_are_told_apart():
    """A network that knows every true label has no gap under any noise."""
    torch.manual_seed(0)
    true = torch.randint(10, (20_000,))
    noisy = torch.where(torch.rand(20_000) < 0.4, torch.randint(10, (20_000,)), true)
    ideal = nn.functional.one_hot(true, 10).float()
    found = measured(Part(ideal, noisy), true=true, test=Part(ideal, true), label_noise=0.4)
    assert found["train_accuracy_clean"] == found["test_accuracy"] == 100
    assert abs(found["gap"]) < 1


def test_calibration_error_is_confidence_less_accuracy():
    """90 % confident and right in 60 % of the cases: 30 points off."""
    logits = torch.log(torch.tensor([[0.9, 0.1]])).repeat(100, 1)
    labels = torch.tensor([0] * 60 + [1] * 40)
    found = measured(Part(logits, labels))
    assert found["test_calibration_error"] == pytest.approx(30, abs=1e-3)


def test_measuring_is_in_eval_mode():
    network = nn.Sequential(nn.Dropout(0.9)).train()
    part = Part(torch.eye(2).repeat(50, 1), torch.tensor([0, 1] * 50))
    assert measured(part, network)["test_accuracy"] == 100


def test_calibration_error_is_the_weighted_mean_over_fifteen_bins_of_confidence():
    """Guo et al. 2017, equation 3, written out."""
    logits, labels = torch.randn(400, 5) * 2, torch.randint(5, (400,))
    found = measured(Part(logits, labels))["test_calibration_error"]
    confidence, answer = logits.softmax(1).double().max(1)
    right = (answer == labels).double()
    bins = (confidence * 15).ceil()
    expected = sum(
        (bins == b).double().mean() * (right[bins == b].mean() - confidence[bins == b].mean()).abs()
        for b in bins.unique()
    )
    assert found == pytest.approx(100 * float(expected), abs=1e-3)


def test_prediction_in_parts_is_prediction_at_once():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3)).double()
    images = torch.rand(EVALUATION_BATCH + 7, 1, 2, 2, dtype=torch.float64)
    logits = predict(network, Part(images, torch.zeros(len(images))))
    assert torch.allclose(logits, network(images))
    assert not logits.requires_grad


class Tilted(nn.Module):
    """Adds to the logits that come as images."""

    def __init__(self, *tilt):
        super().__init__()
        self.tilt = torch.tensor(tilt)

    def forward(self, images):
        return images + self.tilt


@given(st.integers(0, 10**6), st.integers(2, 9), st.floats(0.1, 30))
def test_averaged_logits_stand_for_the_mean_of_the_members_probabilities(seed, members, scale):
    logits = scale * torch.randn(members, 20, 6, generator=torch.Generator().manual_seed(seed)).double()
    expected = softmax(logits.numpy(), axis=2).mean(0)
    found = average_logits(list(logits))
    assert np.allclose(softmax(found.numpy(), axis=1), expected, atol=1e-12)
    assert np.allclose(found.exp().numpy(), expected, atol=1e-12)  # they are logarithms of them


def test_one_member_is_measured_by_its_own_logits_to_the_last_bit():
    logits = torch.randn(5, 3)
    assert average_logits([logits]) is logits


def test_sure_members_that_disagree_are_averaged_without_overflow():
    logits = torch.tensor([[[1e4, 0.0]], [[0.0, 1e4]]])
    assert average_logits(list(logits)).softmax(1).tolist() == [[0.5, 0.5]]


def test_averaged_probabilities_are_measured_and_every_member_too():
    logits, labels = 2 * torch.randn(300, 4), torch.randint(4, (300,))
    members = [Tilted(1.0, 0.0, 0.0, -1.0), Tilted(0.0, 2.0, 0.0, 0.0), Tilted(0.0, 0.0, 0.0, 0.0)]
    found = measured(Part(logits, labels), *members)
    each = [softmax((logits + member.tilt).numpy(), axis=1) for member in members]
    together = np.mean(each, axis=0)
    for part in ("train", "val", "test"):
        assert found[f"{part}_accuracy"] == pytest.approx(100 * accuracy_score(labels, together.argmax(1)))
    assert found["test_loss"] == pytest.approx(log_loss(labels, together), rel=1e-5)
    for number, one in enumerate(each, start=1):
        assert found[f"member_{number}_test_accuracy"] == pytest.approx(100 * accuracy_score(labels, one.argmax(1)))
        assert found[f"member_{number}_test_loss"] == pytest.approx(log_loss(labels, one), rel=1e-5)


def test_of_one_network_there_are_no_members():
    assert not [name for name in measured(Part(torch.eye(3), torch.arange(3))) if name.startswith("member")]


@given(st.integers(0, 10**6), st.integers(2, 6), st.floats(0.1, 20))
def test_an_ensembles_loss_is_at_most_the_mean_of_its_members(seed, members, scale):
    """Jensen's inequality, whatever the members say."""
    draws = torch.Generator().manual_seed(seed)
    part = Part(torch.zeros(30, 4), torch.randint(4, (30,), generator=draws))
    tilts = scale * torch.randn(members, 30, 4, generator=draws)
    found = measured(part, *[Tilted(*tilt.tolist()) for tilt in tilts])
    losses = [found[f"member_{number}_test_loss"] for number in range(1, members + 1)]
    assert found["test_loss"] <= np.mean(losses) + 1e-5
