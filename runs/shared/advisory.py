"""Locks of a PostgreSQL database: held by a connection, and let go of when that ends, however it does."""

from __future__ import annotations

import contextlib
import hashlib
import time

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from runs.shared.reaching import SCHEMA

POLL = 0.1
"""Seconds between two tries to get what another holds."""
HELD = (
    select(sa.text("(classid::bigint << 32) | objid::bigint"))
    .select_from(sa.text("pg_locks"))
    .where(sa.text("locktype = 'advisory' AND objsubid = 1 AND granted"))
    .where(sa.text("database = (SELECT oid FROM pg_database WHERE datname = current_database())"))
)
"""Asks for the keys of all locks that somebody holds."""


def key_of(name: str, doing: str) -> int:
    """The number that PostgreSQL knows a lock by."""
    return int.from_bytes(hashlib.sha256(f"{SCHEMA}/{name}/{doing}".encode()).digest()[:8], signed=True)


def take_lock(engine: Engine, key: int, patience: float) -> Connection | None:
    """A connection of its own that holds the lock; None where another still does after so many seconds."""
    until = time.monotonic() + patience
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    try:
        while not connection.scalar(select(func.pg_try_advisory_lock(key))):
            if time.monotonic() >= until:
                connection.close()
                return None
            time.sleep(POLL)
    except BaseException:
        connection.close()
        raise
    return connection


def is_open(connection: Connection) -> bool:
    """Whether the session that holds a lock is still there. SQLAlchemy would begin another where it is not."""
    with contextlib.suppress(SQLAlchemyError):
        return not connection.invalidated and bool(connection.scalar(select(1)))
    return False


def let_go(connection: Connection, key: int) -> None:
    """At once: a server takes a moment to see that a connection was closed."""
    with contextlib.suppress(SQLAlchemyError):
        if not connection.invalidated:
            connection.execute(select(func.pg_advisory_unlock(key)))
    connection.close()
