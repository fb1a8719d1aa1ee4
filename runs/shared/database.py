"""What several machines share: tables of a PostgreSQL database, and locks that it lets go of when holders die."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Column, Table, Text, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema

from runs.files import read_json, write_json
from runs.home import Home
from runs.lock import Busy
from runs.presence import LEASE, Presence, Watch, presence_from_data
from runs.queue import Queue, database_queue
from runs.shared import PATIENCE
from runs.shared.advisory import HELD, is_open, key_of, let_go, take_lock
from runs.shared.reaching import AWAY, SCHEMA, engine_of, engine_settings, patiently, unreachable, url_of
from runs.shared.studies import drop_studies

TABLES = sa.MetaData(schema=SCHEMA)
PLANS = Table("plans", TABLES, Column("name", Text, primary_key=True), Column("body", Text, nullable=False))
RECORDS = Table(
    "records", TABLES,
    Column("id", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False, index=True),
    Column("ablation", Text, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip
PRESENCES = Table(
    "presences", TABLES,
    Column("worker", Text, primary_key=True),
    Column("ablation", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
)  # fmt: skip
AT_ONCE = 500
"""Records that are asked for at once."""
T = TypeVar("T")
_prepared: set[str] = set()
"""Addresses of databases in which this process has seen the tables."""


class SharedDatabase:
    """A PostgreSQL database. It may be away for minutes at any time: what is to be written waits, in the output folder
    what must not be lost."""

    is_elsewhere = True

    def __init__(self, home: Home, address: str, patience: float = 0.0):
        self._home, self._url = home, url_of(address)
        self._engine = engine_of(address)
        self._watches: dict[str, Watch[str]] = defaultdict(Watch)
        if address not in _prepared:
            self._prepare(patience)
            _prepared.add(address)
        for path in sorted(home.spool.glob("[!.]*.json")):  # of somebody who died while the database was away
            self._hand_in(path, read_json(path))

    def _prepare(self, patience: float) -> None:
        try:
            self._patiently(self._make_tables, patience)
        except DBAPIError as error:
            raise unreachable(self._url, error) from None

    def _make_tables(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(key_of("", "tables"))))
            if not sa.inspect(connection).has_schema(SCHEMA):
                connection.execute(CreateSchema(SCHEMA))
            TABLES.create_all(connection)

    def _patiently(self, do: Callable[[], T], patience: float = PATIENCE) -> T:
        return patiently(do, self._url, patience)

    def _rows(self, statement: Any) -> Sequence[Any]:
        """What a question finds, its first column."""

        def ask() -> Sequence[Any]:
            with self._engine.connect() as connection:
                return connection.scalars(statement).all()

        return self._patiently(ask)

    def _do(self, statement: Any) -> None:
        """Carries out a change, once."""
        with self._engine.begin() as connection:
            connection.execute(statement)

    @contextmanager
    def alone(self, name: str, doing: str, patience: float = 0.0) -> Iterator[Callable[[], bool]]:
        key = key_of(name, doing)
        connection = self._patiently(lambda: take_lock(self._engine, key, patience))
        if connection is None:
            raise Busy(f"{name}: another process holds {doing!r} in the database")
        try:
            yield lambda: is_open(connection)
        finally:
            let_go(connection, key)

    def read_plan(self, name: str) -> dict[str, Any] | None:
        return _first(self._rows(select(PLANS.c.body).where(PLANS.c.name == name)))

    def write_plan(self, name: str, plan: dict[str, Any]) -> None:
        statement = insert(PLANS).values(name=name, body=json.dumps(plan))
        statement = statement.on_conflict_do_update(index_elements=["name"], set_={"body": statement.excluded.body})
        self._patiently(lambda: self._do(statement))

    def running(self) -> list[str]:
        """Those that somebody leads, as a lock tells: what a killed machine told of itself is still there."""
        held = set(self._rows(HELD))
        names = self._rows(select(PRESENCES.c.ablation).distinct().order_by(PRESENCES.c.ablation))
        return [name for name in names if key_of(name, "lead") in held]

    def queue(self, name: str, campaign: str) -> Queue:
        first = not self._has_queues()
        with self.alone("", "queues", PATIENCE) if first else contextlib.nullcontext():  # Optuna makes its tables
            return self._patiently(lambda: database_queue(
                self._url.render_as_string(hide_password=False), engine_settings(self._url),
                f"{name}.{campaign}", self._patiently,
            ))  # fmt: skip

    def _has_queues(self) -> bool:
        """Whether Optuna has made its tables; this is the last of them."""
        return self._rows(select(func.to_regclass(f"{SCHEMA}.alembic_version"))) != [None]

    def drop_queues(self, name: str, keep: str) -> None:
        if self._has_queues():
            self._patiently(lambda: drop_studies(self._engine, f"{name}.", keep=f"{name}.{keep}."))

    def enter(self, presence: Presence) -> None:
        self._patiently(lambda: self._do(_telling(presence)))

    def tell(self, presence: Presence) -> None:
        with contextlib.suppress(*AWAY):  # what does not get through now, the next sign of life tells
            self._do(_telling(presence))

    def leave(self, presence: Presence) -> None:
        self._do(delete(PRESENCES).where(PRESENCES.c.worker == presence.worker))

    def present(self, name: str) -> list[Presence]:
        """Less those, too, of whom this process has seen no sign of life for two leases."""
        rows = self._rows(select(PRESENCES.c.body).where(PRESENCES.c.ablation == name).order_by(PRESENCES.c.worker))
        found = [presence_from_data(json.loads(row)) for row in rows]
        silent = self._watches[name].look({one.worker: one.beat for one in found})
        gone = [worker for worker, seconds in silent.items() if seconds >= 2 * LEASE]
        if gone:
            self._patiently(lambda: self._do(delete(PRESENCES).where(PRESENCES.c.worker.in_(gone))))
        return [one for one in found if one.worker not in gone]

    def add(self, record: dict[str, Any]) -> bool:
        path = self._home.spool / f"{record['id']}.json"
        write_json(path, record)
        return self._hand_in(path, record)

    def _hand_in(self, path: Path, record: dict[str, Any]) -> bool:
        """Has the database keep a record that waits in the output folder, or drops it where there is one."""
        kept = self._patiently(lambda: self._insert(record))
        with contextlib.suppress(FileNotFoundError):  # somebody else, who began meanwhile, handed it in
            path.replace(self._home.records / path.name) if kept else path.unlink()
        return kept

    def _insert(self, record: dict[str, Any]) -> bool:
        columns = {name: record[name] for name in ("id", "fingerprint", "ablation")}
        new = insert(RECORDS).values(**columns, body=json.dumps(record)).on_conflict_do_nothing()
        with self._engine.begin() as connection:
            if connection.scalar(new.returning(RECORDS.c.id)):
                return True
            there = connection.scalar(select(RECORDS.c.body).where(RECORDS.c.id == record["id"]))
        return there == json.dumps(record)  # this very one, whose answer was lost on the way

    def get(self, record_id: str) -> dict[str, Any] | None:
        return _first(self._rows(select(RECORDS.c.body).where(RECORDS.c.id == record_id)))

    def fetch(self, fingerprints: Iterable[str], known: Collection[str]) -> Iterable[dict[str, Any]]:
        here = defaultdict(list)
        for one in known:
            here[one.partition(".")[0]].append(one)
        for some in _in_parts(fingerprints, AT_ONCE):
            there = set(self._rows(select(RECORDS.c.id).where(RECORDS.c.fingerprint.in_(some))))
            self._give(one for key in some for one in here.get(key, ()) if one not in there)
            for ids in _in_parts((one for one in there if one not in known), AT_ONCE):
                yield from map(json.loads, self._rows(select(RECORDS.c.body).where(RECORDS.c.id.in_(ids))))

    def _give(self, ids: Iterable[str]) -> None:
        """Records that were in this folder before it went with the database: others go by them from now on, too."""
        for one in ids:
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
                self._patiently(partial(self._insert, read_json(self._home.records / f"{one}.json")))


def _telling(presence: Presence) -> Any:
    columns = {"ablation": presence.ablation, "body": json.dumps(presence._asdict())}
    return (
        insert(PRESENCES)
        .values(worker=presence.worker, **columns)
        .on_conflict_do_update(index_elements=["worker"], set_=columns)
    )


def _first(rows: Sequence[str]) -> dict[str, Any] | None:
    return json.loads(rows[0]) if rows else None


def _in_parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while part := list(islice(rest, size)):
        yield part
