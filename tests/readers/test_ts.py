"""`.ts` of aeon and sktime, read to the true values where these libraries change them."""

import numpy as np
import pytest

from rnncli.data.columns import Known, Roles
from rnncli.errors import UsageError
from rnncli.readers.columns import read_columns, read_pieces
from rnncli.readers.form import Form
from rnncli.readers.reader import Piece, Request
from rnncli.readers.ts import SeriesFile
from tests.readers.helpers import NAN, error_of, form_of, message, pieces, read

FILE = "x.ts"
TWO = "@problemName Two\n@timestamps false\n@univariate false\n@dimensions 2\n@classLabel true a b\n@data\n"
ONE = "@classLabel true a b\n@data\n"
TARGET = "@targetlabel true\n@data\n"
STAMPED = "@timestamps true\n@classLabel true a b\n@data\n"


def test_channels_unequal_lengths_and_missing_values(file):
    columns = read(file(f"{TWO}1,2,?:-3,NaN,5:a\n.5,6e1:+7,8:b\n"))
    assert pieces(columns, columns.numbers.T[0]) == [[1, 2, pytest.approx(NAN, nan_ok=True)], [0.5, 60]]
    np.testing.assert_array_equal(columns.numbers[:, 1], [-3, NAN, 5, 7, 8])
    assert (columns.number_names, columns.keys, columns.labels.texts()) == (["1", "2"], ["1", "2"], ["a", "b"])
    assert columns.where(3).endswith("x.ts:8")


def test_a_last_value_that_is_missing_is_a_step(file):
    assert read(file(f"{ONE}1,2,NaN:a\n1,?,?:b\n")).lengths.tolist() == [3, 3]


def test_comments_blank_lines_and_tags_of_any_case(file):
    text = "%# one\n\n# two\n@CLASSLABEL True a b\r\n\n@series length\n@DATA\n\n% x\n1, 2 : a\n\n# y\n3,4:b\n\n\n"
    columns = read(file(text))
    assert columns.numbers.tolist() == [[1], [2], [3], [4]]
    assert columns.labels.texts() == ["a", "b"]


def test_labels_keep_case_and_text(file, said):
    labels = ["Walk", "walk", "who?", "banana", "nan a", "01", "1", "a:b"]
    rows = "".join(f"{i},2:{label}\n" for i, label in enumerate(labels))
    columns = read(file(f"@classLabel true Walk walk who? banana nan a 01 1 a:b\n@data\n{rows}"))
    assert columns.labels.texts() == labels
    assert columns.numbers[::2, 0].tolist() == list(range(len(labels)))
    assert any("labels nan a are not among those of @classLabel" in line for line in said)


def test_targets_are_numbers(file):
    path = file(f"{TARGET}1,2:-0.5\n3:1e3\n")
    assert read(path).targets.tolist() == [[-0.5], [1000]]
    assert read(path, "classify").labels.texts() == ["-0.5", "1e3"]
    assert SeriesFile.learnt(path, "utf-8") == ("numbers",)
    assert SeriesFile.learnt(file(f"{ONE}1:a\n"), "utf-8") == ("label",)
    assert "x.ts:3: 'a', expected a number" in message(file(f"{ONE}1:a\n"), "regress")


@pytest.mark.parametrize("stamps", [("0", "-1", "2"), ("-2.5", "-1", "0.5"), ("9007199254740992", "9007199254740993")])
def test_stamps_must_grow_and_values_keep_their_signs(file, stamps, said):
    pairs = [f"({stamp}, -{i}.5)" for i, stamp in enumerate(stamps)]
    path = file(f"{STAMPED}{','.join(pairs)}:a\n")
    if stamps[0] == "0":
        assert "x.ts:4: stamp -1 behind one that is not earlier, expected growing stamps" in message(path)
        return
    assert read(path).numbers[:, 0].tolist() == [-0.5, -1.5, -2.5][: len(stamps)]
    assert said == [f"{path}: the stamps give the order of the steps, not how far they are apart"]


def test_stamps_are_dates_with_colons_inside(file):
    times = ("2007-01-01 00:00:00", "2007-01-01 00:01:00")
    one, two = (",".join(f"({time},{sign}{i})" for i, time in enumerate(times, 1)) for sign in ("", "-"))
    columns = read(file(f"{STAMPED}{one}:{two}:a\n{one}:({times[0]},?),({times[1]},4):b\n"))
    np.testing.assert_array_equal(columns.numbers, [[1, -1], [2, -2], [1, NAN], [2, 4]])
    assert columns.labels.texts() == ["a", "b"]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("(1,2),(2,3):(1,2),(3,3):a", "other stamps in channel 2, expected those of the first channel"),
        ("(1,2),(x,3):a", "stamps 1 to x, expected numbers, or dates as 2024-01-31 12:00:00"),
        ("(1,2),3:a", "'(1,2),3', expected (stamp, value) pairs"),
        ("(1,2)::a", "'', expected (stamp, value) pairs"),
    ],
)
def test_pairs_that_are_wrong(file, rows, found):
    assert found in message(file(f"{STAMPED}{rows}\n"))


