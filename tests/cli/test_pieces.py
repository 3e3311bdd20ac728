"""Input that is read piece by piece: the same rows, figures, states and notes, wherever its pieces end.

More of it needs no more memory.
"""

import json
import os
import subprocess

import numpy as np
import pytest

from rnncli.predictors import columns
from rnncli.predictors.text_figures import Groups
from rnncli.readers import tables, text_pieces

WORDS = ("tea", "rain", "Oslo", "12", "green", "walks", "a", "3.5")
QUICK = ["--hidden", "4", "--epochs", "1", "--fold-by", "none", "-q", "-o", "m"]


def texts(rng, most=6):
    return " ".join(rng.choice(WORDS, rng.integers(1, most)))


def rows_of(rng, n, *fields):
    return "".join("\t".join(field(i) for field in fields) + "\n" for i in range(n))


def labelled(rng, n, strange=""):
    """Some without a label, some with one that training had not."""
    odd = ["x", "", "1", "y", "1.0", strange]
    return "text\tlabel\n" + rows_of(rng, n, lambda i: texts(rng), lambda i: odd[i % 6] if strange else "xy"[i % 2])


def sets(rng, n, strange=""):
    known, odd = ["x", "y|z", "z|x"], ["x|z", "", "1|x", "y", f"1.0|{strange}", strange]
    return "text\tlabel\n" + rows_of(rng, n, lambda i: texts(rng), lambda i: odd[i % 6] if strange else known[i % 3])


def numbers(rng, n, strange=""):
    """JSON lines of two columns, some values and some answers of two missing in files to predict."""
    out = []
    for i in range(n):
        x = rng.normal(size=(1 + i % 4, 2)).round(3).tolist()
        y = rng.normal(size=2).round(3).tolist()
        if strange and i % 5 == 3:
            x[0][1], y = float("nan"), None
        out.append(json.dumps({"x": x, "y": y}) + "\n")
    return "".join(out).replace("NaN", "null")


def tags(rng, n, strange=""):
    """JSON lines of words and their tags."""
    pairs = [
        (rng.choice(WORDS, 1 + i % 4).tolist(), rng.choice(["A", "B", strange or "A"], 1 + i % 4)) for i in range(n)
    ]
    return "".join(json.dumps({"x": x, "y": y.tolist()}) + "\n" for x, y in pairs)


def chunks(rng, n, strange=""):
    """CoNLL with documents, several empty lines, and at the end none."""
    out = ["-DOCSTART- O\n\n"]
    for i in range(n):
        kinds = ["O", "B-X", "I-X", f"B-{strange}" if strange else "O"]
        out += [f"{word} {rng.choice(kinds)}\n" for word in rng.choice(WORDS, 1 + i % 4)]
        out.append("\n" * (1 + i % 3) + "-DOCSTART- O\n\n" * (i % 5 == 4))
    return "".join(out).rstrip("\n") + "\n"


def wide(rng, n, strange=""):
    """Rows without names, of which the last is the label."""
    head = "key,label," + ",".join(f"v{t}" for t in range(5)) + "\n"
    labels = ["x", strange, "", "y"] if strange else ["x", "y"]
    values = (",".join(f"{v:.2f}" for v in rng.normal(size=2 + i % 4)) for i in range(n))
    return head + "".join(f"k{i},{labels[i % len(labels)]},{row}\n" for i, row in enumerate(values))


#: name of the file -> how it is made, options of train, what may be written of it
FORMS = {
    "labelled.tsv": (labelled, ["--label", "label"], ["--proba", "--top 2 --json", "--states last"]),
    "sets.tsv": (sets, ["--label", "label", "--label-separator", "|"], ["--proba", "--top 2"]),
    "numbers.jsonl": (numbers, ["--task", "regress", "--learn", "all"], ["--to csv --header", "--states all"]),
    "tags.jsonl": (tags, ["--task", "tag"], ["--to csv --header"]),
    "chunks.conll": (chunks, ["--task", "tag"], ["--json", "--states last"]),
    "wide.csv": (wide, ["--format", "wide", "--label", "label", "--group", "key", "--learn", "all"], ["--proba"]),
}


@pytest.mark.parametrize("name", FORMS)
def test_pieces_change_nothing(here, name, monkeypatch):
    make, options, ways = FORMS[name]
    rng = np.random.default_rng(len(name))
    here.write(name, make(rng, 40))
    assert here("train", name, *options, *QUICK).code == 0
    files = [here.write(f"{i}-{name}", make(rng, 6 + i, "odd")) for i in (1, 2)]
    commands = [["predict", "m", *files, *way.split()] for way in ("", "--evaluate", *ways)]
    whole = [here(*command) for command in commands]
    assert [done.code for done in whole] == [0] * len(commands), whole
    assert whole[1].json()
    for size in (1, 4):
        monkeypatch.setattr(columns, "SEQUENCES", size)
        for command, expected in zip(commands, whole, strict=True):
            assert here(*command) == expected, (size, command)


