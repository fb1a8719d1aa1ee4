"""Reaching a database: its address, connections that notice when the other end is lost, patience while it is away."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, PendingRollbackError

from runs.home import DATABASE, BadAddress, Unreachable

SCHEMA = "ablations"
"""What is ours in the database lies in a schema of its own, and so does what Optuna makes there: both Optuna and MLflow
would else keep the version of their tables in one table of the same name."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds before a database that is away is tried again, the first time and later."""
LOST = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
"""When a silent connection counts as lost: after half a minute, on either side, so that what a lost machine held is let
go of."""
AWAY = (OperationalError, InterfaceError, PendingRollbackError)
"""What SQLAlchemy raises then; the last, where a library asks once more after the first."""
T = TypeVar("T")


@cache
def engine_of(address: str) -> Engine:
    """The connections of this process to a database: one, or two while two of its threads talk at the same time."""
    url = url_of(address)
    try:
        return create_engine(url, **engine_settings(url))
    except ImportError:
        raise Unreachable(
            f"{DATABASE} needs a driver that is not installed; pip install 'ablations[cluster]' brings it"
        ) from None


def url_of(address: str) -> URL:
    """The address of a PostgreSQL database, for SQLAlchemy; no other kind of database will do."""
    kind, separator, _ = address.partition("://")
    if separator and kind.partition("+")[0] not in ("postgresql", "postgres"):
        raise BadAddress(
            f"{DATABASE} must be the address of a PostgreSQL database, postgresql://user@host:5432/name, and not one "
            f"of {kind}: that would hand one run to several workers"
        )
    try:
        url = make_url(address).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        url = None
    if url is None or address.count("@") > 1:
        raise BadAddress(
            f"{DATABASE} must read postgresql://user:password@host:5432/name, with @ / : % in a password as %40 %2F "
            "%3A %25; a better place for it is ~/.pgpass"
        )
    return url


def engine_settings(url: URL) -> dict[str, Any]:
    """How connections are made and kept, here and by Optuna."""
    server = " ".join(f"-c tcp_{name}={value}" for name, value in LOST.items())
    options = f"{url.query.get('options', '')} -c search_path={SCHEMA} {server}"
    client = {"connect_timeout": 5, "tcp_user_timeout": 10_000, **LOST}
    given = {name: value for name, value in url.query.items() if name in client}
    return {
        "pool_pre_ping": True,
        "pool_size": 1,
        "connect_args": {"application_name": SCHEMA, **client, **given, "options": options.strip()},
    }


def patiently(do: Callable[[], T], url: URL, patience: float) -> T:
    """What `do` returns, which is tried again while the database is away, for so many seconds; then raises
    Unreachable. It must not matter whether it was done once or twice: an answer may have been lost on the way."""
    until, pause = time.monotonic() + patience, FIRST_PAUSE
    while True:
        try:
            return do()
        except Exception as error:
            if not is_away(error):
                raise
            if time.monotonic() + pause > until:
                raise unreachable(url, error) from None
        time.sleep(pause * (0.5 + random.random()))  # so that not all come at once when it is back
        pause = min(2 * pause, LONGEST_PAUSE)


def is_away(error: BaseException) -> bool:
    """Whether an error, or the one that Optuna made it from, says that the database is not there at the moment."""
    return isinstance(error, AWAY) or isinstance(error.__cause__, AWAY)


def unreachable(url: URL, error: BaseException) -> Unreachable:
    """What ails it, in a line. PostgreSQL's own messages hold no password."""
    while error.__cause__:
        error = error.__cause__
    shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    reason = " ".join(str(error).split())[:300]
    return Unreachable(f"{shown} cannot be used ({reason}); start it, or correct {DATABASE}")
