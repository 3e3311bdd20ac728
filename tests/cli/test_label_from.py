"""`--label-from`: recordings and documents in files, whose labels the names of the files or folders tell."""

import json

import numpy as np
import pytest

NEW = ("-q", "-o", "m")


def recording(draw, fast):
    """Steps of two channels (t, 2); how fast they turn is the label."""
    t = np.arange(draw.integers(12, 20)) * (1.1 if fast else 0.3) + draw.random()
    return np.stack([np.sin(t), np.cos(t)], axis=1) + 0.05 * draw.standard_normal((len(t), 2))


def csv(rows, names="ax,ay"):
    return f"{names}\n" + "".join(f"{a:.3f},{b:.3f}\n" for a, b in rows)


@pytest.fixture
def recordings(here):
    """Ten of each label, `d/walk/0.csv` and so on."""
    draw = np.random.default_rng(0)
    (here.folder / "d").mkdir()
    for i in range(10):
        for label in ("walk", "run"):
            here.write(f"d/{label}/{i}.csv", csv(recording(draw, label == "run")))
    return draw


def test_folders_are_the_labels_of_the_files_in_them(here, recordings):
    done = here("train", "d", "--label-from", "folder", "-o", "m")
    assert done.code == 0 and "d (20 files)  CSV with header, columns ax, ay; 20 sequences of up to" in done.err
    assert "2 labels: run, walk" in done.err
    here.write("new.csv", csv(recording(recordings, True)))
    here.write("stop/1.csv", csv(recording(recordings, True)))
    assert here("predict", "m", "new.csv").rows(3)[0][::2] == [b"run", b"new.csv"]
    assert here("predict", "m", input=here.read("d/walk/3.csv")).rows(3)[0][::2] == [b"walk", b"<stdin>"]
    rows = here("predict", "m", "d/walk", "d/run/1.csv").rows(3)
    assert [row[2] for row in rows] == [*(b"d/walk/%d.csv" % i for i in range(10)), b"d/run/1.csv"]
    assert [row[0] for row in rows] == [b"walk"] * 10 + [b"run"]
    found = here("predict", "m", "d", "stop/1.csv", "--evaluate").json()
    assert (found["n"], found["seen"]["trained"]) == (21, 20)
    assert found["accuracy"] == pytest.approx(20 / 21)  # stop is unheard of


def test_names_are_labels_and_give_the_same_network_as_folders_and_as_a_column(here, recordings):
    table = ["id,kind,ax,ay"]
    for label in ("run", "walk"):
        for i in range(10):
            rows = here.read(f"d/{label}/{i}.csv").decode()
            here.write(f"{label}-{i}.csv", rows)
            table += [f"{label}{i},{label},{row}" for row in rows.split()[1:]]
    here.write("all.csv", "\n".join(table) + "\n")
    files = [f"{label}-{i}.csv" for label in ("run", "walk") for i in range(10)]
    calls = {
        "f": ("d", "--label-from", "folder"),
        "n": (*files, "--label-from", "name"),
        "c": ("all.csv", "--label", "kind", "--group", "id"),
    }
    for name, call in calls.items():
        assert here("train", *call, "-q", "-o", name).code == 0
    rows = [[row[:2] for row in here("predict", name, *files[8:12]).rows(3)] for name in "fn"]
    evaluated = here("predict", "c", "all.csv", "--to", "tsv").rows(3)
    assert rows[0] == rows[1] == [row[:2] for row in evaluated[8:12]]
    explained = here("train", *calls["n"], "--explain").out.decode()
    assert explained.endswith("--task classify --format table --learn readout --label-from name\n")


def test_times_in_recordings_are_no_input(here, recordings):
    for label in ("walk", "run"):
        for i in range(10):
            rows = here.read(f"d/{label}/{i}.csv").decode().split()[1:]
            rows = [f"2024-01-{i + 1:02}T00:00:{second:02},{row}\n" for second, row in enumerate(rows)]
            here.write(f"d/{label}/{i}.csv", "when,ax,ay\n" + "".join(rows))
    done = here("train", "d", "--label-from", "folder", "-o", "m")
    assert "the times of the rows are those of column when" in done.err and "2 numbers a step" in done.err
    assert here("predict", "m", "d", "--evaluate").json()["accuracy"] == 1


