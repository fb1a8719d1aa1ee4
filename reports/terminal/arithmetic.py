"""What a person sees of a network's arithmetic: a line for each layer, and whether all of it agrees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from modules.handwork.rows import Arithmetic, Row
from reports.terminal.planned import console, plain

COLUMNS = ("layer", "kind", "output", "size by formula", "field", "jump", "parameters", "MACs")
NUMBERS = COLUMNS[4:]
NOTE = (
    "Field: pixels of the image, along a side, that a position has seen; jump: pixels from a position to the next. "
    "Where paths meet, the field holds that of every path, so it is the largest; pixels of the padding count, so it "
    "may exceed the image; 0 is the jump of what has seen the same everywhere; - is a field that could not be followed."
)


def print_arithmetic(found: Arithmetic) -> None:
    """Every layer in the order of the pass, what the columns mean, and whether the formulas agree with torch."""
    out = console()
    out.print(_layers(found.rows))
    out.print(f"\n{NOTE}", markup=False)
    out.print(f"\n{verdict(found)}", markup=False)


def verdict(found: Arithmetic) -> str:
    """The last line."""
    if found.wrong:
        return "Not all agree with a pass of torch. " + "; ".join(found.wrong) + "."
    sizes = sum(row.formula is not None for row in found.rows)
    others = f", {found.others:,} of them in operations without a formula" if found.others else ""
    uncalled = f", {found.uncalled:,} of them in layers that the pass does not call" if found.uncalled else ""
    return (
        f"All agree with a pass of torch: {sizes} sizes by formula ({len(found.rows) - sizes} more as seen), "
        f"{found.parameters:,} parameters{uncalled}, {found.macs:,} MACs{others}."
    )


def as_data(found: Arithmetic) -> dict[str, Any]:
    """The same for scripts."""
    rows = [row._asdict() for row in found.rows]
    return {**found._asdict(), "rows": rows, "wrong": found.wrong}


def _layers(rows: Sequence[Row]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False)
    for column in COLUMNS:
        number = column in NUMBERS
        table.add_column(column, justify="right" if number else "left", no_wrap=number, overflow="fold")
    for row in rows:
        table.add_row(*(plain(text) for text in _line(row)))
    return table


def _line(row: Row) -> tuple[str, ...]:
    told = f"{row.formula or 'as seen'}{' WRONG: ' + row.wrong if row.wrong else ''}"
    parameters = f"{row.parameters:,}" if row.parameters else ""
    cost = f"{row.macs:,}" if row.macs else ""
    shape = " x ".join(map(str, row.shape))
    return row.name, row.kind, shape, told, _both(row.field), _both(row.jump), parameters, cost


def _both(axes: Sequence[int | str] | None) -> str:
    """One number where height and width agree."""
    if axes is None:
        return "-"
    down, across = axes
    return str(down) if down == across else f"{down} x {across}"
