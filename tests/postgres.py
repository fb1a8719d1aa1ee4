"""A PostgreSQL server of its own for a test session, from the programs that a distribution installs."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

PASSWORD = "s3cret%/word"
QUOTED = "s3cret%25%2Fword"


def programs():
    """The folder of the newest server's programs; None where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parent.parent.name))
    there = shutil.which("pg_ctl")
    return found[-1].parent if found else there and Path(there).parent


class Server:
    """A server that listens on a free port of this machine, and asks for a password."""

    def __init__(self):
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="postgres-")), _free_port()
        self._user = "postgres" if os.getuid() == 0 else None  # it refuses to run as root
        if self._user:
            shutil.chown(self.folder, self._user)
        password = self.folder / "password"
        password.write_text(PASSWORD)
        self._run("initdb", "-U", "tester", "-A", "scram-sha-256", f"--pwfile={password}", "--no-sync")
        self.start()

    def start(self):
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -k '' -c fsync=off -c max_connections=50"
        self._run("pg_ctl", "start", "-w", "-o", settings, "-l", str(self.folder / "log"))

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "stop", "-w", "-m", mode)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)

    def new_database(self):
        """The address of an empty database."""
        name = f"d{secrets.token_hex(4)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return self.address(name)

    def address(self, name, password=QUOTED):
        return f"postgresql://tester:{password}@127.0.0.1:{self.port}/{name}"

    def _run(self, program, *words):
        command = [str(programs() / program), "-D", str(self.folder / "data"), *words]
        subprocess.run(command, check=True, cwd=self.folder, user=self._user, stdout=subprocess.DEVNULL)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server():
    if programs() is None:
        pytest.skip("needs the programs of a PostgreSQL server: apt-get install postgresql")
    server = Server()
    yield server
    server.remove()


@pytest.fixture
def database(server, monkeypatch):
    """The address of an empty database, which the project goes with during a test."""
    address = server.new_database()
    monkeypatch.setenv("ABLATE_DATABASE", address)
    return address
