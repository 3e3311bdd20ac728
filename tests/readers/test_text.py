"""Readers: bytes of files to text, lines and sequences; blocks may end anywhere."""

import bz2
import gzip
import os
import sys

import numpy as np
import pytest

from rnncli.errors import Notes, RnncliError, UsageError
from rnncli.readers import text
from rnncli.readers.source import byte_blocks, byte_lines, text_blocks, text_lines
from rnncli.readers.text import ByteCodes, CharacterCodes, language_sequences
from tests.readers.helpers import form_of

TRICKY = "é\r\n\r\nnaïve 😀\rlone CR\n\n\tend\u2028same line\x85same\x0bline ☃\r"
NORMAL = TRICKY.replace("\r\n", "\n")
SIZES = range(1, 9)
FILE = "file.txt"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "UTF8", "utf-8-sig", "utf-16", "UTF_16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_text_is_the_same_wherever_a_block_ends(file, blocks_of, encoding):
    path = file(TRICKY.encode(encoding))
    for size in SIZES:
        blocks_of(size)
        assert "".join(text_blocks(path, encoding)) == NORMAL, size


def test_an_old_encoding_is_read_by_its_name(file):
    assert "".join(text_blocks(file("Zoé\r\n".encode("latin-1")), "latin-1")) == "Zoé\n"


def test_a_byte_order_mark_is_dropped_at_the_beginning_of_a_file_only(file, blocks_of):
    path = file(b"\xef\xbb\xbfone\n\xef\xbb\xbftwo\n")
    for size in SIZES:
        blocks_of(size)
        assert "".join(text_blocks(path, "utf-8")) == "one\n\ufefftwo\n"
    assert list(text_lines(path, "utf-8")) == ["one", "\ufefftwo"]


def test_blocks_of_bytes_are_the_file_as_it_is(file, blocks_of):
    content = bytes(range(256)) + b"\r\n\r\0\n"
    path = file(content)
    for size in (1, 7, 1000):
        blocks_of(size)
        blocks = list(byte_blocks(path))
        assert b"".join(blocks) == content
        assert max(map(len, blocks)) <= size


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_come_without_their_ends_and_only_line_ends_end_them(file, end):
    lines = ["é", "", "naïve 😀", "\u2028 and \x85 and \x0b are no line ends", " blank at both sides ", ""]
    path = file(end.join(lines) + end)
    assert list(text_lines(path, "utf-8")) == lines
    assert list(text_lines(file(end.join(lines) + end + "rest"), "utf-8")) == [*lines, "rest"]


