"""Objects by name: from packages and from files, with errors that say what to do."""

import sys

import pytest

from modules.imports import is_foreign, is_timm, load_object


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file of somebody's own, with another beside it."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "beside.py").write_text("WIDTH = 7\n")
    path = tmp_path / "nets.py"
    path.write_text("from beside import WIDTH\n\nclass Net:\n    width = WIDTH\n")
    return path


def test_an_object_of_a_package():
    assert load_object("json:dumps").__name__ == "dumps"


def test_an_object_of_a_file_which_may_import_its_neighbours(file):
    assert load_object(f"{file}:Net").width == 7


def test_a_file_is_loaded_once(file):
    assert load_object(f"{file}:Net") is load_object(f"{file}:Net")


def test_files_of_one_name_in_two_folders_are_two(file, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "nets.py").write_text("class Net:\n    width = 9\n")
    assert load_object(f"{tmp_path}/other/nets.py:Net").width == 9
    assert load_object(f"{file}:Net").width == 7


def test_a_package_in_the_current_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here_only").mkdir()
    (tmp_path / "here_only" / "__init__.py").write_text("")
    (tmp_path / "here_only" / "nets.py").write_text("Net = 3\n")
    assert load_object("here_only.nets:Net") == 3


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("class Net: pass", "Met", "there is no 'Met' in it; did you mean Net?"),
        ("import nothing_of_that_name", "Net", "importing it failed: ModuleNotFoundError: No module named"),
        ("1 / 0", "Net", "importing it failed: ZeroDivisionError: division by zero"),
        ("class Net(:", "Net", "importing it failed: SyntaxError"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(tmp_path, text, name, message):
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"broken\.py") as refusal:
        load_object(f"{path}:{name}")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match="there is no file"):
        load_object(f"{tmp_path}/absent.py:Net")


@pytest.mark.parametrize(
    ("name", "foreign", "timm"),
    [("lenet5", False, False), ("./a.py:Net", True, False), ("a.b:Net", True, False), ("timm/resnet18", True, True)],
)
def test_names_of_code_from_elsewhere(name, foreign, timm):
    assert (is_foreign(name), is_timm(name)) == (foreign, timm)


def test_what_a_notebook_holds_is_refused_with_the_cure():
    with pytest.raises(ValueError, match=r"put it into a file: \./file\.py:Net"):
        load_object("__main__:Net")
