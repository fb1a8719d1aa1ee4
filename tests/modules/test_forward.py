import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modules.forward import pass_images

IMAGES = torch.randn(6, 1, 4, 4, generator=torch.Generator().manual_seed(0))


class Headed(nn.Module):
    """With an auxiliary head; remembers in what its convolution answered."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.body, self.head, self.other = nn.Conv2d(1, 3, 3), nn.Linear(12, 3), nn.Linear(12, 3)
        self.answered = None

    def forward(self, images):
        found = self.body(images)
        self.answered = found.dtype
        return self.head(found.flatten(1)), self.other(found.flatten(1))


def test_float32_is_what_the_network_returns_bit_for_bit():
    network = Headed()
    output = pass_images(network, IMAGES, "float32")
    assert torch.equal(output.logits, network(IMAGES)[0])
    assert network.answered is torch.float32


def test_bf16_multiplies_in_bfloat16_and_all_else_is_in_float32():
    network = Headed()
    output = pass_images(network, IMAGES, "bf16")
    (output.logits.sum() + output.auxiliary[0].sum()).backward()
    assert network.answered is torch.bfloat16
    kept = [output.logits, *output.auxiliary, *network.parameters(), *(p.grad for p in network.parameters())]
    assert {tensor.dtype for tensor in kept} == {torch.float32}


def test_bf16_is_what_torch_finds_for_numbers_rounded_by_hand():
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
    rounded = [tensor.bfloat16() for tensor in (IMAGES.flatten(1), network[1].weight, network[1].bias)]
    assert torch.equal(pass_images(network, IMAGES, "bf16").logits, F.linear(*rounded).float())
    assert not torch.equal(pass_images(network, IMAGES, "bf16").logits, network(IMAGES))


def test_each_pass_rounds_the_weights_that_there_are_then():
    network = Headed()
    before = pass_images(network, IMAGES, "bf16").logits
    with torch.no_grad():
        network.head.weight.zero_(), network.head.bias.fill_(2)
    assert (pass_images(network, IMAGES, "bf16").logits == 2).all()
    assert not (before == 2).all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
def test_bf16_takes_a_network_whose_weights_are_of_another_kind(dtype):
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 3)).to(dtype)
    assert pass_images(network, IMAGES.to(dtype), "bf16").logits.dtype is torch.float32
