"""Words with their tags behind slashes, a sentence a line: when a file is taken for one, and what is read of it."""

from functools import partial

import pytest

from rnncli.data.columns import Known, Roles
from rnncli.errors import UsageError
from rnncli.readers.columns import read_columns
from rnncli.readers.form import Form
from rnncli.readers.reader import Request
from rnncli.readers.slashed import MARKS, is_slashed
from tests.readers.helpers import error_of, form_of, read

FILE = "a.txt"
SENTENCES = [
    "The/at Fulton/np-tl County/nn-tl Jury/nn-tl said/vbd Friday/nr ./.",
    "It/pps recommended/vbd 1/2/cd of/in them/ppo ,/, and/or/cc more/ap ./.",
    "``/`` Only/rb a/at few/ap reports/nns ''/'' were/bed received/vbn ./.",
    "The/at jury/nn said/vbd it/pps did/dod find/vb them/ppo ./.",
    "The/at //sym of/in the/at County/nn-tl ,/, it/pps said/vbd ./.",
]
BROWN = "".join(f"\t{sentence}\n\n" for sentence in SENTENCES * 4)
PAIRS = [[tuple(token.rsplit("/", 1)) for token in sentence.split()] for sentence in SENTENCES]
CONLL = "".join("".join(f"{word}\t{tag}\n" for word, tag in pairs) + "\n" for pairs in PAIRS)


def pairs_of(columns):
    """(word, tag) of each sentence."""
    words, tags, cuts = columns.coded["token"].texts(), columns.labels.texts(), columns.offsets.tolist()
    rows = list(zip(words, tags, strict=True))
    return [rows[begin:end] for begin, end in zip(cuts, cuts[1:], strict=False)]


def test_the_last_slash_parts_a_token(file):
    path = file(BROWN, "a.pos")
    form = form_of(path)
    assert form.describe() == "tagged text WORD/TAG, a sentence a line"
    assert pairs_of(read(path, form=form)) == PAIRS * 4
    assert ("1/2", "cd") in PAIRS[1] and ("and/or", "cc") in PAIRS[1] and ("/", "sym") in PAIRS[4]


@pytest.mark.parametrize(("asked", "task"), [("tagged", "auto"), ("auto", "tag")])
def test_a_short_file_is_read_so_where_it_is_named(file, asked, task):
    path = file(SENTENCES[1] + "\r\n")
    assert form_of(path).name == "text"
    form = form_of(path, task, asked)
    assert form.slashed and pairs_of(read(path, task="tag", form=form)) == PAIRS[1:2]


def test_it_says_so(file, said):
    form_of(file(BROWN))
    line = "each word has its tag behind a slash, as in The/at: tags are learnt; --format text reads the file as plain"
    assert len(said) == 1 and line in said[0]


@pytest.mark.parametrize(
    "line",
    [
        "src/net/layer.py src/net/loss.py tests/net/test_loss.py",
        "usr/bin usr/lib usr/share",
        "https://example.org/a http://example.org/b see/also",
        "1/2 3/4 5/8 7/8",
        "12/31/2024 1/2/2025 3/4/2025",
        "km/h m/s N/A",
        "The dog and/or cat barks ./.",
        "he/him she/her they/them",
        "__label__a good/bad words/here",
        "GET /index.html HTTP/1.1",
        "",
    ],
)
def test_other_slashes_are_no_tags(line):
    for mark in MARKS:
        assert not is_slashed([f"{line}"] * 12, mark)
        assert not is_slashed([line.replace("a", chr(97 + i)) for i in range(20)], mark)


def test_tags_that_never_come_again_are_none():
    assert is_slashed([f"w{i}/n is/v so/a" for i in range(12)], "/")
    assert not is_slashed([f"w{i}/n{i} is/v{i} so/a{i}" for i in range(12)], "/")
    assert not is_slashed([f"w{i}/n is/v so/a" for i in range(7)], "/")


@pytest.mark.parametrize(
    ("content", "words", "tags"),
    [
        ("The jury and/or 1/2\n\nsaid it\n", [["The", "jury", "and/or", "1/2"], ["said", "it"]], None),
        ("either/or and/or\n", [["either/or", "and/or"]], None),  # behind the slashes stands no tag of training
        (BROWN, [[word for word, _ in pairs] for pairs in PAIRS * 4], PAIRS * 4),
    ],
)
def test_files_to_predict_may_have_no_tags(file, content, words, tags):
    labels = tuple({tag for pairs in PAIRS for _, tag in pairs})
    form = form_of(file(BROWN))
    request = Request(form, Roles(), "utf-8", "word", "tag", Known((), labels))
    columns = read_columns([file(content, "b.txt")], request)
    cuts = columns.offsets.tolist()
    texts = columns.coded["token"].texts()
    assert [texts[begin:end] for begin, end in zip(cuts, cuts[1:], strict=False)] == words
    assert columns.labels is None if tags is None else pairs_of(columns) == tags


message = partial(error_of, read, form=Form("tagged", "/", columns=("1", "2")))


@pytest.mark.parametrize("token", ["dog", "/nn", "dog/"])
def test_a_word_without_a_tag_is_refused(file, token):
    path = file(BROWN + f"a/at {token} barks/vb\n")
    assert message(path).endswith(f"a.txt:41: '{token}' has no tag, expected WORD/TAG as at the other words: add the "
                                  "tag, or join what belongs to one word")  # fmt: skip


def test_columns_cannot_be_named(file):
    path = file(BROWN)
    assert "--inputs and tagged text WORD/TAG cannot be combined" in message(path, inputs=("1",), kind=UsageError)


@pytest.mark.parametrize(("mark", "name"), [("_", "an underscore"), ("|", "a bar")])
def test_tags_behind_other_marks(file, said, mark, name):
    sentences = ["The_DT cat_NN saw_VBD a_DT dog_NN ._."] * 8 + ["a_b_NN is_VBZ it_PRP ,_, $_$ 12_CD ._."]
    sentences = [sentence.replace("_", mark) for sentence in sentences]
    path = file("\n".join(sentences) + "\n")
    form = form_of(path)
    assert form.describe() == f"tagged text WORD{mark}TAG, a sentence a line"
    assert f"behind {name}, as in The{mark}DT" in said[0]
    right = [[tuple(token.rsplit(mark, 1)) for token in sentence.split()] for sentence in sentences]
    assert pairs_of(read(path, form=form)) == right and right[-1][0] == (f"a{mark}b", "NN")


@pytest.mark.parametrize("line", ["max_value min_value get_item set_item x_y", "a_b c_d e_f", "MAX_INT of_the x"])
def test_names_with_underscores_are_text(file, line):
    assert form_of(file("".join(f"{line} n_{chr(97 + i)}\n" for i in range(20)))).name == "text"
