"""Text in CSV that no spreadsheet executes."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

STARTS = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""What makes a spreadsheet take a cell for a formula, behind any apostrophes that say it is none."""


def guarded(cell: Any) -> Any:
    """A cell as it is written: text that a spreadsheet would execute begins with an apostrophe (OWASP, CSV injection).

    Text that begins with an apostrophe before such a sign gets one more, so that `unguarded` gives back any text.
    """
    return f"'{cell}" if isinstance(cell, str) and STARTS.match(cell) else cell


def unguarded(cell: str) -> str:
    """The text that `guarded` was given."""
    return cell[1:] if cell.startswith("'") and STARTS.match(cell) else cell


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as a CSV file in UTF-8: no index, numbers in full, text guarded."""
    safe = frame.apply(lambda cells: cells if pd.api.types.is_numeric_dtype(cells) else cells.map(guarded))
    return safe.to_csv(index=False, lineterminator="\n").encode()
