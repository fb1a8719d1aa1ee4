"""The cut itself: what is synced is kept, what is not is lost; so a write of ours that forgot to sync would be seen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.power import Disk
from tests.chaos.trial import Skipped

ROOT = Path(__file__).parents[2]
SYNCED = """\
with open("data", "w") as file:
    file.write("new")
    file.flush()
    os.fsync(file.fileno())
os.fsync(os.open(".", os.O_RDONLY))
"""
CONTENT_ONLY = SYNCED.rpartition("os.fsync(os.open")[0]
NOTHING = 'open("data", "w").write("new")\n'
OURS = 'from pathlib import Path; from runs.files import write_whole; write_whole(Path("data"), b"new")\n'
OURS_WITHOUT = f"os.fsync = lambda descriptor: None\n{OURS}"


@pytest.fixture
def left(tmp_path):
    """What is left of a folder after a program has run there and the power was cut."""
    try:
        disk = Disk(tmp_path)
    except Skipped as reason:
        pytest.skip(str(reason))
    (folder := tmp_path / "folder").mkdir()

    def left(program):
        environment = {**os.environ, **disk.environment, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", f"import os\n{program}"], cwd=folder, env=environment, check=True)
        assert (folder / "data").read_text() == "new"
        disk.cut(folder, lambda: True)
        return {path.name: path.read_text() for path in folder.iterdir()}

    return left


@pytest.mark.parametrize("program", [SYNCED, OURS], ids=["synced", "ours"])
def test_what_is_synced_with_its_folder_is_kept(left, program):
    assert left(program) == {"data": "new"}


@pytest.mark.parametrize(
    "program", [NOTHING, CONTENT_ONLY, OURS_WITHOUT], ids=["nothing", "content only", "ours without"]
)
def test_what_is_not_synced_is_lost(left, program):
    assert left(program) == {}
