"""A power cut: what programs did not ask the disk to keep is gone, though they had seen it there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.chaos.trial import Skipped

SHIM = Path(__file__).with_name("power.c")
Names = dict[str, str]
"""The names in a folder, with the keys of the files that they stand for."""


class Disk:
    """What the disk would have of the files that a command writes that is started in its environment."""

    def __init__(self, folder: Path):
        if shutil.which("gcc") is None:
            raise Skipped("there is no C compiler")
        self.kept, library = folder / "synced", folder / "power.so"
        self.kept.mkdir()
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, SHIM], check=True)
        self.environment = {"LD_PRELOAD": str(library), "POWER_KEPT": str(self.kept)}

    def cut(self, root: Path, forgets: Callable[[], bool]) -> int:
        """Makes of a folder what would be left of it; `forgets` says of each change that was not synced whether it is
        lost. Folders themselves are kept, as file systems with a journal do when a file in them is synced. Returns how
        many changes are lost."""
        return sum(self._cut(Path(folder), forgets) for folder, _, _ in os.walk(root))

    def _cut(self, folder: Path, forgets: Callable[[], bool]) -> int:
        names = _keys(path for path in folder.iterdir() if path.is_file())
        contents = {key: (folder / name).read_bytes() for name, key in names.items()}
        stale = [key for key, content in contents.items() if content != self._content(key) and forgets()]
        contents.update({key: self._content(key) for key in stale})
        synced = self._names(folder)
        undone = [name for name in names.keys() | synced.keys() if names.get(name) != synced.get(name) and forgets()]
        names = {name: key for name, key in names.items() if name not in undone}
        names |= {name: synced[name] for name in undone if name in synced}
        for name in undone:
            (folder / name).unlink(missing_ok=True)
        for name, key in names.items():
            if name in undone or key in stale:
                (folder / name).write_bytes(contents.get(key) or self._content(key))
        return len(stale) + len(undone)

    def _content(self, key: str) -> bytes:
        return (self.kept / key).read_bytes() if (self.kept / key).exists() else b""

    def _names(self, folder: Path) -> Names:
        """As they were when the folder was synced."""
        (key,) = _keys([folder]).values()
        lines = self._content(key).decode().splitlines()
        return {name: key for key, _, name in (line.partition(" ") for line in lines)}


def _keys(paths: Iterable[Path]) -> Names:
    """By name: an inode and its time of birth, of which Python cannot be asked."""
    if not (paths := list(paths)):
        return {}
    told = subprocess.run(["stat", "--format", "%i-%.9W %n", *paths], capture_output=True, text=True, check=True).stdout
    return {Path(path).name: key for key, _, path in (line.partition(" ") for line in told.splitlines())}
