"""What only one process at a time may do."""

from __future__ import annotations


class Busy(RuntimeError):
    """Another process is at it."""
