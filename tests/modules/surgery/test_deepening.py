"""Stages grow by blocks like their last and shrink to one at least; whatever else there is stays."""

import copy

import pytest
import torch
from torch import nn

from modules.build import build_model, parameter_count
from modules.surgery.deepening import scale_depth, stages_of

IMAGES = torch.zeros(2, 4, 8, 8)


class Block(nn.Module):
    def __init__(self, channels_in: int = 4, channels: int = 4):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(channels_in, channels, 3, padding=1), nn.BatchNorm2d(channels)

    def forward(self, x):
        return self.norm(self.conv(x)).relu()


class OtherBlock(Block):
    pass


def unit(channels_in=4, channels=4):
    return nn.Sequential(nn.Conv2d(channels_in, channels, 3, padding=1), nn.ReLU())


def scaled(model, multiplier, images=IMAGES):
    """The network and by how many blocks it changed."""
    edited = copy.deepcopy(model)
    changed = scale_depth(edited, multiplier, torch.Generator().manual_seed(0), images)
    assert edited(images).shape == model(images).shape
    return edited, changed


def kinds(container):
    return [type(module).__name__ for module in container]


@pytest.mark.parametrize(
    ("blocks", "multiplier", "left"),
    [
        (1, 2, 2),
        (1, 0.01, 1),
        (2, 0.5, 1),
        (3, 0.01, 1),
        (3, 0.5, 2),
        (3, 3, 9),
        (4, 0.5, 2),
        (4, 1.25, 5),
        (2, 1.1, 2),
    ],
)
@pytest.mark.parametrize("make", [Block, unit])
def test_the_number_of_blocks_is_multiplied_and_rounded(make, blocks, multiplier, left):
    model, changed = scaled(nn.Sequential(*(make() for _ in range(blocks))), multiplier)
    assert len(model) == left
    assert changed == abs(left - blocks)


@pytest.mark.parametrize("multiplier", [0.01, 0.5, 2, 3])
def test_a_block_that_changes_the_shape_stays_where_it_is(multiplier):
    model = nn.Sequential(Block(4, 8), Block(8, 8), Block(8, 8))
    edited, _ = scaled(model, multiplier)
    assert len(edited) == max(1, round(3 * multiplier))
    assert torch.equal(edited[0].conv.weight, model[0].conv.weight)


def test_classes_beside_each_other_are_stages_of_their_own():
    model = nn.Sequential(Block(), Block(), nn.MaxPool2d(1), OtherBlock(), nn.ReLU(), Block())
    assert list(stages_of(model)) == [["0", "1"], ["3"], ["5"]]
    edited, changed = scaled(model, 2)
    assert kinds(edited) == ["Block"] * 4 + ["MaxPool2d", "OtherBlock", "OtherBlock", "ReLU", "Block", "Block"]
    assert changed == 4
    assert kinds(scaled(edited, 0.5)[0]) == kinds(model)


@pytest.mark.parametrize("multiplier", [0.5, 2])
def test_weights_that_stay_keep_their_names_and_numbers(multiplier):
    model = nn.Sequential(nn.Sequential(Block(), Block()), Block(), Block(4, 6)).eval()
    edited, _ = scaled(model, multiplier)
    old, new = model.state_dict(), edited.state_dict()
    assert len(old.keys() & new.keys()) == min(len(old), len(new))
    assert all(torch.equal(old[name], new[name]) for name in old.keys() & new.keys())


def test_a_new_block_has_the_weights_of_the_last_in_another_order():
    model = nn.Sequential(Block(), Block())
    nn.init.orthogonal_(model[1].conv.weight)
    edited, _ = scaled(model.eval(), 2)
    old, new, other = (edited[index].conv.weight for index in (1, 2, 3))
    assert torch.equal(old.flatten().sort().values, new.flatten().sort().values)
    assert not torch.equal(old, new)
    assert not torch.equal(new, other)
    assert not edited[2].training
    assert torch.equal(edited[2].norm.weight, torch.ones(4))


def test_new_blocks_are_like_the_old_ones():
    model = nn.Sequential(Block()).double().eval()
    model[0].conv.weight.requires_grad_(False)
    model[0].register_forward_hook(lambda module, args, output: output * 2)
    edited, _ = scaled(model, 2, IMAGES.double())
    assert edited[1].conv.weight.dtype == torch.float64
    assert not edited[1].conv.weight.requires_grad
    assert not edited[1].norm.training
    assert len(edited[1]._forward_hooks) == 1


def test_a_block_that_is_shared_stays_shared_and_its_copies_are_their_own():
    block = Block()
    edited, changed = scaled(nn.Sequential(block, block), 2)
    assert changed == 2
    assert edited[0] is edited[1]
    assert len({id(block) for block in edited}) == 3


def test_a_container_that_is_shared_grows_once():
    stage = nn.Sequential(Block())
    edited, changed = scaled(nn.Sequential(stage, nn.ReLU(), stage), 3)
    assert changed == 2
    assert edited[0] is edited[2]


class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks, self.last = nn.ModuleList([Block(), Block()]), Block(4, 6)


class Looping(Listed):
    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.last(x)


class CountingAll(Listed):
    def forward(self, x):
        for index in range(len(self.blocks)):
            x = self.blocks[index](x)
        return self.last(self.blocks[-1](x))


@pytest.mark.parametrize("kind", [Looping, CountingAll])
@pytest.mark.parametrize("multiplier", [0.5, 2])
def test_lists_of_blocks_grow_and_shrink(kind, multiplier):
    edited, changed = scaled(kind(), multiplier)
    assert len(edited.blocks) == 2 * multiplier
    assert changed == abs(2 - 2 * multiplier)


