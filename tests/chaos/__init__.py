"""Chaos: an ablation is disturbed in every way there is, and nothing may be lost or done twice."""
