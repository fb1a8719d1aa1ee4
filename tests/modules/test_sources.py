"""The code that something passes through, found by reading imports."""

import sys
from pathlib import Path

import pytest

from modules.sources import ROOT, imported_by, is_library, reached_from, source_digest, source_of


@pytest.fixture
def write(tmp_path):
    def write_file(name, text=""):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write_file


def names(paths, root):
    return {str(path.relative_to(root)) for path in paths}


def test_a_module_is_found_without_being_imported():
    assert source_of("modules.zoo.lenet", ROOT) == ROOT / "modules" / "zoo" / "lenet.py"
    assert source_of("wsgiref.validate").name == "validate.py"
    assert "wsgiref.validate" not in sys.modules
    assert source_of("there.is.no.such") is None
    assert source_of("math") is None  # not Python


def test_what_is_imported_by_way_of_others_is_reached_lazily_or_not(write, tmp_path):
    start = write("net.py", "import torch\nfrom parts import block\n\ndef f():\n    import late\n")
    write("parts/__init__.py", "from .common import X\n")
    write("parts/block.py", "from . import common\nfrom .deep import leaf\n")
    write("parts/common.py", "X = 1\n")
    write("parts/deep/__init__.py")
    write("parts/deep/leaf.py", "from ..common import X\n")
    write("late.py")
    write("unrelated.py")
    assert names(reached_from(start), tmp_path) == {
        "net.py", "late.py", "parts/__init__.py", "parts/block.py", "parts/common.py", "parts/deep/__init__.py",
        "parts/deep/leaf.py",
    }  # fmt: skip


def test_circles_end(write, tmp_path):
    start = write("one.py", "import two\n")
    write("two.py", "import one\n")
    assert names(reached_from(start), tmp_path) == {"one.py", "two.py"}


def test_libraries_are_not_followed():
    import torch

    assert is_library(Path(torch.__file__))
    assert is_library(source_of("json"))
    assert not is_library(ROOT / "modules" / "zoo" / "lenet.py")


def test_an_import_that_leads_nowhere_is_passed_over(write):
    assert imported_by(write("odd.py", "import nothing_of_that_name\n")) == []


def test_comments_and_docstrings_count_for_nothing_but_code_does(write):
    base = source_digest(write("one.py", "def f():\n    return 1\n"))
    assert source_digest(write("two.py", '"""About."""\n\n# why\ndef f():\n    """What."""\n    return   1\n')) == base
    assert source_digest(write("three.py", "def f():\n    return 2\n")) != base


def test_what_a_class_cites_counts_for_nothing_but_its_settings_do(write):
    base = source_digest(write("one.py", "class Sham:\n    cites = ('somebody',)\n    p = 1\n"))
    assert source_digest(write("two.py", "class Sham:\n    cites = ('somebody', 'else')\n    p = 1\n")) == base
    assert source_digest(write("three.py", "class Sham:\n    p = 1\n")) == base
    assert source_digest(write("four.py", "class Sham:\n    cites = ('somebody',)\n    p = 2\n")) != base
    assert source_digest(write("five.py", "cites = 1\n")) != source_digest(write("six.py", "cites = 2\n"))