class Numbered(Listed):
    def forward(self, x):
        return self.last(self.blocks[1](self.blocks[0](x)))


class Zipped(Listed):
    def forward(self, x):
        for block, power in zip(self.blocks, (1, 2), strict=False):
            x = block(x) ** power
        return self.last(x)


class Aliased(Listed):
    def __init__(self):
        super().__init__()
        self.first, self.second = self.blocks

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.last(x)


@pytest.mark.parametrize(
    ("kind", "multiplier", "message"),
    [
        (Numbered, 2, "Block 'blocks.2' would be in the network and not be called.*loop over all"),
        (Numbered, 0.5, "Numbered cannot take what reaches it"),
        (Zipped, 2, "Block 'blocks.2' would be in the network and not be called"),
        (Aliased, 0.5, "Block 'second' would be in the network and not be called"),
    ],
)
def test_a_forward_that_names_or_counts_its_blocks_is_refused(kind, multiplier, message):
    with pytest.raises(ValueError, match=message):
        scaled(kind(), multiplier)


class Beside(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList([Block(), Block()])

    def forward(self, x):
        return sum(branch(x) for branch in self.branches)


def test_branches_beside_each_other_are_no_stage():
    assert scaled(Beside(), 2)[1] == 0


class Wide(nn.Module):
    """A block with units of its own inside, which keep their shape, as those of MobileNetV2 do."""

    def __init__(self):
        super().__init__()
        self.units = nn.Sequential(unit(4, 8), unit(8, 8), nn.Conv2d(8, 4, 1))

    def forward(self, x):
        return x + self.units(x)


def test_of_stages_within_blocks_the_outer_one_counts():
    edited, changed = scaled(nn.Sequential(Wide(), Wide()), 2)
    assert changed == 2
    assert [len(block.units) for block in edited] == [3] * 4


class Squeezing(nn.Module):
    """As in EfficientNet: among the layers of a block is a module of two layers."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(unit(), Wide(), unit())

    def forward(self, x):
        return self.layers(x)


def test_a_module_of_several_layers_among_others_is_a_part_of_a_block():
    edited, changed = scaled(nn.Sequential(Squeezing(), Squeezing()), 2)
    assert changed == 2
    assert [len(block.layers) for block in edited] == [3] * 4


class Grouped(nn.Module):
    """A stage as a class, of which the first keeps its shape, as those of ConvNeXt do."""

    def __init__(self, channels_in, channels):
        super().__init__()
        self.down = nn.Identity() if channels_in == channels else nn.Conv2d(channels_in, channels, 1)
        self.blocks = nn.Sequential(Wide(), Wide()) if channels == 4 else nn.Identity()

    def forward(self, x):
        return self.blocks(self.down(x))


def test_what_holds_blocks_is_a_stage_and_no_block():
    edited, changed = scaled(nn.Sequential(Grouped(4, 4), Grouped(4, 4), Grouped(4, 6)), 2)
    assert changed == 4
    assert len(edited) == 3
    assert [len(stage.blocks) for stage in edited[:2]] == [4, 4]


def test_beside_blocks_of_several_layers_a_stem_of_single_ones_stays():
    edited, changed = scaled(nn.Sequential(nn.Sequential(unit(), unit()), nn.Sequential(Wide())), 2)
    assert changed == 1
    assert [len(part) for part in edited] == [2, 2]


def test_googlenet_grows_by_inceptions_alone():
    model = build_model("googlenet", classes=10, image_size=32)
    edited = copy.deepcopy(model)
    assert scale_depth(edited, 2, torch.Generator(), torch.zeros(2, 3, 32, 32)) == 5
    assert kinds(edited.stage4) == ["Inception"] * 6
    assert kinds(edited.stem) == kinds(model.stem)


@pytest.mark.parametrize(
    "model",
    [nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3)), nn.Sequential(Block(4, 6), Block(6, 8)), nn.Conv2d(4, 4, 1)],
)  # fmt: skip
def test_without_blocks_that_keep_their_shape_nothing_changes(model):
    assert scaled(model, 2)[1] == 0


@pytest.mark.parametrize(
    ("name", "multiplier", "deep"),
    [
        ("cifar_resnet20", 2, "cifar_resnet38"),
        ("cifar_resnet56", 0.34, "cifar_resnet20"),
        ("cifar_plain20", 3, "cifar_plain56"),
    ],
)
def test_a_cifar_resnet_becomes_one_of_another_depth(name, multiplier, deep):
    """6n + 2 layers; the count of depth 38 is worked out from the block's, which the published ones confirm."""
    block = {16: 2 * 9 * 16**2 + 4 * 16, 32: 2 * 9 * 32**2 + 4 * 32, 64: 2 * 9 * 64**2 + 4 * 64}
    published = {
        "cifar_resnet20": 269_722,
        "cifar_plain56": 853_018,
        "cifar_resnet38": 269_722 + 3 * sum(block.values()),
    }
    assert published["cifar_resnet20"] + 6 * sum(block.values()) == published["cifar_plain56"]
    images = torch.zeros(2, 3, 32, 32)
    assert parameter_count(scaled(build_model(name), multiplier, images)[0]) == published[deep]


def test_a_resnet18_of_three_blocks_a_stage_is_what_one_writes():
    edited, changed = scaled(build_model("resnet18", classes=10, image_size=32), 1.5, torch.zeros(2, 3, 32, 32))
    assert changed == 4
    assert [len(getattr(edited, f"stage{number}")) for number in (1, 2, 3, 4)] == [3] * 4


def test_nothing_is_drawn_from_elsewhere_and_the_same_stream_gives_the_same():
    model, state = nn.Sequential(Block()), torch.get_rng_state()
    one, two = scaled(model, 3)[0], scaled(model, 3)[0]
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
