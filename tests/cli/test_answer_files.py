"""Labels and numbers of arrays in a file of their own: `--label labels.npy`, and `--answers` to evaluate."""

import numpy as np
import pytest

NEW = ("-q", "-o", "m")


@pytest.fixture
def x(here):
    """(20, 8, 2), of which the first ten rise."""
    draw, slope = np.random.default_rng(0), np.repeat([1.0, -1.0], 10)[:, None, None]
    found = slope * np.linspace(0, 1, 8)[:, None] + 0.1 * draw.standard_normal((20, 8, 2))
    np.save(here.folder / "x.npy", found)
    np.save(here.folder / "numbers.npy", found[:, -1, 0] * 100)
    np.save(here.folder / "labels.npy", np.repeat(["up", "down"], 10))
    return found


WAYS = {
    "codes.npy": (np.repeat([3, 5], 10), ["3", "5"]),
    "words.npy": (np.repeat(["up", "down"], 10), ["up", "down"]),
    "column.npy": (np.repeat([[1.0], [2.0]], 10, axis=0), ["1", "2"]),
    "one.npz": (np.repeat([3, 5], 10), ["3", "5"]),
    "bytes.npy": (np.repeat([b"up", b"down"], 10), ["up", "down"]),
    "gestures.csv": ("gesture\n" + "up\n" * 10 + "down\n" * 10, ["up", "down"]),
    "lines.txt": ("up\n" * 10 + "down\n" * 10, ["up", "down"]),
    "named.csv": ("gesture\n" + "3\n" * 10 + "5\n" * 10, ["3", "5"]),
    "label.csv": ('label\n"up"\n' + "up\n" * 9 + "down\n" * 10, ["up", "down"]),
}


@pytest.mark.parametrize("name", WAYS)
def test_labels_are_those_of_the_file_whatever_its_form(here, x, name):
    answers, labels = WAYS[name]
    if isinstance(answers, str):
        here.write(name, answers)
    else:
        (np.savez if name.endswith("z") else np.save)(here.folder / name, answers)
    assert here("train", "x.npy", "--label", name, *NEW).code == 0
    assert [row[0].decode() for row in here("predict", "m", "x.npy").rows(3)] == [labels[i // 10] for i in range(20)]
    found = here("predict", "m", "x.npy", "--evaluate", "--answers", name).json()
    assert (found["n"], found["accuracy"]) == (20, 1)


def test_the_model_is_that_of_labels_in_the_same_file_and_wherever_the_labels_are(here, x):
    np.savez(here.folder / "both.npz", x=x, y=np.repeat(["up", "down"], 10))
    here.write("sub/labels.npy", here.read("labels.npy"))
    for name, *call in (("a", "x.npy", "--label", "labels.npy"), ("b", "x.npy", "--label", "sub/labels.npy")):
        assert here("train", *call, "-q", "-o", name).code == 0
    assert here.read("a") == here.read("b")
    assert here("train", "both.npz", "-q", "-o", "c").code == 0
    assert here("predict", "a", "x.npy").out == here("predict", "c", "x.npy").out


def test_numbers_are_learnt_and_compared(here, x):
    assert here("train", "x.npy", "--target", "numbers.npy", *NEW).code == 0
    found = here("predict", "m", "x.npy", "--evaluate", "--answers", "numbers.npy").json()
    rows = [float(row[0]) for row in here("predict", "m", "x.npy").rows(2)]
    error = np.array(rows) - np.load(here.folder / "numbers.npy")
    np.testing.assert_allclose(found["rmse"], np.sqrt((error**2).mean()), atol=1e-4)
    without = here("predict", "m", "x.npy", "--evaluate")
    assert without.code == 1 and "--answers FILE names another file of them" in without.message()


def test_tags_are_those_of_all_steps(here, x):
    np.save(here.folder / "tags.npy", np.tile(np.repeat(["low", "high"], 4), 20))
    short = ("--epochs", "1", "--hidden", "4")
    assert here("train", "x.npy", "--tag", "tags.npy", *short, *NEW).code == 0
    assert len(here("predict", "m", "x.npy").rows(3)) == 160


def test_what_does_not_fit_is_one_line(here, x):
    np.save(here.folder / "short.npy", np.zeros(19, int))
    np.savez(here.folder / "two.npz", a=np.zeros(20, int), b=np.zeros(20, int))
    here.write("gap.txt", "up\n\n" + "down\n" * 18)
    here.write("words.txt", "1\nmany\n" + "3\n" * 18)
    here.write("no.npy", b"nothing")
    here.write("t.csv", "a,b\n1,2\n2,1\n")
    cases = {
        ("x.npy", "--label", "short.npy"): "short.npy: int64 of shape (19,), expected 20 labels",
        ("x.npy", "--label", "two.npz"): "two.npz: 2 arrays, expected one, of answers",
        ("x.npy", "--label", "gap.txt"): "gap.txt:2: an empty line among the labels",
        ("x.npy", "--target", "words.txt"): "words.txt: could not convert string to float: 'many', expected a number",
        ("x.npy", "--label", "no.npy"): "no.npy: no array of answers",
        ("x.npy", "--label", "absent.npy"): "--label absent.npy: no such file, and no array of this name, found x",
        ("x.npy", "x.npy", "--label", "labels.npy"): "labels.npy and 2 files of sequences cannot be combined",
        ("t.csv", "--label", "labels.npy"): "--label labels.npy: no such column",
    }
    for call, expected in cases.items():
        done = here("train", *call, *NEW)
        assert done.code in (1, 2) and expected in done.message()
    here("train", "x.npy", "--label", "labels.npy", *NEW)
    assert "expected 20 labels" in here("predict", "m", "x.npy", "--evaluate", "--answers", "short.npy").message()
    assert here("predict", "m", "x.npy", "--answers", "labels.npy").code == 2  # of no use there


def test_the_ways_of_writing_labels_come_to_the_same(here, x):
    np.save(here.folder / "bools.npy", np.arange(20) % 2 == 1)
    here.write("words.txt", "false\ntrue\n" * 10 + "\n\n")
    for file, model in (("bools.npy", "a"), ("words.txt", "b")):
        assert here("train", "x.npy", "--label", file, "-o", model).code == 0
    rows = here("predict", "a", "x.npy").rows(3)
    assert rows == here("predict", "b", "x.npy").rows(3)
    assert {row[0] for row in rows} <= {b"false", b"true"}


def test_measurements_given_as_labels_are_told(here, x):
    np.save(here.folder / "sizes.npy", np.arange(20) % 4 + 0.25)
    done = here("train", "x.npy", "--label", "sizes.npy", "-o", "m")
    assert "labels such as 0.25 are numbers with fractions: --target" in done.err
