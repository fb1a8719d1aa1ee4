"""Muon for anything with weights, against torch's own and against an exact orthogonalisation."""

import copy

import pytest
import torch
from torch import nn

from modules.build import build
from modules.muon import Muon, hidden_matrices, muon_groups
from modules.optimizers import decay_groups
from modules.recipe import Model, Recipe
from modules.zoo.auxiliary import AuxiliaryHead

LR, DECAY = 0.01, 0.1


def muon(model, lr=LR, decay=0.0):
    return Muon(muon_groups(decay_groups(model, decay), model), lr=lr)


def perceptron():
    return nn.Sequential(
        nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3)
    )


def train(model, *optimizers, steps=3, seed=1):
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        for optimizer in optimizers:
            optimizer.zero_grad()
        model(torch.randn(4, 6, generator=generator)).square().mean().backward()
        for optimizer in optimizers:
            optimizer.step()


def same(model, other):
    return all(torch.equal(p, q) for p, q in zip(model.parameters(), other.parameters(), strict=True))


def test_on_linear_weights_it_is_torchs_muon_and_torchs_adamw_for_the_rest():
    ours = perceptron()
    theirs = copy.deepcopy(ours)
    train(ours, muon(ours, decay=DECAY))
    inner = [theirs[2].weight, theirs[4].weight]
    edges = [theirs[0].weight, theirs[6].weight]
    train(
        theirs,
        torch.optim.Muon(inner, lr=LR, weight_decay=DECAY, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(edges, lr=LR, weight_decay=DECAY),
        torch.optim.AdamW([layer.bias for layer in theirs[::2]], lr=LR, weight_decay=0.0),
    )
    assert same(ours, theirs)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(6, 8, 3), nn.Conv2d(6, 8, (1, 5)), nn.Conv2d(6, 12, 3, groups=3), nn.Conv2d(6, 6, 3, groups=6),
        nn.Conv1d(6, 4, 3), nn.Conv3d(4, 8, 2), nn.ConvTranspose2d(6, 8, 3), nn.Linear(9, 4), nn.Linear(4, 9),
    ],
    ids=str,
)  # fmt: skip
def test_a_step_is_the_orthogonal_factor_of_the_gradient_as_a_matrix(layer):
    """By its singular value decomposition in double precision; torch's iteration leaves them between 0.5 and 1.5."""
    before = layer.weight.detach().clone()
    layer.weight.grad = torch.randn(before.shape, generator=torch.Generator().manual_seed(1))
    Muon([{"params": [layer.weight], "hidden": True}], lr=LR).step()
    matrix = layer.weight.grad.double().reshape(len(before), -1)
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    # Liu et al. 2025: 0.2 sqrt(max(rows, columns)) gives a step the size of AdamW's.
    step = (before - layer.weight.detach()).double().reshape(matrix.shape) / (LR * 0.2 * max(matrix.shape) ** 0.5)
    found = left.T @ step @ right.T
    assert found.diagonal().min() > 0.5 and found.diagonal().max() < 1.5
    assert (found - torch.diag(found.diagonal())).abs().max() < 0.1


def test_a_step_has_about_the_size_of_adamws():
    layer = nn.Conv2d(16, 32, 3)
    before = layer.weight.detach().clone()
    layer.weight.grad = torch.randn(before.shape)
    Muon([{"params": [layer.weight], "hidden": True}], lr=LR).step()
    assert (before - layer.weight).square().mean().sqrt().item() / LR == pytest.approx(0.2, rel=0.3)


def names_of(matrices, model):
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {names[id(matrix)] for matrix in matrices}


@pytest.mark.parametrize(
    ("model", "others"),
    [
        ("lenet5", {"conv1", "fc3"}),
        ("mlp", {"fc1", "head"}),
        ("cifar_resnet20", {"conv", "head"}),
        ("mobilenet_v1", {"stem.conv", "head"}),
        ("squeezenet", {"conv1", "conv10"}),
        ("googlenet", {"stem.conv1.conv", "auxiliary4a.fc2", "auxiliary4d.fc2", "head"}),
    ],
)
def test_every_weight_of_the_zoo_is_muons_but_those_at_the_edges(model, others):
    network = build(Recipe(model=Model(name=model)), 0)
    weights = {n for n, p in network.named_parameters() if p.ndim >= 2}
    assert {name.rpartition(".")[0] for name in weights - names_of(hidden_matrices(network), network)} == others


