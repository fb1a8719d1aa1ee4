"""Names of arms that would break, inject or escape something."""

NAMES = [
    r"\input{/etc/passwd}", "100% {x} $y$ #1 & ^~", "<script>alert(1)</script>", "../../etc", "=1+1", "+2", "-3",
    "@SUM(A1)", "'=quoted", "''=twice", "'plain'", "드롭아웃", "é ü ß ø Å", "λ=0.1", "fire 🔥", "family 👩\u200d👩\u200d👧",
    "\u05d0\u05d1\u200f right to left", "a|b", "*star*", "_under_", "weight_decay", "[x](http://e)", "![x](e)", "`code`",
    "--flag", "A" * 60, "x" * 110, '"quoted"', "a,b", "[opt]", "* after", "&lt;", r"$\alpha$", "^^M", "Ωmega", "＝full",
    "=", "नमस्ते", "中文", "\\", "{", "}", "%", "?`!`", "<<>>", "''", "#", "~~gone~~", "nan", "None", "NA", "1", "1.5",
    "http://e.org", "Baseline", "a; b", "{{7*7}}", "{% x %}",
]  # fmt: skip
