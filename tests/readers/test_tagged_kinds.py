"""Tagged text of many kinds, each made small by hand: what separates, comments, numbered tokens, schemes of tags."""

import csv
import io
import os
import tempfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.columns import Known, Roles
from rnncli.errors import Notes, RnncliError
from rnncli.readers.columns import read_columns
from rnncli.readers.forms import recognise
from rnncli.readers.reader import Request

FILE = "data.txt"
COLUMNS = ["Ann B-PER", "Lee I-PER", "ran O", "", "Oslo B-LOC", ". O", ""]
TOKENS = [["Ann", "Lee", "ran"], ["Oslo", "."]]
TAGS = [["B-PER", "I-PER", "O"], ["B-LOC", "O"]]


def written(rows, separator=" ", end="\n"):
    """Lines of columns, with another separator."""
    return "".join(row.replace(" ", separator) + end for row in rows)


def read(path, task="auto", form=None, known=None, **roles):
    """(form, tokens, tags, inputs) of a file."""
    roles = Roles(**roles)
    form = form or recognise(path, "auto", roles, "utf-8", task)
    assert form.name == "tagged"
    columns = read_columns([path], Request(form, roles, "utf-8", "char", task, known))
    cuts = columns.offsets.tolist()
    parts = [slice(a, b) for a, b in zip(cuts, cuts[1:], strict=False)]
    named = [columns.coded["token"], columns.labels]
    tokens, tags = ([coded.texts(part) for part in parts] if coded else None for coded in named)
    return form, tokens, tags, {name: coded.texts() for name, coded in columns.coded.items() if name != "token"}


CONLL2003 = ["-DOCSTART- -X- -X- O", "", "Ann NNP B-NP B-PER", "Lee NNP I-NP I-PER", "ran VBD B-VP O", "",
             "Oslo NNP B-NP B-LOC", ". . O O", ""]  # fmt: skip
INPUTS2003 = {"2": ["NNP", "NNP", "VBD", "NNP", "."], "3": ["B-NP", "I-NP", "B-VP", "B-NP", "O"]}
MULTICONER = ["", "", "# id a1\tdomain=en", "Ann _ _ B-PER", "Lee _ _ I-PER", "ran _ _ O", "", "# id b2\tdomain=en",
              "Oslo _ _ B-LOC", ". _ _ O", ""]  # fmt: skip
GERMEVAL = ["#\thttp://x.example/1 [2009-10-17]", "1\tAnn\tB-PER\tO", "2\tLee\tI-PER\tB-LOC", "3\tran\tO\tO", "",
            "#\thttp://x.example/2 [2009-10-17]", "1\tOslo\tB-LOC\tO", "2\t.\tO\tO", ""]  # fmt: skip
NESTED = {"3": ["B-PER", "I-PER", "O", "B-LOC", "O"]}
JNLPBA = ["###MEDLINE:95", "", *COLUMNS[:4], "###MEDLINE:96", "", *COLUMNS[4:]]
BIO = [" ".join(reversed(row.split(" "))) for row in COLUMNS]


def conllu(words):
    """Sentences of (id, form, tag)."""
    rest = "\t".join("_" * 6)
    lines = ["# text = x", *(f"{i}\t{form}\t_\t{tag}\t{rest}" for i, form, tag in words), ""]
    return "\n".join(lines) + "\n"


UD = conllu([("1", "Ann", "A"), ("2", "Lee", "B"), ("3-4", "ran", "_"), ("3", "ran", "C")])
UD += conllu([("1", "Oslo", "D"), ("1.1", "ghost", "X"), ("2", ".", "E")])
UD_TAGS = [["A", "B", "C"], ["D", "E"]]

