"""Arrays: npy and npz files."""

from pathlib import Path

import numpy as np
import pytest

from rnncli.errors import UsageError
from rnncli.readers.arrays import Arrays
from rnncli.readers.form import Form
from tests.readers.helpers import NAN, form_of, message, pieces, read

FILE = "data.csv"


def saved(path, *arguments, **arrays):
    np.savez(path, **arrays) if arrays else np.save(path, *arguments)
    return path


def test_arrays_are_one_sequence_or_several(file):
    x = np.arange(24.0)
    for shape, offsets, width in (((24,), [0, 24], 1), ((8, 3), [0, 8], 3), ((2, 4, 3), [0, 4, 8], 3)):
        path = saved(file("", "x.npy"), x.reshape(shape))
        columns = read(path)
        assert form_of(path).describe() == "arrays"
        assert (columns.offsets.tolist(), columns.number_names) == (offsets, [str(i + 1) for i in range(width)])
        assert columns.numbers.ravel().tolist() == x.tolist()
        assert columns.numbers.dtype == np.float64
        assert columns.keys == [str(i + 1) for i in range(len(offsets) - 1)]
    columns = read(path, "forecast", inputs=("3",), targets=("1",))
    assert (columns.number_names, columns.numbers[1].tolist()) == (["1", "3"], [3, 5])


def test_archives_hold_sequences_of_unequal_length_and_answers(file):
    x, path = np.arange(12).reshape(6, 2), file("", "x.npz")
    for more in ({"lengths": [1, 3, 2]}, {"offsets": [0, 1, 4, 6]}, {"offsets": np.array([0, 1, 4])}):
        columns = read(saved(path, x=x, y=[3, 1, 3], **more), "classify")
        assert columns.offsets.tolist() == [0, 1, 4, 6]
        assert columns.labels.texts() == ["3", "1", "3"]
        assert columns.numbers.ravel().tolist() == list(range(12))
    padded = np.arange(24).reshape(3, 4, 2)
    columns = read(saved(path, x=padded, lengths=[1, 4, 2], y=["a", "b", "a"]), "classify")
    assert pieces(columns, columns.numbers[:, 0]) == [[0], [8, 10, 12, 14], [16, 18]]
    assert columns.labels.texts() == ["a", "b", "a"]
    columns = read(saved(path, x=padded, y=[0.5, 1, 2]), "regress")
    assert columns.targets.tolist() == [[0.5], [1], [2]]
    assert read(saved(path, x=padded, y=[0.5, 1, 2]), "forecast").targets is None
    tags = read(saved(path, x=x, lengths=[1, 3, 2], y=[1, 2, 1, 1, 1, 2]), "tag")
    assert tags.labels.texts() == ["1", "2", "1", "1", "1", "2"]
    assert read(saved(path, only=x)).numbers.shape == (6, 2)
    assert read(saved(path, only=x, z=[1, 2, 1, 1, 1, 2]), "tag", tag="z").labels.codes.tolist() == [0, 1, 0, 0, 0, 1]


def test_sequences_may_be_an_array_each(file):
    x, path = np.arange(24).reshape(12, 2), file("", "x.npz")
    np.savez(path, *(x[i : i + 1 + i % 2] for i in range(11)), y=np.arange(11) / 2)
    columns = read(path, "regress")
    assert columns.lengths.tolist() == [1, 2] * 5 + [1]
    assert [piece[0] for piece in pieces(columns, columns.numbers[:, 0])] == list(range(0, 22, 2))
    assert columns.targets[:, 0].tolist() == [i / 2 for i in range(11)]
    np.savez(path, np.arange(2), np.arange(3))
    assert (read(path).offsets.tolist(), read(path).numbers.shape) == ([0, 2, 5], (5, 1))


def test_capitals_are_the_usual_names_where_these_are_not_there(file, said):
    X = np.arange(24.0).reshape(2, 3, 4)
    path = saved(file("", "x.npz"), X=X, Y=np.array([1, 2]))
    columns = read(path, "classify")
    assert columns.labels.texts() == ["1", "2"] and columns.numbers.shape == (6, 4)
    assert Arrays.learnt(path, "utf-8") == ("label",)
    path = saved(file("", "x.npz"), x=X[:, :2], X=X)
    assert read(path).numbers.shape == (4, 4)
    assert not any("channels" in line for line in said)


def test_many_columns_of_few_steps_may_be_channels(file, said):
    path = saved(file("", "x.npz"), x=np.zeros((5, 3, 7)), y=np.arange(5))
    read(path, "classify")
    expected = f"{path}: x holds 5 sequences of 3 steps, each of 7 columns: if the channels come first"
    assert any(line.startswith(expected) for line in said)


