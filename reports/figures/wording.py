"""Words beside and instead of figures: short names, short lists, what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reports.numbers import few

MOST = 600
"""Characters of an alternative text; who hears it waits for its end."""
ELLIPSIS = "…"


def shortened(name: str, most: int = 32) -> str:
    """A name that is too long ends in an ellipsis; line breaks become spaces."""
    name = " ".join(name.split())
    return name if len(name) <= most else name[: most - 1].rstrip() + ELLIPSIS


def counted(number: int, one: str, many: str) -> str:
    """A number with its verb."""
    return f"{number} {one if number == 1 else many}"


def grouped(groups: Iterable[tuple[Sequence[str], str, str]], most: int = 5) -> list[str]:
    """What is said of each group of arms that is not empty: how many they are, what one does or several do, who."""
    return [f"{counted(len(arms), one, many)}: {few(arms, most)}" for arms, one, many in groups if arms]


def on_model(model: str, several: bool, following: str) -> str:
    """How a sentence begins: with the model where there are several, and a word."""
    return f"On {shortened(model)}, {following}" if several else following.capitalize()


def left_out(shown: int, of: int, what: str = "arms") -> list[str]:
    """The line that says so where not all are drawn; none where all are."""
    if shown >= of:
        return []
    return [f"drawn: {shown} of {of:,} {what}, the decided ones first, by size; the table has all"]


def brief(sentences: Sequence[str]) -> str:
    """As many sentences as a listener has patience for, the first one always; it says where some are missing."""
    rest = "The table has all."
    told = sentences[0] if len(sentences[0]) <= MOST else shortened(sentences[0], MOST - len(rest) - 1)
    for sentence in sentences[1:]:
        if len(told) + len(sentence) + len(rest) + 2 > MOST:
            return f"{told} {rest}"
        told = f"{told} {sentence}"
    return told if len(told) < MOST - len(rest) and told == " ".join(sentences) else f"{told} {rest}"