def test_a_document_is_a_file_or_a_line_of_it(here):
    words = {"food": "bread soup salt oven", "sport": "ball team goal match"}
    (here.folder / "d").mkdir()
    for label, its in words.items():
        lines = [f"the {a} of {b}\n{b}, {a}\n" for a in its.split() for b in its.split()]
        for i, text in enumerate(lines):
            here.write(f"d/{label}/{5000 + i}", text)
        here.write(f"{label}.txt", "".join(lines))
    short = ("--epochs", "8", "--hidden", "8", "-q")
    assert here("train", "d", "--label-from", "folder", *short, "-o", "m").code == 0
    assert here("predict", "m", "d/food/5001").rows(3)[0][::2] == [b"food", b"d/food/5001"]
    assert here("predict", "m", input=b"the goal\nof a team\n").rows(3)[0][0] == b"sport"
    refused = here("train", "food.txt", "sport.txt", "--label-from", "name", *NEW)
    assert refused.code == 1 and refused.message().endswith("of a label; --format lines makes each line a text\n")
    lines = ("food.txt", "sport.txt", "--label-from", "name", "--format", "lines", *short)
    assert here("train", *lines, "-o", "m").code == 0
    assert [row[0] for row in here("predict", "m", input=b"salt\n\na match\n").rows(3)] == [b"food", b"sport"]
    here.write("d/food/5001", "")
    assert "d/food/5001: empty, expected text" in here("train", "d", "--label-from", "folder", *NEW).err


@pytest.mark.parametrize("form", ["npy", "jsonl"])
def test_all_sequences_of_a_file_have_its_label(here, form):
    draw = np.random.default_rng(0)
    for label, slope in (("up", 1), ("down", -1)):
        x = slope * np.linspace(0, 1, 8)[:, None] + 0.1 * draw.standard_normal((6, 8, 1))
        if form == "npy":
            np.save(here.folder / f"{label}.npy", x)
        else:
            here.write(f"{label}.jsonl", "".join(json.dumps({"x": one.tolist()}) + "\n" for one in x))
    files = (f"up.{form}", f"down.{form}")
    assert here("train", *files, "--label-from", "name", *NEW).code == 0
    rows = here("predict", "m", *files).rows(3)
    assert [row[0] for row in rows] == [b"up"] * 6 + [b"down"] * 6 and rows[7][2] == f"down.{form}:2".encode()
    assert here("predict", "m", *files, "--evaluate").json()["n"] == 12


REFUSED = {
    "no option": (("d",), 2, "d: 20 files in 2 folders, run (10), walk (10): --label-from folder learns to tell"),
    "two answers": (("d", "--label-from", "folder", "--label", "ax"), 2, "--label-from and --label cannot be combined"),
    "another task": (
        ("d", "--label-from", "folder", "--task", "forecast"),
        2,
        "--label-from has no effect with --task forecast: it is for --task classify",
    ),
    "no rule": (("d", "--label-from", "stem"), 2, "--label-from stem: expected name|folder"),
    "nothing but numbers": (("d/run/1.csv", "d/walk/1.csv", "--label-from", "name"), 1, "has nothing but numbers"),
    "own answers": (("y.jsonl", "z.jsonl", "--label-from", "name"), 2, "y.jsonl, which has answers of its own"),
    "other columns": (("d", "e", "--label-from", "folder:1"), 1, "e/1.csv: no column ay, expected it as in d/run"),
    "no rows": (("d", "f", "--label-from", "folder:1"), 1, "f/1.csv: no rows"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_one_line(here, recordings, name):
    for letter in "yz":
        here.write(f"{letter}.jsonl", '{"x": [1, 2], "y": "a"}\n{"x": [2, 1], "y": "b"}\n')
    here.write("e/1.csv", "ax,az\n1,2\n")
    here.write("f/1.csv", "")
    options, code, expected = REFUSED[name]
    done = here("train", *options, *NEW)
    assert done.code == code and expected in done.err.splitlines()[-1], done.err
    assert not (here.folder / "m").exists()
    assert sum(line.startswith("rnncli: ") for line in done.err.splitlines()) == 1


def test_a_folder_of_series_is_read_as_its_files_are(here, recordings):
    options = ("--epochs", "0.1", "--hidden", "2", "-q")
    assert here("train", "d/run", *options, "-o", "a").code == 0
    files = [f"d/run/{i}.csv" for i in range(10)]
    assert here("train", *files, *options, "-o", "b").code == 0
    assert here.read("a") == here.read("b")
    assert here("predict", "a", "d/walk").out == here("predict", "a", *(f"d/walk/{i}.csv" for i in range(10))).out
