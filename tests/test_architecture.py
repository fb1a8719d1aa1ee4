"""The shape of the project, guarded: imports point one way, light things stay light, big libraries stay in one file."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("modules", "ablations", "runs", "reports")
"""Each may import those before it."""
HOME = {
    "mlflow": "runs/tracking.py",
    "optuna": "runs/queue.py",
    "pynvml": "runs/gpus.py",
    "sqlalchemy": "runs/shared/",
    "ray": "runs/engines/ray.py",
    "altair": "reports/figures/",
    "datasets": "modules/data/hub.py",
    "timm": "modules/foreign.py",
    "cv2": "modules/detection/selective_search.py",
    "pycocotools": "modules/detection/evaluation.py",
    "kornia": "modules/data/augmenting/operations.py",
}


def imported(source: str) -> set[str]:
    """Every module that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names.add(node.module)
    return names


def leftward(package: str, source: str) -> set[str]:
    """Imports that point against the arrow."""
    allowed = PACKAGES[: PACKAGES.index(package) + 1]
    ours = {name for name in imported(source) if name.partition(".")[0] in (*PACKAGES, "ablations_cli")}
    return {name for name in ours if name.partition(".")[0] not in allowed}


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package):
    assert files(package)
    for path in files(package):
        assert not leftward(package, path.read_text()), path


def test_a_leftward_import_would_be_seen_even_a_lazy_one():
    assert leftward("runs", "def f():\n    from reports.study import Study") == {"reports.study"}
    assert leftward("reports", "import ablations_cli") == {"ablations_cli"}
    assert not leftward("reports", "from runs.home import Home")


@pytest.mark.parametrize(("library", "home"), HOME.items())
def test_a_big_library_is_known_by_one_file_or_folder(library, home):
    users = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in files(package)
        if any(name.partition(".")[0] == library for name in imported(path.read_text()))
    }
    assert users
    assert all(user == home or (home.endswith("/") and user.startswith(home)) for user in users)


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh process has loaded after some code."""
    listing = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    process = subprocess.run(
        [sys.executable, "-c", f"{code}\n{listing}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(process.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        (
            "import reports.write, reports.sources.recorded, reports.terminal.table, runs.live, reports.sources.from_csv",
            {"torch", "mlflow"},
        ),
        ("import ablations_cli; ablations_cli._parser()", {"torch", "mlflow", "optuna", "pandas", "numpy", "pydantic"}),
        ("import ablations_cli; ablations_cli.main(['list'])", {"torch", "mlflow", "optuna", "pandas", "numpy"}),
        (
            "import ablations_cli; ablations_cli.main(['list', 'dropout'])",
            {"torch", "mlflow", "optuna", "pandas", "numpy"},
        ),
        (
            "import ablations_cli; ablations_cli.main(['plan', 'remedies'])",
            {"sklearn", "scipy", "torchmetrics", "pytorch_lightning", "mlflow", "pandas"},
        ),
        ("import ablations; ablations.load_spec('remedies')", {"torch", "mlflow", "optuna", "pandas", "numpy"}),
        ("import runs.engines.local", {"torch", "numpy"}),
        ("import runs.recall, runs.watching", {"torch", "mlflow", "optuna", "pandas", "numpy"}),
        ("from runs import make_plan, run", {"torch", "mlflow", "optuna", "pandas", "IPython"}),
        ("import reports.handbook, runs.checking", {"torch", "mlflow"}),
        ("from reports import Report, read_report", {"torch", "mlflow", "optuna", "altair", "IPython"}),
    ],
)
def test_light_things_stay_light(code, absent):
    assert not loaded_by(code) & absent


def test_the_light_import_guard_can_fail():
    assert "torch" in loaded_by("import modules.build")


def test_every_shipped_spec_has_a_make_target():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for path in (ROOT / "ablations" / "specs").glob("*.yaml"):
        assert f"make ablation-{path.stem}" in listed


FOLDERS = ("inference", "words", "tables", "sources", "figures", "pages", "terminal")
"""Of reports/: each may import those before it, and study.py and numbers.py; nobody imports what lies at the top."""
ON_TOP = {"reports.deciding", "reports.reading", "reports.report", "reports.write"}


def upward(folder: str, source: str) -> set[str]:
    """Imports of a file in a folder of reports/ that point to a later folder, or to the top."""
    ours = {name for name in imported(source) if name.startswith("reports.")}
    later = {f"reports.{other}" for other in FOLDERS[FOLDERS.index(folder) + 1 :]} | ON_TOP
    return {name for name in ours if ".".join(name.split(".")[:2]) in later}


@pytest.mark.parametrize("folder", FOLDERS)
def test_folders_of_reports_point_one_way(folder):
    for path in files(f"reports/{folder}"):
        assert not upward(folder, path.read_text()), path


def test_an_upward_import_would_be_seen():
    assert upward("inference", "from reports.words.answer import answer") == {"reports.words.answer"}
    assert upward("pages", "import reports.write") == {"reports.write"}
    assert not upward("pages", "from reports.tables.rows import rows\nfrom reports.study import Study")
