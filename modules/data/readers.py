"""Who reads which data, as an explicit table of plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.catalog import DATASETS

if TYPE_CHECKING:
    from modules.data.settings import Data

READERS = {
    "folder": "modules.data.folder:read",
    "npz": "modules.data.npz:read",
    "hub": "modules.data.hub:read",
    "xor": "modules.data.xor:read",
    "digit_masks": "modules.data.scenes:read_masks",
    "digit_boxes": "modules.data.scenes:read_boxes",
}
"""`module:function` by the name of the data; called with the data, returns an ImageSet."""
SHIPPED = "modules.data.shipped:read"
FUNCTION = "modules.data.function:read"


def reader(data: Data) -> str:
    """`module:function` of the reader of the data."""
    if data.name in DATASETS:
        return SHIPPED
    return FUNCTION if data.own else READERS[data.name]
