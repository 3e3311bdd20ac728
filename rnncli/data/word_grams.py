"""Words with embeddings: the spelling that shares one, and the hashed n-grams of each."""

import re
from collections.abc import Iterator
from itertools import groupby
from zlib import crc32

import numpy as np

GRAMS = (1, 5)  # shortest and longest n-gram of a word, its ends marked
LONGEST = 64  # bytes or characters of a word that are looked at
#: times that the shape of a word, its first 4 and its last 3, 4 and 5 characters count, where words are tagged: by
#: these a new word is told
SHAPES, ENDS = 8, 2
DIGIT = re.compile(r"\d")


def normal_word(word: str) -> str:
    """What words share an embedding: lower case, all digits alike."""
    return DIGIT.sub("0", word.lower())


def shape_of(word: str) -> str:
    """Runs of capitals as X, of other letters as x, of digits as d, all else as it is: Xx of Rome, d:d of 10:30."""
    kinds = ("X" if c.isupper() else "x" if c.isalpha() else "d" if c.isdigit() else c for c in word)
    return "".join(kind for kind, _ in groupby(kinds))


def word_grams(words: list[str], buckets: int, shaped: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(bounds, n-grams) of each word: hashes of its n-grams, the word's ends marked, below `buckets`.

    They are of its bytes as it is written; `shaped`: of the characters of its normal form, beside which its shape and
    its ends stand several times. As Bojanowski et al. 2017, arXiv 1607.04606, who have characters alone.
    """
    bounds, grams = [0], []
    for word in words:
        grams += [crc32(gram) % buckets for gram in (_of_shape(word) if shaped else _of_bytes(word))]
        bounds.append(len(grams))
    return np.array(bounds, np.int32), np.array(grams, np.int32)


def _of_bytes(word: str) -> Iterator[bytes]:
    marked = f"<{word}>".encode("utf-8", "replace")[:LONGEST]
    least, most = GRAMS
    return (marked[i : i + n] for n in range(least, most + 1) for i in range(len(marked) - n + 1))


def _of_shape(word: str) -> Iterator[bytes]:
    whole = f"<{normal_word(word)}>"
    marked, (least, most) = whole[:LONGEST], GRAMS
    grams = [marked[i : i + n] for n in range(least, most + 1) for i in range(len(marked) - n + 1)]
    shapes = min(SHAPES, len(grams) // 3)  # of a word of two characters they would be most of all
    grams += [f"\1{shape_of(word)}"] * shapes
    grams += [end for end in (whole[:4], whole[-3:], whole[-4:], whole[-5:]) if len(end) < len(whole)] * ENDS
    return (gram.encode("utf-8", "replace") for gram in grams)
