"""Texts of a language model piece by piece, encoded by its vocabulary.

The tokens are those of readers/text.py, in memory that does not grow with the file.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Vocabulary
from rnncli.errors import RnncliError
from rnncli.readers import records
from rnncli.readers.form import Form
from rnncli.readers.source import display
from rnncli.readers.text import CODES, TOGETHER, codes_of_records

SIZE = 1 << 18  # tokens of whole lines, of a few more


def language_pieces(path: str, form: Form, tokens: str, encoding: str, vocabulary: Vocabulary) -> Iterator[Sequences]:
    """Whole lines or records of a file; of a text parts of its one sequence. RnncliError for a file without tokens."""
    codes, read = CODES[tokens](), {"text": _of_text, "lines": _of_lines}.get(form.name)
    if read:
        pieces = read(codes, codes.blocks(path, encoding, iter), vocabulary)
    else:
        groups = records.groups_of(codes.texts(path, form, encoding, True), TOGETHER)
        pieces = _of_records(codes, groups, vocabulary)
    empty = True
    for sequences in pieces:
        empty = False
        yield sequences
    if empty:
        raise RnncliError(f"{display(path)}: empty, expected text")


def _of_text(codes: Any, blocks: Iterable[np.ndarray], vocabulary: Vocabulary) -> Iterator[Sequences]:
    for block in blocks:
        yield Sequences(_encoded(codes, block, vocabulary), np.zeros(1, np.int64))


def _of_lines(codes: Any, blocks: Iterable[np.ndarray], vocabulary: Vocabulary) -> Iterator[Sequences]:
    """Each with its end, which the last one may lack in the file."""
    ids, ends, size = [], [np.zeros(1, np.int64)], 0
    for block in blocks:
        ends.append(size + 1 + np.flatnonzero(block == codes.newline))
        ids.append(_encoded(codes, block, vocabulary))
        size += len(block)
        if size >= SIZE and (cut := int(ends[-1][-1]) if len(ends[-1]) else 0):
            whole = np.concatenate(ids)
            yield Sequences(whole[:cut], np.concatenate(ends)[:-1])
            ids, ends, size = [whole[cut:]], [np.zeros(1, np.int64)], size - cut
    if size:
        starts = np.concatenate(ends)
        if starts[-1] < size:
            ids.append(_encoded(codes, np.array([codes.newline]), vocabulary))
        yield Sequences(np.concatenate(ids), starts[starts < size])


def _of_records(codes: Any, groups: Iterable[list], vocabulary: Vocabulary) -> Iterator[Sequences]:
    for group in groups:
        block, starts, _ = codes_of_records(codes, group)
        yield Sequences(_encoded(codes, block, vocabulary), starts)


def _encoded(codes: Any, block: np.ndarray, vocabulary: Vocabulary) -> np.ndarray:
    """The ids of a block; the next one may number its words anew."""
    ids = codes.encoder(vocabulary)(block)
    codes.forget()
    return ids
