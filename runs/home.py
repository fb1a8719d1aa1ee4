"""Where everything lies that the project produces: the one place that knows the paths."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "ABLATE_HOME"
"""The environment's name for the output folder."""
DATABASE = "ABLATE_DATABASE"
"""The environment's name for the database that several machines share."""


class Unwritable(OSError):
    """The output folder cannot be written."""


class BadAddress(ValueError):
    """What should be the address of a database is none."""


class Unreachable(ConnectionError):
    """The database that several machines share cannot be used, or has been away for too long."""


@dataclass(frozen=True)
class Home:
    """The output folder."""

    root: Path

    @classmethod
    def at(cls, root: str | os.PathLike[str] | None = None) -> Home:
        """The folder given, or that of ABLATE_HOME, or `output` here."""
        return cls(Path(root or os.environ.get(VARIABLE) or "output").absolute())

    def __fspath__(self) -> str:
        return str(self.root)

    @contextmanager
    def by_default(self) -> Iterator[None]:
        """Meanwhile, what this process and those that it starts keep without being told where is kept here, such as
        what is known of large image folders."""
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = str(self.root)
        try:
            yield
        finally:
            os.environ.pop(VARIABLE, None)
            os.environ.update({VARIABLE: before} if before is not None else {})

    @property
    def database(self) -> str | None:
        """The address of the database that several machines share, where there is one; it may hold a password."""
        return os.environ.get(DATABASE) or None

    @property
    def tracking_uri(self) -> str:
        """The tracking server that MLFLOW_TRACKING_URI names, else a database in this folder."""
        return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.root / 'mlflow.db'}"

    @property
    def artifacts(self) -> Path:
        return self.root / "artifacts"

    @property
    def records(self) -> Path:
        """Results as they were written first: what MLflow is filled from, and afterwards a cache of it."""
        return self.root / "studies" / "records"

    @property
    def checks(self) -> Path:
        """What came of exact facts, a file for each and each version of its code."""
        return self.root / "studies" / "checks"

    @property
    def weights(self) -> Path:
        """Checkpoints on their way to MLflow's artifacts."""
        return self.root / "studies" / "weights"

    def weights_of(self, record_id: str) -> Path:
        return self.weights / f"{record_id}.pt"

    @property
    def spool(self) -> Path:
        """Records on their way to a database that may be away."""
        return self.root / "studies" / "spool"

    @property
    def crews(self) -> Path:
        """Who is at work: a folder for each ablation, a file for each process."""
        return self.root / "studies" / "crews"

    def journal(self, name: str, campaign: str) -> Path:
        return self.root / "studies" / f"{name}.{campaign}.journal"

    def ledger(self, name: str) -> Path:
        return self.root / "studies" / f"{name}.shipped"

    def plan(self, name: str) -> Path:
        return self.root / "studies" / f"{name}.plan.json"

    def lock(self, name: str, doing: str) -> Path:
        return self.root / "studies" / f"{name}.{doing}.lock"

    def report(self, name: str) -> Path:
        return self.root / "reports" / name

    def prepare(self) -> None:
        """Makes the folders; raises Unwritable, with the cure, before anything has been trained in vain."""
        try:
            for folder in (self.artifacts, self.records, self.weights, self.spool, self.crews, self.root / "reports"):
                folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.records) as probe:
                probe.write(b"writable")
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unwritable(
                f"{self.root}: cannot be written ({reason}); name another folder with --home or ABLATE_HOME"
            ) from None
