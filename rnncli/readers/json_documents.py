"""Tables that are one document of JSON, in the forms in which pandas writes them:

    {"t": {"0": 1, "1": 2}, "y": {"0": 5, "1": 6}}                      by columns (`to_json()`)
    {"0": {"t": 1, "y": 5}, "1": {"t": 2, "y": 6}}                      by rows (orient="index")
    {"t": [1, 2], "y": [5, 6]}                                          lists (`to_dict("list")`)
    {"columns": ["t", "y"], "index": [0, 1], "data": [[1, 5], [2, 6]]}  orient="split"
    {"schema": {..}, "data": [{"t": 1, "y": 5}, {"t": 2, "y": 6}]}      orient="table"
    [["t", "y"], [1, 5], [2, 6]]                                        lists of values, names first if there are any

An index that counts the rows from 0 on is left out. Any other one is a column called index, or timestamp if it may be
milliseconds since 1970, as pandas writes dates. Files of other names than `.json`, or none, are not looked at: in
`.jsonl` one object is a sequence.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from rnncli.errors import RnncliError
from rnncli.readers.documents import MARKS, unique_keys
from rnncli.readers.encodings import BOM, sample_text
from rnncli.readers.objects import BLANKS
from rnncli.readers.pipes import is_regular
from rnncli.readers.source import display, text_blocks
from rnncli.readers.unpacking import name_inside

Rows = Callable[[], Iterator[dict[str, Any]]]  # from the first one on

DECODER = json.JSONDecoder(object_pairs_hook=unique_keys, parse_int=str, parse_float=str, parse_constant=str)
#: how such a document begins: an object in an object, a list in an object, or a list in a list
BEGINS = re.compile(r'\{\s*"(?:[^"\\]|\\.)*"\s*:\s*[\[{]|\[\s*\[\s*(?:"|-?\d|true|false|null)')
MOST = 16 << 20  # characters of a document, which is held in memory
INDEX, MOMENT = "index", re.compile(r"\d{12,19}")
EXTENSIONS = (".json", "")
LINES = 'pandas writes lines of rows by to_json(FILE, orient="records", lines=True)'


def rows_of(path: str, encoding: str, sample: bytes) -> Rows | None:
    """The rows of a file that begins so; None if it is no such document."""
    text = sample_text(sample, encoding, True).lstrip(BLANKS + BOM) if sample.lstrip(MARKS)[:1] in (b"{", b"[") else ""
    if _extension(path) not in EXTENSIONS or not BEGINS.match(text) or _goes_on(text):
        return None
    if not is_regular(path):
        return _read(path, encoding)
    stamp = os.stat(path)
    return _known(path, encoding, stamp.st_size, stamp.st_mtime_ns)


def _extension(path: str) -> str:
    return os.path.splitext(name_inside(path).lower())[1]


def _goes_on(text: str) -> bool:
    """Whether the first line is a whole value, and others follow: JSON lines."""
    first, _, rest = text.partition("\n")
    if not rest.strip():
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


@lru_cache(maxsize=1)
def _known(path: str, encoding: str, size: int, changed: int) -> Rows | None:
    """Looked at several times before training."""
    return _read(path, encoding)


def _read(path: str, encoding: str) -> Rows | None:
    blocks, size = list[str](), 0
    for block in text_blocks(path, encoding):
        blocks.append(block)
        size += len(block)
        if size > MOST:
            raise RnncliError(f"{display(path)}: one JSON document of more than {MOST >> 20} MB: {LINES}")
    try:
        found = DECODER.decode("".join(blocks).lstrip(BOM))
    except (ValueError, RecursionError) as error:
        if _extension(path) and "Extra data" not in str(error):  # else lines, of which the first one is long
            raise RnncliError(f"{display(path)}: not JSON ({error}), expected a whole document") from None
        return None
    if isinstance(found, list):
        return _of_values(found)
    return _of_object(found, path) if isinstance(found, dict) else None


def _of_object(found: dict[str, Any], path: str) -> Rows | None:
    if {"columns", "data"} <= set(found) <= {"columns", "data", INDEX}:
        return _of_split(found)
    if set(found) == {"schema", "data"} and _are(dict, found["data"]):
        return found["data"].__iter__
    values = list(found.values())
    if len(values) > 1 and all(map(_are_single, values)) and len({*map(len, values)}) == 1:
        return lambda: _named(list(found), zip(*values, strict=True))
    if _are(dict, values) and all(value.keys() == values[0].keys() for value in values):
        return _of_objects(found, path) if all(_are_single([*value.values()]) for value in values) else None
    return None


def _of_objects(found: dict[str, dict], path: str) -> Rows | None:
    """By columns or by rows: one of the two is the index."""
    outer, inner = list(found), list(next(iter(found.values())))
    if len(outer) < 2 and len(inner) < 2:
        return None
    if _counts(outer) and not _are_places(inner):
        return found.values().__iter__
    if _are_places(inner) and not _are_places(outer):
        rows = [[column[key] for key in inner] for column in found.values()]
        return _with_index(inner, outer, lambda: zip(*rows, strict=True))
    raise RnncliError(
        f"{display(path)}: an object of objects with the keys {outer[0]!r}, .. and in them {inner[0]!r}, ..: which are "
        f"the rows is not clear: {LINES}"
    )


def _of_split(found: dict[str, Any]) -> Rows | None:
    names, rows, index = found["columns"], found["data"], found.get(INDEX)
    if not (_are(str, names) and _are(list, rows) and all(len(row) == len(names) for row in rows)):
        return None
    index = index if _are_single(index) and len(index) == len(rows) else [str(i) for i in range(len(rows))]
    return _with_index(index, names, rows.__iter__)


def _of_values(found: list) -> Rows | None:
    if len(found) < 2 or not _are(list, found) or not all(map(_are_single, found)) or len({*map(len, found)}) > 1:
        return None
    first, names = found[0], [str(i) for i in range(1, len(found[0]) + 1)]
    numbers = any(any(map(_is_number, row)) for row in found[1:])
    if numbers and not any(map(_is_number, first)) and _are(str, first):  # names above numbers
        return lambda: _named(first, found[1:])
    return lambda: _named(names, found)


def _with_index(index: list, names: list[str], rows: Callable[[], Iterable]) -> Rows:
    name = "timestamp" if all(MOMENT.fullmatch(str(key)) for key in index) else INDEX
    if _counts(index) or name in names:
        return lambda: _named(names, rows())
    return lambda: _named([name, *names], ([key, *row] for key, row in zip(index, rows(), strict=True)))


def _named(names: list[str], rows: Iterable) -> Iterator[dict[str, Any]]:
    return (dict(zip(names, row, strict=True)) for row in rows)


def _counts(keys: list) -> bool:
    """0, 1, 2, .."""
    return keys == [str(i) for i in range(len(keys))]


def _are_places(keys: list) -> bool:
    """Numbers or dates, which no columns are called."""
    return all(re.match(r"[-+]?\d", str(key)) for key in keys)


def _are(kind: type, values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(value, kind) for value in values)


def _are_single(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and not any(isinstance(value, dict | list) for value in values)


def _is_number(value: Any) -> bool:
    try:
        return value is not None and not isinstance(value, bool) and float(value) == float(value)
    except ValueError:
        return False
