"""Blocks that another thread reads ahead: the same, with the same error; left half-way, its end is not awaited."""

from threading import Event

import pytest

from rnncli.readers.prefetch import ahead


def test_the_same_blocks_and_then_the_same_error():
    def blocks():
        yield from "ab"
        raise ValueError("cut")

    assert list(ahead("abc")) == list("abc") and list(ahead(())) == []
    found = ahead(blocks())
    assert [next(found), next(found)] == ["a", "b"]
    with pytest.raises(ValueError, match="cut"):
        next(found)


def test_its_own_thread_may_end_it():
    """As when garbage is collected there."""
    left, ended, wrong = Event(), Event(), []

    def blocks():
        yield "a"
        left.wait(5)
        try:
            found.close()
        except RuntimeError as error:
            wrong.append(error)
        ended.set()

    found = ahead(blocks())
    assert next(found) == "a"
    left.set()
    assert ended.wait(5) and not wrong
