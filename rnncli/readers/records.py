"""Texts of a language model that are records, a sequence each: under a key of JSON lines, in a column of a table,
blocks between empty lines, or sequences of FASTA.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import AnyStr

from rnncli.data.columns import Roles
from rnncli.errors import RnncliError
from rnncli.readers import sniff
from rnncli.readers.documents import object_in
from rnncli.readers.fasta import sequences
from rnncli.readers.fasttext import watched
from rnncli.readers.form import Form
from rnncli.readers.longest import Longest, too_long
from rnncli.readers.quoting import is_quoted
from rnncli.readers.source import byte_blocks, display, lines_of, reopenable, text_blocks, text_lines


def texts(
    path: str, form: Form, encoding: str, trained: bool, follow: bool = False, keep: bool = True
) -> Iterator[str]:
    """Record by record. With `trained` the form is that of a model, which the file may differ from: columns in another
    order, bare texts on lines.
    """
    if form.name == "blocks":
        yield from blocks(path, _lines(path, encoding, trained, follow, keep), "\n")
    elif form.name == "fasta":
        yield from sequences(path, _lines(path, encoding, trained, follow, keep))
    elif form.name == "jsonl":
        expected = f"expected {{{json.dumps(form.text, ensure_ascii=False)}: a text}}"
        expected += ", as in training; --prompt TEXT is a bare one" if trained else ""
        yield from _of_json(path, form.text, _lines(path, encoding, trained, follow, keep), expected)
    else:
        yield from _of_table(path, form, encoding, trained)


def whole(path: str, form: Form, encoding: str, trained: bool) -> Iterator[str]:
    """The texts of a file that stand for themselves: all of it, each line that is not empty, or each record."""
    if form.name == "text":
        yield "".join(text_blocks(path, encoding))
    elif form.name == "lines":
        yield from filter(str.strip, text_lines(path, encoding))
    else:
        yield from texts(path, form, encoding, trained)


def byte_texts(
    path: str, form: Form, encoding: str, trained: bool, follow: bool = False, keep: bool = True
) -> Iterator[bytes]:
    """The same as bytes: blocks as they stand in the file, others in UTF-8."""
    if form.name == "blocks":
        read = byte_blocks(path, follow, keep)
        lines = lines_of(read if trained else watched(path, read), b"", b"\n", path)
        for block in blocks(path, lines, b"\n"):
            yield block.removesuffix(b"\r")
    else:
        for text in texts(path, form, encoding, trained, follow, keep):
            yield text.encode("utf-8", "surrogatepass")


def _lines(path: str, encoding: str, trained: bool, follow: bool, keep: bool) -> Iterator[str]:
    read = text_blocks(path, encoding, follow, keep)
    return lines_of(read if trained else watched(path, read), "", "\n", path)


def blocks(path: str, lines: Iterable, end: AnyStr) -> Iterator:
    """Lines up to an empty one, or one of white space alone, joined by `end`."""
    block, length = [], 0
    for at, line in enumerate(lines, 1):
        if line.strip():
            block.append(line)
            length += len(line) + 1
            if length > Longest.line:
                raise too_long(display(path), at, "a record", "end records by empty lines")
        elif block:
            yield end.join(block)
            block, length = [], 0
    if block:
        yield end.join(block)


def _of_json(path: str, key: str, lines: Iterable[str], expected: str) -> Iterator[str]:
    first = 0  # line that is not empty
    for at, line in enumerate(lines, 1):
        if not line.strip():
            continue
        first = first or at
        text = object_in(path, at, line, key, at == first, expected)[key]
        if not isinstance(text, str):
            raise RnncliError(f"{display(path)}:{at}: {key} is {sniff.shortened(json.dumps(text))}, {expected}")
        yield text


def _of_table(path: str, form: Form, encoding: str, trained: bool) -> Iterator[str]:
    from rnncli.readers.labelled import Meaning, records
    from rnncli.readers.parquet import is_parquet

    if trained and form.separator and not is_parquet(reopenable(path)):
        form = replace(form, quoted=is_quoted(path, encoding, form.separator))
    meaning = Meaning.of(form, Roles(text=form.text), "language", () if trained else None)
    for record in records(path, meaning, encoding):
        if trained or record.line.strip() or len(form.columns) > 1:
            yield record.text


def groups_of(texts: Iterable, size: int) -> Iterator[list]:
    """Lists of consecutive texts of about so many tokens; an error in the input comes after the texts before it."""
    group, length, failure = [], 0, None
    try:
        for text in texts:
            group.append(text)
            length += len(text) + 1
            if length >= size:
                yield group
                group, length = [], 0
    except RnncliError as error:
        failure = error
    if group:
        yield group
    if failure:
        raise failure