def test_rows_of_nan_in_front_are_said_to_be_no_padding(file, said):
    x = np.concatenate([np.full((5, 2, 1), np.nan), np.ones((5, 4, 1))], axis=1)
    path = saved(file("", "x.npz"), x=x, y=np.arange(5) % 2)
    assert read(path, "classify").lengths.tolist() == [6] * 5
    expected = f"{path}: rows of NaN at the beginning of 5 sequences are read as missing values: padding is read behind"
    assert any(line.startswith(expected) for line in said)


@pytest.mark.parametrize(
    ("task", "roles", "found"),
    [
        ("classify", {"group": "g"}, "--group and arrays cannot be combined"),
        ("classify", {"label": "z"}, "--label z: no such array, found x, y"),
        ("regress", {"targets": ("y", "z")}, "--target y,z: expected one array of answers"),
        ("classify", {"inputs": ("x",)}, "--inputs x: no such column, found 1"),
    ],
)
def test_names_that_have_no_meaning_in_arrays_are_refused(file, task, roles, found):
    path = saved(file("", "x.npz"), x=np.zeros((2, 3, 1)), y=np.array([1, 2]))
    assert found in message(path, task, kind=UsageError, **roles)


def test_arrays_to_predict_fit_those_of_training(file):
    path = saved(file("", "x.npz"), x=np.zeros((2, 3, 2)), y=np.array([1.0, np.nan]))
    assert message(path, "regress").endswith("y of sequence 2 is not a finite number, expected one")
    np.testing.assert_array_equal(read(path, "regress", numbers=("1", "2")).targets, [[1], [np.nan]])
    assert read(path, "classify", numbers=("1", "2")).labels.codes.tolist() == [0, -1]
    assert message(path, numbers=("1",)) == f"{path}: 2 columns, expected 1 as in training"


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({"x": np.array([{}, []], object)}, "not arrays of numbers (it holds Python objects): write x of all steps"),
        ({"arr_0": np.zeros((2, 3)), "arr_1": np.zeros((2, 2))}, "arr_1 is float64 of shape (2, 2), expected numbers"),
        ({"arr_0": np.zeros((2, 3, 2)), "arr_1": np.zeros(2)}, "arr_0 is float64 of shape (2, 3, 2), expected numbers"),
        ({"y": np.zeros(3)}, "no array x, expected one with the sequences: found none"),
        ({"x": np.array(["a"])}, "x is <U1 of shape (1,), expected numbers"),
        ({"x": np.zeros((2, 0))}, "x is float64 of shape (2, 0)"),
        ({"x": np.zeros((2, 2, 2, 2))}, "of shape (2, 2, 2, 2), expected numbers"),
        ({"a": np.zeros(2), "b": np.zeros(3)}, "no array x, expected one with the sequences: found a, b"),
        ({"x": np.zeros((4, 2)), "lengths": np.array([1, 2])}, "lengths does not fit x"),
        ({"x": np.zeros((4, 2)), "lengths": np.array([4, 0])}, "lengths does not fit x"),
        ({"x": np.zeros((4, 2)), "lengths": np.array([5, -1])}, "lengths does not fit x"),
        ({"x": np.zeros((4, 2)), "lengths": np.array([1.5, 2.5])}, "lengths is float64"),
        ({"x": np.zeros((2, 3, 1)), "lengths": np.array([3, 4])}, "lengths does not fit x"),
        ({"x": np.zeros((4, 2)), "offsets": np.array([1, 4])}, "offsets does not fit x"),
        ({"x": np.zeros((2, 3, 1)), "y": np.array([1, 2, 3])}, "y: int64 of shape (3,), expected 2 labels"),
        (
            {"x": np.zeros((3, 4)), "y": np.array([1, 2])},
            "expected 1 label, one a sequence: x of shape (3, 4) is a sequence",
        ),
        ({"x": np.zeros((2, 3, 1)), "y": np.array([b"a", b"\xff"])}, "y: bytes that are no UTF-8"),
        ({"x": np.array([1.0, np.inf])}, "an infinite number in step 2 of x"),
    ],
)
def test_arrays_that_are_wrong_are_named(file, arrays, found):
    path = saved(file("", "x.npz"), **arrays)
    text = message(path, "classify")
    assert text.startswith(f"{path}: ")
    assert found in text


