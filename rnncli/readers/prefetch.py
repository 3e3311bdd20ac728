"""Work ahead: the next block is read by another thread while this one parses the last."""

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress

AHEAD = 2  # blocks


def ahead(blocks: Iterable) -> Iterator:
    """The same blocks, and at the end the same error."""
    waiting: queue.Queue = queue.Queue(AHEAD)
    stop = threading.Event()

    def put(item) -> None:
        while not stop.is_set():
            with suppress(queue.Full):
                waiting.put(item, timeout=0.1)
                break

    def work():
        try:
            for block in blocks:
                if stop.is_set():
                    return
                put((block, None))
            put((None, None))
        except BaseException as error:  # handed to the reader
            put((None, error))

    threading.Thread(target=work, name="rnncli-reader", daemon=True).start()
    try:
        while True:
            block, error = waiting.get()
            if error is not None:
                raise error
            if block is None:
                return
            yield block
    finally:
        stop.set()
