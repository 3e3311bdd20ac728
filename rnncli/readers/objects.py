"""Objects of JSON, one a line or in an array that is the whole file."""

import json
from collections.abc import Iterator
from contextlib import suppress

from rnncli.errors import RnncliError
from rnncli.readers.encodings import BOM
from rnncli.readers.source import display, row_lines, text_blocks

BLANKS = " \t\r\n"


def first_object(text: str) -> dict | None:
    """The object on the first line of a text, or the first one of an array there; None if there is none."""
    text = text.lstrip(BLANKS + BOM)
    text = text[1:].lstrip(BLANKS) if text.startswith("[") else text.partition("\n")[0]
    if not text.startswith("{"):
        return None
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def is_array(text: str) -> bool:
    """Whether a text begins with an array of objects."""
    return text.lstrip(BLANKS + BOM).startswith("[") and first_object(text) is not None


def first_values(lines: list[str]) -> list:
    """What the first lines of a file hold, but blank lines: a value each, None where it is no JSON; or of an array the
    values that are whole there.
    """
    text = "\n".join(lines)
    if is_array(text):
        return list(_whole_values(text.lstrip(BLANKS + BOM)))
    return [_value(line) for line in lines if line.strip()]


def _whole_values(text: str) -> Iterator:
    """Those of an array, up to the first that is cut off."""
    place, decode = 1, json.JSONDecoder().raw_decode
    with suppress(ValueError, RecursionError):
        while True:
            value, end = decode(text, _after_blanks(text, place))
            yield value
            place = _after_blanks(text, end) + 1  # behind the comma


def _value(line: str):
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def object_lines(path: str, encoding: str) -> Iterator[tuple[int, str]]:
    """Each line, or each value of an array, as it is written, and the line that it begins on, but blank lines."""
    begun = False
    for at, line in enumerate(row_lines(path, encoding), 1):
        if not line.strip():
            continue
        if not begun and line.lstrip().startswith("["):
            yield from _values(path, encoding)
            return
        begun = True
        yield at, line


def _values(path: str, encoding: str) -> Iterator[tuple[int, str]]:
    """Those of an array."""
    text, decode = "".join(text_blocks(path, encoding)), json.JSONDecoder().raw_decode
    place, line, before = text.index("[") + 1, 1, 0
    expected = "objects with commas between them, and ] behind the last one"
    while True:
        place = _after_blanks(text, place)
        line, before = line + text.count("\n", before, place), place
        try:
            end = decode(text, place)[1]
        except (ValueError, RecursionError) as error:
            if text[place : place + 1] == "]":
                break
            raise RnncliError(f"{display(path)}:{line}: not JSON ({error}), expected {expected}") from None
        yield line, text[place:end]
        place = _after_blanks(text, end)
        if text[place : place + 1] != ",":
            break
        place += 1
    if text[place:].strip() != "]":
        line += text.count("\n", before, place)
        found = text[place : place + 20].strip() or "the end of the file"
        raise RnncliError(f"{display(path)}:{line}: {found!r}, expected {expected}")


def _after_blanks(text: str, place: int) -> int:
    while text[place : place + 1] in BLANKS and place < len(text):
        place += 1
    return place
