"""Words with embeddings: the spelling that shares one, and the hashed n-grams of the bytes of each."""

import re
from zlib import crc32

import numpy as np

GRAMS = (1, 5)  # shortest and longest n-gram of the bytes of a word, its ends marked
DIGIT = re.compile(r"\d")


def normal_word(word: str) -> str:
    """What words share an embedding: lower case, all digits alike."""
    return DIGIT.sub("0", word.lower())


def word_grams(words: list[str], buckets: int) -> tuple[np.ndarray, np.ndarray]:
    """(bounds, n-grams) of each word: hashes of the n-grams of its bytes, the word's ends marked, below `buckets`.

    As Bojanowski et al. 2017, arXiv 1607.04606, but of bytes in place of characters.
    """
    bounds, grams = [0], []
    least, most = GRAMS
    for word in words:
        marked = f"<{word}>".encode("utf-8", "replace")[:64]
        grams += [
            crc32(marked[i : i + n]) % buckets for n in range(least, most + 1) for i in range(len(marked) - n + 1)
        ]
        bounds.append(len(grams))
    return np.array(bounds, np.int32), np.array(grams, np.int32)
