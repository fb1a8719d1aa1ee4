"""The command line: each command parses, calls the packages, prints. Scripts rely on its names and exit codes.

Exit codes: 0 all runs finished or diverged; 1 some failed; 2 bad input; 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from ablations import Spec
    from reports.study import Study
    from runs import Home, Plan
    from runs.plan import PlannedArm
    from runs.records import Records

ALL_DONE, SOME_FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


class BadInput(Exception):
    """What was asked for cannot be done; the message is one line that says why and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    args = _parsed(argv)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return args.command(args)
    except BadInput as error:
        print(f"ablate: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("\nInterrupted. What has ended is kept; the same command goes on from there.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader, say `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ALL_DONE


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments; overrides may stand anywhere, which argparse alone does not allow between options."""
    parser = _parser()
    args, others = parser.parse_known_args(argv)
    if [word for word in others if word.startswith("-") or "=" not in word or "overrides" not in args]:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    if others:
        args.overrides = [*args.overrides, *others]
    return args


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def list_command(args: argparse.Namespace) -> int:
    """Shipped ablations, factors, models; all that is known of one, by its name."""
    from ablations.catalog import catalog, named
    from reports.listing import listing, whole

    try:
        listed = named(args.name) if args.name else catalog()
    except ValueError as error:
        raise BadInput(str(error)) from None
    told = whole if args.name else listing
    print(json.dumps(listed, indent=1) if args.json else told(listed))
    return ALL_DONE


def plan_command(args: argparse.Namespace) -> int:
    """Every arm with its proved difference; starts nothing."""
    from runs.forecast import forecast
    from runs.records import Records
    from runs.slots import find_slots
    from runs.trials import unasked_runs

    spec, home = _spec(args), _home(args)
    plan = _plan(spec, Records(home))
    done = Records(home).done(plan.by_fingerprint)
    missing = [run for key, run in plan.by_fingerprint.items() if key not in done] + unasked_runs(plan)
    shown = {"name": spec.name, "runs": len(done) + len(missing), "done": len(done),
             "arms": [_arm(one) for one in plan.arms], **_search(plan)}  # fmt: skip
    if args.json:
        print(json.dumps(shown, indent=1))
        return ALL_DONE
    from reports.planned import print_plan

    slots = find_slots(args.workers, args.per_gpu)
    print_plan(plan, len(done), forecast(missing, done.values(), len(slots)), len(slots))
    return ALL_DONE


def run_command(args: argparse.Namespace) -> int:
    """Runs what is missing, then reports."""
    from reports.live import progress
    from runs.engines import ENGINES
    from runs.execute import NoWorkers, execute
    from runs.lock import Busy
    from runs.records import Records
    from runs.slots import find_slots

    spec, home = _spec(args), _home(args)
    _prepare(home)
    plan, slots = _plan(spec, Records(home)), find_slots(args.workers, args.per_gpu)
    with progress(plan, Records(home).newest(plan.by_fingerprint), slots) as listener:
        try:
            summary = execute(
                plan, home, lambda: ENGINES[args.engine](home, spec.name, slots), listener, args.fail_fast
            )
        except (Busy, OSError) as error:
            raise BadInput(str(error)) from None
        except NoWorkers as error:
            print(f"ablate: {error}", file=sys.stderr)
            return SOME_FAILED
    _report(summary.plan, home, _command_line("run", args))
    return ALL_DONE if summary.complete else SOME_FAILED


def status_command(args: argparse.Namespace) -> int:
    """How far an ablation is."""
    from runs.status import status

    plan = _recorded_plan(args)
    found = status(plan, _home(args))
    if args.json:
        print(json.dumps(found, indent=1))
        return ALL_DONE
    counts = ", ".join(f"{found[key]} {key}" for key in ("finished", "diverged", "failed", "running", "missing"))
    print(f"{found['name']}: {found['runs']} runs: {counts}")
    for one in found["failures"]:
        print(f"  failed: {one['arm']} · seed {one['seed']}: {one['reason']}")
    return ALL_DONE


def report_command(args: argparse.Namespace) -> int:
    """The report again, from recorded runs alone."""
    home = _home(args)
    _prepare(home)
    if args.runs is None:
        plan = _recorded_plan(args)
        if plan.searching:
            raise BadInput(f"{plan.spec.name}: settings are still searched; `ablate run {args.spec}` goes on with it")
        _report(plan, home, _command_line("run", args))
        return ALL_DONE
    from reports import BadRuns, read_runs

    _check_name(args.spec)
    try:
        study = read_runs(Path(args.runs), args.spec)
    except BadRuns as error:
        raise BadInput(str(error)) from None
    _write(study, home.report(args.spec))
    return ALL_DONE


def replay_command(args: argparse.Namespace) -> int:
    """Trains a run again and compares every metric bit for bit."""
    from runs.replay import NotReplayable, replay

    try:
        found = replay(args.run_id, _home(args))
    except NotReplayable as error:
        raise BadInput(str(error)) from None
    print(f"{found.record['run_name']} ({found.record['fingerprint']})")
    for one in found.compared:
        shown = "equal" if one.equal else f"DIFFERENT: recorded {one.recorded}, now {one.again}"
        print(f"  {one.measure:28} {shown}")
    for reason in found.reasons:
        print(f"  note: {reason}")
    print("Every metric is equal bit for bit." if found.equal else "The runs differ.")
    return ALL_DONE if found.equal else SOME_FAILED


def ui_command(args: argparse.Namespace) -> int:
    """The MLflow UI on 127.0.0.1."""
    home = _home(args)
    _prepare(home)
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", home.tracking_uri]
    command += ["--host", "127.0.0.1", "--port", str(args.port)]
    print(f"MLflow UI: http://127.0.0.1:{args.port}  (Ctrl-C ends it)", flush=True)
    os.execve(sys.executable, command, environment)


def schema_command(args: argparse.Namespace) -> int:
    """The JSON Schema of a spec, for editors."""
    from ablations.schema import spec_schema

    print(json.dumps(spec_schema(), indent=1))
    return ALL_DONE


def _spec(args: argparse.Namespace) -> Spec:
    from ablations import SpecError, load_spec

    overrides = [*args.overrides, *([f"seeds={args.seeds}"] if getattr(args, "seeds", None) else [])]
    try:
        return load_spec(args.spec, overrides)
    except SpecError as error:
        raise BadInput(str(error)) from None


def _plan(spec: Spec, records: Records) -> Plan:
    """The plan, with what the search that it asks for has found so far."""
    from runs import make_plan
    from runs.search import so_far

    try:
        return so_far(make_plan(spec), records)
    except ValueError as error:
        raise BadInput(str(error)) from None


def _recorded_plan(args: argparse.Namespace) -> Plan:
    """The plan as it was last carried out under that name; overrides ask for another one, a file may have changed."""
    from ablations import shipped_specs
    from runs import light_plan, plan_from_data, read_json

    home = _home(args)
    elsewhere = args.overrides or args.spec in shipped_specs() or Path(args.spec).exists()
    if not elsewhere and _is_name(args.spec) and home.plan(args.spec).exists():
        return plan_from_data(read_json(home.plan(args.spec)))
    given = _spec(args)
    path = home.plan(given.name)
    if not path.exists():
        raise BadInput(f"{given.name}: nothing is recorded in {home.root}; `ablate run {args.spec}` comes first")
    recorded = plan_from_data(read_json(path))
    if given == recorded.spec:
        return recorded
    if args.overrides and given.tune != recorded.spec.tune:
        raise BadInput(f"{given.name}: settings were searched otherwise than asked here; `ablate run` comes first")
    if args.overrides:
        plan = light_plan(given, {one.cell: one.proof for one in recorded.arms}, recorded.trials)
        return replace(plan, searching=recorded.searching)
    print(f"Note: {given.name} was last run with other settings; this is about the runs planned then.", file=sys.stderr)
    return recorded


def _home(args: argparse.Namespace) -> Home:
    from runs import Home

    home = Home.at(args.home)
    os.environ["ABLATE_HOME"] = str(home.root)  # what is known of large image folders is kept there, too
    return home


def _prepare(home: Home) -> None:
    from runs import Unwritable

    try:
        home.prepare()
    except Unwritable as error:
        raise BadInput(str(error)) from None


def _is_name(text: str) -> bool:
    return text.replace("-", "").replace("_", "").isalnum()


def _check_name(name: str) -> None:
    if not _is_name(name):
        raise BadInput(f"{name!r}: a report's name is made of letters, digits, - and _: it names a folder")


def _report(plan: Plan, home: Home, command: str) -> None:
    from reports.recorded import recorded_study
    from reports.tables import markdown
    from runs.results import collect, publish

    results = collect(plan, home)
    study = recorded_study(plan, results, command)
    _write(study, home.report(plan.spec.name))
    trouble = results.trouble or publish(plan, home, markdown(study), home.report(plan.spec.name))
    if trouble:
        print(
            f"MLflow did not take everything ({trouble}); `ablate report {plan.spec.name}` tries again.",
            file=sys.stderr,
        )


def _write(study: Study, folder: Path) -> None:
    from reports import write_report
    from reports.terminal import print_study

    try:
        page = write_report(study, folder)
    except OSError as error:
        raise BadInput(f"{folder}: the report cannot be written ({error.strerror or error})") from None
    print_study(study)
    print(f"\nReport: {page}")


def _command_line(command: str, args: argparse.Namespace) -> str:
    """What to type for the same report."""
    seeds = [f"--seeds {args.seeds}"] if getattr(args, "seeds", None) else []
    return " ".join(["ablate", command, args.spec, *map(shlex.quote, args.overrides), *seeds])


def _search(plan: Plan) -> dict[str, Any]:
    """The budget of a search, where there is one."""
    from runs.trials import searched_cells

    tune = plan.spec.tune
    if tune is None:
        return {}
    settings, seeds, searches = list(tune.search), list(tune.seeds), len(searched_cells(plan))
    return {"search": {"settings": settings, "trials": tune.trials, "seeds": seeds, "searches": searches}}


def _arm(one: PlannedArm) -> dict[str, Any]:
    return {
        "arm": one.arm.name, "factor": one.arm.factor, "level": one.arm.level, "model": one.model,
        "parameters": one.parameters, "differs": list(one.differs),
    }  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ablate", description="Ablations: one switch at a time, over paired seeds.")
    parser.add_argument("--home", help="output folder (default: ABLATE_HOME, else ./output)")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        sub.add_argument(
            "--home", default=argparse.SUPPRESS, help="output folder (default: ABLATE_HOME, else ./output)"
        )
        ARGUMENTS[name](sub)
        sub.set_defaults(command=command)
    return parser


def _takes_spec(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", metavar="SPEC", help="a file, or the name of a shipped ablation")
    parser.add_argument("overrides", metavar="key=value", nargs="*", help="sets a value, as baseline.trainer.epochs=5")


def _takes_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for scripts")


def _takes_slots(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=_positive, help="number of seeds, instead of the spec's")
    parser.add_argument(
        "--workers", type=_positive, help="at most so many at a time (default: one per GPU slot or core)"
    )
    parser.add_argument("--per-gpu", type=_positive, default=1, help="workers that share a GPU (default: 1)")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="a shipped ablation, a factor or a model; all, else")
    _takes_json(parser)


def _plan_arguments(parser: argparse.ArgumentParser) -> None:
    _takes_spec(parser), _takes_slots(parser), _takes_json(parser)


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    _takes_spec(parser), _takes_slots(parser)
    parser.add_argument("--engine", choices=("local", "inline"), default="local", help="worker processes, or this one")
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first failed run")


def _status_arguments(parser: argparse.ArgumentParser) -> None:
    _takes_spec(parser), _takes_json(parser)


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    _takes_spec(parser)
    parser.add_argument(
        "--runs", metavar="FILE.csv", help="anybody's runs in the form of runs.csv; SPEC is then a name"
    )


def _replay_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_id", metavar="RUN_ID", help="as in runs.csv and the MLflow UI, or a fingerprint")


def _ui_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_positive, default=5000, help="default: 5000")


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    pass


COMMANDS = {
    "list": list_command,
    "plan": plan_command,
    "run": run_command,
    "status": status_command,
    "report": report_command,
    "replay": replay_command,
    "ui": ui_command,
    "schema": schema_command,
}
ARGUMENTS = {
    "list": _list_arguments,
    "plan": _plan_arguments,
    "run": _run_arguments,
    "status": _status_arguments,
    "report": _report_arguments,
    "replay": _replay_arguments,
    "ui": _ui_arguments,
    "schema": _no_arguments,
}

if __name__ == "__main__":
    sys.exit(main())
