"""Numbers as people and programs write them, and the tokens that say that one is missing.

A column has one style: its decimal mark, and perhaps one sign of currency or percents on every number. What the
decimal mark is, the numbers of the column show, else those of the file, else it is ambiguous: 1,500 may be 1500.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import nan

from rnncli.data.times.month_names import NAMES
from rnncli.data.times.script_digits import DIGITS

#: in lower case: as pandas reads them, and "?"
MISSING = frozenset(
    ("", "na", "n/a", "nan", "-nan", "null", "none", "?", "#n/a", "#n/a n/a", "#na", "<na>")
    + ("-1.#ind", "1.#ind", "-1.#qnan", "1.#qnan")
)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)", re.ASCII | re.IGNORECASE)
FORTRAN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)[dD][+-]?\d+", re.ASCII)
#: decimal mark -> groups of thousands beside it
GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}([, '_])\d{3}(\1\d{3})*(\.\d*)?", re.ASCII),
    ",": re.compile(r"[+-]?\d{1,3}([. '_])\d{3}(\1\d{3})*(,\d*)?", re.ASCII),
}
LAKHS = re.compile(r"[+-]?\d{1,2}(,)\d\d(,\d\d)*,\d{3}(\.\d*)?", re.ASCII)  # 12,34,567 as in India
CURRENCIES = "$€£¥₹₩₽₺₪₴₫₦₱฿₸₿"
CODES = r"(?:US|R|A|C|NZ|HK|S)\$|USD|EUR|GBP|CHF|JPY|CNY|INR|BRL|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|TRY|RUB|ZAR|MXN|kr|Rs"
MARKED = re.compile(rf"([+-]?) ?([{CURRENCIES}]|{CODES})? ?([+-]?[\d.,].*?) ?([%{CURRENCIES}]|{CODES})?")
BEHIND = re.compile(r"\d[\d., '_]*[.,]\d+-", re.ASCII)  # 1,234.50-, as SAP writes; 2- may be a mark
SIGNS = str.maketrans(
    {**dict.fromkeys("\u00a0\u202f\u2009\u2007", " "), "\u2212": "-", "\u2019": "'"}
    | {"\u066a": "%", "\u066b": ".", "\u066c": ","}  # the marks of Arabic
    | DIGITS
)
OPEN = {mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}\{mark}\d{{3}}", re.ASCII) for mark in ",."}  # a group, or decimals
BEGINS = re.compile(r"\W*\d")
#: what stands for nothing among numbers, beyond doubt: `..` of the World Bank; `:` of Eurostat, with its flags
NOTHING = re.compile(r"\.{2,3}|…|: ?[a-z]{0,3}")
#: a number with flags of Eurostat behind a blank (break, confidential, differs, estimated, ..), or a mark of a footnote
FLAGGED = re.compile(r"(.*\d)(?: +[bcdefinprsuz]{1,3}| ?[*†‡§]+| ?\[[\w ]{1,12}\]| ?\([a-z]{1,2}\))")
SCALED = re.compile(rf"(.*\d) ?(K|M|B|T|k|m|b|t|bn|mn|Bn|Mn)( ?[{CURRENCIES}])?")  # 1.2K, 3.4M
#: 23.5 °C, 12 km/h, 3 m²; names of days and months are none, nor are halves of a day
UNIT = re.compile(r"(.*\d)( ?)((?!(?:[AaPp]\.?[Mm])\b)(?:°|[^\W\d_])[^\W\d_]{0,5}(?:[²³]|/[^\W_]{1,3})?)")
POWERS = {"k": "e3", "m": "e6", "mn": "e6", "b": "e9", "bn": "e9", "t": "e12"}
MARKS = 2  # different words at most that may all stand for missing values
LOOKS = 0.5  # of the values of a column of words look like numbers: it is said what stands in the way


@dataclass(frozen=True)
class Writing:
    """What the user says of how values are written."""

    missing: tuple[str, ...] = ()
    decimal: str | None = None  # its mark

    def is_missing(self, text: str) -> bool:
        """Whether nothing stands there: by what is usual, or by one of the user's tokens, a number by its value."""
        text = text.strip()
        if text.lower() in MISSING or text in self.missing:
            return True
        return bool(self.missing and NUMBER.fullmatch(text)) and float(text) in self.sentinels

    def is_nothing(self, text: str) -> bool:
        """The same of a text among numbers."""
        return self.is_missing(text) or bool(NOTHING.fullmatch(text.strip()))

    @property
    def sentinels(self) -> tuple[float, ...]:
        """The tokens that are numbers."""
        return tuple(float(token) for token in self.missing if NUMBER.fullmatch(token))


