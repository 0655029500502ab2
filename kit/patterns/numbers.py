"""A number out of text, as an exact fraction: separators, currencies, units, LaTeX, fractions.

Percent signs and units are dropped, never computed: 50 % is 50. What is no single number (a range,
a tuple, a formula, a time) is None.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_LONGEST, _LARGEST = 400, 400  # characters of a number; its exponent: beyond, it is an attack
_MONEY = r"(?:[$€£¥₹]|(?:USD|EUR|GBP|CHF|JPY|US\$)\b)"
_PLAIN = r"(?:\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+)?|\d(?:[\d,.'_]*\d)?|\.\d+)"
_POWER = r"(?:\s?(?:x|×|\*|·)\s?10\s?(?:\^|\*\*)\s?[({]?\s?[-+]?\d+\s?[)}]?|[eE][-+]?\d+(?!\w))"
_ONE = rf"{_PLAIN}{_POWER}?"
_TOKEN = re.compile(
    rf"(?P<sign>[-+])?\s?{_MONEY}?\s?(?P<sign2>[-+])?"
    rf"(?:(?P<whole>\d+)(?: | and |-)(?P<up>\d+)\s?/\s?(?P<down>\d+)"
    rf"|\(?(?P<top>{_ONE})\)?\s?/\s?\(?(?P<bottom>[-+]?{_ONE})\)?"
    rf"|(?P<base>\d+)\s?(?:\^|\*\*)\s?[({{]?(?P<exponent>[-+]?\d+)[)}}]?"
    rf"|(?P<one>{_ONE}))",
)
_BEFORE = re.compile(
    r"(?:(?:.*\b(?:is|are|equals|was|be|of)|[\w ]{0,40}:))?\s*"
    r"(?:about|approximately|approx\.?|around|roughly|exactly|precisely|just|only|[~≈]|a total of)?"
    r"\s*[(\[{]*\s*",
    re.IGNORECASE | re.DOTALL,
)
_AFTER = re.compile(
    r"\s*[)\]}]*\s*(?:(?:%|‰|°\s?[CFK]?|[€£¥₹$]|\\%|-)?\s?"
    r"(?P<unit>(?:[A-Za-zµΩ°]+(?:\^?\{?-?[23]\}?(?!\d))?[/·*.\s-]{0,2}){0,6}))"
    r"\s*(?:\([^()\d]*\))?[.,;]?\s*",
)
_NO_UNITS = frozenset(
    ("x", "y", "z", "n", "i", "j", "pi", "e", "sqrt", "plus", "minus", "times", "mod", "over", "or")
) | {"and", "to", "not", "than"}
_SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_SCALES["trillion"] = 10**12
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_REWRITES = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda match: "^" + match.group().translate(_SUPERSCRIPTS)),
        (r"(?<=\d)(?=[¼-¾⅐-⅞↉])", " "),
    )
)
_LATEX = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"\\[dtc]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r" (\1)/(\2)"),
        (r"\\[dtc]?frac\s*(\d)\s*(\d)", r" \1/\2"),
        (r"\\(?:times|cdot)", "×"),
        (r"\{,\}", ","),
        (r"\\[,;!: ]|~(?=\d{3})|\\(?:left|right|quad|displaystyle)\b", " "),
        (r"\\(?:approx|simeq)\b", "≈"),
        (r"\^\s*\{?\s*\\circ\s*\}?|\\degree\b", "°"),
        (r"\\(?=[$%#])", ""),
        (r"(?<=\d)[’‘](?=\d{3})", "'"),
        (r"[−‒﹣‐‑]|(?<![\d\w])–(?=\s?[\d.$€£])", "-"),
        (r"[⁄∕]", "/"),
        (r"[^\S\n]+", " "),
        (r"\( ?([-+]?[\d.,]+) ?\)(?=/)|(?<=/)\( ?([-+]?[\d.,]+) ?\)", r"\1\2"),
    )
)


def number(text: str) -> Fraction | None:
    """The number that this text is; None when it is none, or more than one."""
    if len(text) > _LONGEST:
        return None
    text = _plain_text(text)
    if text.casefold() in _WORDS:
        return Fraction(_WORDS.index(text.casefold()))
    if re.search(r"[±√∞π]|\+/-|\\(?:sqrt|pi|pm|infty)|\bor\b", text):
        return None
    *equal, text = re.split(r"(?<![<>!≤≥])[=≈]", text)
    if len(equal) > 1 and re.search(r"[,;]", text + equal[-1]):
        return None  # x = 1, y = 2
    match = _TOKEN.search(text)
    if match is None or not _BEFORE.fullmatch(text[: match.start()]):
        return None
    return _scaled(_value(match), text[match.end() :])


def last_number(text: str) -> Fraction | None:
    """The last number in this text, list numbers left out; None when that cannot be read."""
    text = re.sub(r"(?m)^\s*\d+[.)]\s", "", _plain_text(text[-4000:]))
    found = list(_TOKEN.finditer(text))
    if not found:
        return None
    match = found[-1]
    before, after = text[: match.start()], text[match.end() :]
    if not match.group()[0].isspace() and re.search(r"[\w:./^√π]$", before):
        return None  # the end of something longer
    if match.group("sign") and re.search(r"\d\s?$", before):
        return None  # a range or a difference
    return None if re.match(r"[:/^√π±!]|\s?[±^]", after) else _value(match)


def shown(value: Fraction) -> str:
    """A whole number or a finite decimal as such, else a/b in lowest terms."""
    rest, places = value.denominator, 0
    while rest % 10 == 0 or rest % 5 == 0 or rest % 2 == 0:
        rest //= 10 if rest % 10 == 0 else 5 if rest % 5 == 0 else 2
        places += 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    return ("-" if value < 0 else "") + whole + ("." + part if part else "")


def _plain_text(text: str) -> str:
    for pattern, new in _REWRITES:
        text = pattern.sub(new, text)
    text = unicodedata.normalize("NFKC", text)
    for pattern, plain in _LATEX:
        text = pattern.sub(plain, text)
    return text.strip()


def _scaled(value: Fraction | None, after: str) -> Fraction | None:
    """With its unit dropped; a scale ("million") is computed; a rest that is no unit is None."""
    match = _AFTER.fullmatch(after)
    if value is None or match is None:
        return None
    words = re.findall(r"[A-Za-zµΩ°]+", match.group("unit").casefold())
    if _NO_UNITS.intersection(words):
        return None
    return value * _SCALES.get(words[0] if words else "", 1)


def _value(match: re.Match[str]) -> Fraction | None:
    if len(match.group()) > _LONGEST:
        return None
    parts = match.groupdict()
    try:
        value = _unsigned(parts)
    except ZeroDivisionError:
        return None
    negative = (parts["sign"] == "-") != (parts["sign2"] == "-")
    return -value if value is not None and negative else value


def _unsigned(parts: dict[str, str | None]) -> Fraction | None:
    if parts["whole"] and parts["up"] and parts["down"]:
        return int(parts["whole"]) + Fraction(int(parts["up"]), int(parts["down"]))
    if parts["top"] and parts["bottom"]:
        top, bottom = _decimal(parts["top"]), _decimal(parts["bottom"])
        return None if top is None or bottom is None else top / bottom
    if parts["base"] and parts["exponent"]:
        base, exponent = int(parts["base"]), int(parts["exponent"])
        small = abs(exponent) <= _LARGEST and base <= 10**6
        return Fraction(base) ** exponent if small else None
    return _decimal(parts["one"] or "")


def _decimal(text: str) -> Fraction | None:
    """``-1,234.5e6`` and its kin."""
    match = re.fullmatch(rf"([-+]?)({_PLAIN})({_POWER})?", text)
    if match is None:
        return None
    digits = _grouped(match.group(2))
    power = int(re.findall(r"[-+]?\d+", match.group(3) or "0")[-1])
    if digits is None or abs(power) > _LARGEST:
        return None
    return (-1 if match.group(1) == "-" else 1) * Fraction(digits) * Fraction(10) ** power


def _grouped(text: str) -> str | None:
    """Separators sorted out: which one groups thousands, which one starts the decimals."""
    for form, group, point in (
        (r"\d*\.?\d+", "", "."),
        (r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", ",", "."),
        (r"[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d+)?", ",", "."),  # lakh and crore
        (r"[1-9]\d{0,2}(?:\.\d{3})+,\d+|[1-9]\d{0,2}(?:\.\d{3}){2,}", ".", ","),
        (r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?", " ", ","),
        (r"\d{1,3}(?:'\d{3})+(?:[.,]\d+)?", "'", ","),
        (r"\d+(?:_\d+)+(?:\.\d+)?", "_", "."),
        (r"\d+,\d+", "", ","),
    ):
        if re.fullmatch(form, text):
            return (text.replace(group, "") if group else text).replace(point, ".")
    return None
