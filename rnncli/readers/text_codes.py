"""Codes of texts, in the order of first appearance: of characters, bytes or words, and of columns read in blocks."""

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.columns import Coded, offsets_of
from rnncli.data.equal_names import first_spelling, plain_names
from rnncli.data.words import MARKED, cutter, inside
from rnncli.process.spool import RowSpool, take

EMPTY = "\n"  # stands for a text of no tokens, so that every sequence has a step
CODE_POINTS = 0x110000
RUN = 8  # rows of one text together, on average: then only the first of each is looked at


def code_texts(texts: list[str], tokens: str, rule: str = MARKED) -> tuple[Coded, np.ndarray]:
    """The tokens of all texts, one text after the other, and where each of them starts (and the last one ends)."""
    texts = inside(texts, rule)
    if tokens == "word":
        return code_lists(list(map(cutter(texts, rule), texts)))
    filled = [text or EMPTY for text in texts]
    if tokens == "char":
        lengths = np.fromiter(map(len, filled), np.int64, len(filled))
        points = np.frombuffer("".join(filled).encode("utf-32-le", "surrogatepass"), "<u4")
    else:
        raw = [text.encode("utf-8", "surrogatepass") for text in filled]
        lengths = np.fromiter(map(len, raw), np.int64, len(raw))
        points = np.frombuffer(b"".join(raw), np.uint8)
    return _code_points(points), offsets_of(lengths)


def code_lists(lists: list[list[str]]) -> tuple[Coded, np.ndarray]:
    """The same for tokens that are given."""
    lists = [tokens or [EMPTY] for tokens in lists]
    lengths = np.fromiter(map(len, lists), np.int64, len(lists))
    return Coded.of([token for tokens in lists for token in tokens]), offsets_of(lengths)


class Coder:
    """Codes of a column of polars that comes in blocks; of `names`, of which 1.0 and 1 are one."""

    def __init__(self, names: bool = False):
        self.names = names
        self.ids: dict = {}
        self.symbols: list[str] = []  # as each is first written
        self.spool = RowSpool(np.int32)

    def append(self, series: "pl.Series") -> None:
        """Texts without the blanks around them; what is empty is missing."""
        starts = series.ne_missing(series.shift(1)).arg_true().to_numpy()  # of runs of one text
        starts = starts if len(starts) and starts[0] == 0 else np.append(0, starts)  # before it a text is missing
        if len(starts) * RUN < len(series):
            codes = np.array(self._codes(series.gather(starts)), np.int32)
            self.spool.append(np.repeat(codes, np.diff(starts, append=len(series))))
        else:
            different = series.unique(maintain_order=True).drop_nulls()
            table = pl.Series(self._codes(different), dtype=pl.Int32)
            coded = series.replace_strict(different, table, default=-1, return_dtype=pl.Int32)
            self.spool.append(coded.fill_null(-1).to_numpy())

    def _codes(self, texts) -> list[int]:
        stripped = texts.str.strip_chars().to_list()
        ids, codes = self.ids, []
        for text, name in zip(stripped, plain_names(stripped) if self.names else stripped, strict=True):
            code = ids.get(name, -1) if text else -1
            if code < 0 and text:
                code = ids[name] = len(ids)
                self.symbols.append(text)
            codes.append(code)
        return codes

    def coded(self, order: np.ndarray | None = None) -> Coded:
        """All rows, in this order."""
        return Coded(take(self.spool.array(), order), self.symbols)


def merge(columns: list[Coded], names: bool = False) -> Coded:
    """One after the other, with the symbols of all; `names` as in Coder."""
    if len(columns) == 1:
        return columns[0]
    ids: dict[str, int] = {}
    spelling, codes = first_spelling() if names else str, []
    for column in columns:
        table = np.array([ids.setdefault(spelling(symbol), len(ids)) for symbol in column.symbols] + [-1], np.int32)
        codes.append(table[column.codes])  # -1 finds the last entry, which is -1
    return Coded(np.concatenate(codes), list(ids))


def _code_points(points: np.ndarray) -> Coded:
    """A table finds codes: no sorting, whatever the length."""
    first = np.full(CODE_POINTS if points.itemsize > 1 else 256, -1, np.int64)
    first[points[::-1]] = np.arange(len(points) - 1, -1, -1)  # the earliest place is written last
    found = np.flatnonzero(first >= 0)
    found = found[np.argsort(first[found])]
    table = np.empty(len(first), np.int32)
    table[found] = np.arange(len(found))
    return Coded(table[points], list(map(chr, found.tolist())))