@dataclass(frozen=True)
class Style:
    """How the numbers of a column are written."""

    decimal: str = "."
    mark: str = ""  # of currency or percents, on all of them
    plain: bool = True  # nothing but digits, sign, decimal mark and exponent
    open: str = ""  # a number that may be read in two ways
    grouped: str = ""  # a number with groups of thousands
    marked: str = ""  # a number with such a sign
    scaled: str = ""  # a number of thousands or millions
    unit: str = ""  # behind all numbers
    with_unit: str = ""  # such a number

    def read(self, text: str) -> float | None:
        """The number, NaN where something stands for nothing; None if there is neither."""
        if NOTHING.fullmatch(text.strip()):
            return nan
        text = unflagged(text).removesuffix(self.unit).rstrip()
        text, power = _unscaled(text) if self.scaled else (text, "")
        found = bare(text, self.decimal)
        if not found or found[1] != self.mark or (power and "e" in found[0].lower()):
            return None
        return float(found[0] + power)

    def guessed(self, text: str) -> str:
        """What is made of a text that is no number as it stands, and not usual for a missing one; "" of any other."""
        if NOTHING.fullmatch(text.strip()):
            return "a missing value"
        return f"{unflagged(text)}, without what is behind it" if unflagged(text) != text.strip() else ""


def bare(text: str, decimal: str) -> tuple[str, str] | None:
    """The number as Python has it, and the sign of currency or percents on it; None if there is none."""
    text = text.strip()
    if decimal == "." and NUMBER.fullmatch(text):
        return text, ""
    text, mark = _unmarked(text)
    if found := _grouped(text, decimal):
        text = text.replace(found[1], "")
    if decimal == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    if FORTRAN.fullmatch(text):
        text = text.lower().replace("d", "e")
    return (text, mark) if NUMBER.fullmatch(text) else None


def _unmarked(text: str) -> tuple[str, str]:
    """Without blanks inside of the sign, brackets or a minus behind a negative number, and signs of currency or
    percents.
    """
    text = text.translate(SIGNS).strip()
    if text.startswith("(") and text.endswith(")") and text[1:2] not in ("-", "+"):
        text = "-" + text[1:-1].strip()
    if BEHIND.fullmatch(text):
        text = "-" + text[:-1]
    found = MARKED.fullmatch(text)
    if not found or not (found[2] or found[4]) or (found[2] and found[4]) or (found[1] and found[3][:1] in "+-"):
        return text, ""
    return found[1] + found[3], found[2] or found[4]


def unflagged(text: str) -> str:
    """Without flags and marks of footnotes behind a number."""
    found = FLAGGED.fullmatch(text.strip())
    return found[1] if found else text.strip()


def _unscaled(text: str) -> tuple[str, str]:
    """The number before K or M, with its sign of currency, and the power of ten as an exponent."""
    found = SCALED.fullmatch(text)
    return (found[1] + (found[3] or ""), POWERS[found[2].lower()]) if found else (text, "")


def _unit(values: list[str]) -> tuple[str, str]:
    """The unit that stands behind all of these numbers, and the first of them; nothing if they have no unit, or may be
    names: whole numbers with a letter.
    """
    found = [match for value in values if (match := UNIT.fullmatch(value))]
    units = {match[3] for match in found}
    apart = any(match[2] or "." in match[1] or "," in match[1] for match in found)
    if len(found) < len(values) or len(units) != 1 or not apart or NAMES.number_of(found[0][3]):
        return "", ""
    return found[0][3], found[0][0]


