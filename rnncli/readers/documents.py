"""JSON that is not JSON lines, an array of objects or an object over several lines: refused with what mends it."""

import json
import re
from typing import Any

from rnncli.errors import RnncliError
from rnncli.readers.naming import listed
from rnncli.readers.source import display

MARKS = b" \t\r\n\xef\xbb\xbf\xff\xfe"  # blanks, and byte order marks
BEGINS = re.compile(r'\s*(\[\s*)?\{\s*"(?:[^"\\]|\\.)*"\s*:')  # an object with a key, or an array of such

ARRAY = re.compile(r'"([A-Za-z_]\w*)"\s*:\s*\[\s*\{')  # a key of an array of objects


def is_json(extension: str, head: bytes) -> bool:
    """Whether a file called `.json` begins as JSON does."""
    return extension == "json" and head.replace(b"\0", b"").lstrip(MARKS)[:1] in (b"{", b"[")


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, for `object_pairs_hook`; ValueError if a key stands in it twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)} twice")
    return found


STRICT = json.JSONDecoder(object_pairs_hook=unique_keys)


def object_in(path: str, at: int, line: str, key: str, first: bool, expected: str) -> dict:
    """The object of a line, which has the key; `first`: nothing stands before it, so that it may begin a document."""
    place, value = f"{display(path)}:{at}", None
    try:
        value = STRICT.decode(line)
        wrong = ""
    except (ValueError, RecursionError) as error:
        wrong = f"not JSON ({str(error).partition(';')[0]})"  # what Python advises about long numbers is for programs
    if not wrong and isinstance(value, dict) and key in value:
        return value
    refuse_documents(path, [""] * (at - 1) + [line], first)
    keys = f" among the keys {listed(tuple(value))}" if isinstance(value, dict) and value else ""
    raise RnncliError(f"{place}: {wrong or f'no {key}{keys}'}, {expected}")


def refuse_documents(path: str, lines: list[str], surely: bool, or_else: str = "") -> None:
    """RnncliError for a file that begins so. `surely`: it is to be JSON; else only what cannot be anything else is.
    `or_else` is what else can be done about it.
    """
    at, first = next(((at, line) for at, line in enumerate(lines, 1) if line.strip()), (1, ""))
    if first.lstrip()[:1] not in ("[", "{"):
        return
    whole, ends = None, False
    try:
        whole = json.loads(first)
    except json.JSONDecodeError as error:
        ends = error.pos >= len(first.rstrip())  # it goes on in the next line
    except (ValueError, RecursionError):  # a number too long
        return
    begins = BEGINS.match("\n".join(lines[at - 1 :]))
    place, or_else = f"{display(path)}:{at}", or_else and f"; {or_else}"
    command = f"{'FILE' if display(path).startswith('<') else display(path)} | rnncli .. -"
    if isinstance(whole, list) and surely or begins and begins[1] or surely and ends and first.lstrip()[0] == "[":
        objects = not whole or isinstance(whole[0], dict)
        mend = f": jq -c '.[]' {command} converts it to lines" if objects else ""
        raise RnncliError(f"{place}: a JSON array, expected an object on each line{mend}{or_else}")
    alone = isinstance(whole, dict) and not any(map(str.strip, lines[at:]))
    if alone and surely and (inside := ARRAY.search(first)):
        mend = f": jq -c '.{inside[1]}[]' {command} makes a line of each of its {inside[1]}"
        raise RnncliError(f"{place}: one JSON object with a list of objects, expected one on each line{mend}{or_else}")
    if whole is None and (begins or surely) and ends:
        inside = ARRAY.search("\n".join(lines))
        one = f"jq -c '.{inside[1]}[]' {command} makes a line of each of its {inside[1]}" if inside else ""
        mend = one or f"jq -c . {command} puts it on one line"
        raise RnncliError(f"{place}: a JSON object over several lines, expected one on each line: {mend}{or_else}")
