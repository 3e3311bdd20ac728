"""What grows block by block: codes of texts, in memory and in a file."""

import io

import numpy as np
import pytest

from rnncli.process import spool as spools
from rnncli.process.spool import CodeSpool


def blocks():
    rng = np.random.default_rng(0)
    return [
        rng.integers(0, 90, size).astype(dtype) for size, dtype in ((50, np.uint8), (7, np.uint32), (80, np.uint16))
    ]


@pytest.mark.parametrize("in_memory", [spools.IN_MEMORY, 60])
def test_a_spool_gives_back_its_blocks_from_memory_and_from_a_file(in_memory, monkeypatch):
    monkeypatch.setattr(spools, "IN_MEMORY", in_memory)
    monkeypatch.setattr(spools, "COUNTED", in_memory)  # some blocks wait to the end
    spool, everything = CodeSpool(), np.concatenate(blocks())
    for block in blocks():
        spool.append(block)
    assert len(spool) == everything.size
    assert spool.counts.tolist() == [int((everything == code).sum()) for code in range(everything.max() + 1)]
    assert isinstance(spool.raw.file, io.BytesIO) != (in_memory == 60)
    mapped = spool.map(lambda block: block + 1, np.uint16)
    np.testing.assert_array_equal(mapped, everything + 1)
    assert mapped.dtype == np.uint16
    assert isinstance(mapped, np.memmap) == (in_memory == 60)


def test_an_empty_spool_is_an_empty_array():
    assert len(CodeSpool()) == 0
    assert CodeSpool().map(lambda block: block, np.uint8).size == 0
