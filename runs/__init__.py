"""How it is carried out: plan, slots, workers, queue, records, tracking."""

from __future__ import annotations
