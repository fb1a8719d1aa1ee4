import sqlite3
from contextlib import closing

from runs.places import local_folder, prepare


def journal_mode(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("PRAGMA journal_mode").fetchone()[0]


def test_a_new_database_writes_ahead_and_one_that_is_there_is_left_alone(tmp_path):
    new, old = tmp_path / "new.db", tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as database:
        database.execute("CREATE TABLE t (x)")
    for path in (new, old):
        prepare(f"sqlite:///{path}")
    assert (journal_mode(new), journal_mode(old)) == ("wal", "delete")


def test_servers_need_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepare("http://127.0.0.1:5000")
    assert list(tmp_path.iterdir()) == []


def test_artifacts_lie_in_a_folder_or_on_a_server(tmp_path):
    folder = tmp_path / "a folder"
    assert local_folder(folder.as_uri()) == local_folder(str(folder)) == folder
    assert local_folder("mlflow-artifacts:/1/abc") is None