def _scaled(values: list[str]) -> str:
    """The first number of thousands or millions, if the letters mean them: m, b and t alone may be units."""
    found = {value: match[2] for value in values if (match := SCALED.fullmatch(value))}
    meant = any(letters[0] in "KMBTk" or len(letters) > 1 for letters in found.values())
    return next(iter(found), "") if meant else ""


def _decimals(text: str, mark: str) -> bool | None:
    """Whether the mark stands before decimals in this number (False: between groups); None if that cannot be told."""
    other = "." if mark == "," else ","
    if text.count(mark) == 1 and not OPEN[mark].fullmatch(text) and other not in text:
        return True if bare(text, mark) else None
    grouped = _grouped(text, mark)
    if grouped and grouped[1] == other and mark in text:
        return True
    return False if text.count(mark) > 1 and _grouped(text, other) else None


def _grouped(text: str, decimal: str) -> re.Match | None:
    """A number with groups of digits, with what separates them as the first group of the match."""
    return GROUPED[decimal].fullmatch(text) or (LAKHS.fullmatch(text) if decimal == "." else None)


def decimal_of(values: Iterable[str]) -> str | None:
    """The decimal mark that these numbers show; None if they do not, or show both."""
    found = set()
    for value in values:
        text = _unmarked(value)[0]
        for mark, other in ((",", "."), (".", ",")):
            decimals = _decimals(text, mark) if mark in text else None
            if decimals is not None:
                found.add(mark if decimals else other)
    return found.pop() if len(found) == 1 else None


def style_of(values: list[str], default: str, told: str | None, quoted_commas: bool) -> Style:
    """The style of a column, by its values that are there.

    `default` is the decimal mark of the file, `told` what the user says, `quoted_commas` whether commas separate.
    """
    there = [value for value in values if not NOTHING.fullmatch(value.strip())]
    bared = [unflagged(value) for value in there]
    if scaled := _scaled(bared):
        bared = [_unscaled(text)[0] for text in bared]
    unit, with_unit = _unit(bared) if not scaled else ("", "")
    bared = [text.removesuffix(unit).rstrip() for text in bared]
    decimal = told or decimal_of(bared)
    texts = [_unmarked(text)[0] for text in bared]
    open_ = ""
    if decimal is None and default == ".":
        opened = next((v for v, text in zip(there, texts, strict=True) if OPEN[","].fullmatch(text)), "")
        short = any(text.lstrip("+-").isdecimal() and len(text.lstrip("+-")) <= 3 for text in texts)
        open_ = "" if short or quoted_commas else opened
    decimal = decimal or default
    numbers = [(value, found) for value, text in zip(there, bared, strict=True) if (found := bare(text, decimal))]
    marks = [mark for _, (_, mark) in numbers if mark]
    mark = max(set(marks), key=marks.count) if marks else ""
    groups = ((value, _grouped(text, decimal)) for value, text in zip(there, texts, strict=True))
    grouped = next((v for v, found in groups if found and found[1] in ",."), "")
    digits = [value for value in there if any(map(str.isdigit, value))]
    usual = decimal == default and not mark and len(there) == len(values)
    plain = usual and all(_is_plain(value, decimal) for value in digits)
    marked = next((value for value, (_, of_value) in numbers if mark and of_value == mark), "")
    return Style(decimal, mark, plain, open_, grouped, marked, scaled, unit, with_unit)


def _is_plain(value: str, decimal: str) -> bool:
    value = value.strip()
    if decimal == ",":
        return "." not in value and bool(NUMBER.fullmatch(value.replace(",", ".")))
    return bool(NUMBER.fullmatch(value))


def looks_like_numbers(values: list[str]) -> str:
    """A value to quote, if these are words and yet half of them begin with a digit, or there are several numbers beside
    one or two words, however often these come; else nothing.
    """
    like = [value for value in values if BEGINS.match(value)]
    if values and len(like) >= LOOKS * len(values):
        return like[0].strip()
    numbers = [value.strip() for value in like if bare(value, ".") or bare(value, ",")]
    few = len({value.strip() for value in values} - set(numbers)) <= MARKS
    return numbers[0] if few and len(set(numbers)) > MARKS else ""
