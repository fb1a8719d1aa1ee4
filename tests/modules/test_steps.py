import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import modules.steps
from modules.data.normal import Normal
from modules.data.settings import Mixing
from modules.data.splits import Part, Splits
from modules.recipe import Recipe
from modules.settings import Adam, Cosine, Focal, Noise, Regularization, Sgd
from modules.steps import Steps
from modules.streams import Streams

RECIPE = Recipe(optimizer=Sgd(name="sgd", lr=0.1, momentum=0.9))
COUNT = 8
"""Steps of a training."""


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.norm, self.head = nn.Linear(16, 8), nn.BatchNorm1d(8), nn.Linear(8, 3)

    def forward(self, images):
        return self.head(torch.tanh(self.norm(self.body(images.flatten(1)))))


def batches(count=COUNT):
    draws = torch.Generator().manual_seed(5)
    return [(torch.randn(12, 1, 4, 4, generator=draws), torch.randint(3, (12,), generator=draws)) for _ in range(count)]


def steps(recipe=RECIPE, network=None, seed=0, **parts):
    parts = {part: getattr(recipe, part).model_copy(update=settings) for part, settings in parts.items()}
    part, normal = Part(*batches(1)[0]), Normal(torch.zeros(1, 1, 1), torch.full((1, 1, 1), 2.0))
    splits = Splits(part, part.labels, part, part, normal.identity, normal)
    torch.manual_seed(0)
    return Steps(recipe.model_copy(update=parts), network or Net(), Streams(seed), splits, 3, COUNT)