def test_what_is_no_matrix_of_a_layer_is_adamws():
    model = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 4), nn.LayerNorm(4), nn.MultiheadAttention(4, 2), nn.Linear(4, 4), nn.Linear(4, 2))  # fmt: skip
    assert names_of(hidden_matrices(model), model) == {"3.out_proj.weight", "4.weight"}


def test_a_weight_that_the_last_layer_shares_is_adamws():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4))
    model[3].weight = model[1].weight
    assert names_of(hidden_matrices(model), model) == {"2.weight"}


def test_the_outputs_of_anybodys_auxiliary_heads_are_adamws():
    class Branch(AuxiliaryHead):
        def __init__(self):
            super().__init__()
            self.inner, self.outer = nn.Linear(4, 4), nn.Linear(4, 2)

    model = nn.Sequential(nn.Linear(3, 4), Branch(), nn.Linear(4, 4), nn.Linear(4, 2))
    assert names_of(hidden_matrices(model), model) == {"1.inner.weight", "2.weight"}


def test_every_parameter_is_in_one_group():
    model = build(Recipe(), 0)
    grouped = [p for group in muon(model).param_groups for p in group["params"]]
    assert {id(p) for p in grouped} == {id(p) for p in model.parameters()}
    assert len(grouped) == len(list(model.parameters()))


def test_a_network_without_hidden_layers_is_adamws_alone():
    ours = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 2))
    theirs = copy.deepcopy(ours)
    train(ours, muon(ours))
    train(theirs, torch.optim.AdamW(theirs.parameters(), lr=LR, weight_decay=0.0))
    assert same(ours, theirs)


def test_a_rate_that_is_moved_moves_all_parameters():
    model = perceptron()
    optimizer = muon(model)
    before = copy.deepcopy(model)
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    train(model, optimizer)
    assert same(model, before)
    for group in optimizer.param_groups:
        group["lr"] = LR
    train(model, optimizer)
    assert not any(torch.equal(p, q) for p, q in zip(model.parameters(), before.parameters(), strict=True))


def test_what_has_no_gradient_stays():
    model = perceptron()
    optimizer = muon(model, decay=DECAY)
    before = model[2].weight.detach().clone()
    train(model, optimizer, steps=1)
    after = model[2].weight.detach().clone()
    assert not torch.equal(after, before)
    optimizer.zero_grad()
    optimizer.step()
    assert torch.equal(model[2].weight, after)


def test_a_network_whose_weights_were_replaced_in_the_meantime_goes_on_learning():
    """As by a move to another device, which gives parameters other storage."""
    model = perceptron()
    optimizer = muon(model)
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()
    before = copy.deepcopy(model)
    train(model, optimizer)
    assert not torch.equal(model[2].weight, before[2].weight)


def test_weights_that_lie_channels_last_learn_the_same():
    def stepped(memory):
        torch.manual_seed(1)
        layer = nn.Conv2d(4, 6, 3, bias=False).to(memory_format=memory)
        layer(torch.ones(1, 4, 5, 5)).square().sum().backward()
        Muon([{"params": [layer.weight], "hidden": True}], lr=LR).step()
        return layer.weight

    assert torch.allclose(stepped(torch.channels_last), stepped(torch.contiguous_format), atol=2e-4)


def test_it_goes_on_from_its_state_as_if_it_had_never_stopped():
    whole, model = perceptron(), perceptron()
    model.load_state_dict(whole.state_dict())
    optimizer, first = muon(whole), muon(model)
    train(whole, optimizer, seed=1)
    train(model, first, seed=1)
    second = muon(model)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    train(whole, optimizer, seed=2)
    train(model, second, seed=2)
    assert same(whole, model)


def test_a_closure_gives_the_loss():
    model = perceptron()
    assert muon(model).step(lambda: model(torch.ones(1, 6)).sum().backward() or 3.0) == 3.0