KINDS = [  # name, text, tags, inputs, words of what the user is told
    ("CoNLL-2003", written(CONLL2003), TAGS, INPUTS2003, "4 columns by blanks"),
    ("aligned", written(CONLL2003, "    "), TAGS, INPUTS2003, "4 columns by blanks"),
    ("CoNLL-2000", written(["Ann NNP B-PER", "Lee NNP I-PER", "ran VBD O", "", "Oslo NNP B-LOC", ". . O", ""]), TAGS,
     {"2": INPUTS2003["2"]}, "3 columns by blanks"),
    ("WNUT", written(COLUMNS, "\t"), TAGS, {}, "2 columns by tabs"),
    ("tab between sentences", written([row or " " for row in COLUMNS], "\t"), TAGS, {}, "2 columns by tabs"),
    ("tab behind each", written([row and row + " " for row in COLUMNS], "\t"), TAGS, {}, "2 columns by tabs"),
    ("CoNLL-U", UD, UD_TAGS, {}, "CoNLL-U"),
    ("GermEval", written(GERMEVAL), [["O", "B-LOC", "O"], ["O", "O"]], NESTED,
     "4 columns by tabs, numbered by the first"),
    ("MultiCoNER", written(MULTICONER), TAGS, {"2": ["_"] * 5, "3": ["_"] * 5}, "4 columns by blanks"),
    ("JNLPBA", written(JNLPBA, "\t"), TAGS, {}, "2 columns by tabs"),
    ("tags first", written(BIO, "\t"), TAGS, {}, "2 columns by tabs, tags in the first"),
    ("tags first, by blanks", written(BIO), TAGS, {}, "2 columns by blanks, tags in the first"),
    ("names on top", "token\tner\n" + written(COLUMNS, "\t"), TAGS, {}, "by tabs with header, columns token, ner"),
]  # fmt: skip

CHANGES = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "no end": lambda text: text.rstrip("\n"),
    "byte order mark": lambda text: "\ufeff" + text,
    "blank lines": lambda text: text.replace("\n\n", "\n \t \n"),
    "many empty lines": lambda text: text.replace("\n\n", "\n\n\n\n") + "\n\n",
    "blanks behind": lambda text: "\n".join(line + " " * (line[:1] not in ("", "#")) for line in text.split("\n")),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("name", "text", "tags", "inputs", "said"), KINDS, ids=[kind[0] for kind in KINDS])
def test_kinds_are_read_whatever_the_file_is_called(file, name, text, tags, inputs, said, change):
    if (name, change) == ("tags first", "blanks behind"):
        return  # where tabs separate blanks are a part of tokens
    path = file(CHANGES[change](text))
    for task in ("auto", "tag"):
        form, *found = read(path, task)
        assert found == [TOKENS, tags, inputs]
        assert form.describe().endswith(said)
    assert read(path, form=form)[1:] == (TOKENS, tags, inputs)


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        ("IOB1", ["I-PER I-PER O", "I-LOC O"]),
        ("IOBES", ["B-PER E-PER O", "S-LOC O"]),
        ("BILOU", ["B-PER L-PER O", "U-LOC O"]),
        ("BMES", ["B M E", "S S"]),
        ("suffixed", ["PER-B PER-I O", "LOC-B O"]),
        ("underscores", ["B_PER I_PER O", "B_LOC O"]),
        ("no kinds", ["B I O", "B O"]),
        ("hyphens", ["B-MED-X I-MED-X O", "B-MED O"]),
        ("outside alone", ["O O O", "O O"]),
    ],
)
@pytest.mark.parametrize("separator", [" ", "\t"])
def test_tags_of_every_scheme_are_recognised(file, scheme, tags, separator):
    rows = [
        [f"{t} {tag}" for t, tag in zip(part, line.split(), strict=True)]
        for part, line in zip(TOKENS, tags, strict=True)
    ]
    form, tokens, found, _ = read(file(written([*rows[0], "", *rows[1], ""], separator)))
    assert (tokens, found) == (TOKENS, [line.split() for line in tags])
    assert (form.separator, form.label_first, form.index) == (separator, None, False)


@pytest.mark.parametrize("space", [" ", "\u3000", "\u00a0", "\u2003", "\u2028", "\x1f"])
def test_only_plain_blanks_and_tabs_separate(file, space):
    rows = ["{0} O", "a{0}b B-X", "", "{0}a O", "a{0} O", "{0}{0} O", ""]
    expected = [[space, f"a{space}b"], [f"{space}a", f"a{space}", space * 2]]
    path = file(written(rows, "\t").format(space))
    assert read(path)[1] == read(path, "tag")[1] == expected
    if space != " ":
        assert read(file(written(rows).format(space), "b.txt"))[1] == expected
    form = read(path)[0]
    alone = file("".join(token + "\n" for token in ["x", *expected[0], "y"]) + "\n", "c.txt")
    if space != " ":  # a line of blanks ends a sentence
        assert read(alone, form=form, known=Known(answers=False))[1] == [["x", *expected[0], "y"]]