def weights_of(made):
    return {name: tensor.detach().clone() for name, tensor in made.network.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def after(made, count=COUNT):
    for images, labels in batches(count):
        made.take(images, labels)
    return weights_of(made)


def test_plain_steps_are_those_of_a_bare_loop_bit_for_bit():
    made = steps()
    network = copy.deepcopy(made.network)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    for images, labels in batches():
        found = made.take(images, labels)
        logits = network(images)
        loss = F.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert torch.equal(found.logits, logits)
        assert torch.equal(found.loss, loss)
        assert not found.loss.requires_grad
        assert not found.logits.requires_grad
    assert same(weights_of(made), network.state_dict())
    assert made.taken == COUNT


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.head, self.other = nn.Linear(16, 3), nn.Linear(16, 3)

    def forward(self, images):
        return self.head(images.flatten(1)), self.other(images.flatten(1))


def test_auxiliary_heads_count_in_the_step_and_not_in_the_loss_that_is_shown():
    made = steps(network=TwoHeads(), loss={"label_smoothing": 0.1})
    network, (images, labels) = copy.deepcopy(made.network), batches(1)[0]
    main, other = (F.cross_entropy(logits, labels, label_smoothing=0.1) for logits in network(images))
    (main + 0.3 * other).backward()
    assert torch.equal(made.take(images, labels).loss, main)
    assert torch.allclose(made.network.other.weight, network.other.weight - 0.1 * network.other.weight.grad)


@pytest.mark.parametrize("optimizer", [Sgd(name="sgd", lr=0.1), Adam(name="adam", lr=0.01)], ids=["sgd", "adam"])
def test_the_l1_penalty_follows_the_step_by_the_rate_of_that_step(optimizer):
    recipe = RECIPE.model_copy(update={"optimizer": optimizer, "schedule": Cosine()})
    penalised, plain = steps(recipe, regularization={"l1": 0.5}), steps(recipe)
    for images, labels in batches(3):
        rate = plain.optimizer.param_groups[0]["lr"]
        penalised.network.load_state_dict(plain.network.state_dict())
        penalised.optimizer.load_state_dict(copy.deepcopy(plain.optimizer.state_dict()))
        plain.take(images, labels)
        penalised.take(images, labels)
        found, expected = weights_of(penalised), weights_of(plain)
        for name in expected:
            shrunk = name in ("body.weight", "head.weight")
            wanted = F.softshrink(expected[name], 0.5 * rate) if shrunk else expected[name]
            assert torch.allclose(found[name], wanted, atol=1e-7), name
    assert rate < optimizer.lr


def test_units_are_within_the_limit_after_every_step_and_biases_are_free():
    made, limit = steps(regularization={"max_norm": 0.4}), 0.4 * (1 + 1e-5)
    for images, labels in batches():
        made.take(images, labels)
        assert made.network.body.weight.norm(dim=1).max() <= limit
        assert made.network.head.weight.norm(dim=1).max() <= limit
    assert made.network.norm.weight.norm() > limit


@pytest.mark.parametrize("limit", [1e-3, 1e6])
def test_a_gradient_is_shortened_to_the_limit_and_no_further(limit):
    plain = RECIPE.model_copy(update={"optimizer": Sgd(name="sgd", lr=1.0)})
    made, before = steps(plain, regularization={"clip_norm": limit}), steps(plain).network
    after(made, 1)
    pairs = zip(made.network.parameters(), before.parameters(), strict=True)
    length = float(torch.cat([(new - old).detach().flatten() for new, old in pairs]).norm())
    assert (length == pytest.approx(limit, rel=1e-3)) if limit < 1 else length < limit


def test_noise_comes_after_clipping():
    """As published: clipped before, the gradient is nothing but noise; clipped after, it would be short."""
    recipe = RECIPE.model_copy(update={"optimizer": Sgd(name="sgd", lr=1.0)})
    made = steps(recipe, regularization={"clip_norm": 1e-6}, noise={"gradients": 4.0})
    before = weights_of(made)
    after(made, 1)
    moved = torch.cat(
        [(made.network.state_dict()[name] - before[name]).flatten() for name in ("body.weight", "head.weight")]
    )
    assert float(moved.std()) == pytest.approx(2, rel=0.2)


def test_noise_on_gradients_falls_with_the_steps_taken(monkeypatch):
    told = []
    monkeypatch.setattr(
        modules.steps, "add_gradient_noise", lambda parameters, eta, step, draws: told.append((eta, step))
    )
    after(steps(noise={"gradients": 0.3}), 4)
    assert told == [(0.3, 0), (0.3, 1), (0.3, 2), (0.3, 3)]


def test_noise_on_weights_is_gone_when_the_step_is_taken():
    """Without momentum and with a tiny rate, weights end where they began; the loss was that of others."""
    recipe = RECIPE.model_copy(update={"optimizer": Sgd(name="sgd", lr=1e-30)})
    noisy, plain = steps(recipe, noise={"weights": 0.5}), steps(recipe)
    before = weights_of(noisy)
    images, labels = batches(1)[0]
    assert not torch.allclose(noisy.take(images, labels).loss, plain.take(images, labels).loss)
    found = weights_of(noisy)
    assert all(torch.equal(found[name], before[name]) for name in ("body.weight", "head.weight", "norm.weight"))


def test_only_weights_are_noisy():
    made, seen = steps(noise={"weights": 0.5}), []
    before = weights_of(made)
    made.network.register_forward_hook(lambda *_: seen.append(weights_of(made)))
    after(made, 1)
    assert {name for name in before if not torch.equal(seen[0][name], before[name])} == {
        "body.weight", "head.weight", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked",
    }  # fmt: skip


def test_noise_on_images_is_relative_to_their_spread():
    made, seen = steps(noise={"inputs": 0.25}), []
    made.network.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    images, labels = torch.zeros(2000, 1, 4, 4), torch.arange(2000) % 3
    made.take(images, labels)
    assert float(seen[0].std()) == pytest.approx(0.25 * 2, rel=0.02)


def test_redrawn_labels_are_trained_on_and_drawn_anew_in_every_step(monkeypatch):
    targets = []
    monkeypatch.setattr(
        modules.steps, "make_loss", lambda recipe: lambda logits, given: targets.append(given) or logits.sum()
    )
    made = steps(noise={"labels": 0.5})
    images, labels = torch.zeros(3000, 1, 4, 4), torch.arange(3000) % 3
    for _ in range(2):
        made.take(images, labels)
    assert float((targets[0] != labels).double().mean()) == pytest.approx(0.5 * 2 / 3, abs=0.03)
    assert not torch.equal(*targets)


def test_mixed_targets_are_mixed_after_labels_are_redrawn():
    recipe = RECIPE.model_copy(update={"data": RECIPE.data.model_copy(update={"mixing": Mixing(mixup=1.0)})})
    made = steps(recipe, noise={"labels": 1.0})
    _, targets = made.batches.prepared(torch.zeros(3000, 1, 4, 4), torch.zeros(3000, dtype=torch.long))
    assert targets.shape == (3000, 3)
    assert torch.allclose(targets.sum(1), torch.ones(3000))
    assert torch.allclose(targets.mean(0), torch.full((3,), 1 / 3), atol=0.05)


def counted(made):
    passes = []
    made.network.register_forward_hook(lambda *_: passes.append(1))
    after(made, 3)
    return len(passes)


def test_sharpness_awareness_takes_two_passes_a_step_and_none_where_it_is_off(monkeypatch):
    assert counted(steps(regularization={"sam": 0.05})) == 2 * 3
    monkeypatch.setattr(modules.steps, "sharpness_aware", None)
    assert counted(steps(regularization={"sam": 0.0})) == 3


def test_a_smaller_radius_comes_closer_to_the_plain_step():
    plain = after(steps(), 2)
    distances = []
    for rho in (1e-1, 1e-2, 1e-3):
        found = after(steps(regularization={"sam": rho}), 2)
        distances.append(float(sum((found[name] - plain[name]).double().norm() for name in plain)))
    assert distances[0] > 5 * distances[1] > 25 * distances[2] > 0


def test_noisy_weights_are_where_sharpness_is_looked_for():
    made, seen = steps(noise={"weights": 0.2}, regularization={"sam": 0.5}), []
    before = weights_of(made)
    made.network.register_forward_hook(lambda *_: seen.append(weights_of(made)["head.weight"]))
    after(made, 1)
    noisy, moved = seen
    assert not torch.equal(noisy, before["head.weight"])
    assert not torch.equal(moved, noisy)


EVERYTHING = {
    "loss": Focal(label_smoothing=0.1),
    "noise": Noise(inputs=0.3, weights=0.1, gradients=0.01, labels=0.1),
    "regularization": Regularization(l1=1e-4, max_norm=2.0, clip_norm=1.0, sam=0.05),
}


def test_everything_at_once_is_repeatable_and_leaves_torchs_generator_alone():
    recipe = RECIPE.model_copy(update=EVERYTHING)
    made = steps(recipe)
    state = torch.get_rng_state()
    first = after(made)
    assert torch.equal(torch.get_rng_state(), state)
    assert same(first, after(steps(recipe)))
    assert not same(first, after(steps(recipe, seed=1)))


def test_one_kind_of_noise_does_not_move_the_draws_of_another():
    """Under a rate too small to move a weight, images are disturbed alike whatever else is."""
    recipe = RECIPE.model_copy(update={"optimizer": Sgd(name="sgd", lr=1e-30)})
    images, labels = batches(1)[0]
    alone = steps(recipe, noise={"inputs": 0.3}).batches.prepared(images, labels)[0]
    together = steps(recipe.model_copy(update=EVERYTHING)).batches.prepared(images, labels)[0]
    assert torch.equal(alone, together)


def test_a_network_without_weights_to_penalise_takes_its_steps():
    class Biased(nn.Module):
        def __init__(self):
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(3))

        def forward(self, images):
            return self.bias.expand(len(images), 3)

    made = steps(RECIPE.model_copy(update=EVERYTHING), Biased())
    after(made)
    assert made.weights == []
    assert made.network.bias.isfinite().all()
    assert made.network.bias.any()


def test_frozen_layers_stay_to_the_last_bit_whatever_is_on():
    network = Net()
    network.body.requires_grad_(False)
    made = steps(
        RECIPE.model_copy(update={**EVERYTHING, "regularization": Regularization(l1=0.1, max_norm=0.1, sam=0.1)}),
        network,
    )
    before = weights_of(made)
    found = after(made)
    assert torch.equal(found["body.weight"], before["body.weight"])
    assert torch.equal(found["body.bias"], before["body.bias"])
    assert not torch.equal(found["head.weight"], before["head.weight"])