def test_lines_of_bytes_keep_everything_but_the_line_feed(file):
    path = file(b"\xff\0\r\n\n\tx \nlast")
    assert list(byte_lines(path)) == [b"\xff\0\r", b"", b"\tx ", b"last"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_lines_in_utf_16_are_the_lines_of_the_text(file, encoding):
    lines = ["one", "", "Ċ has a 0x0A byte", "two"]
    assert list(text_lines(file("".join(f"{line}\n" for line in lines).encode(encoding)), encoding)) == lines


@pytest.mark.parametrize("content", ["one\rtwo\r\nthree\n\r\n\r", "\r\r\n\n", "a\r\r\nb", "\n\r"])
def test_lines_end_at_lf_and_crlf_only_as_wc_counts_them(file, blocks_of, content):
    path = file(content)
    lines = [line.removesuffix("\r") for line in content.split("\n")[:-1]] + [content.split("\n")[-1]] * (
        content[-1] != "\n"
    )
    for size in SIZES:
        blocks_of(size)
        assert list(text_lines(path, "utf-8")) == list(text_lines(path, "utf-8", keep=False)) == lines


def test_lines_of_an_old_mac_are_read_with_a_note_and_are_one_line_where_a_stream_is_not_looked_at(file, said):
    path = file("one\rtwo\rthree\r")
    assert list(text_lines(path, "utf-8")) == ["one", "two", "three"]
    assert list(text_lines(path, "utf-8", keep=False)) == ["one\rtwo\rthree\r"]
    assert len(said) == 2
    assert "no LF" in said[0]
    assert "3 lone CR" in said[1]
    assert f"tr '\\r' '\\n' < {path}" in said[1]


@pytest.mark.parametrize(
    ("lines", "line"),
    [(lambda: text_lines("-", "utf-8", keep=False), "é"), (lambda: byte_lines("-", keep=False), "é".encode())],
    ids=["text", "bytes"],
)
def test_lines_are_there_as_soon_as_they_are_written(monkeypatch, lines, line):
    ours, theirs = os.pipe()
    with open(ours) as stdin, open(theirs, "wb", buffering=0) as writer:
        monkeypatch.setattr(sys, "stdin", stdin)
        reader = lines()
        for _ in range(3):
            writer.write("é\n".encode())
            assert next(reader) == line  # or it would wait for ever


def test_stdin_is_read_packed_or_not(stdin):
    content = "one\ntwo é\n".encode()
    for sent in (content, gzip.compress(content, mtime=0)):
        stdin(sent)
        assert b"".join(byte_blocks("-")) == content
        stdin(sent)
        assert list(text_lines("-", "utf-8")) == ["one", "two é"]


def test_gzip_is_known_by_its_content_whatever_the_name(file, blocks_of):
    content = "zipped é\n" * 50
    path = file(
        gzip.compress(content[:100].encode(), mtime=0) + gzip.compress(content[100:].encode(), mtime=0), "plain.txt"
    )
    for size in (1, 64, 100_000):
        blocks_of(size)
        assert "".join(text_blocks(path, "utf-8")) == content
    assert "".join(text_blocks(file("not zipped\n", "x.gz"), "utf-8")) == "not zipped\n"


@pytest.mark.parametrize("reader", [lambda path: text_blocks(path, "utf-8"), lambda path: text_lines(path, "utf-8")])
@pytest.mark.parametrize("bad", [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xe2\x98\n"])
def test_bytes_that_are_not_of_the_encoding_are_named_with_their_line(file, blocks_of, reader, bad):
    path = file("é\n\nthird ☃\nfourth ".encode() + bad + b" more\nfifth\n")
    for size in (*SIZES, 1000):
        blocks_of(size)
        with pytest.raises(RnncliError) as caught:
            list(reader(path))
        assert str(caught.value).startswith(f"{path}:4: not utf-8 "), size
        assert caught.value.exit_code == 1


def test_a_character_cut_off_at_the_end_is_an_error_of_the_last_line(file, blocks_of):
    path = file(b"one\ntwo \xe2\x98")
    for size in (*SIZES, 1000):
        blocks_of(size)
        for reader in (text_blocks, text_lines):
            with pytest.raises(RnncliError, match=r"file\.txt:2: not utf-8"):
                list(reader(path, "utf-8"))


def test_a_zero_byte_in_text_is_named_with_its_line(file, blocks_of):
    path = file(b"one\ntwo\nthr\0ee\n")
    for size in (*SIZES, 1000):
        blocks_of(size)
        with pytest.raises(RnncliError, match=r"file\.txt:3: a zero byte.*--tokens byte"):
            list(text_blocks(path, "utf-8"))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_wide_encoding_that_nobody_says_is_named_before_anything_is_made_of_it(file, encoding):
    letters = {"t.csv": "t,v\n1,2\n", "t.tsv": "kind\ttext\nä\tñandú\n", "t.conll": "Ünal B-PER\nist O\n\n"}
    letters |= {"t.jsonl": '{"x": "é", "y": "a"}\n', "r.tsv": "вид\tтекст\nда\tнет слова\n"}
    for name, lines in letters.items():
        path = file((lines * 20).encode(encoding), name)
        kinds = [{"label": "kind"}, {"targets": ("v",)}] if name.endswith(("csv", "tsv")) else [{}]
        for said in ("utf-8", encoding[:6], "latin-1"):
            for roles in kinds:
                with pytest.raises(RnncliError, match=f"{name}.*: try --encoding {encoding}$"):
                    form_of(path, "auto" if roles else "tag", encoding=said, **roles)


@pytest.mark.parametrize("encoding", ["utf16", "UTF32", "U16"])
def test_wide_encodings_are_known_by_their_other_names(file, encoding):
    assert "".join(text_blocks(file("zero bytes\n".encode(encoding)), encoding)) == "zero bytes\n"


def test_an_encoding_that_does_not_exist_is_wrong_usage(file):
    for reader in (text_blocks, text_lines):
        with pytest.raises(UsageError, match="--encoding klingon"):
            list(reader(file("text\n"), "klingon"))


@pytest.mark.parametrize("encoding", ["hex", "rot13", "undefined", "zlib"])
def test_a_codec_that_makes_no_text_is_wrong_usage(file, encoding):
    for reader in (text_blocks, text_lines):
        with pytest.raises(UsageError, match="--encoding"):
            list(reader(file("text\n"), encoding))


@pytest.mark.parametrize("form", ["text", "blocks"])
def test_endless_different_words_are_refused(file, monkeypatch, form):
    path = file("".join(f"a{i} b\n" for i in range(40)).encode())
    monkeypatch.setattr(text, "MOST_WORDS", 45)
    assert len(language_sequences([path], form, "word", "utf-8", None)[1]) == 43 + (form == "blocks")  # their end
    monkeypatch.setattr(text, "MOST_WORDS", 30)
    with pytest.raises(RnncliError, match="more than 30 different words: use --tokens char"):
        language_sequences([path], form, "word", "utf-8", None)


@pytest.mark.parametrize("cut", [2, 20, -9, -1])
def test_damaged_gzip_data_is_named(file, cut):
    path = file(gzip.compress(b"some text that is packed\n" * 40, mtime=0)[:cut])
    for reader in (byte_blocks, byte_lines):
        with pytest.raises(RnncliError, match=r"file\.txt: damaged gzip data"):
            list(reader(path))


def test_gzip_data_with_a_wrong_checksum_is_named(file):
    packed = bytearray(gzip.compress(b"some text that is packed\n" * 40, mtime=0))
    packed[-6] ^= 1
    with pytest.raises(RnncliError, match="damaged gzip data"):
        list(byte_blocks(file(bytes(packed))))


def test_what_cannot_be_opened_is_named_with_the_reason(tmp_path):
    for path, reason in ((tmp_path / "missing.txt", "no such file"), (tmp_path, "is a directory")):
        with pytest.raises(RnncliError, match=reason) as caught:
            list(byte_blocks(str(path)))
        assert str(caught.value).startswith(f"{path}: ")


def sequences_of(paths, form, tokens="char"):
    """The sequences as strings."""
    sequences, vocabulary = language_sequences(paths, form, tokens, "utf-8", None, 1)
    cuts = sequences.offsets.tolist()
    return [vocabulary.decode(sequences.tokens[begin:end]).decode() for begin, end in zip(cuts, cuts[1:], strict=False)]


def test_a_sequence_is_a_line_with_its_end_wherever_a_block_ends(file, blocks_of):
    path = file("one\r\n\r\n\nfour é\nno end")
    for size in (*SIZES, 1000):
        blocks_of(size)
        assert sequences_of([path], "lines") == ["one\n", "\n", "\n", "four é\n", "no end\n"], size


def test_a_sequence_is_a_whole_file_for_streams(file, blocks_of):
    paths = [file("one\ntwo", "a"), file("three\n", "b")]
    for size in (1, 3, 1000):
        blocks_of(size)
        assert sequences_of(paths, "text") == ["one\ntwo", "three\n"]
        assert sequences_of(paths, "lines") == ["one\n", "two\n", "three\n"]
        assert sequences_of(paths, "lines", "byte") == ["one\n", "two\n", "three\n"]


def test_codes_are_code_points_or_bytes(file):
    path = file("aé😀\r\n")
    assert np.concatenate(list(CharacterCodes().blocks(path, "utf-8", iter))).tolist() == [97, 233, 0x1F600, 10]
    assert np.concatenate(list(ByteCodes().blocks(path, "utf-8", iter))).tobytes() == "aé😀\r\n".encode()


def test_words_are_the_same_whatever_the_blocks(file, blocks_of):
    text = "one two\tthree\n\n  four one\r\nfive"
    path = file(text)
    for size in (1, 3, 1000):
        blocks_of(size)
        for form, lines in (("text", 1), ("lines", 4)):
            data, vocabulary = language_sequences([path], form, "word", "utf-8", None)
            assert len(data) == lines
            end = "\n" if form == "lines" else ""
            assert vocabulary.decode(data.tokens).decode() == "one two three\n\nfour one\nfive" + end
        again, _ = language_sequences([path], "text", "word", "utf-8", vocabulary)
        np.testing.assert_array_equal(again.tokens, vocabulary.encode(text.replace("\r", "")))


def test_an_empty_file_among_others_is_named(file):
    with pytest.raises(RnncliError, match="nothing: empty"):
        language_sequences([file("text\n", "a"), file("", "nothing")], "text", "char", "utf-8", None)


def test_a_file_that_is_emptied_while_it_is_followed_is_read_from_its_beginning_again(file):
    path, said = file("one\ntw"), []
    Notes.begin(said.append)
    lines = text_lines(path, "utf-8", follow=True)
    assert next(lines) == "one"
    file("six\n")
    assert [next(lines), next(lines)] == ["tw", "six"]
    assert said == [f"{path}: has become shorter: read from its beginning again"]


def test_data_that_are_packed_twice_are_refused(file):
    path = file(gzip.compress(bz2.compress(b"text\n")))
    with pytest.raises(
        RnncliError, match=r"file\.txt: compressed twice, bzip2 in gzip: gzip -dc .*file\.txt \| rnncli"
    ):
        list(byte_blocks(path))