@pytest.mark.parametrize(
    ("text", "at", "found"),
    [
        ("1,2:a\n", 1, "a row before @data"),
        ("@classLabel true\n", 1, "no line @data up to the end"),
        ("@classLabel yes a\n@data\n1:a\n", 1, "'@classLabel yes a', expected true or false"),
        ("@timestamps\n@data\n1:a\n", 1, "expected true or false"),
        ("@classLabel true a\n@targetLabel true\n@data\n1:a\n", 2, "@classLabel and @targetLabel are both true"),
        (f"{ONE}1,x:a\n", 3, "'x', expected a number, or ? for a missing one"),
        (f"{ONE}(1,2):a\n", 3, "'(1', expected a number, or ? for a missing one; (time, value) pairs need @timestamps"),
        (f"{ONE}1,,2:a\n", 3, "nothing between separators"),
        (f"{ONE}1,5%:a\n", 3, "'5%', expected a number"),
        (f"{ONE}1,-inf:a\n", 3, "'-inf', expected a finite number"),
        (f"{ONE}1:2,3:a\n", 3, "channels of 1, 2 values, expected as many values in each"),
        (f"{ONE}1:a\n1:2:b\n", 4, "2 channels, expected 1 as in the rows above"),
        (f"{ONE}1:a\n2:?\n", 4, "no answer, expected one, as other lines have it"),
        (f"{ONE}1:a\n2\n", 4, "no answer, expected one, as other lines have it"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(file, text, at, found):
    told = message(file(text), asked="ts")
    assert f"x.ts:{at}: " in told and found in told


def test_a_file_without_rows_or_with_options_of_columns(file):
    assert "no rows after @data, expected a sequence a line" in message(file(ONE))
    for task, roles in (("classify", {"label": "1"}), ("classify", {"group": "1"}), ("regress", {"targets": ("1",)})):
        assert "--format ts" in message(file(f"{ONE}1:a\n"), task, kind=UsageError, **roles)
    assert "--task tag and --format ts" in message(file(f"{ONE}1:a\n"), "tag", kind=UsageError)


def test_without_a_tag_the_last_part_is_a_label_if_it_is_one_value(file, said):
    assert read(file("@data\n1,2:3\n4,5:6\n")).labels.texts() == ["3", "6"]
    assert any("no tag @classLabel or @targetLabel: what follows the last colon is a label" in line for line in said)
    for text in ("@data\n1,2\n", "@data\n1,2:3,4\n", "@classLabel false\n@data\n1,2:3,4\n"):
        columns = read(file(text))
        assert columns.labels is None and len(columns.number_names) == 1 + (":" in text)


def test_it_is_no_typescript(file):
    for text in ("let a = 1\n", "@Component({})\nclass A { @data() x = 1 }\n", "// @data\n"):
        assert form_of(file(text)) == Form("text")
    assert form_of(file(ONE + "1:a\n")) == Form("ts")
    assert form_of(file((ONE + "1:a\n").encode("utf-16")), encoding="utf-16") == Form("ts")
    assert form_of(file(ONE + "1:a\n"), "language") == Form("text")


def test_a_file_to_predict_may_lack_answers_but_no_channel(file):
    for text in ("@classLabel false\n@data\n1,2\n", f"{ONE}1,2:?\n", f"{ONE}1,2\n"):
        assert read(file(text), "classify", form=Form("ts"), numbers=("1",)).labels is None
    some = read(file(f"{ONE}1,2:?\n3:b\n"), "classify", form=Form("ts"), numbers=("1",))
    assert some.labels.texts() == [None, "b"]
    found = error_of(read, file(f"{ONE}1:2:a\n"), "classify", form=Form("ts"), numbers=("1",))
    assert "2 channels, expected 1 as in training" in found


def test_pieces_are_the_whole(file):
    path = file(ONE + "".join(f"{i},{i}.5,-{i}:{'ab'[i % 2]}\n" for i in range(7)))
    request = Request(Form("ts"), Roles(), "utf-8", "char", "classify", Known(("1",)))
    whole = read_columns([path], request)
    parts = list(read_pieces([path], Request(**vars(request) | {"piece": Piece(3, 100)})))
    assert [len(part) for part in parts] == [3, 3, 1]
    assert np.concatenate([part.numbers for part in parts]).tolist() == whole.numbers.tolist()
    assert [key for part in parts for key in part.keys] == whole.keys
    assert [label for part in parts for label in part.labels.texts()] == whole.labels.texts()


def test_forecasts_read_the_channels_alone(file, said):
    columns = read(file(f"{TWO}1,2:3,4:a\n"), "forecast", targets=("2",))
    assert columns.labels is None and columns.numbers.tolist() == [[1, 3], [2, 4]]
    assert any("the answers are not used" in line for line in said)
