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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from reports.terminal.patient import Patient

if TYPE_CHECKING:
    from ablations import Spec
    from reports import Report
    from runs import Home, Plan
    from runs.execute import Summary
    from runs.stages import Decide
    from runs.status import Onlooker

ALL_DONE, SOME_FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


class BadInput(Exception):
    """What was asked for cannot be done; the message is one line that says why and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    with redirect_stdout(Patient(sys.stdout)), redirect_stderr(Patient(sys.stderr)):
        try:
            return _carried_out(_parsed(argv))
        finally:
            sys.stdout.flush()


def _carried_out(args: argparse.Namespace) -> int:
    from runs.home import BadAddress, Unreachable

    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return args.command(args)
    except (BadInput, BadAddress, Unreachable) as error:
        print(f"ablate: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("\nInterrupted. What has ended is kept; the same command goes on from there.", file=sys.stderr)
        return INTERRUPTED


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
    from reports.terminal.listing import listing, whole

    with _bad_input(ValueError):
        listed = named(args.name) if args.name else catalog()
    told = whole if args.name else listing
    print(json.dumps(listed, indent=1) if args.json else told(listed))
    return ALL_DONE


def plan_command(args: argparse.Namespace) -> int:
    """Every arm with its proved difference; starts nothing."""
    from runs.forecast import forecasts
    from runs.outlook import as_data, outlook
    from runs.records import Records
    from runs.slots import find_slots
    from runs.stages import as_recorded

    spec, records = _spec(args), Records(_home(args))
    found = outlook(as_recorded(_plan(spec), records, _decide(spec)), records)
    if args.json:
        print(json.dumps(as_data(found), indent=1))
        return ALL_DONE
    from reports.terminal.planned import print_plan

    slots = find_slots(args.workers, args.per_gpu)
    print_plan(found, forecasts([found.missing, found.later], found.done.values(), len(slots)), len(slots))
    return ALL_DONE


def run_command(args: argparse.Namespace) -> int:
    """Runs what is missing, then reports."""
    from runs.running import ready_workers

    spec, home = _spec(args), _home(args)
    _prepare(home)
    with ready_workers([spec.name], home, args.workers, args.engine):
        return _carry_out(_plan(spec), home, _where(args), _command_line("run", args))


def _where(args: argparse.Namespace) -> dict[str, Any]:
    """By whom runs are carried out, and how many at a time."""
    return {name: getattr(args, name) for name in ("workers", "per_gpu", "engine", "address", "fail_fast")}


def _carry_out(plan: Plan, home: Home, where: dict[str, Any], again: str) -> int:
    """Runs what is missing of a plan, then reports; `again` is what to type for the same once more."""
    from runs import Busy, run
    from runs.crew import NoWorkers
    from runs.engines import CannotWork

    try:
        with _bad_input(Busy, OSError, CannotWork):
            summary = run(plan, home, **where, decide=_decide(plan.spec))
    except NoWorkers as error:
        print(f"ablate: {error}", file=sys.stderr)
        return SOME_FAILED
    _report(summary.plan, home, again)
    if summary.missing:
        _tell_missing(summary, again)
    return ALL_DONE if summary.complete else SOME_FAILED


def lectures_command(args: argparse.Namespace) -> int:
    """Runs the shipped ablations of the lectures one after the other, then writes the handbook of all their claims."""
    from ablations.lectures import chosen_ablations

    names = [word for word in args.overrides if "=" not in word]
    args.overrides = [word for word in args.overrides if "=" in word]
    with _bad_input(ValueError):
        chosen = chosen_ablations(names)
    if args.report_only:
        _refuse_choice(args, names)
    home = _home(args)
    _prepare(home)
    code = ALL_DONE if args.report_only else _run_lectures(chosen, home, args)
    if not _write_handbook(home) and args.report_only:
        raise BadInput(f"{home.root}: no lecture is recorded there; `ablate lectures` comes first")
    return code


def _refuse_choice(args: argparse.Namespace, names: Sequence[str]) -> None:
    """The handbook is about all that is recorded, so that nothing can be chosen for it."""
    plain = vars(_parsed(["lectures", "--report-only"]))
    options = [name for name in plain if name not in ("home", "overrides") and getattr(args, name) != plain[name]]
    given = [*names, *args.overrides, *(f"--{name.replace('_', '-')}" for name in options)]
    if given:
        raise BadInput(
            f"--report-only trains nothing and reads all that is recorded; leave out {given[0]}, or --report-only"
        )


def _run_lectures(names: Sequence[str], home: Home, args: argparse.Namespace) -> int:
    """All plans are made first, so that what cannot be run is told before anything is trained."""
    from reports import more_seeds
    from runs.forecast import duration
    from runs.lectures import seconds_of_each
    from runs.running import ready_workers
    from runs.slots import find_slots

    each = [argparse.Namespace(**{**vars(args), "spec": name}) for name in names]
    specs = [_spec(one) for one in each]
    with ready_workers([spec.name for spec in specs], home, args.workers, args.engine):
        plans = [_plan(spec) for spec in specs]
        slots = len(find_slots(args.workers, args.per_gpu))
        seconds, codes = seconds_of_each(plans, home, slots, more_seeds), [ALL_DONE]
        for place, (one, plan) in enumerate(zip(each, plans, strict=True)):
            left = sum(seconds[place:])
            about = f"; about {duration(left)} left for all of them" if left else ""
            _say(f"\n{plan.spec.name}, {place + 1} of {len(plans)} ablations of the lectures{about}")
            codes.append(_carried_out_or_told(plan, home, one))
            if args.fail_fast and codes[-1] != ALL_DONE:
                break
    return max(codes)


def _carried_out_or_told(plan: Plan, home: Home, args: argparse.Namespace) -> int:
    """What stops one ablation does not stop those after it."""
    try:
        return _carry_out(plan, home, _where(args), _command_line("run", args))
    except (BadInput, OSError) as error:
        print(f"ablate: {plan.spec.name}: {error}", file=sys.stderr)
        return SOME_FAILED


def _write_handbook(home: Home) -> bool:
    """Whether there was anything to write."""
    from ablations import SpecError
    from ablations.lectures import shipped_lectures
    from reports.handbook import NAME, read_chapters, write_handbook
    from reports.pages.index import write_index

    folder = home.report(NAME)
    with _bad_input(SpecError):
        chapters = read_chapters(shipped_lectures(), home)
    if all(part.study is None for chapter in chapters for part in chapter.parts):
        return False
    with _writing(folder):
        page = write_handbook(chapters, folder)
        write_index(folder.parent)
    print(f"\nHandbook: {page}")
    return True


def _tell_missing(summary: Summary, again: str) -> None:
    from runs.views import missing_in_words

    some = f"{len(summary.missing)} of {len(summary.plan.by_fingerprint)} runs have no result"
    print(f"ablate: {some}: {missing_in_words(summary)}; `{again}` goes on with them", file=sys.stderr)


def worker_command(args: argparse.Namespace) -> int:
    """Works for ablations that are running, from another terminal or another machine."""
    from runs.crew import NoWorkers
    from runs.joining import join

    home = _home(args)
    _prepare(home)
    where = {"workers": args.workers, "per_gpu": args.per_gpu, "patience": args.patience}
    try:
        with _bad_input(OSError, ValueError):
            ended = join(home, _say, args.name, **where, other_code=args.other_code)
    except NoWorkers as error:
        print(f"ablate: {error}", file=sys.stderr)
        return SOME_FAILED
    nothing = f"{args.name} is not running" if args.name else "No ablation is running"
    _say(f"{nothing}, for {args.patience:g} s; {ended} run{'s' * (ended != 1)} ended here.")
    return ALL_DONE


def _say(line: str) -> None:
    print(line, flush=True)


def status_command(args: argparse.Namespace) -> int:
    """How far an ablation is, who is at work on it, and what went wrong."""
    from runs.status import Onlooker

    plan, home = _recorded_plan(args), _home(args)
    onlooker = Onlooker(home)
    if args.json:
        print(json.dumps(onlooker.look(plan), indent=1))
        return ALL_DONE
    if args.watch:
        return _watch(onlooker, plan, args)
    from runs.watching import tell

    tell(onlooker.look(plan))
    return ALL_DONE


def _watch(onlooker: Onlooker, plan: Plan, args: argparse.Namespace) -> int:
    from runs.recall import recall
    from runs.watching import watch

    try:
        watch(onlooker, plan, lambda: recall(args.spec, _home(args), args.overrides).plan)
    except KeyboardInterrupt:
        print("\nNo longer watched; whoever is at work goes on.", file=sys.stderr)
        return INTERRUPTED
    return ALL_DONE


def report_command(args: argparse.Namespace) -> int:
    """The report again, from recorded runs alone."""
    home = _home(args)
    _prepare(home)
    if args.runs is None:
        _report(_recorded_plan(args), home, _command_line("run", args))
        return ALL_DONE
    from ablations import SpecError
    from reports import BadRuns, Report, declare, read_runs

    _check_name(args.spec)
    with _bad_input(BadRuns, SpecError):
        report = Report(read_runs(Path(args.runs), args.spec, declare(args.overrides)))
    with _told(report, home.report(args.spec)):
        report.save(home.report(args.spec))
    return ALL_DONE


def replay_command(args: argparse.Namespace) -> int:
    """Trains a run again and compares every metric bit for bit."""
    from runs.replay import NotReplayable, replay

    with _bad_input(NotReplayable):
        found = replay(args.run_id, _home(args))
    print(f"{found.record['run_name']} ({found.record['fingerprint']})")
    for one in found.compared:
        shown = "equal" if one.equal else f"DIFFERENT: recorded {one.recorded}, now {one.again}"
        print(f"  {one.measure:28} {shown}")
    for reason in found.reasons:
        print(f"  note: {reason}")
    print("Every metric is equal bit for bit." if found.equal else "The runs differ.")
    return ALL_DONE if found.equal else SOME_FAILED


def arithmetic_command(args: argparse.Namespace) -> int:
    """A network layer by layer: sizes, fields, parameters and MACs by formula, checked against a pass of torch."""
    from ablations import SpecError
    from ablations.reading import read_settings

    with _bad_input(SpecError):
        settings = read_settings(args.overrides)
    from modules.handwork.arithmetic import model_arithmetic
    from reports.terminal.arithmetic import as_data, print_arithmetic

    with _bad_input(ValueError):
        found = model_arithmetic(args.model, settings)
    if args.json:
        print(json.dumps(as_data(found), indent=1))
    else:
        print_arithmetic(found)
    return SOME_FAILED if found.wrong else ALL_DONE


def trace_command(args: argparse.Namespace) -> int:
    """One step of back-propagation by hand, as a page: every formula, every number, checked by torch."""
    from ablations import SpecError
    from ablations.reading import read_as
    from modules.handwork.example import Example

    with _bad_input(SpecError):
        example = read_as(Example, args.overrides)
    from modules.handwork.autograd import BOUND, compare
    from modules.handwork.backprop import step
    from reports.pages.backprop import backprop_page

    with _bad_input(ValueError):
        taken = step(example.drawn())
    found, page = compare(taken), Path(args.out) if args.out else _home(args).report("backprop") / "index.html"
    _write_page(page, backprop_page(taken, found.numbers, found.difference, BOUND))
    print(f"Loss {taken.loss:.6g}, after the step {taken.loss_after:.6g}.")
    agrees = "agrees" if found.agrees else "does NOT agree"
    most = f"the largest difference {found.difference:.1e} ({found.largest}); up to {BOUND:.0e} would do"
    print(f"The work {agrees} with torch's autograd: {found.numbers} numbers, {most}.\n\nPage: {page}")
    return ALL_DONE if found.agrees else SOME_FAILED


def _write_page(path: Path, text: str) -> None:
    from runs.files import write_whole

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    except OSError as error:
        reason = error.strerror or error
        raise BadInput(f"{path}: the page cannot be written ({reason}); name another with --out") from None


def ui_command(args: argparse.Namespace) -> int:
    """The MLflow UI on 127.0.0.1."""
    home = _home(args)
    _prepare(home)
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", home.tracking_uri]
    command += ["--host", "127.0.0.1", "--port", str(args.port), "--workers", "1"]  # starts in a quarter of the time
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
    with _bad_input(SpecError):
        return load_spec(args.spec, overrides)


def _plan(spec: Spec) -> Plan:
    from runs import make_plan

    with _bad_input(ValueError):
        return make_plan(spec)


def _decide(spec: Spec) -> Decide | None:
    """Who goes by the rule of a spec, where it has one."""
    if spec.rule is None:
        return None
    from reports import more_seeds

    return more_seeds


def _recorded_plan(args: argparse.Namespace) -> Plan:
    """The plan as it was last carried out under that name; overrides ask for another one, a file may have changed."""
    from ablations import SpecError
    from runs.recall import NothingRecorded, recall

    with _bad_input(SpecError, NothingRecorded):
        plan, note = recall(args.spec, _home(args), args.overrides)
    if note:
        print(f"Note: {note}", file=sys.stderr)
    return plan


def _home(args: argparse.Namespace) -> Home:
    from runs import Home

    home = Home.at(args.home)
    os.environ["ABLATE_HOME"] = str(home.root)  # what is known of large image folders is kept there, too
    return home


def _prepare(home: Home) -> None:
    from runs import Unwritable

    with _bad_input(Unwritable):
        home.prepare()


def _check_name(name: str) -> None:
    from runs.recall import is_name

    if not is_name(name):
        raise BadInput(f"{name!r}: a report's name is made of letters, digits, - and _, 64 at most: it names a folder")


def _report(plan: Plan, home: Home, command: str) -> None:
    from reports.reading import publish_report, recorded_report
    from runs.recall import NothingRecorded

    with _bad_input(NothingRecorded):
        report = recorded_report(plan, home, command)
    with _told(report, home.report(plan.spec.name)):
        _, trouble = publish_report(report, home)
    if trouble:
        again = f"`ablate report {plan.spec.name}` tries again"
        print(f"MLflow did not take everything ({trouble}); {again}.", file=sys.stderr)


@contextmanager
def _told(report: Report, folder: Path) -> Iterator[None]:
    """Prints the table before the files are written, which takes longer, and then where they lie."""
    from reports.pages.index import write_index
    from reports.terminal.table import print_study

    print_study(report.study)
    with _writing(folder):
        yield
        write_index(folder.parent)
    print(f"\nReport: {folder / 'index.html'}")


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadInput(f"{folder}: the report cannot be written ({error.strerror or error})") from None


@contextmanager
def _bad_input(*kinds: type[Exception]) -> Iterator[None]:
    """Errors of these kinds are the user's to cure."""
    try:
        yield
    except kinds as error:
        raise BadInput(str(error)) from None


