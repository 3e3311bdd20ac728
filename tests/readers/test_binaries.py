"""Files that are no text are named, as what they are; their zero bytes looked like those of other encodings."""

import sqlite3

import numpy as np
import polars as pl
import pytest

from rnncli.errors import RnncliError
from rnncli.readers.source import text_blocks
from tests.readers.helpers import message

FRAME = pl.DataFrame({"t": range(50), "y": [0.5 * i for i in range(50)]})


def _database(path):
    with sqlite3.connect(path) as connection:
        connection.execute("create table level (t integer, y real)")
        connection.executemany("insert into level values (?, ?)", FRAME.rows())
    connection.close()


FILES = {
    "an Arrow or Feather file": FRAME.write_ipc,
    "a stream of Arrow": FRAME.write_ipc_stream,
    "an Avro file": FRAME.write_avro,
    "a database of SQLite": _database,
    "a pickle of Python": lambda path: path.write_bytes(b"\x80\x04\x95\x10\0\0\0\0\0\0\0" + bytes(100)),
    "an HDF5 file": lambda path: path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200)),
    "a tar archive": lambda path: path.write_bytes(b"a.csv".ljust(257, b"\0") + b"ustar" + bytes(250)),
    "an ORC file": lambda path: path.write_bytes(b"ORC\n\x07" + b"y,a\n" * 300 + bytes(9)),
    "a picture": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100)),
}


@pytest.mark.parametrize("what", FILES)
def test_what_is_no_text_is_named(tmp_path, what):
    path = tmp_path / "data.csv"
    FILES[what](path)
    said = message(str(path), task="forecast")
    with pytest.raises(RnncliError, match=f": {what}, not text: "):  # as a language model reads it
        list(text_blocks(str(path), "utf-8"))
    assert f": {what}, not text: " in said
    assert "encoding" not in said
    assert f": {what}, not text: " in message(str(path), task="forecast", targets=("level",))


def test_a_text_in_another_encoding_still_is_told_which(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(np.char.encode("t,y\n1,2\n3,4\n" * 20, "utf-16-le").item())
    assert message(str(path), task="forecast").endswith("a zero byte, so this is not text: try --encoding utf-16-le")
