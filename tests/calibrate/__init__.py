"""Proof by simulation: thousands of made-up studies whose truth is known, through the code that writes reports."""
