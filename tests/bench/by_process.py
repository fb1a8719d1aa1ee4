"""One run in a process of its own, with Lightning's defaults: what a loop in a shell would start."""

import sys
from typing import NamedTuple

import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import CSVLogger
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from ablations import load_spec
from modules.build import build
from modules.data.augmentation import Augmenter
from modules.data.splits import Part, Splits, make_splits
from modules.optimizers import make_optimizer
from modules.recipe import Recipe
from modules.streams import Streams


class Plain(pl.LightningModule):
    """The classifier of any tutorial."""

    def __init__(self, recipe: Recipe, seed: int, splits: Splits):
        super().__init__()
        self.recipe, self.network = recipe, build(recipe, seed)
        self.augment = Augmenter(recipe.data.augmentation, Streams(seed), splits.normal, splits.moments.mean)

    def training_step(self, batch, index):
        images, labels = batch
        loss = F.cross_entropy(self.network(self.augment(images)), labels)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, index):
        self._log("val", *batch)

    def test_step(self, batch, index):
        self._log("test", *batch)

    def configure_optimizers(self):
        return make_optimizer(self.recipe.optimizer, self.network)

    def _log(self, part: str, images, labels) -> None:
        logits = self.network(images)
        self.log(f"{part}_loss", F.cross_entropy(logits, labels))
        self.log(f"{part}_accuracy", (logits.argmax(1) == labels).float().mean())


class Loaders(NamedTuple):
    train: DataLoader
    val: DataLoader
    test: DataLoader


def loaders(splits: Splits, batch: int) -> Loaders:
    def loader(part: Part, shuffle: bool = False) -> DataLoader:
        return DataLoader(TensorDataset(part.images, part.labels), batch, shuffle=shuffle)

    return Loaders(loader(splits.train, shuffle=True), loader(splits.val), loader(splits.test))


def main(spec: str, arm: str, seed: str, folder: str) -> None:
    torch.set_num_threads(1)  # two are started at a time, on two cores
    loaded = load_spec(spec)
    recipe = next(one for one in loaded.arms if one.name == arm).recipe(loaded.baseline)
    pl.seed_everything(int(seed))
    splits = make_splits(recipe.data, Streams(int(seed)))
    data = loaders(splits, recipe.trainer.batch_size)
    trainer = pl.Trainer(max_epochs=recipe.trainer.epochs, logger=CSVLogger(folder, name=f"{arm} {seed}"))
    module = Plain(recipe, int(seed), splits)
    trainer.fit(module, data.train, data.val)
    trainer.test(module, data.test)


if __name__ == "__main__":
    main(*sys.argv[1:])