@pytest.mark.parametrize(
    ("top", "left_out"),
    [
        ("# sent_id = 1", True), ("# sent_id = 1 2 3", True), ("#\tid\t1", True), ("# one two three", True),
        ("#", True), ("##", True), ("###id 7", False), ("## id: 7", True), ("#begin document (x); part 000", True),
        ("#end document", True), ("# O", False), ("# B-PER", False), ("#tag O", False), ("#1 O", False),
    ],
)  # fmt: skip
def test_which_lines_of_two_columns_are_comments(file, notes, top, left_out):
    path = file("\n".join([top, *COLUMNS, top, *COLUMNS]) + "\n")
    form, tokens, tags, _ = read(path, "tag")
    if left_out:
        assert (tokens, tags) == (TOKENS * 2, TAGS * 2)
        assert f"2 comments at the beginning of sentences left out, as in line 1: {top}"[:50] in " ".join(notes)
    else:
        token, tag = top.split(" ")
        assert (tokens[0], tags[0]) == ([token, *TOKENS[0]], [tag, *TAGS[0]])
        assert "left out" not in " ".join(notes)


def test_comments_of_as_many_fields_as_tokens_are_told_by_the_tags(file, notes):
    path = file(written(["# sent1", *COLUMNS, "# sent2", *COLUMNS, "# O", "# B-LOC", "#x O", ""]))
    assert read(path)[1] == [*TOKENS * 2, ["#", "#", "#x"]]
    assert "2 comments" in notes[0]
    path = file(written(["# doc1", *COLUMNS]))  # one alone: other tags mark chunks, and this marks none
    assert read(path, "tag")[1] == TOKENS
    path = file(written(["# I-MISC", *COLUMNS]))  # a tag that is nowhere else
    assert read(path, "tag")[2][0] == ["I-MISC", *TAGS[0]]


WORDS = ["Ann NOUN", "ran VERB", "", "Oslo NOUN", ""]


def test_comments_beside_tags_that_mark_no_chunks(file):
    two = ["# a1", *WORDS, "# a2", *WORDS, "# NOUN", ""]
    assert read(file(written(two)), "tag")[1] == [*[["Ann", "ran"], ["Oslo"]] * 2, ["#"]]
    for top in ("SYM", "a1"):  # once, or the same each time: may be a tag that is nowhere else
        path = file(written([f"# {top}", *WORDS, f"# {top}", *WORDS]))
        assert read(path, "tag")[2][::2] == [[top, "NOUN", "VERB"]] * 2


@pytest.mark.parametrize(("rows", "name"), [(COLUMNS, "# doc{}"), (WORDS, "# s{}"), (WORDS, "# sent_id {}")])
def test_comments_are_left_out_far_from_the_beginning_too(file, notes, rows, name):
    path = file("".join(written([name.format(i), *rows]) for i in range(4000)))
    _, tokens, tags, _ = read(path, "tag")
    assert "4,000 comments" in notes[0]
    assert {tag for part in tags for tag in part} == {row.split()[1] for row in rows if row}
    assert len(tokens) == 8000


@pytest.mark.parametrize("line", ["# x y z", "#\tx", "##", "# a = b"])
def test_inside_a_sentence_nothing_is_a_comment(file, line):
    path = file(written([COLUMNS[0], line, *COLUMNS[1:]]))
    with pytest.raises(RnncliError, match=rf"^{path}:2: ") if len(line.split()) != 2 else np.errstate():
        assert read(path, "tag")[1] == [["Ann", "#", "Lee", "ran"], TOKENS[1]]


@pytest.mark.parametrize("separator", [" ", "\t"])
@pytest.mark.parametrize("line", ["# a comment in it", "#\tx y\tz\tu", "# alone = not"])
def test_comments_inside_of_all_sentences_make_no_plain_text_of_them(file, separator, line):
    rows = [row.replace(" ", separator) for row in COLUMNS]
    path = file("\n".join([rows[0], line, *rows[1:5], line, *rows[5:]] * 9))
    assert recognise(path, "auto", Roles(), "utf-8", "auto").name == "tagged"
    with pytest.raises(RnncliError, match=rf"^{path}:2: a comment inside a sentence, "):
        read(path)


def numbered(first):
    """The file with the number of each token before it."""
    rows = [[f"{i} {row}" for i, row in enumerate(part, first)] for part in (COLUMNS[:3], COLUMNS[4:6])]
    return written([*rows[0], "", *rows[1], ""], "\t")


