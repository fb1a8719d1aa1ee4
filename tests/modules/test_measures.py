import pytest
import torch
from sklearn.metrics import accuracy_score
from torch import nn

from modules.data.splits import Part, Splits
from modules.measures import EVALUATION_BATCH, accuracy, accuracy_gap, measure, predict


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
    splits = Splits(Part(ideal, noisy), true, Part(ideal, true), Part(ideal, true))
    found = measure(nn.Identity(), splits, label_noise=0.4)
    assert found["train_accuracy_clean"] == found["test_accuracy"] == 100
    assert abs(found["gap"]) < 1


def test_calibration_error_is_confidence_less_accuracy():
    """90 % confident and right in 60 % of the cases: 30 points off."""
    logits = torch.log(torch.tensor([[0.9, 0.1]])).repeat(100, 1)
    labels = torch.tensor([0] * 60 + [1] * 40)
    part = Part(logits, labels)
    found = measure(nn.Identity(), Splits(part, labels, part, part), 0.0)
    assert found["test_calibration_error"] == pytest.approx(30, abs=1e-3)


def test_measuring_is_in_eval_mode():
    network = nn.Sequential(nn.Dropout(0.9)).train()
    part = Part(torch.eye(2).repeat(50, 1), torch.tensor([0, 1] * 50))
    assert measure(network, Splits(part, part.labels, part, part), 0.0)["test_accuracy"] == 100


def test_calibration_error_is_the_weighted_mean_over_fifteen_bins_of_confidence():
    """Guo et al. 2017, equation 3, written out."""
    logits, labels = torch.randn(400, 5) * 2, torch.randint(5, (400,))
    part = Part(logits, labels)
    found = measure(nn.Identity(), Splits(part, labels, part, part), 0.0)["test_calibration_error"]
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
