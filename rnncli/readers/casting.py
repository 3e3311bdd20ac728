"""Columns of texts to columns of numbers."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from math import isfinite
from typing import Any

from rnncli.data import polars as pl
from rnncli.data.equal_names import TRUTHS, plain_name
from rnncli.errors import RnncliError, note
from rnncli.readers.form import Form
from rnncli.readers.guesses import Guesses
from rnncli.readers.numerals import MISSING, Style, Writing, bare, looks_like_numbers, style_of
from rnncli.readers.source import display

MOST_LOOKED_AT = 4096  # different texts of a column
MOST_COLUMNS = 1000  # that are looked at for codes: so many more hold measured values
CODE = r"^0\d\d+$"  # 007; two digits are those of months and hours
VERSIONS = (r"^\d{1,2}\.[1-9]0$", r"^\d{1,2}\.[1-9]$")  # 1.10 beside 1.1
POINTED = r"^[+-]?\d*\.\d*([eE][+-]?\d+)?$"
OPEN_POINT = r"^[+-]?[1-9]\d{0,2}\.\d{3}$"
SHORT, LONG = r"^[+-]?\d{1,3}$", r"^[+-]?\d{4,}$"
MANY_DIGITS = r"^\s*[+-]?\d{17,}\s*$"
EXACT = 2**53  # whole numbers beyond are rounded
LEAVE_OUT = "--inputs leaves columns out"

#: index of a column -> type of polars, of the columns that are wanted
Kinds = dict[int, Any]


class Unclear(Exception):
    """Some text is no number: the lines have to be looked at."""


class Frames:
    """A table as frames of polars, with columns that are named by their indices."""

    typed = False  # whether the file says what its columns hold
    least: int | None = None  # bytes of the lines of a frame, if it is to be a small one

    def __init__(self, path: str, form: Form):
        self.path, self.form = path, form
        self.columns: tuple[str, ...] = ()
        self.styles: dict[int, Style] = {}  # of columns of texts that hold numbers
        self.guesses = Guesses(path)

    def frames(self, choose: Callable) -> Iterator["pl.DataFrame"]:
        """The wanted columns, named by their indices; `choose(texts, columns)` says which, by the first rows."""
        raise NotImplementedError

    def line_of(self, row: int) -> int:
        """The number of the line that a row, counted from 0, begins on."""
        raise NotImplementedError

    def place_of(self, row: int) -> str:
        """file:line of a row."""
        return f"{display(self.path)}:{self.line_of(row)}"

    def cast(self, frame: "pl.DataFrame", kinds: Kinds, line: Callable[[int], int] | None = None) -> "pl.DataFrame":
        """Texts to the types that are wanted. What is no number is an error, at the `line` of its row, or Unclear."""
        columns, usual, guessed = [], Style("," if self.form.decimal_comma else "."), Guesses(self.path)
        for i, kind in kinds.items():
            series = texts = frame[str(i)]
            if texts.dtype == pl.String != kind:
                style = self.styles.get(i, usual)
                series, bad, read = to_numbers(texts, kind, style, self.form.writing)
                guessed.count(f"column {self.columns[i]}", read, style)
                if bad.any() and line is None:
                    raise Unclear
                if bad.any():
                    row = bad.arg_max()
                    raise RnncliError(
                        f"{display(self.path)}:{line(row)}: {texts[row].strip()!r} in column {self.columns[i]}, "
                        "expected a number as in the first rows: correct it, add it to --missing if it means a "
                        "missing value, or leave the column out with --inputs"
                    )
            columns.append(series)
        self.guesses.add(guessed)
        return pl.DataFrame(columns)


def to_numbers(
    series: "pl.Series", kind: Any, style: Style, writing: Writing
) -> tuple["pl.Series", "pl.Series", "pl.Series"]:
    """The texts as numbers, missing ones as null; which are neither; and those that polars does not know as numbers.

    Of the latter each that occurs is looked at once.
    """
    texts = series.str.strip_chars()
    missing = texts.str.to_lowercase().is_in(list(MISSING)).fill_null(True)
    if writing.missing:
        missing |= texts.is_in(list(writing.missing)).fill_null(True)
    texts = texts.set(missing, None)
    if style.unit:
        texts = texts.str.strip_suffix(style.unit).str.strip_chars_end()
    if not style.mark and (style.decimal == "." or not texts.str.contains(".", literal=True).any()):
        pointed = texts.str.replace(",", ".", literal=True) if style.decimal == "," else texts
        numbers = pointed.cast(kind, strict=False)
    else:
        numbers = pl.repeat(None, len(texts), dtype=kind, eager=True)
    left = numbers.is_null() & texts.is_not_null()
    looked_at = texts.filter(left) if left.any() else texts.clear()
    if len(looked_at):
        values = looked_at.unique()
        read = pl.Series([style.read(value) for value in values.to_list()], dtype=pl.Float64).cast(kind)
        other = texts.set(~left, None).replace_strict(values, read, default=None, return_dtype=kind)
        numbers = numbers.zip_with(~left, other)
        left = numbers.is_null() & texts.is_not_null()
    for sentinel in writing.sentinels:
        numbers = numbers.set((numbers == pl.Series([sentinel]).cast(kind)[0]).fill_null(False), None)
    return numbers.alias(series.name), left, looked_at


def find_style(
    series: "pl.Series", decimal_comma: bool, writing: Writing, commas: bool, many: float
) -> tuple[Style, bool]:
    """How the numbers of a column of texts are written, and whether it holds numbers, as `many` of its texts are.

    `commas` separate the columns, so that they hardly are decimal marks too.
    """
    default = Style("," if decimal_comma else ".")
    numbers, bad, _ = to_numbers(series, pl.Float64, default, writing)
    pointed = decimal_comma and bool(series.str.contains(".", literal=True).any())  # polars takes 1.126 for 1,126
    if not bad.any() and not pointed and not (decimal_comma and writing.decimal is None):
        fast = series.str.strip_chars().cast(pl.Float64, strict=False) if not decimal_comma else numbers
        if fast.null_count() == numbers.null_count():
            return default, True
    values = [v for v in series.drop_nulls().unique(maintain_order=True).to_list() if not writing.is_missing(v)]
    style = style_of(values[:MOST_LOOKED_AT], default.decimal, writing.decimal, commas)
    numbers, bad, _ = to_numbers(series, pl.Float64, style, writing)
    wrong = int(bad.sum())
    return style, wrong <= (1 - many) * (len(numbers) - numbers.null_count() + wrong)


def first_word(series: "pl.Series", form: Form) -> str:
    """The first text that is no number, as a message quotes it; "" of a column with another type."""
    if series.dtype != pl.String:
        return ""
    style, _ = find_style(series, form.decimal_comma, form.writing, form.separator == ",", 1.0)
    texts = (text for text in series.drop_nulls().head(MOST_LOOKED_AT).to_list() if not form.writing.is_missing(text))
    found = next((text for text in texts if style.read(text) is None), "")
    return found and f" such as {found.strip()!r},"


def open_points(texts: "pl.DataFrame", semicolons: bool) -> dict[str, str]:
    """Columns in which all points may stand between thousands, and such a number: 1.126 beside 955, which with three
    decimals would be 955.000, or any where semicolons separate, as they do where commas are decimal marks. None if some
    number of the file has a point before other decimals.
    """
    whole = texts.select(pl.col(pl.String).str.strip_chars())
    if not 0 < whole.width <= MOST_COLUMNS:
        return {}
    rules = (POINTED, OPEN_POINT, SHORT, LONG)
    pointed, opened, short, long = (whole.select(pl.all().str.contains(rule).sum()).row(0) for rule in rules)
    if any(a != b for a, b in zip(pointed, opened, strict=True)):
        return {}
    found = zip(whole.columns, opened, short, long, strict=True)
    names = [name for name, a, b, c in found if a and (b or semicolons) and not c]
    return {name: whole[name].filter(whole[name].str.contains(OPEN_POINT))[0] for name in names}


def note_large(head: "pl.DataFrame", names: dict[str, str], place: str) -> None:
    """Say that whole numbers have more digits than are read. `names` of the columns by those of their series."""
    for name, column in names.items():
        series = head[name]
        if series.dtype.is_integer():
            large = series.filter((series.cast(pl.Float64).abs() > EXACT).fill_null(False))
        elif series.dtype == pl.String:
            large = series.filter(series.str.contains(MANY_DIGITS).fill_null(False))
        else:
            continue
        value = next((text for text in map(str, large.head(MOST_LOOKED_AT)) if _is_rounded(text)), "")
        if value := value.strip():
            note(f"{place}: {value} in column {column} is read as {float(value):.0f}: numbers have 15 to 17 digits")


def _is_rounded(digits: str) -> bool:
    """Whether a whole number of any length is read as another one; what is too large for any is refused as such."""
    return isfinite(float(digits)) and Decimal(digits) != Decimal(float(digits))


def note_style(style: Style, place: str, name: str, typed: bool) -> None:
    """Say what is read otherwise than it may be meant."""
    undo = "; --decimal names the decimal mark"
    for text, undone in ((style.grouped, undo), (style.marked, ""), (style.scaled, ""), (style.with_unit, "")):
        if text:
            note(f"{place}: {text.strip()!r} in column {name} is read as {style.read(text):.15g}{undone}")
    if typed:
        note(f"{place}: column {name} has numbers written as text, read as numbers")


def note_word(series: "pl.Series", place: str, name: str, writing: Writing) -> None:
    """Say that a column that looks like numbers becomes a category."""
    values = [v for v in series.drop_nulls().head(MOST_LOOKED_AT).to_list() if not writing.is_missing(v)]
    truths = {plain_name(value.strip()) for value in values}
    if truths & set(TRUTHS) and truths & {"0", "1"} and truths <= {*TRUTHS, "0", "1"}:
        found = next(value.strip() for value in values if plain_name(value.strip()) in ("0", "1"))
        note(f"{place}: column {name} has {found!r} beside true or false, read as another category")
    elif found := looks_like_numbers(values):
        others = [v.strip() for v in values if not any(map(str.isdigit, v))]
        others += [v.strip() for v in values if bare(found, ".") and not (bare(v, ".") or bare(v, ","))]
        other = next(iter(others), "")
        why = f"{other!r} is not a number: --missing names what stands for a missing value, " if other else ""
        given, opposite = (".", ",") if writing.decimal == "." else (",", ".")
        if writing.decimal and all(bare(v, opposite) for v in values) and not all(bare(v, given) for v in values):
            told, mark = ("point", "comma") if given == "." else ("comma", "point")
            why = f"--decimal {told} was given, and its decimal mark is a {mark}: "
        note(f"{place}: {found!r} in column {name} is read as a category, not as a number: {why}{LEAVE_OUT}")


def note_temporal(series: "pl.Series", place: str, name: str) -> None:
    """Say that a typed column of times becomes a category; durations, which have no text, are refused."""
    if series.dtype == pl.Duration:
        raise RnncliError(f"{place}: column {name} has durations, expected numbers: write seconds; {LEAVE_OUT}")
    note(f"{place}: the times of column {name} are read as categories, not as numbers: {LEAVE_OUT}")


def plain_columns(texts: "pl.DataFrame") -> set[str]:
    """Those of which every text is a number as polars knows it, or nothing: the names of the series."""
    numbers = texts.select(pl.col(pl.String).str.strip_chars().cast(pl.Float64, strict=False))
    before, after = texts.null_count().row(0, named=True), numbers.null_count().row(0, named=True)
    return {name for name, count in after.items() if count == before[name] < len(texts)}


def note_identifiers(texts: "pl.DataFrame", names: dict[str, str], place: str) -> None:
    """Say that numbers of a column may be codes or versions, of which 007 is not 7 and 1.10 not 1.1.

    `texts` are the first rows, `names` of the columns by those of their series.
    """
    names = {name: column for name, column in names.items() if texts[name].dtype == pl.String}
    if not 0 < len(names) <= MOST_COLUMNS:
        return
    whole = texts.select(pl.col(name).str.strip_chars() for name in names)
    there = [whole.select(pl.all().str.contains(rule).any()).row(0) for rule in (CODE, *VERSIONS)]
    for name, code, *versions in zip(whole.columns, *there, strict=True):
        if not code and not all(versions):
            continue
        values = whole[name].drop_nulls()
        if code:
            value = values.filter(values.str.contains(CODE))[0]
            note(f"{place}: {value!r} in column {names[name]} is read as the number {Decimal(value):f}: {LEAVE_OUT}")
        if all(versions):
            short = set(values.to_list())
            if found := next((value for value in sorted(short) if value.endswith("0") and value[:-1] in short), ""):
                what = f"{found[:-1]!r} and {found!r} in column {names[name]} are read as one number"
                note(f"{place}: {what}: {LEAVE_OUT}")