def _command_line(command: str, args: argparse.Namespace) -> str:
    """What to type for the same report."""
    seeds = [f"--seeds {args.seeds}"] if getattr(args, "seeds", None) else []
    return " ".join(["ablate", command, args.spec, *map(shlex.quote, args.overrides), *seeds])


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


def _takes_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help="for scripts")


def _takes_seeds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=_positive, help="number of seeds, instead of the spec's")


def _takes_slots(parser: argparse.ArgumentParser, least: int = 1) -> None:
    none = "; 0: those alone that join with `ablate worker`" * (least == 0)
    parser.add_argument(
        "--workers",
        type=partial(_whole, least=least),
        help=f"at most so many at a time (default: one per GPU slot or core){none}",
    )
    parser.add_argument(
        "--per-gpu",
        metavar="N|auto",
        type=_per_gpu,
        default=1,
        help="workers that share a GPU (default: 1); auto: as many as its memory and idle time allow",
    )


def _per_gpu(text: str) -> int | str:
    return text if text == "auto" else _whole(text, "auto or a whole number")


def _whole(text: str, kind: str = "a whole number", least: int = 1) -> int:
    if not text.isdigit() or int(text) < least:
        raise argparse.ArgumentTypeError(f"must be {kind} of at least {least}, not {text!r}")
    return int(text)


