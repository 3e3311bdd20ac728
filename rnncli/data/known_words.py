"""Columns of words that are known ahead, such as the names of holidays: a column of 0 and 1 for each value, so that the
steps ahead are read as those of numbers are.

No value, and one that training had not, is 0 in all of them. A step that is put in has none, as of any number.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.equal_names import ByName, plain_name
from rnncli.data.ranges import Ranges
from rnncli.errors import UsageError
from rnncli.process.temporary import in_blocks

MOST = 64  # values

Words = dict[str, list[str]]  # column -> its values


def flag_name(column: str, value: str) -> str:
    """The name of the column of 0 and 1."""
    return f"{column}={value}"


def flag_names(words: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Column -> the names of its columns of 0 and 1."""
    return {column: [flag_name(column, value) for value in values] for column, values in words.items()}


def words_among(columns: Columns, known: Collection[str]) -> Words:
    """The values of these columns that are words, in the order of their text."""
    return {
        name: sorted({plain_name(symbol) for symbol in columns.coded[name].symbols})
        for name in known
        if name in columns.coded
    }


def unseen_words(columns: Columns, words: Mapping[str, list[str]]) -> Words:
    """The values of these columns that are not among the `words`, of those that have some."""
    found = {}
    for name, values in words.items():
        trained = set(map(plain_name, values))
        if name in columns.coded:
            found[name] = [one for one in columns.coded[name].symbols if plain_name(one) not in trained]
    return {name: values for name, values in found.items() if values}


def with_flags(columns: Columns, words: Mapping[str, list[str]]) -> Columns:
    """The same columns, with those of 0 and 1 behind the numbers instead of the words."""
    there = {name: values for name, values in words.items() if name in columns.coded}
    if not there:
        return columns
    parts = [] if columns.numbers is None else [columns.numbers]
    for name, values in there.items():
        coded, places = columns.coded[name], ByName({value: i for i, value in enumerate(values)})
        ids = np.array([*(places.get(symbol, -1) for symbol in coded.symbols), -1], np.int64)[coded.codes]
        parts.append(in_blocks(len(ids), partial(_flags, ids, len(values))))
    names = [*columns.number_names, *(flag for flags in flag_names(there).values() for flag in flags)]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"column {twice} and a value of a column of --known have one name: rename the column")
    numbers = in_blocks(columns.total, lambda a, b: np.concatenate([part[a:b] for part in parts], axis=1))
    others = {name: coded for name, coded in columns.coded.items() if name not in there}
    return replace(columns, numbers=numbers, number_names=names, coded=others)


def only_seen(columns: Columns, words: Mapping[str, list[str]], cuts: np.ndarray) -> tuple[Columns, Words]:
    """The columns without those of 0 and 1 that are 0 in all rows before the `cuts` (series,), and the values that are
    left; UsageError for none, and for too many.
    """
    training = Ranges(columns.offsets[:-1], cuts)
    seen = {flag for flags in flag_names(words).values() for flag in flags}
    seen -= {name for name in seen if not _is_there(columns.numbers[:, columns.number_names.index(name)], training)}
    left = {column: [one for one in values if flag_name(column, one) in seen] for column, values in words.items()}
    for column, values in left.items():
        if not 0 < len(values) <= MOST:
            raise UsageError(
                f"--known {column}: {len(values):,} different values in the training part, expected 1 to {MOST}: "
                "leave it out, or use a column of numbers"
            )
    idle = {flag for flags in flag_names(words).values() for flag in flags} - seen
    return (_without(columns, idle) if idle else columns), left


def _is_there(flags: np.ndarray, training: Ranges) -> bool:
    return any((flags[begin:end] == 1).any() for begin, end in training.blocks())


def _without(columns: Columns, names: Collection[str]) -> Columns:
    kept = [i for i, name in enumerate(columns.number_names) if name not in names]
    numbers = in_blocks(columns.total, lambda a, b: columns.numbers[a:b][:, kept])
    return replace(columns, numbers=numbers, number_names=[columns.number_names[i] for i in kept])


def _flags(ids: np.ndarray, count: int, begin: int, end: int) -> np.ndarray:
    """(end - begin, values) 1 where a row has the value."""
    return (ids[begin:end, None] == np.arange(count)).astype(np.float64)
