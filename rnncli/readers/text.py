"""Text: a stream per file (`text`), or a sequence per line (`lines`), as characters or bytes."""

from collections.abc import Iterable, Iterator

import numpy as np

from rnncli.errors import RnncliError
from rnncli.readers.source import byte_blocks, display, text_blocks
from rnncli.sequences import Sequences, Spool, Vocabulary

NEWLINE = 10


def read_codes(path: str, tokens: str, encoding: str) -> Iterator[np.ndarray]:
    """Code points, or bytes, of a file in blocks."""
    if tokens == "byte":
        for block in byte_blocks(path):
            yield np.frombuffer(block, np.uint8)
    else:
        for text in text_blocks(path, encoding):
            if text:
                yield codes_of(text)


def codes_of(text: str) -> np.ndarray:
    """The code points of a string in the smallest type that holds them."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    top = int(codes.max(initial=0))
    return codes.astype(np.uint8 if top < 1 << 8 else np.uint16 if top < 1 << 16 else np.uint32)


def read_text(paths: Iterable[str], form: str, tokens: str, encoding: str) -> tuple[Spool, list[int]]:
    """All files as one spool of codes, and where each sequence starts."""
    spool, offsets = Spool(), []
    for path in paths:
        before = len(spool)
        starts_line = True
        if form != "lines":
            offsets.append(before)
        for codes in read_codes(path, tokens, encoding):
            if form == "lines":
                ends = np.flatnonzero(codes == NEWLINE) + 1
                begins = ends[ends < codes.size] if not starts_line else np.append(0, ends[ends < codes.size])
                offsets.extend((begins + len(spool)).tolist())
                starts_line = codes[-1] == NEWLINE
            spool.append(codes)
        if len(spool) == before:
            raise RnncliError(f"{display(path)}: empty, expected text")
        if form == "lines" and not starts_line:
            spool.append(np.array([NEWLINE], np.uint8))
    return spool, offsets


def language_sequences(
    paths: list[str], form: str, tokens: str, encoding: str, vocabulary: Vocabulary | None, min_count: int
) -> tuple[Sequences, Vocabulary]:
    """Read the files; with a vocabulary encode by it, else make one of the codes seen at least `min_count` times."""
    spool, offsets = read_text(paths, form, tokens, encoding)
    if vocabulary is None:
        vocabulary = Vocabulary.of_bytes() if tokens == "byte" else Vocabulary.of_counts(spool.counts, min_count)
    return Sequences(spool.map(vocabulary.encode_codes, vocabulary.dtype), offsets), vocabulary
