"""`inspect MODEL --verify DATA`: whether these are the data that the model was made from, else what differs."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

OPTIONS = ("--hidden", "3", "--epochs", "1", "-q")
KEPT = Path(__file__).parents[1] / "models" / "kept" / "format1"


def made(here, name, *options):
    done = here("train", name, *OPTIONS, *options, "-o", "m.safetensors")
    assert done.code == 0, done.err


def checked(here, name):
    """Whether it is the same, and the line, which is on stdout or an error."""
    done = here("inspect", "m.safetensors", "--verify", name)
    if done.code == 0:
        assert done.err == ""
        return True, done.out.decode()
    assert done.code == 1
    return False, done.message()


def messages(count):
    rng = random.Random(3)
    rows = [f"{rng.choice('ab')}\tmessage {i} of {rng.random():.6f}\n" for i in range(count)]
    return "label\ttext\n" + "".join(rows), rows


def test_a_stream(here, text, other_text):
    made(here, here.write("t.txt", text))
    assert checked(here, "t.txt") == (True, "t.txt: the data that m.safetensors was made from\n")
    here.write("more.txt", text + other_text)
    same, line = checked(here, "more.txt")
    assert not same and " new" in line and "trained on" in line
    here.write("less.txt", text[: len(text) // 2])
    assert "% of what it has seen is missing" in checked(here, "less.txt")[1]
    here.write("other.txt", "".join(random.Random(1).choices("abc \n", k=3000)))
    assert "it has seen none of the 2,873 stretches of 128 characters" in checked(here, "other.txt")[1]
    assert here("inspect", "m.safetensors", "--verify", "-", input=text.encode()).code == 0


def test_lines_are_counted_exactly(here, text):
    lines = [f"{i} {line}\n" for i, line in enumerate(text.splitlines()[:60])]
    made(here, here.write("l.txt", "".join(lines)), "--format", "lines")
    assert checked(here, "l.txt")[0]
    here.write("two.txt", "".join(lines[:30]) + "new one\nnew two\n")
    data = here("inspect", "m.safetensors", "--verify", "two.txt", "--json")
    found = json.loads(data.out)
    assert data.code == 1 and "two.txt: not the data" in data.err
    assert found["seen"]["n"] == found["seen"]["checked"] == 32
    assert found["seen"]["trained"] + found["seen"]["validated"] == 30
    assert found["missing"] == pytest.approx(0.5)
    assert found["units"] == ["line", "lines"]


def test_labelled_texts_and_their_answers(here):
    table, rows = messages(40)
    made(here, here.write("m.tsv", table), "--label", "label")
    assert checked(here, "m.tsv")[0]
    here.write("twisted.tsv", "label\ttext\n" + "".join([*rows[:-1], "ba"[rows[-1][0] == "b"] + rows[-1][1:]]))
    same, line = checked(here, "twisted.tsv")
    assert not same
    assert "it has seen all of the 40 sequences, and no others: their order, the answers" in line
    here.write("turned.tsv", "label\ttext\n" + "".join(rows[::-1]))
    assert "it has seen all of the 40" in checked(here, "turned.tsv")[1]
    here.write("part.tsv", "label\ttext\n" + "".join(rows[:10]))
    assert "75 % of what it has seen is missing" in checked(here, "part.tsv")[1]
    here.write("columns.tsv", table.replace("label\t", "kind\t", 1))
    assert (
        "not the data that m.safetensors was made from: --label label: no such column"
        in (checked(here, "columns.tsv")[1])
    )


@pytest.mark.parametrize("options", [(), ("--learn", "readout"), ("--valid-fraction", "0")])
def test_series(here, options):
    values = np.sin(np.arange(120) / 3) + np.random.default_rng(0).normal(0, 0.1, 120)
    rows = [f"{v:.5f}\n" for v in values]
    here.write("s.csv", "x\n" + "".join(rows))
    own = OPTIONS if "readout" not in options else ("-q",)
    assert here("train", "s.csv", "--target", "x", *own, *options, "-o", "m.safetensors").code == 0
    assert checked(here, "s.csv")[0]
    here.write("changed.csv", "x\n" + "".join(rows[:100]) + "0.5\n" + "".join(rows[101:]))
    same, line = checked(here, "changed.csv")
    assert not same
    assert "8 new" in line  # a step is known by the eight rows up to it


def test_a_validation_file_and_a_warm_start(here, text, other_text):
    here.write("t.txt", text)
    here.write("v.txt", other_text)
    made(here, "t.txt", "--valid", "v.txt")
    same, line = checked(here, "t.txt")
    assert same and line == "t.txt: the data that m.safetensors was trained on; its validation part was another file\n"
    (here.folder / "m.safetensors").rename(here.folder / "first.safetensors")
    assert here("train", "t.txt", "--init", "first.safetensors", "--epochs", "1", "-q", "-o", "m.safetensors").code == 0
    assert checked(here, "t.txt")[0]


def test_several_files(here, text):
    here.write("a.txt", text[:4000])
    here.write("b.txt", text[4000:])
    made(here, "a.txt", "b.txt")
    assert here("inspect", "m.safetensors", "--verify", "a.txt", "--verify", "b.txt").code == 0
    assert here("inspect", "m.safetensors", "--verify", "b.txt", "--verify", "a.txt").code == 1


def test_a_model_of_before_says_so_where_it_cannot_tell(here, text):
    here.write("t.txt", text)
    done = here("inspect", str(KEPT / "lines.safetensors"), "--verify", "t.txt")
    assert done.code == 1
    assert "of an earlier version, which kept too little to tell its data" in done.message()
    done = here("inspect", str(KEPT / "lines-checkpoint.safetensors"), "--verify", "t.txt")
    assert "a training under way" in done.message()


@pytest.mark.parametrize(("name", "content"), [("none.txt", None), ("empty.txt", ""), ("zeros.txt", "\0" * 3000)])
def test_what_cannot_be_read_is_one_line(here, text, name, content):
    made(here, here.write("t.txt", text))
    if content is not None:
        here.write(name, content)
    assert not checked(here, name)[0]


def test_a_folder_is_its_files_and_what_does_not_fit_is_not_the_data(here):
    for i in range(12):
        here.write(f"d/{'walk' if i % 2 else 'run'}_{i}.csv", "a\n" + "".join(f"{i * j % 7}\n" for j in range(9)))
    here("train", "d", "--label-from", "name", "-o", "m.safetensors", "-q")
    assert checked(here, "d")[0]
    same, line = checked(here, "d/walk_1.csv")
    assert not same and "d/walk_1.csv: not the data that m.safetensors was made from: " in line
    assert "none.csv: no such file" in checked(here, "none.csv")[1]
    done = here("inspect", "m.safetensors", "d", "--view", "attribution")
    assert done.code == 2 and "d: a folder, expected one file, such as d/run_0.csv" in done.message()


def test_answers_that_are_not_here_are_no_verdict(here):
    np.save(here.folder / "x.npy", np.random.default_rng(0).normal(size=(20, 6, 1)))
    np.save(here.folder / "y.npy", np.arange(20) % 2)
    here("train", "x.npy", "--label", "y.npy", "-o", "m.safetensors", "-q")
    assert checked(here, "x.npy")[0]
    (here.folder / "y.npy").unlink()
    same, line = checked(here, "x.npy")
    assert not same and "x.npy: cannot be told: y.npy, the --label of the training, is not here" in line
