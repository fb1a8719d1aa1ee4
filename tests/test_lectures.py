"""`ablate lectures` on two made-up lectures, of which one was run before and one never."""

import re
import subprocess
import sys

import pytest

import ablations_cli
from ablations import load_spec, loading
from ablations_cli import ALL_DONE, BAD_INPUT, INTERRUPTED, SOME_FAILED, main
from runs import Home, checking, make_plan, run

SPEC = """\
name: lecture-{number}
question: What of lecture {number}?
baseline:
  data: {{name: digits, train_size: 40, image_size: 28}}
  model: {{name: mlp}}
  trainer: {{epochs: 4, batch_size: 20}}
factors:
  dropout: {{p: 0.5}}
claims:
  - {{says: Two layers can do XOR., korean: 다층, check: xor_two_layers}}
  - {{says: It makes training slower., arm: dropout, measure: seconds, direction: higher}}
  - {{says: It jumps., arm: dropout, measure: unsteadiness, direction: higher}}
  - {{arm: dropout, measure: parameters, direction: same}}
seeds: 3
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module", autouse=True)
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("specs")
    for number in (1, 2):
        (folder / f"lecture-{number}.yaml").write_text(SPEC.format(number=number))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "SHIPPED", folder)
        yield folder


@pytest.fixture(scope="module")
def recorded(home, shipped):
    """The first lecture was carried out, in this process."""
    summary = run(make_plan(load_spec("lecture-1")), home, engine="inline")
    assert summary.complete
    return home


def handbook(home):
    return (home.report("handbook") / "index.html").read_text()


def test_nothing_recorded_is_told_in_a_line(home, capsys):
    assert main(["lectures", "--report-only", "--home", str(home.root)]) == BAD_INPUT
    assert "no lecture is recorded there; `ablate lectures` comes first" in capsys.readouterr().err


def test_an_unknown_lecture_is_refused_with_the_nearest(home, capsys):
    assert main(["lectures", "lecture-3", "--home", str(home.root)]) == BAD_INPUT
    assert "there is no lecture 'lecture-3'; did you mean" in capsys.readouterr().err


def test_the_handbook_is_written_from_what_is_recorded(recorded, capsys):
    assert main(["lectures", "--report-only", "--home", str(recorded.root)]) == ALL_DONE
    assert f"Handbook: {recorded.report('handbook')}/index.html" in capsys.readouterr().out
    page = handbook(recorded)
    assert "What of lecture 1?" in page
    assert "ablate lectures lecture-2" in page
    assert len((recorded.report("handbook") / "claims.csv").read_text().splitlines()) == 5


def test_running_them_says_which_of_how_many_and_leaves_each_report(recorded, capsys):
    assert main(["lectures", "1", "--home", str(recorded.root)]) == ALL_DONE
    out = capsys.readouterr().out
    assert "lecture-1, 1 of 1 ablations of the lectures\n" in out
    assert "Checks: 1 of 1 hold" in out
    assert (recorded.report("lecture-1") / "claims.csv").exists()
    assert re.search(
        "lecture-1.*handbook|handbook.*lecture-1", (recorded.root / "reports" / "index.html").read_text(), re.S
    )


def test_a_check_that_cannot_be_carried_out_fails_the_command(recorded, capsys, monkeypatch):
    def fail(name):
        raise OSError("no")

    monkeypatch.setattr(checking, "carry_out", fail)
    monkeypatch.setattr(checking, "check_version", lambda name: "other")
    assert main(["lectures", "1", "--home", str(recorded.root)]) == SOME_FAILED
    assert "check xor_two_layers failed: OSError: no" in capsys.readouterr().out
    assert "It could not be carried out: OSError: no." in handbook(recorded)


@pytest.mark.parametrize("given", ["1", "seeds=2", "--seeds=2", "--workers=1", "--per-gpu=2", "--fail-fast"])
def test_the_page_alone_is_about_all_that_is_recorded(given, recorded, capsys):
    assert main(["lectures", "--report-only", given, "--home", str(recorded.root)]) == BAD_INPUT
    assert (
        f"leave out {given.partition('=')[0] if given[0] == '-' else given}, or --report-only"
        in capsys.readouterr().err
    )


@pytest.fixture
def carried_out(monkeypatch):
    """Which ablations were begun; `stop(error)` stops the first."""

    class Begun(list):
        def stop(self, error):
            def carry_out(plan, *rest):
                self.append(plan.spec.name)
                if plan.spec.name == "lecture-1":
                    raise error
                return ALL_DONE

            monkeypatch.setattr(ablations_cli, "_carry_out", carry_out)

    return Begun()


@pytest.mark.parametrize("error", [ablations_cli.BadInput("it is busy"), OSError("it is busy")])
def test_one_that_cannot_be_carried_out_stops_no_other_and_the_handbook_is_written(
    error, recorded, carried_out, capsys
):
    carried_out.stop(error)
    assert main(["lectures", "--home", str(recorded.root)]) == SOME_FAILED
    said = capsys.readouterr()
    assert carried_out == ["lecture-1", "lecture-2"]
    assert "ablate: lecture-1: it is busy" in said.err
    assert "Handbook: " in said.out


def test_failing_fast_stops_at_the_first(recorded, carried_out):
    carried_out.stop(OSError("no"))
    assert main(["lectures", "--fail-fast", "--home", str(recorded.root)]) == SOME_FAILED
    assert carried_out == ["lecture-1"]


def test_an_interruption_ends_all_of_them_and_what_is_recorded_stays(recorded, carried_out):
    carried_out.stop(KeyboardInterrupt())
    assert main(["lectures", "--home", str(recorded.root)]) == INTERRUPTED
    assert carried_out == ["lecture-1"]
    assert main(["lectures", "--report-only", "--home", str(recorded.root)]) == ALL_DONE


def test_without_anything_recorded_only_what_stopped_it_is_told(tmp_path, carried_out, capsys):
    carried_out.stop(OSError("no"))
    assert main(["lectures", "1", "--home", str(tmp_path)]) == SOME_FAILED
    assert capsys.readouterr().err == "ablate: lecture-1: no\n"


@pytest.mark.slow
def test_the_page_alone_needs_no_torch(recorded, shipped):
    code = f"""if True:
        import pathlib, sys
        import ablations.loading, ablations_cli
        ablations.loading.SHIPPED = pathlib.Path({str(shipped)!r})
        assert ablations_cli.main(["lectures", "--report-only", "--home", {str(recorded.root)!r}]) == 0
        assert "torch" not in sys.modules
    """
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=120)
