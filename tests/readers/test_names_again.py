"""Names on top that stand again further down, as in `cat a.csv a.csv`: no rows, said; other lines keep their number."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncli.data.columns import Known, Roles
from rnncli.errors import Notes
from rnncli.readers.columns import read_columns
from rnncli.readers.reader import Request
from tests.readers.helpers import error_of, form_of, message, pieces, read

FILE = "a.csv"


def put_in(lines, places):
    """The lines of a file with its first one again before some of the others, and the numbers of those lines."""
    out, at = [], []
    for i, line in enumerate(lines):
        if i and i in places:
            out.append(lines[0])
            at.append(len(out))
        out.append(line)
    return out, at


def check_said(said, at, name="a.csv"):
    found = [line for line in said if "is repeated on" in line]
    if not at:
        assert not found
        return
    lines = f"{len(at):,} line{'s' * (len(at) > 1)} (first {at[0]})"
    assert [line.rpartition("/")[2] for line in found] == [f"{name}: the header is repeated on {lines}: left out"]


def told(path, **options):
    """The columns, and the notes."""
    lines = []
    Notes.begin(lines.append)
    try:
        return read(path, **options), lines
    finally:
        Notes.begin(None)


def same(columns, other):
    assert columns.offsets.tolist() == other.offsets.tolist()
    assert columns.keys == other.keys
    for mine, yours in ((columns.numbers, other.numbers), (columns.targets, other.targets)):
        assert (mine is None) == (yours is None)
        if mine is not None:
            np.testing.assert_array_equal(mine, yours)
    assert {name: column.texts() for name, column in columns.coded.items()} == {
        name: column.texts() for name, column in other.coded.items()
    }
    assert (columns.labels is None) == (other.labels is None)
    if columns.labels is not None:
        assert columns.labels.texts() == other.labels.texts()


KINDS = {
    "numbers": ("t,v,w", lambda i: f"{i},{i / 3:.4f},{-i}", {"task": "forecast"}, ","),
    "categories": ("name,kind", lambda i: f"{'abc'[i % 3]},{'xyz'[i * i % 3]}", {"task": "tag", "group": "name"}, ","),
    "one column": ("v", lambda i: f"{i / 7:.3f}", {"task": "forecast"}, ","),
    "blanks": ("t   v  w", lambda i: f" {i}  {i / 3:.4f}   {i % 2}", {"asked": "table"}, " "),
    "quoted": ('"t","w"', lambda i: f'{i},"a ""{i % 3}"",\n t,w"', {"asked": "table"}, ","),
    "wide": ("id,1st,2nd,kind", lambda i: f"s{i},{i},{i * 2},{'pq'[i % 2]}", {"asked": "wide", "label": "kind"}, ","),
    "texts": ("text,label", lambda i: f"a text of {i},{'pn'[i % 2]}", {"text": "text", "label": "label"}, ","),
    "quoted texts": (
        '"text","label"',
        lambda i: f'"text,label\n{i} ""t"", u",{"pn"[i % 2]}',
        {"text": "text", "label": "label"},
        ",",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [64, 1000, 1 << 20])
def test_they_are_no_rows_wherever_they_stand(file, blocks_of, kind, size):
    names, row, options, _ = KINDS[kind]
    blocks_of(size)
    chosen = random.Random(f"{kind} {size}")
    lines = [names, *map(row, range(1, 60))]
    expected, said = told(file("\n".join(lines) + "\n", "plain.csv"), **options)
    check_said(said, [])
    for count in (1, 2, 17, 59):
        again, _ = put_in(lines, set(chosen.sample(range(1, 60), count)))
        content = "\n".join(again) + "\n"
        at = [
            content[:i].count("\n") + 1 for i in range(1, len(content)) if content[i - 1 :].startswith(f"\n{names}\n")
        ]
        columns, said = told(file(content), **options)
        same(columns, expected)
        assert len(at) == count
        check_said(said, at)


@pytest.mark.parametrize("again", ["t,w", '"t","w"', "t , w", '"t",w', "\ufefft,w", '\ufeff"t","w"'])
@pytest.mark.parametrize("rows", [("1,a", "2,b"), ("1,2", "3,4")])
def test_they_may_be_written_in_another_way(file, again, rows):
    first, second = rows
    text = "t,w\n" + f"{first}\n{second}\n" * 20
    columns, said = told(file(f"{text}{again}\n{text.partition(chr(10))[2]}"), asked="table")
    same(columns, told(file(text + text.partition("\n")[2], "b.csv"), asked="table")[0])
    check_said(said, [42])


def test_in_labelled_text_a_byte_order_mark_before_them_is_no_letter_and_their_order_is_kept(file):
    text = "\ufefftext,label\n" + "".join(f"text {i},{'pn'[i % 2]}\n" for i in range(20))
    columns, said = told(file(text * 2), text="text", label="label")
    assert (len(columns.offsets), set(columns.labels.texts())) == (41, {"p", "n"})
    check_said(said, [22])
    path = file(text + "label,text\np,text 1\n")
    message = error_of(told, path, text="text", label="label")
    assert message == (
        f"{path}:22: the header is repeated in another order (label, text), expected text, label: reorder the "
        "rows below"
    )


def test_a_file_of_few_rows_twice_is_read_as_once(file):
    text = "day,sales\n1,10\n2,20\n3,30\n"
    assert form_of(file(text * 2), "forecast") == form_of(file(text), "forecast")
    columns, said = told(file(text * 2), task="forecast")
    assert columns.numbers.tolist() == [[1, 10], [2, 20], [3, 30]] * 2
    check_said(said, [5])


def test_labelled_text_whose_names_nobody_says(file):
    text = "Kind\tMessage\n" + "".join(f"{'ham' if i % 3 else 'spam'}\tmessage number {i}\n" for i in range(30))
    columns, said = told(file(text * 3, "a.tsv"), task="classify")
    assert sorted(set(columns.labels.texts())) == ["ham", "spam"]
    assert len(columns.offsets) == 91
    check_said(said, [32, 63], "a.tsv")


@pytest.mark.parametrize(
    ("content", "options", "line"),
    [
        ("t,v\n1,2\nt,v\n3,4\nt,v\n5,x\n6,7\n" + "8,9\n" * 60, {"task": "forecast"}, 6),
        ("t,v\n1,2\nt,v\n3,4\nt,v\n5\n6,7\n" + "8,9\n" * 60, {"task": "forecast"}, 6),
        ("text,label\na,p\ntext,label\na,p,q\n" + "b,n\n" * 60, {"text": "text", "label": "label"}, 4),
        ("id,1st,2nd\na,1,2\nid,1st,2nd\nb,1,x\n" + "b,1,2\n" * 60, {"asked": "wide"}, 4),
    ],
)
def test_lines_below_keep_their_numbers(file, content, options, line):
    assert f"a.csv:{line}: " in message(file(content), **options)


def test_tagged_text_begins_a_sentence_below_them(file):
    text = "word\tpos\na\tX\nb\tY\n\nc\tX\n"
    columns, said = told(file(text * 2, "a.tsv"), task="tag")
    assert pieces(columns, np.array(columns.coded["token"].texts())) == [["a", "b"], ["c"]] * 2
    assert set(columns.labels.texts()) == {"X", "Y"}
    check_said(said, [6], "a.tsv")


def test_in_one_column_of_words_the_name_may_be_a_word(file):
    form = form_of(file("text,label\na,p\nb,n\n"), text="text", label="label")
    content = "text\nsome words\ntext\nmore words\n"
    lines = []
    Notes.begin(lines.append)
    columns = read_columns(
        [file(content)],
        Request(form, Roles(text="text", label="label"), "utf-8", "char", "classify", Known(labels=("p", "n"))),
    )
    Notes.begin(None)
    assert columns.keys == ["some words", "text", "more words"]
    assert [line.rpartition("/")[2] for line in lines] == [
        "a.csv: the name on top, text, occurs again on 1 line (first 3): read as a row"
    ]
    columns, lines = told(file("move\nx\no\nmove\nx\n"), inputs=("move",), asked="table")
    assert columns.coded["move"].texts() == ["x", "o", "move", "x"]
    assert "read as a row" in lines[0]


def test_only_a_row_of_all_names_is_left_out(file):
    columns, said = told(file("text,label\ntext,p\nb,label\ntext,label\nb,n\n"), text="text", label="label")
    assert columns.labels.texts() == ["p", "label", "n"]
    check_said(said, [4])


def test_to_predict_they_are_no_rows_either(file):
    text = "t,v\n1,2\n3,4\n"
    form = form_of(file(text), "forecast")
    for content, line in ((text * 2, 4), ("1,2\n3,4\nt,v\n1,2\n3,4\n", 3)):
        lines = []
        Notes.begin(lines.append)
        columns = read(file(content), "forecast", form=form, numbers=("t", "v"))
        Notes.begin(None)
        assert columns.numbers.tolist() == [[1, 2], [3, 4]] * 2
        check_said(lines, [line])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["t", "t,v", "x", ""]), st.sampled_from(["v", "y", '"'])), min_size=2, max_size=9
    ),
    st.sets(st.integers(1, 9)),
)
def test_rows_of_any_words_are_those_of_the_file_without_them(tmp_path_factory, rows, places):
    def quoted(word):
        return '"' + word.replace('"', '""') + '"'

    lines = ["t,v", *(",".join(map(quoted, row)) for row in rows if row != ("t", "v")), "w,z", "w,z"]
    path = tmp_path_factory.mktemp("again") / "a.csv"
    path.write_text("\n".join(put_in(lines, places)[0]) + "\n")
    columns = read(str(path), asked="table", inputs=("t", "v"))
    expected = [list(row) for row in rows if row != ("t", "v")] + [["w", "z"]] * 2
    found = [columns.coded[name].texts() for name in ("t", "v")]
    assert [list(row) for row in zip(*found, strict=True)] == [[cell or None for cell in row] for row in expected]


ROWS = "a b\tu\nc d\tv\n"


@pytest.mark.parametrize("again", ["Text\tLABEL\n", "\ufeffTEXT\tlabel\n"])
def test_names_of_labelled_text_may_stand_again_in_other_case(file, again):
    columns, said = told(
        file(f"text\tlabel\n{ROWS}{again}{ROWS}", "a.tsv"), task="classify", text="text", label="label"
    )
    assert columns.labels.texts() == ["u", "v"] * 2
    check_said(said, [4], "a.tsv")


@pytest.mark.parametrize("again", ["text\tlabel\tid", "id\ttext\tlabel", "Text\tid\tlabel"])
def test_names_that_stand_again_among_others_are_refused(file, again):
    path = file(f"text\tlabel\n{ROWS}{again}\na b\tu\t7\n", "a.tsv")
    found = message(path, "classify", text="text", label="label")
    assert found.startswith(f"{path}:4: the header is repeated with other columns ({', '.join(again.split(chr(9)))})")
