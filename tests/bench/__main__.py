"""Prints the bench's table, section by section. Every ratio is of two things measured here and now, one after the other."""

import argparse
from collections.abc import Callable, Iterator
from functools import partial

from tests.bench.claims import claims
from tests.bench.commands import commands
from tests.bench.overhead import overhead
from tests.bench.peers import peers
from tests.bench.recovery import recovery
from tests.bench.remedies import costs_of_remedies
from tests.bench.report import costs_of_reports
from tests.bench.scaling import scaling
from tests.bench.streaming import streaming
from tests.bench.zoo import augmentation_against_a_step, building_against_an_epoch

SECTIONS: dict[str, Callable[[], Iterator[tuple[str, str, str]]]] = {
    "peers": peers,
    "scaling": scaling,
    "claims": claims,
    "overhead": overhead,
    "recovery": recovery,
    "commands": commands,
    "reports": costs_of_reports,
    "remedies": costs_of_remedies,
    "building": building_against_an_epoch,
    "augmentation": augmentation_against_a_step,
    "streaming": streaming,
}
WIDTH = 84


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--seeds", type=int, default=5, help="of the six-switch ablation among its peers (default: 5)")
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"no section is called {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    sections = SECTIONS | {"peers": partial(peers, asked.seeds)}
    print(f"{'':{WIDTH}}  {'measured':>10}   goal")
    for name in asked.sections or SECTIONS:
        print(f"-- {name}", flush=True)
        for what, value, goal in sections[name]():
            print(f"{what:{WIDTH}}  {value:>10}   {goal}", flush=True)


if __name__ == "__main__":
    main()
