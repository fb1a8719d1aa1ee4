"""Claims in words: what is said, what was found, and how it was judged."""

from __future__ import annotations

import math

from ablations.claims import Claim
from ablations.seeds import Stein
from reports.inference.claims import EVERYWHERE, JudgedClaim, claim_family, judged_claims
from reports.inference.intervals import FEWEST
from reports.inference.sampling import shared_confidence
from reports.numbers import MINUS, NONE, digits_to_see, signed
from reports.study import Study

NO_SPREAD = "the same under every seed, so there is nothing to test"
DIRECTIONS = {"lower": "lower than", "higher": "higher than", "same": "the same as"}


def said(claim: Claim, score: str) -> str:
    """What is claimed: the words of whoever says so or, where there are none, what is compared."""
    return claim.says or asserted(claim, score)


def asserted(claim: Claim, score: str) -> str:
    """What is compared, as a sentence without its full stop."""
    if claim.check:
        return f"exact fact: {claim.check.replace('_', ' ')}"
    direction = DIRECTIONS[claim.direction or "same"]
    return f"{claim.arm}: {claim.compared.named(score)} {direction} {_other(claim)}"


def _other(claim: Claim) -> str:
    if isinstance(claim.than, str):
        return claim.than
    unit = " %" if claim.in_points else ""
    return f"{claim.than:,g}{unit}".replace("-", MINUS)


def effect_in_short(one: JudgedClaim) -> str:
    """The effect with its interval, as a table has it: `+3.1 ± 0.8 points`, `× 0.14 (0.12 to 0.16)`."""
    if one.claim.check:
        return one.check["measured"] or NONE if one.check else NONE
    effect, measure = one.effect, one.claim.compared
    if math.isnan(effect.mean):
        return NONE
    if measure.ratio:
        return f"× {_times(effect.mean)}" + (f" ({_times(effect.low)} to {_times(effect.high)})" if _wide(one) else "")
    half = f" ± {effect.half:.{_digits(one)}f}" if _wide(one) else ""
    unit = f" {measure.unit}" if measure.unit else ""
    return f"{signed(effect.mean, _digits(one))}{half}{unit}"


def _digits(one: JudgedClaim) -> int:
    """Decimals at which the interval or, where there is none, the effect is seen not to be 0."""
    return digits_to_see(one.effect.half if _wide(one) else one.effect.mean, one.claim.compared.digits)


def _wide(one: JudgedClaim) -> bool:
    """Whether the interval is more than a point."""
    return one.effect.tested and one.effect.high > one.effect.low


def found_in_words(one: JudgedClaim) -> str:
    """What was found, in sentences for somebody who has not met intervals yet."""
    if one.claim.check:
        return _check_in_words(one)
    where = f"On {_model(one.model)}, the" if one.model else "The"
    subject = f"{where} {one.claim.compared.named(one.score)} of {one.claim.arm}"
    if math.isnan(one.effect.mean):
        return f"{subject} was not measured."
    return f"{subject} {_sized(one)} {_other(one.claim)}{_how_sure(one)}."


def _model(model: str) -> str:
    return "average over all architectures" if model == EVERYWHERE else model


def _check_in_words(one: JudgedClaim) -> str:
    if one.check is None:
        return "It has not been carried out yet."
    if one.check["reason"]:
        return f"It could not be carried out: {one.check['reason']}."
    return f"{one.check['says'].rstrip('.')}. Measured: {one.check['measured']}; expected: {one.check['expected']}."


def _sized(one: JudgedClaim) -> str:
    """The verb of the sentence: how the arm stands to the other."""
    effect, measure = one.effect, one.claim.compared
    of = " that of" if isinstance(one.claim.than, str) else ""
    if effect.mean == (1 if measure.ratio else 0):
        return f"is the same as{of}"
    if measure.ratio:
        return f"is {_times(effect.mean)} times{of}"
    unit = f" {measure.unit}" if measure.unit else ""
    return f"is {_size(one, effect.mean)}{unit} {_side(effect.mean)} than{of}"


def _how_sure(one: JudgedClaim) -> str:
    effect = one.effect
    runs = f"{effect.n} seed{'s' * (effect.n != 1)}"
    if one.claim.compared.exact and not _wide(one):
        return ", exactly: it is counted and not estimated"
    if effect.tested and not _wide(one):
        return f" (the same under all {runs})"
    if not effect.tested:
        return f" ({runs}; {f'fewer than {FEWEST} are not tested' if effect.n < FEWEST else NO_SPREAD})"
    return f" (in truth it may be {_range(one)}; {runs})"


def _range(one: JudgedClaim) -> str:
    """The interval, in the words of the sentence before it."""
    low, high = one.effect.low, one.effect.high
    if one.claim.compared.ratio:
        return f"{_times(low)} to {_times(high)} times"
    if low < 0 < high:
        return f"{_size(one, low)} lower to {_size(one, high)} higher"
    near, far = sorted((low, high), key=abs)
    return f"{_size(one, near)} to {_size(one, far)} {_side(far)}"


def _size(one: JudgedClaim, value: float) -> str:
    return f"{abs(value):,.{_digits(one)}f}"


def _side(value: float) -> str:
    return "higher" if value > 0 else "lower"


def _times(ratio: float) -> str:
    """A ratio to three digits."""
    return f"{ratio:.3g}" if ratio < 1000 else f"{ratio:,.0f}"


def claims_method(study: Study) -> str:
    """How claims were judged, for the method section; nothing where there are none."""
    if not study.claims:
        return ""
    family, checks = claim_family(study), sum(bool(claim.check) for claim in study.claims)
    told = []
    if any(claim.by_the_table for claim in study.claims):
        told.append(f"on test {study.score} and gap against the baseline by the intervals of the main table")
    if family:
        told.append(_tested_in_words(study, family))
    if any(one.claim.compared.exact for one in judged_claims(study)):
        told.append("what is counted (parameters, multiplications) exactly")
    if any(one.effect.tested and not (_wide(one) or one.claim.compared.exact) for one in judged_claims(study)):
        told.append("where all seeds give the same difference, by the interval of the median, Thompson 1936")
    if checks:
        told.append(f"{checks} exact fact{'s' * (checks > 1)} by carrying {'them' if checks > 1 else 'it'} out")
    return "; ".join(told)


def _tested_in_words(study: Study, family: int) -> str:
    others = "all others" if any(claim.by_the_table for claim in study.claims) else "what is estimated"
    level = (1 - shared_confidence(study.sampling)) / family
    stages = " in two stages (Stein 1945)" if isinstance(study.sampling, Stein) else ""
    return (
        f"{others} ({family} comparison{'s' * (family > 1)}) by paired t{stages} over shared seeds, each at level "
        f"{level:.2g}, so that they hold together with 95 %; times and sizes as ratios, by their logarithms"
    )
