from statistics import fmean

import numpy as np
import pytest
import torch

import modules.member
from modules.averaging import Average
from modules.batches import Batches
from modules.data.splits import make_splits
from modules.member import train_member
from modules.recipe import Data, Recipe
from modules.settings import Averaging, Ensemble, Trainer
from modules.streams import Streams
from tests.modules.data.made import fill

PLAIN = Recipe(data=Data(train_size=40, image_size=32), trainer=Trainer(epochs=1, batch_size=16))
BAGGED = PLAIN.model_copy(update={"ensemble": Ensemble(members=3, bootstrap=True)})


def member(recipe=PLAIN, seed=0, number=0):
    return train_member(recipe, seed, number, make_splits(recipe.data, Streams(seed)), "cpu")


def weights_of(trained):
    return [tensor.numpy().tobytes() for tensor in trained.network.state_dict().values()]


@pytest.fixture
def seen(monkeypatch):
    """The images that are trained on, and those by which norms are refreshed."""
    log = {"trained": [], "refreshed": []}
    iterate, settle = Batches.__iter__, Average.settle

    def watched(self):
        for batch in iterate(self):
            if self.order is not None:
                log["trained"] += [image.numpy().tobytes() for image in batch.images]
            yield batch

    def settled(self):
        log["refreshed"] += [image.numpy().tobytes() for images, _ in self.images for image in images]
        settle(self)

    monkeypatch.setattr(Batches, "__iter__", watched)
    monkeypatch.setattr(Average, "settle", settled)
    return log


def test_members_are_trained_on_all_images_each_in_an_order_of_its_own(seen):
    member(number=0)
    first = list(seen["trained"])
    seen["trained"].clear()
    member(number=1)
    assert sorted(seen["trained"]) == sorted(first)
    assert seen["trained"] != first


def test_a_bagged_member_is_trained_on_as_many_images_of_which_some_come_several_times(seen):
    member(PLAIN)
    all_images = list(seen["trained"])
    seen["trained"].clear()
    member(BAGGED)
    assert len(seen["trained"]) == len(all_images) == 40
    assert set(seen["trained"]) < set(all_images)


def test_norms_are_refreshed_by_the_images_that_the_member_was_trained_on(seen):
    member(BAGGED.model_copy(update={"averaging": Averaging(kind="swa", start=0.0)}))
    assert sorted(seen["refreshed"]) == sorted(seen["trained"])


def test_a_resample_holds_63_percent_of_the_images_on_average():
    """1 - (1 - 1/n)^n, that is 1 - 1/e where n is large (Breiman 1996)."""
    splits = make_splits(Data(train_size=400, image_size=8), Streams(0))
    shares = []
    for seed in range(100):
        chosen = modules.member._resampled(BAGGED, splits, Streams(seed))
        assert len(chosen) == 400
        assert chosen.min() >= 0
        assert chosen.max() <= 399
        shares.append(len(chosen.unique()) / 400)
    assert fmean(shares) == pytest.approx(1 - np.exp(-1), abs=0.01)
    assert modules.member._resampled(PLAIN, splits, Streams(0)) is None


def test_every_member_has_a_resample_of_its_own_and_the_same_one_again():
    splits = make_splits(BAGGED.data, Streams(0))
    one, other, again = (modules.member._resampled(BAGGED, splits, Streams(0, member=number)) for number in (0, 1, 0))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_the_same_member_is_the_same_network_and_others_are_others():
    assert weights_of(member(number=2)) == weights_of(member(number=2))
    assert not {*weights_of(member(number=2))} & {*weights_of(member(number=1))}


def test_a_bagged_member_is_the_same_bit_for_bit_streamed_and_in_memory(tmp_path):
    data = Data(name="folder", path=str(fill(tmp_path / "pets", size=(20, 20))), label_noise=0.2)
    found = [
        member(BAGGED.model_copy(update={"data": data.model_copy(update={"stream": stream})}))
        for stream in (True, False)
    ]
    assert weights_of(found[0]) == weights_of(found[1])
    assert found[0].curves == found[1].curves
