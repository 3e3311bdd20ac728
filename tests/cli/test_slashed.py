"""`train` and `predict` on words with their tags behind slashes: the same network as of columns, rows as they came."""

import json

import pytest

from tests.readers.test_slashed import BROWN, CONLL, PAIRS

QUICK = ("--hidden", "4", "--epochs", "1", "--seed", "1", "-o")


@pytest.fixture
def tagger(here):
    """A model in `m` of the bare command."""
    here.write("brown.txt", BROWN)
    done = here("train", "brown.txt", *QUICK, "m")
    assert done.code == 0 and "as in The/at: tags are learnt" in done.err, done.err
    return here


def test_tags_found_are_those_of_a_file_of_columns(tagger):
    tagger.write("columns.txt", CONLL * 4)
    assert tagger("train", "columns.txt", "--task", "tag", *QUICK, "n").code == 0
    figures = [tagger("predict", *call, "--evaluate").json() for call in (("m", "brown.txt"), ("n", "columns.txt"))]
    assert figures[0] == figures[1]
    rows = [json.loads(line) for line in tagger("predict", "m", "brown.txt", "--json").out.splitlines()]
    assert [row["token"] for row in rows] == [word for pairs in PAIRS * 4 for word, _ in pairs]
    hits = sum(row["tag"] == tag for row, (_, tag) in zip(rows, sum(PAIRS * 4, []), strict=True))
    assert figures[0]["accuracy"] == pytest.approx(hits / len(rows), abs=1e-6)


def test_rows_are_in_the_form_of_the_input(tagger):
    plain = "\nThe jury said 1/2 and/or\n \n\nit\n\n"
    out = tagger("predict", "m", input=plain.encode()).out.decode()
    lines = [[token.rpartition("/")[0] for token in line.split(" ")] if line else [] for line in out.split("\n")]
    assert lines == [[], ["The", "jury", "said", "1/2", "and/or"], [], [], ["it"], [], []]
    assert {token.rpartition("/")[2] for token in out.split()} <= {tag for pairs in PAIRS for _, tag in pairs}


def test_tags_of_another_set_are_said_to_be_words(tagger):
    other = "".join(" ".join(f"{word}/{tag}X" for word, tag in pairs) + "\n" for pairs in PAIRS)
    done = tagger("predict", "m", input=other.encode())
    assert done.code == 0 and done.out.decode().startswith("/".join(PAIRS[0][0]) + "X/")
    assert "was mostly no tag in training (such as " in done.err
    assert "training" not in tagger("predict", "m", "brown.txt").err


def test_sentences_without_tags_have_no_answers(tagger):
    done = tagger("predict", "m", "--evaluate", input=b"The jury said 1/2\n")
    assert done.code == 1 and "no answers" in done.message()


def test_it_is_text_where_that_is_asked(here):
    here.write("brown.txt", BROWN)
    done = here("train", "brown.txt", "--format", "text", "--dry-run", *QUICK, "m")
    assert done.code == 0 and "tags are learnt" not in done.err
    assert b"text, " in done.out
