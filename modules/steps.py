"""Training steps: a batch in, the weights moved by one step of the recipe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from modules.compiling import compiled
from modules.data.augmentation import Augmenter
from modules.data.splits import Splits
from modules.forward import pass_images
from modules.losses import make_loss
from modules.mixing import Mixer
from modules.noise import add_gradient_noise, noisy_images, noisy_weights, redrawn_labels
from modules.optimizers import decay_groups, make_optimizer
from modules.outputs import AUXILIARY_WEIGHT
from modules.penalties import limit_norms_, shrink_
from modules.recipe import Recipe
from modules.schedules import make_schedule
from modules.sharpness import sharpness_aware
from modules.streams import Streams


class Passed(NamedTuple):
    """What a pass forth and back found."""

    logits: torch.Tensor
    loss: torch.Tensor


Passes = Callable[[], Passed]


class Steps:
    """Takes the steps of a training, `count` of them in all, on the device that the network is on."""

    def __init__(self, recipe: Recipe, network: nn.Module, streams: Streams, splits: Splits, classes: int, count: int):
        self.recipe, self.network = recipe, network
        self.passing = compiled(network) if recipe.trainer.compile else network
        self.batches = _Batch(recipe, streams, splits, classes)
        self.loss = make_loss(recipe.loss)
        self.optimizer = make_optimizer(recipe.optimizer, network)
        self.schedule = make_schedule(recipe.schedule, self.optimizer, count)
        self.parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self.weights = [p for group in decay_groups(network, 1.0) if group["weight_decay"] for p in group["params"]]
        device = self.parameters[0].device  # as many numbers as there are weights would take long to bring there
        self.weight_draws = torch.Generator(device).manual_seed(streams.number("weight_noise"))
        self.gradient_draws = torch.Generator(device).manual_seed(streams.number("gradient_noise"))
        self.taken = 0

    def take(self, images: torch.Tensor, labels: torch.Tensor) -> Passed:
        """One step on images (N, C, S, S) and labels (N,); returns what was found before it."""
        images, targets = self.batches.prepared(images, labels)
        found = self._gradients(partial(self._pass, images, targets))
        self._before_step()
        self.optimizer.step()
        self._after_step()
        self.taken += 1
        return Passed(found.logits.detach(), found.loss.detach())

    def _pass(self, images: torch.Tensor, targets: torch.Tensor) -> Passed:
        self.optimizer.zero_grad()
        output = pass_images(self.passing, images, self.recipe.trainer.precision)
        loss = total = self.loss(output.logits, targets)
        for logits in output.auxiliary:
            total = total + AUXILIARY_WEIGHT * self.loss(logits, targets)
        total.backward()
        return Passed(output.logits, loss)

    def _gradients(self, compute: Passes) -> Passed:
        """Leaves the gradients that the step goes by."""
        if rho := self.recipe.regularization.sam:
            compute = partial(sharpness_aware, compute, self.network, rho)
        if sigma := self.recipe.noise.weights:
            with noisy_weights(self.weights, sigma, self.weight_draws):
                return compute()
        return compute()

    def _before_step(self) -> None:
        if limit := self.recipe.regularization.clip_norm:
            clip_grad_norm_(self.parameters, limit)
        if eta := self.recipe.noise.gradients:  # after clipping, as published
            add_gradient_noise(self.parameters, eta, self.taken, self.gradient_draws)

    def _after_step(self) -> None:
        if strength := self.recipe.regularization.l1:
            shrink_(self.weights, strength * self.optimizer.param_groups[0]["lr"])
        if limit := self.recipe.regularization.max_norm:
            limit_norms_(self.network, limit)
        if self.schedule is not None:
            self.schedule.step()


class _Batch:
    """What happens to a batch before the network sees it."""

    def __init__(self, recipe: Recipe, streams: Streams, splits: Splits, classes: int):
        self.noise, self.classes, self.spread = recipe.noise, classes, splits.moments.spread
        self.augment = Augmenter(recipe.data.augmentation, streams, splits.normal, splits.moments.mean)
        self.mix = Mixer(recipe.data.mixing, classes, streams.numpy("mixing"))
        self.image_draws, self.label_draws = streams.torch("input_noise"), streams.torch("label_redraws")

    def prepared(self, images: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images as they are trained on, and targets: labels (N,), shares of every class (N, K) where mixed, or masks
        (N, S, S)."""
        if labels.dim() == 3:
            images, labels = self.augment.with_masks(images, labels)
        else:
            images = self.augment(images)
        if sigma := self.noise.inputs:
            images = noisy_images(images, sigma, self.spread, self.image_draws)
        if p := self.noise.labels:
            labels = redrawn_labels(labels, self.classes, p, self.label_draws)
        return self.mix(images, labels)
