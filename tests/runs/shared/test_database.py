"""A database is reached, or it is said why not, without its password; what it does while it is away is waited for."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

import ablations_cli
from runs import presence
from runs.campaign import Part
from runs.home import BadAddress, Unreachable
from runs.presence import Presence
from runs.records import Records
from runs.shared import database as databases
from runs.shared import open_shared
from runs.shared.reaching import engine_settings, patiently, url_of
from tests.postgres import PASSWORD, QUOTED, Server

ME = Presence("cpu0@here#1", "small", "cpu", "run@here#0", 1)
SECRETS = (PASSWORD, QUOTED, "s3cret")


def record(key, attempt=1, **others):
    return {"id": f"{key}.{attempt}", "fingerprint": key, "attempt": attempt, "ablation": "small", **others}


@pytest.fixture
def own_server(monkeypatch, server):
    """A server that a test may stop."""
    own = Server()
    monkeypatch.setenv("ABLATE_DATABASE", own.new_database())
    yield own
    own.remove()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("sqlite:///shared.db", r"PostgreSQL .* not one of sqlite: that would hand one run to several workers"),
        ("mysql://tester:s3cret@host/name", "not one of mysql"),
        ("postgresql://tester:s3cret@rd@host/name", "@ / : % in a password as %40"),
        ("postgresql://tester:s3cret", "must read postgresql://user:password@host"),
        ("tester:s3cret@host/name", "must read postgresql://user:password@host"),
    ],
)
def test_what_is_no_address_of_postgresql_is_refused_in_a_line(home, monkeypatch, address, told):
    monkeypatch.setenv("ABLATE_DATABASE", address)
    with pytest.raises(BadAddress, match=told) as caught:
        open_shared(home)
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("form", ["postgres://u@h/n", "postgresql://u@h/n", "postgresql+psycopg2://u@h/n"])
def test_every_way_to_write_the_address_leads_to_the_same_driver(form):
    assert url_of(form).render_as_string() == "postgresql+psycopg://u@h/n"


def test_options_that_an_address_has_are_kept():
    settings = engine_settings(url_of("postgresql://u@h/n?options=-c%20statement_timeout%3D9s&connect_timeout=9"))
    assert settings["connect_args"]["options"].startswith("-c statement_timeout=9s -c search_path=ablations ")
    assert settings["connect_args"]["connect_timeout"] == "9"


@pytest.mark.parametrize("command", [["status", "remedies"], ["plan", "remedies"], ["run", "remedies"]])
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda server: server.address("postgres", "s3cret-wrong"), "password authentication failed"),
        (lambda server: server.address("nowhere"), 'database "nowhere" does not exist'),
        (lambda server: f"postgresql://tester:{QUOTED}@127.0.0.1:1/name", "onnection refused"),
    ],
)
def test_a_database_that_cannot_be_used_is_bad_input_told_in_a_line_without_password(
    server, monkeypatch, capsys, command, wrong, told
):
    monkeypatch.setenv("ABLATE_DATABASE", wrong(server))
    assert ablations_cli.main(command) == 2
    out, err = capsys.readouterr()
    assert told in err
    assert err.count("\n") == 1
    assert not any(secret in out + err for secret in SECRETS)


def test_a_missing_driver_is_told_with_its_cure(home, monkeypatch):
    monkeypatch.setenv("ABLATE_DATABASE", "postgresql://tester@host/never-asked-for")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Unreachable, match=r"pip install 'ablations\[cluster\]'"):
        open_shared(home)


def test_the_password_may_come_from_the_environment_or_a_file(server, home, monkeypatch, tmp_path):
    bare = server.new_database().replace(f":{QUOTED}", "")
    monkeypatch.setenv("ABLATE_DATABASE", bare)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert open_shared(home).read_plan("small") is None
    monkeypatch.delenv("PGPASSWORD")
    (tmp_path / "pass").write_text(f"127.0.0.1:*:*:tester:{PASSWORD}\n")
    (tmp_path / "pass").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pass"))
    monkeypatch.setenv("ABLATE_DATABASE", f"{server.new_database().replace(f':{QUOTED}', '')}")
    assert open_shared(home).read_plan("small") is None


@pytest.mark.slow  # four processes that import everything
def test_many_that_come_at_once_to_an_empty_database_make_its_tables_once(database, home):
    code = "from runs.home import Home; from runs.shared import open_shared; open_shared(Home.at()).queue('small', 'c')"
    processes = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate()[1] for process in processes] == [b""] * 4
    with psycopg.connect(database) as connection:
        tables = connection.execute("select count(*), schemaname from pg_tables group by 2 order by 1").fetchall()
        studies = connection.execute("select study_name from ablations.studies").fetchall()
    assert [schema for _, schema in tables if schema not in ("information_schema", "pg_catalog")] == ["ablations"]
    assert studies == [("small.c.0",)]


def test_the_tables_of_others_in_the_database_are_left_alone(database, home):
    with psycopg.connect(database) as connection:
        connection.execute("create table alembic_version (version_num text)")
        connection.execute("insert into alembic_version values ('of MLflow')")
        connection.execute("create table trials (whose text)")
    shared = open_shared(home)
    shared.queue("small", "c1").offer("a", 1)
    shared.drop_queues("small", keep="c2")
    with psycopg.connect(database) as connection:
        assert connection.execute("select version_num from public.alembic_version").fetchall() == [("of MLflow",)]


def test_an_answer_that_was_lost_on_the_way_does_not_make_a_record_late(database, home):
    shared = open_shared(home)
    assert shared._insert(record("a", status="finished"))
    assert shared.add(record("a", status="finished"))
    assert Records(home).get("a.1")["status"] == "finished"


def test_what_a_worker_left_behind_that_died_while_the_database_was_away_is_handed_in(database, home):
    open_shared(home).add(record("b", status="lost"))
    for key in "ab":
        (home.spool / f"{key}.1.json").write_text(json.dumps(record(key, status="finished")))
    shared = open_shared(home)
    assert shared.get("a.1")["status"] == "finished"
    assert shared.get("b.1")["status"] == "lost"
    assert list(home.spool.iterdir()) == []


def test_records_from_before_there_was_a_database_become_everybodys(database, home, tmp_path):
    (home.records / "a.1.json").write_text(json.dumps(record("a", status="finished")))
    assert open_shared(home).get("a.1") is None
    assert Records(home).newest(["a", "b"]).keys() == {"a"}
    assert open_shared(home).get("a.1")["status"] == "finished"


def test_many_records_are_fetched_in_parts_and_those_that_are_known_are_not(database, home, monkeypatch):
    monkeypatch.setattr(databases, "AT_ONCE", 3)
    shared = open_shared(home)
    keys = [f"k{number}" for number in range(10)]
    for key in keys:
        shared._insert(record(key))
    found = shared.fetch([*keys, "other"], known=["k3.1", "k7.1"])
    assert sorted(one["fingerprint"] for one in found) == sorted({*keys} - {"k3", "k7"})


def test_who_gives_no_sign_of_life_for_two_leases_is_forgotten_until_it_gives_one(database, home, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(presence, "monotonic", lambda: now[0])
    shared, silent, lively = open_shared(home), ME, ME._replace(worker="cpu1@there#2")
    shared.enter(silent), shared.enter(lively)
    for beat in range(int(2 * presence.LEASE) + 2):
        now[0] += 1
        shared.tell(lively._replace(beat=beat))
        seen = {one.worker for one in shared.present("small")}
    assert seen == {lively.worker}
    shared.tell(silent)
    assert len(shared.present("small")) == 2


def end_sessions_with_locks(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objsubid = 1"
        )


def test_the_lock_of_a_session_that_the_server_ended_is_known_to_be_lost(database, home):
    shared = open_shared(home)
    with shared.alone("small", "lead") as still_held:
        assert still_held()
        end_sessions_with_locks(database)
        assert not still_held()
        with open_shared(home).alone("small", "lead", patience=5):
            assert not still_held()


def test_who_led_notices_that_it_leads_no_more_and_may_lead_again(database, home):
    part, other = (Part(open_shared(home), "small", ME) for _ in range(2))
    assert part.take_lead()
    end_sessions_with_locks(database)
    assert other.take_lead(patience=5)
    assert not part.take_lead()
    assert not part.leads
    other.leave()
    assert part.take_lead(patience=5)
    part.leave()


def test_all_that_is_asked_while_the_database_is_away_is_answered_when_it_is_back(own_server, home):
    shared = open_shared(home)
    queue = shared.queue("small", "c")
    for key in "ab":
        queue.offer(key, 1)
    held = queue.claim("w")
    shared.enter(ME)
    own_server.stop()
    shared.tell(ME._replace(beat=1))  # is lost, and no error
    asked = {
        "record": lambda: shared.add(record("a", status="finished")),
        "claim": lambda: queue.claim("w").key,
        "plan": lambda: shared.write_plan("small", {"a": 1}),
        "present": lambda: shared.present("small"),
        "end": lambda: queue.complete(held, 50.0),
    }
    answers = {}
    threads = [
        threading.Thread(target=lambda name=name, ask=ask: answers.update({name: ask()})) for name, ask in asked.items()
    ]
    for thread in threads:
        thread.start()
    time.sleep(1)
    assert answers == {}
    own_server.start()
    for thread in threads:
        thread.join(60)
    assert answers == {"record": True, "claim": "b", "plan": None, "present": [ME], "end": None}
    assert shared.read_plan("small") == {"a": 1}
    assert queue.look().ended == [held]


def test_patience_ends(monkeypatch):
    import sqlalchemy

    def fail():
        raise sqlalchemy.exc.OperationalError("select 1", {}, Exception("it rains"))

    with pytest.raises(Unreachable, match=r"postgresql://u@h/n cannot be used \(.*it rains.*\)"):
        patiently(fail, url_of("postgresql://u:s3cret@h/n"), 0.3)
    with pytest.raises(ZeroDivisionError):
        patiently(lambda: 1 / 0, url_of("postgresql://u@h/n"), 60)


def _ablate(small, home, **environment):
    command = [sys.executable, "-m", "ablations_cli", "run", str(small), "--workers", "2", "--home", str(home)]
    return subprocess.Popen(
        [*command, "baseline.trainer.epochs=10", "seeds=3"],
        cwd=Path(ablations_cli.__file__).parent,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _results(home):
    rows = (home / "reports" / "small" / "runs.csv").read_text().splitlines()
    header = rows[0].split(",")
    dropped = {header.index(name) for name in ("run_id", "fingerprint", "seconds")}
    return sorted(",".join(cell for at, cell in enumerate(row.split(",")) if at not in dropped) for row in rows)


@pytest.mark.slow
def test_a_database_that_is_killed_in_the_middle_changes_no_number_and_its_password_is_nowhere(
    own_server, small, tmp_path, monkeypatch
):
    disturbed, calm = tmp_path / "disturbed", tmp_path / "calm"
    process = _ablate(small, disturbed)
    records = disturbed / "studies" / "records"
    for ended in (2, 5, 8):
        while len(list(records.glob("[!.]*.json"))) < ended:
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.02)
        own_server.stop("immediate")
        time.sleep(1)
        own_server.start()
    told = process.communicate(timeout=300)[0]
    assert process.returncode == 0, told
    assert "Traceback" not in told
    monkeypatch.delenv("ABLATE_DATABASE")
    process = _ablate(small, calm)
    told_in_peace = process.communicate(timeout=300)[0]  # which closes what it was told through
    assert process.returncode == 0, told_in_peace
    assert _results(disturbed) == _results(calm)
    left = [path for path in disturbed.rglob("*") if path.is_file()]
    assert any(path.name == "mlflow.db" for path in left)
    for secret in SECRETS:
        assert secret not in told
        assert not [path for path in left if secret.encode() in path.read_bytes()]