@pytest.mark.parametrize("first", [0, 1])
def test_numbers_of_tokens_are_no_tokens_but_on_request(file, first):
    path = file(numbered(first))
    form, tokens, tags, inputs = read(path)
    assert (form.index, tokens, tags, inputs) == (True, TOKENS, TAGS, {})
    assert form == type(form).from_json(form.to_json())
    _, tokens, tags, _ = read(path, "tag", text="1")
    assert (tokens[1], tags) == ([str(first), str(first + 1)], TAGS)
    for rows in (
        ["0\tAnn", "1\tLee", "", "0\tOslo", ""],  # without tags
        ["Ann", "Lee", "", "Oslo", ""],
        ["Ann\tO", "Lee\tO", "", "Oslo\tO", ""],  # without numbers
    ):
        _, tokens, _, _ = read(file("\n".join(rows) + "\n", "p.txt"), form=form, known=Known(answers=False))
        assert tokens == [["Ann", "Lee"], ["Oslo"]]


@pytest.mark.parametrize("wrong", [{2: 5}, {0: 2}, {3: 3}, {3: 4}])
def test_numbers_that_do_not_count_are_tokens(file, wrong):
    numbers = [1, 2, 3, 1, 2]
    rows = [f"{wrong.get(i, n)} {row}" for i, (n, row) in enumerate(zip(numbers, filter(None, COLUMNS), strict=True))]
    form, tokens, tags, _ = read(file(written([*rows[:3], "", *rows[3:], ""], "\t")))
    assert (form.index, tags) == (False, TAGS)
    assert tokens[0][1] == str(wrong.get(1, 2))


def test_a_tab_at_the_end_of_some_lines_is_no_column(file):
    """The test part of GermEval 2014 has one, and was refused for it; what stands behind it is a column too many."""
    rows = [row.replace(" ", "\t") for row in COLUMNS]
    assert read(file("\n".join([*rows[:4], rows[4] + "\t", *rows[5:], ""])), "tag")[1:3] == (TOKENS, TAGS)
    path = file("\n".join([*rows[:4], rows[4] + "\tx", *rows[5:], ""]))
    with pytest.raises(RnncliError, match="data.txt:5: 3 columns, expected 2 columns by tabs"):
        read(path, "tag")


def test_places_of_tokens_in_the_text_are_noted(file, notes):
    """Standoff numbers between a token and its tag were inputs without a word; a few numbers are features."""
    rows = [f"word{i} {7 * i} {7 * i + 5} {'B-PER' if i % 9 else 'O'}" for i in range(250)]
    rows[99:99] = [""]
    path = file(written([*rows, ""]))
    assert sorted(read(path, "tag")[3]) == ["2", "3"]
    (line,) = notes
    assert line.startswith("columns 2, 3 have 250 different numbers, read as inputs: ")
    assert line.endswith("--inputs 1 leaves them out")
    assert read(path, "tag", inputs=("1",))[3] == {} and len(notes) == 1
    few = [f"word{i} {i % 100} {'B-PER' if i % 9 else 'O'}" for i in range(250)]
    assert read(file(written([*few[:99], "", *few[99:], ""])), "tag")[3] and len(notes) == 1


def test_tags_before_their_tokens_are_noted(file, notes):
    """17 tokens with 2,000 tags were learnt without a word."""
    rows = [f"{'ADN'[i % 3]} word{i}" for i in range(60)]
    path = file(written([*rows, ""]))
    assert read(path, "tag")[1][0][0] == "A"
    assert notes == ["column 2, the tag, has 60 different values, and column 1, the token, 3: --tag 1 if the tags are "
                     "there"]  # fmt: skip
    assert read(path, "tag", tag="1")[1][0][0] == "word0" and len(notes) == 1


def test_nested_tags_are_noted(file, notes):
    path = file(written(GERMEVAL))
    for roles, inputs, said in [
        ({}, NESTED, True),
        ({"tag": "3"}, {}, False),
        ({"inputs": ("2",)}, {}, False),
    ]:
        assert read(path, "tag", **roles)[3] == inputs
        assert any("column 3 has tags of the same kinds as column 4, the tag" in line for line in notes) == said
        notes.clear()
        Notes.said.clear()
    read(file(written(CONLL2003)))
    assert "same kinds" not in " ".join(notes)
    path = file(written([row and f"{row} {row.split()[1]} B-PER" for row in COLUMNS]))
    form = read(path)[0]
    (line,) = notes
    assert line.startswith("columns 2, 3 have tags of the same kinds as column 4, the tag, and are inputs: --tag 2 ")
    assert line.endswith("learns the first of them instead, --inputs 1 leaves them out")
    notes.clear()
    Notes.said.clear()
    read(path, form=form, known=Known())
    assert notes == []