def test_pieces_of_arrays_change_nothing(here, monkeypatch):
    rng, lengths = np.random.default_rng(0), np.arange(1, 13)
    x, y = rng.normal(size=(lengths.sum(), 2)), rng.integers(0, 2, len(lengths)).astype(float)
    np.savez(here.folder / "d.npz", x=x, lengths=lengths, y=y.astype(int))
    assert here("train", "d.npz", "--task", "classify", "--learn", "all", *QUICK).code == 0
    x[5, 1] = y[3] = np.nan
    np.savez(here.folder / "new.npz", x=x, lengths=lengths, y=y)
    np.save(here.folder / "new.npy", rng.normal(size=(9, 4, 2)))
    commands = [["predict", "m", "new.npz"], ["predict", "m", "new.npz", "--evaluate"], ["predict", "m", "new.npy"]]
    whole = [here(*command) for command in commands]
    assert [done.code for done in whole] == [0] * 3
    assert "1 of 12 sequences have no answer" in whole[1].err
    for size in (1, 2, 7):
        monkeypatch.setattr(columns, "SEQUENCES", size)
        assert [here(*command) for command in commands] == whole


def table(rng, n, strange="", names=None):
    """Groups of a few rows, of which 1 and 1.0 are one; a column of words, gaps, and labels that training had not."""
    kinds, labels = ["red", "blue", strange or "red"], ["x", "y", strange, ""] if strange else ["x", "y"]
    rows = []
    for g in range(n):
        name = names[g % len(names)] if names else f"g{g}"
        for t in range(1 + g % 4):
            v = "" if strange and g % 5 == 3 else f"{rng.normal():.2f}"
            rows.append((name if t else name.removesuffix(".0"), v, rng.choice(kinds), labels[g % len(labels)]))
    return "id,v,kind,label\n" + "".join(",".join(row) + "\n" for row in rows)


@pytest.mark.parametrize("task", ["--label", "--tag"])
def test_pieces_of_tables_change_nothing(here, monkeypatch, task):
    rng = np.random.default_rng(3)
    here.write("t.csv", table(rng, 40))
    assert here("train", "t.csv", "--group", "id", task, "label", *QUICK).code == 0
    here.write("new.csv", table(rng, 12, "odd", [f"{i}.0" for i in range(40)]))
    apart = table(rng, 12, "odd").splitlines(keepends=True)
    here.write("apart.csv", apart[0] + "".join(sorted(apart[1:], key=lambda row: row.split(",")[1])))
    ways = ["", "--evaluate", "--states last"]
    files = ["new.csv", *(["apart.csv"] if task == "--tag" else [])]  # labels of a group must agree, tags need not
    commands = [["predict", "m", file, *way.split()] for file in files for way in ways]
    whole, taken = [here(*command) for command in commands], []
    assert [done.code for done in whole] == [0] * len(commands), whole
    assert "1 of the values in column kind are read as unknown, not in training: odd" in whole[0].err
    take = tables._Table.taken
    monkeypatch.setattr(tables._Table, "taken", lambda self, frame: taken.append(len(frame)) or take(self, frame))
    monkeypatch.setattr(tables, "SMALL", 1)
    for block, size in ((40, 1), (200, 2), (100, 7)):
        monkeypatch.setattr("rnncli.readers.source.BLOCK", block)
        monkeypatch.setattr(columns, "SEQUENCES", size)
        for command, expected in zip(commands, whole, strict=True):
            taken.clear()
            assert here(*command) == expected, (size, command)
            assert ("apart" in command[2]) == (not taken)


def test_places_in_pieces_of_tables_are_those_of_the_file(here, monkeypatch):
    rng = np.random.default_rng(3)
    here.write("t.csv", table(rng, 20))
    assert here("train", "t.csv", "--group", "id", "--label", "label", "--learn", "all", *QUICK).code == 0
    rows = [f"g{g},{t},red,x\n" for g in range(30) for t in range(2)]
    for name, row in (("inf.csv", "g20,inf,red,x\n"), ("two.csv", "g20,1,red,y\n"), ("none.csv", ",1,red,x\n")):
        here.write(name, "id,v,kind,label\n" + "".join([*rows[:41], row, *rows[42:]]))
    commands = [["predict", "m", name, "--evaluate"] for name in ("inf.csv", "two.csv", "none.csv")]
    whole = [here(*command).message() for command in commands]
    assert ["csv:43: " in message for message in whole] == [True] * 3, whole
    monkeypatch.setattr(tables, "SMALL", 1)
    monkeypatch.setattr("rnncli.readers.source.BLOCK", 60)
    monkeypatch.setattr(columns, "SEQUENCES", 3)
    assert [here(*command).message() for command in commands] == whole


