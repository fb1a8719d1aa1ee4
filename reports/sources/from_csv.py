"""A study from a file of anybody's runs, in the form of runs.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import pandas as pd

from modules.values import digest
from reports.sources.bad_runs import BadRuns
from reports.sources.declared import Declared
from reports.sources.from_frame import study_from_runs
from reports.sources.run_columns import NEEDED
from reports.study import Study
from reports.tables.csv_text import unguarded

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_runs(file: str | PathLike[str], name: str, declared: Declared | None = None) -> Study:
    """Reads runs as `study_from_runs` takes them from a CSV file: commas, UTF-8, names of columns in the first line.

    Names of columns may be written in capitals and with blanks; lines that begin with # may stand above them. Raises
    BadRuns.
    """
    path = Path(file)
    text = _text(path)
    origin = f"{path.name}, checksum {digest(text)}"
    return study_from_runs(_frame(text, str(path)), name, declared, str(path), origin)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadRuns(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise BadRuns(f"{path}: is no text in UTF-8 (byte {error.start + 1}); save it as CSV in UTF-8") from None


def _frame(text: str, source: str) -> pd.DataFrame:
    """Every row as text, under its line in the file."""
    records = _records(text, source)
    line, names = next(records, (1, []))
    if not names:
        raise BadRuns(f"{source}: the file is empty; it needs the columns {', '.join(NEEDED)}")
    headings = ["_".join(name.lower().split()) for name in names]
    _refuse_separator(names, source, line)
    lines, rows = [], []
    for line, cells in records:
        if len(cells) != len(names):
            raise BadRuns(f"{source}:{line}: {_miscounted(cells, names)}")
        lines.append(line)
        rows.append([unguarded(cell) for cell in cells])
    return pd.DataFrame(rows, columns=headings, index=lines, dtype=object)


def _miscounted(cells: list[str], names: list[str]) -> str:
    if cells[0].startswith("#"):
        return "a comment, a line that begins with #, may stand only above the names of columns"
    there = f"{len(cells)} value{'s' * (len(cells) != 1)} under {len(names)} names of columns"
    return f"{there}; a comma inside a value needs quotes around it"


def _records(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that say something, each with its first line; what is said above the names of columns is left out."""
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
    line, started = 1, False
    try:
        for cells in reader:
            said = any(cell.strip() for cell in cells)
            started = started or (said and not cells[0].startswith("#"))
            if said and started:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadRuns(f"{source}:{line}: cannot be read as CSV ({error})") from None


def _refuse_separator(names: list[str], source: str, line: int) -> None:
    for sign, called in SEPARATORS.items():
        if len(names) == 1 and sign in names[0]:
            raise BadRuns(f"{source}:{line}: values are separated by {called}; save it as CSV with commas between them")