def test_arrays_that_are_cut_off_are_named(file):
    whole = Path(saved(file("", "x.npy"), np.zeros((50, 50)))).read_bytes()
    archive = Path(saved(file("", "x.npz"), x=np.zeros((50, 50)))).read_bytes()
    for name, content in (("x.npy", whole[:200]), ("x.npy", b"junk"), ("x.npy", b"")):
        path = file(content, name)
        assert message(path).startswith(f"{path}: not arrays of numbers"), name
    path = file(archive[:500], "x.npz")
    assert message(path).startswith(f"{path}: damaged zip data")
    assert "neither .npy nor .npz" in message(file("a,b\n1,2\n", "x.csv"), form=Form("arrays"))


X = np.arange(24, dtype=float).reshape(3, 4, 2)
LENGTHS = [1, 4, 2]


def padded(value):
    x = X.copy()
    for sequence, length in zip(x, LENGTHS, strict=True):
        sequence[length:] = value
    return x


@pytest.mark.parametrize(
    ("value", "more"),
    [
        (NAN, {}),
        *[(value, {"lengths": LENGTHS}) for value in (0, NAN, 99)],
        *[(value, {"mask": np.arange(4) < np.array(LENGTHS)[:, None]}) for value in (0, NAN, 99)],
        (0, {"mask": np.arange(4) >= np.array(LENGTHS)[:, None]}),  # true where there is padding
        (7, {"mask": (np.arange(4) < np.array(LENGTHS)[:, None]).astype(float)[:, :, None]}),
    ],
)
def test_padding_is_never_read_however_it_is_told(file, value, more):
    columns = read(saved(file("", "x.npz"), x=padded(value), y=[1, 2, 1], **more), "classify")
    assert columns.offsets.tolist() == [0, 1, 5, 7]
    assert columns.numbers.tobytes() == np.concatenate([X[0, :1], X[1], X[2, :2]]).tobytes()
    tags = read(saved(file("", "x.npz"), x=padded(value), y=np.ones((3, 4), int), **more), "tag")
    assert len(tags.labels.codes) == 7


def test_padding_that_is_none_is_refused(file):
    path, there = file("", "x.npz"), np.ones((3, 4), bool)
    there[1, 1] = False
    assert "sequence 2 has no steps, or padding before its end" in message(saved(path, x=X, mask=there))
    assert "mask is bool of shape (2, 4)" in message(saved(path, x=X, mask=there[:2]))
    front = np.tile(np.arange(4) > 0, (len(X), 1))  # padded in front, all of them: not a mask of padding
    assert "sequence 1 has no steps, or padding before its end" in message(saved(path, x=X, mask=front))
    empty = padded(0)
    empty[2] = NAN
    assert "sequence 3 has no steps" in message(saved(path, x=empty))


def test_two_dimensions_with_an_answer_a_row_are_so_many_sequences(file):
    path, x = file("", "x.npz"), np.arange(12.0).reshape(3, 4)
    for y, task in (([1, 2, 1], "classify"), ([0.5, 1, 2], "regress"), ([1, 2, 1], "auto")):
        columns = read(saved(path, x=x, y=y), task)
        assert (columns.offsets.tolist(), columns.number_names) == ([0, 4, 8, 12], ["1"])
    for y in ([[b"a"], [b"b"], [b"a"]], [["a"], ["b"], ["a"]]):
        assert read(saved(path, x=x, y=y), "classify").labels.texts() == ["a", "b", "a"]
    columns = read(saved(path, x=x), "classify", numbers=("1",))
    assert columns.offsets.tolist() == [0, 4, 8, 12]
    assert read(saved(path, x=x), "forecast").offsets.tolist() == [0, 3]
    assert read(saved(path, x=x, y=[1, 2, 1]), "tag").offsets.tolist() == [0, 3]


@pytest.mark.parametrize(
    ("y", "kinds"),
    [
        (None, ()),
        (np.array([1, 0]), ("label",)),
        (np.array(["a", "b"]), ("label",)),
        (np.array([["a"], ["b"]]), ("label",)),
        (np.array([b"a", b"b"]), ("label",)),
        (np.array([0.5, 1]), ("numbers",)),
        (np.array([0.0, 1]), ("label", "numbers", "tags")),
    ],
)
def test_answers_beside_arrays_say_what_is_to_be_learnt(file, y, kinds):
    path = saved(file("", "x.npz"), x=X[:2], **({} if y is None else {"y": y}))
    assert Arrays.learnt(path, "utf-8") == kinds


def test_a_signalling_nan_is_missing_without_a_warning(file):
    bits = np.array([[0x7FA00000, 0x3F800000]] * 3, "<u4")  # a NaN that signals, and 1.0
    columns = read(saved(file("", "x.npy"), bits.view("<f4")))
    np.testing.assert_array_equal(columns.numbers, [[np.nan, 1.0]] * 3)
