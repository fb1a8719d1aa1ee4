"""Files that a spec names are found beside it, from anywhere."""

import pytest

from ablations.loading import load_spec
from ablations.places import settle_places

SPEC = """\
name: mine
baseline:
  data: {name: %s}
  model: {name: %s, hidden: 12}
factors:
  architecture: [{name: lenet5}, {name: other.py:Net, sizes: [1, 2]}]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "specs").mkdir()
    (tmp_path / "elsewhere").mkdir()
    for name in ("specs/net.py", "elsewhere/other.py"):
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path.resolve()


def load(folder, data="digits", model="./net.py:Net"):
    path = folder / "specs" / "mine.yaml"
    path.write_text(SPEC % (data, model))
    return load_spec(path)


def test_beside_the_spec_then_here(folder):
    spec = load(folder)
    assert spec.baseline.model.name == f"{folder}/specs/net.py:Net"
    assert spec.baseline.model.label == "net.py:Net"
    assert spec.factors["architecture"][1].name == f"{folder}/elsewhere/other.py:Net"


def test_arguments_may_stand_beside_the_name(folder):
    spec = load(folder)
    assert dict(spec.baseline.model.arguments) == {"hidden": 12}
    assert [arm.name for arm in spec.arms][1:3] == [
        "architecture lenet5", "architecture other.py:Net, sizes=(1, 2)"]  # fmt: skip


def test_a_resolved_spec_reads_back_as_an_equal_one(folder):
    spec = load(folder)
    assert type(spec).model_validate(spec.resolved()) == spec


def test_networks_of_whole_arms_are_found_too(folder):
    tree = {"arms": {"mine": {"architecture": {"name": "net.py:Net"}}, "theirs": {"dropout": None}}}
    settle_places(tree, folder / "specs")
    assert tree["arms"]["mine"]["architecture"]["name"] == f"{folder}/specs/net.py:Net"
    assert tree["arms"]["theirs"] == {"dropout": None}


@pytest.mark.parametrize("name", ["lenet5", "digits", "package.module:Net", "timm/resnet18"])
def test_names_that_are_no_files_stay_even_beside_a_file_of_that_name(folder, name):
    (folder / "specs" / name.partition("/")[0]).mkdir(exist_ok=True)
    tree = {"baseline": {"model": {"name": name}, "data": {"name": name}}, "models": [name]}
    settle_places(tree, folder / "specs")
    assert tree == {"baseline": {"model": {"name": name}, "data": {"name": name}}, "models": [name]}


@pytest.mark.parametrize(
    ("path", "settled"),
    [
        ("./photos", "specs/photos"), ("photos", "specs/photos"), ("absent.npz", "specs/absent.npz"),
        ("cifar10", None), ("user/dataset", None),
    ],
)  # fmt: skip
def test_paths_of_data_are_found_and_ids_of_the_hub_stay(folder, path, settled):
    (folder / "specs" / "photos").mkdir()
    tree = {"baseline": {"data": {"name": "folder", "path": path}}}
    settle_places(tree, folder / "specs")
    assert tree["baseline"]["data"]["path"] == (f"{folder}/{settled}" if settled else path)


@pytest.mark.parametrize(
    "tree", [{}, {"baseline": 3}, {"baseline": {"model": []}}, {"factors": [], "models": "x"}, {"arms": {"x": 3}}]
)
def test_what_the_schema_will_refuse_is_passed_over(tree, tmp_path):
    settle_places(tree, tmp_path)
