"""Text as pdflatex sets it: every sign as it stands, in ASCII, whatever it would command."""

from __future__ import annotations

import re
import unicodedata

SIGNS = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "[": "{[}", "]": "{]}", "*": "{*}", "`": r"\`{}",
    '"': "''{}", "|": "$|$", "<": "$<$", ">": "$>$", "\u200c": "{}",
    "±": r"$\pm$", "×": r"$\times$", "·": r"$\cdot$", "−": "$-$", "–": "--", "—": "---", "…": r"\ldots{}",
    "≤": r"$\leq$", "≥": r"$\geq$", "≈": r"$\approx$", "≠": r"$\neq$", "→": r"$\rightarrow$", "∞": r"$\infty$",
    "²": "$^2$", "³": "$^3$", "°": r"$^\circ$", "µ": r"$\mu$", "‘": "`{}", "’": "'{}", "“": "``{}", "”": "''{}",
    "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "ø": r"\o{}", "Ø": r"\O{}", "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}",
}  # fmt: skip
"""Commands, and signs that pdflatex takes for others in some place."""
JOINING = re.compile(r"([-',])(?=\1)")
"""Signs of which two are set as another."""
ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c",
}  # fmt: skip
GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER (\w+)")
LOWER = {
    "ALPHA", "BETA", "GAMMA", "DELTA", "EPSILON", "ZETA", "ETA", "THETA", "IOTA", "KAPPA", "LAMDA", "MU", "NU", "XI",
    "PI", "RHO", "SIGMA", "TAU", "UPSILON", "PHI", "CHI", "PSI", "OMEGA",
}  # fmt: skip
UPPER = {"GAMMA", "DELTA", "THETA", "LAMDA", "XI", "PI", "SIGMA", "UPSILON", "PHI", "PSI", "OMEGA"}


def tex(text: str) -> str:
    """Text in one line of LaTeX; what pdflatex has no sign for stands in brackets, by its Unicode name."""
    line = JOINING.sub("\\1\u200c", unicodedata.normalize("NFC", " ".join(text.split())))
    return "".join(map(_character, line))


def unset(text: str) -> bool:
    """Whether something in it stands by its name only."""
    return any(_known(character) is None for character in unicodedata.normalize("NFC", text))


def _character(character: str) -> str:
    known = _known(character)
    return _named(character) if known is None else known


def _known(character: str) -> str | None:
    """A character in LaTeX, or None; what is invisible is left out."""
    if character in SIGNS:
        return SIGNS[character]
    if character.isascii():
        return character if character.isprintable() else ""
    if unicodedata.category(character) in ("Cf", "Mn", "Cc", "Cs", "Zl", "Zp"):
        return ""
    return _greek(character) or _accented(character)


def _accented(character: str) -> str | None:
    """A letter with its accent, or one that is another's form: `\\'{e}` for é, `A` for a full-width A."""
    parts = unicodedata.normalize("NFKD", character)
    base, mark = parts[0], parts[1:]
    if base.isascii() and mark in ACCENTS:
        return rf"\{ACCENTS[mark]}{{{base}}}"
    plain = unicodedata.normalize("NFKC", character)
    return tex(plain) if plain.isascii() and plain != character else None


def _greek(character: str) -> str | None:
    found = GREEK.fullmatch(unicodedata.name(character, ""))
    if not found or found[2] not in (LOWER if found[1] == "SMALL" else UPPER):
        return None
    name = found[2].lower().replace("lamda", "lambda")
    return rf"$\{name if found[1] == 'SMALL' else name.capitalize()}$"


def _named(character: str) -> str:
    """`드` as [deu], `д` as [de], a flame as [fire]."""
    name = unicodedata.name(character, f"U+{ord(character):X}")
    short = name.split()[-1] if re.search("LETTER|SYLLABLE|IDEOGRAPH", name) else name
    return f"{{[}}{short.removeprefix('IDEOGRAPH-').lower()}{{]}}"
