"""The runs of a spec by Ray Tune, as one would write it: the bare training function as a trainable, a grid of trials."""

import os
import sys

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray import tune

from ablations import load_spec
from tests.bench.bare import train


def main(spec: str, seeds: str, processes: str, folder: str) -> None:
    loaded = load_spec(spec, [f"seeds={seeds}"])
    recipes = {arm.name: arm.recipe(loaded.baseline) for arm in loaded.arms}

    def trainable(config: dict) -> dict:
        import torch

        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        return {"measuring": train(recipes[config["arm"]], config["seed"])}

    ray.init("local", num_cpus=int(processes))  # never somebody's cluster that happens to be there
    results = tune.Tuner(
        tune.with_resources(trainable, {"cpu": 1}),
        param_space={"arm": tune.grid_search(list(recipes)), "seed": tune.grid_search(list(loaded.seeds))},
        run_config=tune.RunConfig(storage_path=folder),
    ).fit()
    assert not results.errors, results.errors[0]
    assert len(results) == len(recipes) * len(loaded.seeds)


if __name__ == "__main__":
    main(*sys.argv[1:])