def _positive(text: str) -> int:
    return _whole(text)


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number of seconds, not {text!r}") from None


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="a shipped ablation, a factor or a model; all, else")
    _takes_json(parser)


def _plan_arguments(parser: argparse.ArgumentParser) -> None:
    _takes_spec(parser), _takes_seeds(parser), _takes_slots(parser), _takes_json(parser)


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    _takes_spec(parser), _takes_seeds(parser), _takes_slots(parser, least=0), _takes_engine(parser)


def _takes_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine",
        choices=("local", "inline", "ray"),
        default="local",
        help="worker processes, this one, or those of a Ray cluster",
    )
    parser.add_argument("--address", help="of the Ray cluster (default: RAY_ADDRESS, else Ray on this machine alone)")
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first failed run")


def _lectures_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "overrides",
        metavar="NAME | key=value",
        nargs="*",
        help="a lecture, such as 6 or lecture-6, or one of its ablations (all, else); or a value that is set in each",
    )
    _takes_seeds(parser), _takes_slots(parser), _takes_engine(parser)
    parser.add_argument("--report-only", action="store_true", help="the handbook again, from recorded runs alone")


def _worker_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="of a running ablation; all of them, else")
    _takes_slots(parser)
    parser.add_argument(
        "--patience", metavar="SECONDS", type=_seconds, default=60.0, help="to wait for one to work for (default: 60)"
    )
    parser.add_argument("--other-code", action="store_true", help="work with other code than is planned, and mark it")


