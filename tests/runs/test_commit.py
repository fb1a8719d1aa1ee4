import subprocess

import pytest

from runs.commit import commit


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.setattr("runs.commit.ROOT", tmp_path)
    commit.cache_clear()
    yield tmp_path
    commit.cache_clear()


def git(folder, *words):
    names = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    return subprocess.run(["git", "-C", folder, *names, *words], check=True, capture_output=True, text=True).stdout


def test_an_installed_package_has_none(checkout):
    assert commit() is None


def test_a_checkout_has_its_own_and_says_whether_files_differ(checkout):
    git(checkout, "init", "--quiet")
    (checkout / "file").write_text("one")
    git(checkout, "add", "file")
    git(checkout, "commit", "--quiet", "-m", "first")
    name = git(checkout, "rev-parse", "--short", "HEAD").strip()
    assert commit() == name
    (checkout / "file").write_text("two")
    commit.cache_clear()
    assert commit() == f"{name}+"