def test_values_end_a_piece_too(here, monkeypatch):
    here.write("d.tsv", labelled(np.random.default_rng(0), 30))
    assert here("train", "d.tsv", "--label", "label", *QUICK).code == 0
    whole, seen = here("predict", "m", "d.tsv"), []
    monkeypatch.setattr(columns, "VALUES", 100)  # characters
    encode = columns.ColumnPredictor.predictions
    monkeypatch.setattr(
        columns.ColumnPredictor, "predictions", lambda self, some: seen.append(len(some)) or encode(self, some)
    )
    assert here("predict", "m", "d.tsv") == whole
    assert sum(seen) == 30 and max(seen) < 15


def test_rows_before_a_bad_line_are_those_of_the_pieces_before(here, monkeypatch):
    here.write("d.jsonl", numbers(np.random.default_rng(0), 20))
    assert here("train", "d.jsonl", "--task", "regress", "--learn", "all", *QUICK).code == 0
    here.write("bad.jsonl", here.read("d.jsonl").splitlines(keepends=True)[0].decode() * 5 + '{"x": "a"}\n')
    assert "bad.jsonl:6: x is text, in training numbers" in here("predict", "m", "bad.jsonl").message()
    monkeypatch.setattr(columns, "SEQUENCES", 2)
    done = here("predict", "m", "bad.jsonl")
    assert (done.code, done.out.count(b"\n")) == (1, 4)
    assert done.err.startswith("rnncli: bad.jsonl:6: x is text")
    assert here("predict", "m", "bad.jsonl", "--evaluate").out == b""


@pytest.mark.parametrize(
    ("form", "options"),
    [("text", ""), ("text", "--no-carry"), ("lines", ""), ("lines", "--carry"), ("blocks", ""), ("blocks", "--carry")],
)
@pytest.mark.parametrize("tokens", ["char", "word", "byte"])
def test_pieces_of_texts_change_no_figure(here, monkeypatch, form, options, tokens):
    rng = np.random.default_rng(1)
    lines = "".join(texts(rng) + "\n" * (1 + i % 3 // 2) for i in range(30))
    here.write("t.txt", lines)
    assert here("train", "t.txt", "--format", form, "--tokens", tokens, *QUICK[:4], "-q", "-o", "m").code == 0
    here.write("new.txt", "\nnew wörds\n\n\n" + lines[:400] + "and no end")
    command = ["predict", "m", "new.txt", "t.txt", "--evaluate", *options.split()]
    whole = here(*command).json()
    score = ["predict", "m", "t.txt", "--per-token", *options.split()]
    alone, rows = here("predict", "m", "t.txt", "--evaluate", *options.split()).json(), here(*score).rows(4)
    assert alone["tokens"] == len(rows)
    assert alone["nats_per_token"] == pytest.approx(np.mean([float(row[3]) for row in rows]), abs=1e-5)
    for size in (1, 30):
        monkeypatch.setattr(text_pieces, "SIZE", size)
        monkeypatch.setattr(text_pieces, "TOGETHER", size)
        monkeypatch.setattr("rnncli.readers.source.BLOCK", 7 * size)
        assert here(*command).json() == whole, size


def test_nats_are_added_up_in_the_same_groups_wherever_pieces_end():
    rng = np.random.default_rng(0)
    values = rng.normal(size=1000)
    cuts = np.sort(rng.integers(0, 1000, 30))
    for size in (1, 7, 300, 5000):
        found = Groups(size)
        groups = [*found.of(np.split(values, cuts)), *found.rest()]
        assert [len(group) for group in groups[:-1]] == [size] * (len(groups) - 1)
        assert 0 < len(groups[-1]) <= size
        assert np.array_equal(np.concatenate(groups), values)


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="no wait4 here")
@pytest.mark.parametrize("way", [[], ["--evaluate"]])
def test_four_times_the_lines_need_no_more_memory(here, run, way):
    rng = np.random.default_rng(0)
    run.write("d.tsv", labelled(rng, 60))
    assert here("train", "d.tsv", "--label", "label", *QUICK).code == 0
    some = labelled(rng, 500).partition("\n")[2]
    peaks = []
    for times in (20, 80):
        run.write("new.tsv", some * times)
        process = run.start("predict", "m", "new.tsv", "--threads", "1", *way, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        peaks.append(used.ru_maxrss / 1024)
    assert peaks[1] - peaks[0] < 10, peaks  # MB; all lines at once need 30 more
