"""From paired seeds to words: effects, simultaneous intervals, verdicts. Mathematics first; no text, no file."""