def _status_arguments(parser: argparse.ArgumentParser) -> None:
    _takes_spec(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--watch", action="store_true", help="until every run has ended and nobody is at work")
    _takes_json(how)


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    _takes_spec(parser)
    parser.add_argument(
        "--runs",
        metavar="FILE.csv",
        help="anybody's runs in the form of runs.csv; SPEC is then a name, and of a spec's keys there are question, "
        "margin, claims and seeds, beside them chance and score",
    )


def _replay_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_id", metavar="RUN_ID", help="as in runs.csv and the MLflow UI, or a fingerprint")


def _arithmetic_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="of the zoo, or ./file.py:Class, or package.module:Class")
    parser.add_argument("overrides", metavar="key=value", nargs="*", help="classes=10 channels=1 image_size=28")
    _takes_json(parser)


def _trace_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("backprop",), help="what is carried out step by step")
    settings = "a file with sizes, inputs, targets, weights, biases, lr, loss, seed; sizes=[2,3,1] sets one of them"
    parser.add_argument("overrides", metavar="SPEC.yaml key=value", nargs="*", help=settings)
    parser.add_argument("--out", metavar="FILE.html", help="default: reports/backprop/index.html in the output folder")


def _ui_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_positive, default=5000, help="default: 5000")


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    pass


COMMANDS = {
    "list": list_command,
    "plan": plan_command,
    "run": run_command,
    "lectures": lectures_command,
    "worker": worker_command,
    "status": status_command,
    "report": report_command,
    "replay": replay_command,
    "arithmetic": arithmetic_command,
    "trace": trace_command,
    "ui": ui_command,
    "schema": schema_command,
}
ARGUMENTS = {
    "list": _list_arguments,
    "plan": _plan_arguments,
    "run": _run_arguments,
    "lectures": _lectures_arguments,
    "worker": _worker_arguments,
    "status": _status_arguments,
    "report": _report_arguments,
    "replay": _replay_arguments,
    "arithmetic": _arithmetic_arguments,
    "trace": _trace_arguments,
    "ui": _ui_arguments,
    "schema": _no_arguments,
}

if __name__ == "__main__":
    sys.exit(main())
