"""Texts as numbered tokens: by their first appearance, and the columns of several files as one."""

import numpy as np
import pytest

from rnncli.readers.text_codes import code_texts, merge


@pytest.mark.parametrize("tokens", ["char", "byte", "word"])
def test_tokens_are_numbered_as_they_first_appear(tokens):
    given = ["baé b", "", "don't — b😀"]
    expected = {
        "char": [list("baé b"), ["\n"], list("don't — b😀")],
        "byte": [[chr(b) for b in text.encode()] or ["\n"] for text in given],
        "word": [["baé", "b"], ["\n"], ["don", "'", "t", "—", "b", "😀"]],
    }[tokens]
    coded, offsets = code_texts(given, tokens)
    flat = [token for text in expected for token in text]
    assert coded.texts() == flat
    assert coded.symbols == list(dict.fromkeys(flat))
    assert np.diff(offsets).tolist() == list(map(len, expected))
    assert (offsets.dtype, coded.codes.dtype) == (np.int64, np.int32)


def test_merged_columns_have_the_symbols_of_all():
    one, _ = code_texts(["ab"], "char")
    two, _ = code_texts(["cb"], "char")
    two.codes[0] = -1
    both = merge([one, two])
    assert (both.texts(), both.symbols) == (["a", "b", None, "b"], ["a", "b", "c"])
