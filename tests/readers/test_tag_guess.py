"""Files of words with tags that mark no chunks, of which nobody says what they are."""

import pytest

from rnncli.readers.tag_guess import small_letters, tags_behind_tab, word_and_tag
from tests.readers.helpers import error_of, form_of, read

FILE = "a.txt"
SENTENCES = ["The DT|dog NN|saw VBD|a DT|cat NN|. .", "A DT|bird NN|sang VBD|. .", "Ann NNP|ran VBD|home NN|. ."]
LINES = "\n\n".join(SENTENCES * 4).replace("|", "\n")
ROWS = [[tuple(pair.split(" ")) for pair in sentence.split("|")] for sentence in SENTENCES * 4]


def columns_of(path, **roles):
    """(word, tag) of each sentence."""
    columns = read(path, task="tag", form=form_of(path))
    rows = list(zip(columns.coded["token"].texts(), columns.labels.texts(), strict=True))
    cuts = columns.offsets.tolist()
    return [rows[begin:end] for begin, end in zip(cuts, cuts[1:], strict=False)]


@pytest.mark.parametrize("separator", [" ", "\t", "  "])
def test_columns_of_words_and_tags_are_learnt_and_said(file, said, separator):
    path = file(LINES.replace(" ", separator))
    assert columns_of(path) == ROWS
    assert said == [f"{path}: each line has a word and its tag, as in The DT: tags are learnt; --format text reads the "
                    "file as plain text"]  # fmt: skip


def test_a_third_column_stays_an_input(file):
    path = file("\n".join(f"{line.split()[0]} x {line.split()[1]}" if line else "" for line in LINES.split("\n")))
    assert form_of(path).columns == ("1", "2", "3") and columns_of(path) == ROWS


@pytest.mark.parametrize(
    "lines",
    [
        LINES.replace("\n\n", "\n"),  # one sentence
        "\n\n".join(SENTENCES).replace("|", "\n"),  # too few to tell
        "\n\n".join(f"name: {a}\nkind: {b}\nsize: big" for a, b in zip("abcdefghij", "ststststst", strict=True)),
        "\n\n".join(f"two words\nof verse {i}\nthen more" for i in range(12)),
        "\n\n".join(f"{i} 1.5\n{i} 2.5\n{i} 1.5" for i in range(12)),
    ],
    ids=["no sentences", "few", "keys", "verse", "numbers"],
)
def test_other_lines_are_none(lines):
    assert word_and_tag(lines.split("\n")) == ""


def test_plain_text_has_no_line_about_tags(file, said):
    path = file("It was a dark night; the rain fell in torrents.\n\nAnd so on it went.\n" * 20)
    assert form_of(path).name == "text" and said == []


def test_what_is_read_as_text_but_may_be_tags_is_said(file, said):
    words = LINES.replace(" ", "_").replace("\n\n", "|").replace("\n", " ").replace("|", "\n").lower()
    assert small_letters(words.split("\n")) == "the_dt"
    assert form_of(file(words)).name == "text" and "as in the_dt, --task tag learns them" in said[0]
    first = "\n".join(" ".join(reversed(line.split(" "))) for line in LINES.split("\n"))
    assert form_of(file(first)).name == "text" and "as in DT The, --task tag --tag 1 learns them" in said[1]


def test_a_sentence_with_its_tags_behind_a_tab_is_refused_with_the_way_to_change_it(file, said):
    """They were read as one sequence, and --group was asked for; without --task tag as text without a word."""
    pairs = [" ".join(word for word, _ in row) + "\t" + " ".join(tag for _, tag in row) for row in ROWS]
    assert tags_behind_tab(pairs) and not tags_behind_tab(pairs[:3])
    assert not tags_behind_tab([f"a b c {i}\td e f {i}" for i in range(20)])  # translations: nothing comes again
    path = file("\n".join(pairs) + "\n")
    assert form_of(path).name == "text" and "write a word and its tag a line" in said[0]
    assert "a.txt:1: a sentence with its tags behind a tab: write a word and" in error_of(form_of, path, "tag")
