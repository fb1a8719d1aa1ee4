"""What there is to beat: a bare PyTorch loop over the same runs, on warm single-threaded processes, one per core."""

import multiprocessing
import time
from queue import Empty

from ablations import load_spec


def bare_seconds(spec: str, overrides: list[str], processes: int) -> tuple[float, float]:
    """Wall seconds for all runs of a spec, and seconds a run for the final measurement; imports are not counted."""
    context = multiprocessing.get_context("spawn")
    todo, done, ready = context.Queue(), context.Queue(), context.Barrier(processes + 1)
    loaded = load_spec(spec, overrides)
    for seed in loaded.seeds:
        for arm in loaded.arms:
            todo.put((arm.recipe(loaded.baseline), seed))
    workers = [context.Process(target=_serve, args=(todo, done, ready)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    ready.wait()
    started = time.perf_counter()
    measuring = [done.get() for _ in range(len(loaded.seeds) * len(loaded.arms))]
    seconds = time.perf_counter() - started
    for worker in workers:
        worker.join()
    return seconds, sum(measuring) / len(measuring)


def _serve(todo, done, ready) -> None:
    import torch

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    from ablations.arms import Arm
    from ablations.factors.dropout import Dropout
    from modules.recipe import Recipe

    train(Arm("warm", (Dropout(),)).recipe(Recipe.model_validate({"trainer": {"epochs": 1, "batch_size": 32}})), 0)
    ready.wait()
    while True:
        try:
            recipe, seed = todo.get(timeout=0.5)
        except Empty:
            return
        done.put(train(recipe, seed))


def train(recipe, seed: int) -> float:
    """One run as one would write it by hand; returns the seconds of the final measurement."""
    import torch
    from torch.nn import functional as F

    from modules.build import build
    from modules.data.augmentation import Augmenter
    from modules.data.splits import make_splits
    from modules.optimizers import make_optimizer
    from modules.streams import Streams

    streams = Streams(seed, recipe.replicate)
    splits = make_splits(recipe.data, Streams(seed))
    network = build(recipe, seed)
    optimizer = make_optimizer(recipe.optimizer, network)
    order = streams.torch("order")
    augment = Augmenter(recipe.data.augmentation, streams, splits.normal, splits.moments.mean)
    torch.manual_seed(streams.number("forward"))
    images, labels = splits.train
    for _ in range(recipe.trainer.epochs):
        network.train()
        for chosen in torch.randperm(len(labels), generator=order).split(recipe.trainer.batch_size):
            optimizer.zero_grad()
            logits = network(augment(images[chosen]))
            F.cross_entropy(logits, labels[chosen]).backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            logits = network(splits.val.images)
            F.cross_entropy(logits, splits.val.labels).item()
            (logits.argmax(1) == splits.val.labels).float().mean().item()
    started = time.perf_counter()
    with torch.no_grad():
        for part in (splits.train, splits.val, splits.test):
            (network(part.images).argmax(1) == part.labels).float().mean().item()
    return time.perf_counter() - started