def test_tags_in_the_first_column_are_not_looked_for_where_options_say_else(file):
    path = file(written(BIO, "\t"))
    assert read(path, tag="2")[1:3] == ([[tag for tag in part] for part in TAGS], TOKENS)
    assert read(path, tag="1", text="2")[1:3] == (TOKENS, TAGS)
    form = read(path)[0]
    assert read(file(written(["Ann", "Lee", "", "Oslo"]), "p.txt"), form=form)[1:3] == (
        [["Ann", "Lee"], ["Oslo"]],
        None,
    )
    for rows in (["B x", "I y", "", "O z"], ["O x", "O y", "", "O z"], ["B-a B-b", "O I-b", "", "O O"]):
        assert read(file(written(rows)), "tag")[0].label_first is None


@pytest.mark.parametrize("line", ["Ann\tO\t\t", "Ann"])
def test_a_line_that_has_more_or_less_than_others_is_refused(file, line):
    path = file(written(COLUMNS * 9, "\t") + line + "\n")
    with pytest.raises(RnncliError, match=rf"^{path}:64: . columns?, expected 2 columns by tabs"):
        read(path)


@pytest.mark.parametrize("all_quoted", [True, False])
def test_commas_and_quotes_of_csv(file, all_quoted):
    tokens = ["Ann", ",", '"', "yes, sir", 'a"b', ""]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL).writerows(
        (token, "O" if i else "B-X") for i, token in enumerate(tokens)
    )
    path = file(text.getvalue() + "\n" + 'b",O\n",O\n', "t.csv")
    form, found, tags, _ = read(path, "tag")
    assert (form.separator, found, tags[0][:2]) == (",", [tokens, ['b"', '"']], ["B-X", "O"])
    bare = file('"Ann, Lee"\n"\nx\n', "p.csv")
    assert read(bare, form=form, known=Known(answers=False))[1] == [["Ann, Lee", '"', "x"]]


TOKEN = st.text(st.sampled_from("#ab \u3000\u00a0\"',=-.0123"), min_size=1, max_size=4).filter(str.strip)


@given(st.lists(st.lists(st.tuples(TOKEN, st.sampled_from(["B-X", "I-X", "O"])), min_size=1), min_size=1))
def test_tabs_keep_any_token_and_none_is_a_comment(parts):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.txt")
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n".join("".join(f"{token}\t{tag}\n" for token, tag in part) for part in parts))
        _, tokens, tags, _ = read(path, "tag")
    assert tokens == [[token for token, _ in part] for part in parts]
    assert tags == [[tag for _, tag in part] for part in parts]


def test_names_on_top_that_are_too_few_are_refused_by_line(file):
    path = file("# a\nid\n1\tAnn\tB-PER\n2\tran\tO\n\n")
    with pytest.raises(RnncliError, match=rf"^{path}:2: 1 column, expected 3 by tabs"):
        read(path, "tag")
    form = recognise(file(numbered(1)), "auto", Roles(text="1"), "utf-8", "tag")
    bare = file("Ann\tB-PER\n", "p.txt")
    assert read(bare, form=form, known=Known(answers=False), text="1")[1] == [["Ann"]]


@pytest.mark.parametrize("above", ["#id=3", "#text = Ann ran", "#text=a\tb\tc"])
def test_a_key_right_behind_the_sign_makes_a_comment(file, above):
    rows = written(COLUMNS, "\t")
    assert read(file(f"{above}\n{rows}" * 4))[1] == TOKENS * 4


@pytest.mark.parametrize("task", ["auto", "tag"])
@pytest.mark.parametrize("above", ["// 3", "% sent 3", "#3"])
def test_a_line_above_each_sentence_that_is_no_comment_is_refused(file, above, task):
    path = file(f"{above}\n{written(COLUMNS[:4], chr(9))}" * 4)
    with pytest.raises(RnncliError, match=rf"^{path}:1: 1 column, expected 2 by tabs as on most lines: .*: {above}$"):
        read(path, task)


def test_of_two_lines_of_other_width_the_second_is_refused(file):
    path = file("Ann NN B-PER\nran VB\n\n")
    with pytest.raises(RnncliError, match=rf"^{path}:2: 2 columns, expected 3 columns by blanks"):
        read(path, "tag")
