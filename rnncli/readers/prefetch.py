"""Work ahead: the next block is read by another thread while this one parses the last."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor


def ahead(blocks: Iterable) -> Iterator:
    """The same blocks, of which none is None, and at the end the same error."""
    blocks = iter(blocks)
    reader = ThreadPoolExecutor(1, "rnncli-reader")
    try:
        following = reader.submit(next, blocks, None)
        while (block := following.result()) is not None:
            following = reader.submit(next, blocks, None)
            yield block
    finally:
        reader.shutdown(wait=False)  # left half-way, this may be collected by its own thread, which can't await itself
