"""`predict --evaluate --folds K`, against trainings and predictions of each part by itself."""

import csv
import io

import numpy as np
import pytest
from rich.console import Console

from rnncli.data.folds import cross_parts
from rnncli.render.evaluation import picture
from tests.conftest import Here

STEPS, EACH, K = 12, 40, 4


def sequences(seed):
    """(values (steps,), label, number, person) of sequences that are hard to tell."""
    rng = np.random.default_rng(seed)
    for i in range(EACH):
        kind = i % 2
        values = rng.normal(size=STEPS).cumsum() + 0.35 * kind * np.arange(STEPS)
        yield values.round(3), f"c{kind}", round(float(values.mean() + rng.normal()), 3), f"p{i // 4:02d}"


def table(rows, who):
    head = ["run,t,x,label,y" + ",who" * who]
    for i, (values, label, y, person) in rows:
        head += [f"r{i},{t},{x},{label},{y}" + f",{person}" * who for t, x in enumerate(values)]
    return "\n".join(head) + "\n"


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return Here(tmp_path_factory.mktemp("folds"))


NETWORK = (
    "--hidden",
    "4",
    "--epochs",
    "2",
    "--batch",
    "4",
    "--dropout",
    "0.1",
)  # which go by the size of the data else
KINDS = {
    "readout": ("--label", "label", "--inputs", "x", "--learn", "readout"),
    "network": ("--label", "label", "--inputs", "x", *NETWORK),
    "numbers": ("--task", "regress", "--target", "y", "--inputs", "x", *NETWORK),
    "persons": (
        *("--task", "regress", "--target", "y", "--inputs", "x", *NETWORK),
        *("--fold-by", "who"),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_are_those_of_trainings_of_each_part(here, kind):
    rows, who = [*enumerate(sequences(3))], kind == "persons"
    options = (*KINDS[kind], "--group", "run", "--time", "t", "--seed", "2", "-q")
    here.write("all.csv", table(rows, who))
    assert here("train", "all.csv", *options, "-o", kind).code == 0
    before = sorted(path.name for path in here.folder.iterdir())
    done = here("predict", kind, "all.csv", "--evaluate", "--folds", str(K))
    assert done.code == 0, done.err
    assert sorted(path.name for path in here.folder.iterdir()) == before
    figures = done.json()

    labels = np.array([row[1] == "c1" for _, row in rows]).astype(int)
    persons = np.array([i // 4 for i in range(EACH)])
    part_of = cross_parts(EACH, K, 2, labels if "--label" in options else None, persons if who else None)
    found, true, each = [], [], []
    for part in range(K):
        here.write("train.csv", table([row for row in rows if part_of[row[0]] != part], who))
        here.write("test.csv", table([row for row in rows if part_of[row[0]] == part], who))
        assert here("train", "train.csv", *options, "-o", "part").code == 0
        each.append(here("predict", "part", "test.csv", "--evaluate").json())
        said = here("predict", "part", "test.csv", "--to", "csv").out.decode()
        name = "label" if "--label" in options else "y"
        found += [row[name] for row in csv.DictReader(io.StringIO(said))]
        true += [row[1 if name == "label" else 2] for i, row in rows if part_of[i] == part]
        assert f"part {part + 1} of {K}: trained on {EACH - each[-1]['n']} sequences" in done.err
    names = ("accuracy", "macro_f1") if "--label" in options else ("rmse", "mae", "r2")
    for name in names:
        values = [one[name] for one in each]
        assert [one[name] for one in figures["folds"]] == pytest.approx(values, rel=1e-5)
        assert figures["mean"][name] == pytest.approx(np.mean(values), rel=1e-5)
        assert figures["deviation"][name] == pytest.approx(np.std(values, ddof=1), rel=1e-4, abs=1e-7)
    assert figures["n"] == len(true) == EACH
    if "--label" in options:
        assert figures["accuracy"] == pytest.approx(np.mean([a == b for a, b in zip(found, true, strict=True)]))
        assert 0.5 < figures["accuracy"] < 1
    else:
        errors, true = np.array(found, float) - true, np.array(true)
        assert figures["rmse"] == pytest.approx(np.sqrt((errors**2).mean()), rel=1e-3)
        assert figures["r2"] == pytest.approx(1 - (errors**2).sum() / ((true - true.mean()) ** 2).sum(), abs=2e-3)


def test_series_are_cut_in_time(here):
    rng = np.random.default_rng(1)
    lines = ["name,t,a"]
    for name, rows in (("u", 203), ("v", 240)):
        values = np.sin(np.arange(rows) / 5) + 0.3 * rng.normal(size=rows)
        lines += [f"{name},{t},{a:.4f}" for t, a in enumerate(values)]
    here.write("s.csv", "\n".join(lines) + "\n")
    options = ("--group", "name", "--time", "t", "--target", "a", "--horizon", "2", "--hidden", "4", "--epochs", "1")
    options += ("--steps", "32", "--batch", "2")  # which go by the size of the data else
    assert here("train", "s.csv", *options, "-o", "s", "-q").code == 0
    figures = here("predict", "s", "s.csv", "--evaluate", "--folds", "3").json()
    each, size = [], 203 // 4
    for begin in (-3 * size, -2 * size, -size):
        assert here("train", "s.csv", *options, "--until", str(begin), "-o", "part", "-q").code == 0
        last = ("--until", str(begin + size)) if begin + size else ()
        each.append(here("predict", "part", "s.csv", "--evaluate", "--from", str(begin), *last).json())
    for name in ("mae", "mase", "rmse", "coverage"):
        values = [one[name] for one in each]
        assert [one[name] for one in figures["folds"]] == pytest.approx(values, rel=1e-5)
        assert figures["mean"][name] == pytest.approx(np.mean(values), rel=1e-5)
    n = np.array([one["n"] for one in each])
    for name in ("mae", "mse", "coverage"):
        assert figures[name] == pytest.approx(n @ [one[name] for one in each] / n.sum(), rel=1e-5)
    assert figures["naive"]["mae"] == pytest.approx(n @ [one["naive"]["mae"] for one in each] / n.sum(), rel=1e-5)
    assert [one["trained"] for one in figures["folds"]] == [203 + 240 - 2 * 50 * i for i in (3, 2, 1)]
    console = Console(width=80, file=io.StringIO())
    console.print(picture({"figures": figures}, 80))
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert ["naive", *(f"{figures['naive'][name]:.4g}" for name in ("mae",))] == lines[3][:2]
    assert [line[0] for line in lines if line and line[0] in ("1", "3", "mean", "deviation")] == [
        "1",
        "3",
        "mean",
        "deviation",
    ]
    assert here("predict", "s", "s.csv", "--evaluate", "--folds", "3", "--save", "s.svg").code == 0
    assert "mae by part left out, mean" in here.read("s.svg").decode()


def test_each_part_chooses_its_level(here):
    rng = np.random.default_rng(4)
    values = 20 + 3 * np.sin(np.arange(400) * 2 * np.pi / 12) + 0.3 * rng.normal(size=400).cumsum()
    here.write("l.csv", "a\n" + "".join(f"{a:.3f}\n" for a in values))
    options = ("--target", "a", "--horizon", "2", "--season", "12", "--hidden", "2", "--epochs", "0.1", "-q")
    outlook = ("--task", "forecast", *options, "--transform", "none")
    assert here("train", "l.csv", *outlook, "-o", "l").code == 0
    assert here("train", "l.csv", *outlook, "--level", "linear", "-o", "same").code == 0
    assert here("predict", "l", "l.csv").out == here("predict", "same", "l.csv").out  # which it chose
    figures = here("predict", "l", "l.csv", "--evaluate", "--folds", "5").json()
    assert here("train", "l.csv", *outlook, "--until", "-330", "-o", "part").code == 0
    first = here("predict", "part", "l.csv", "--evaluate", "--from", "-330", "--until", "-264").json()
    assert figures["folds"][0]["mae"] == pytest.approx(first["mae"], rel=1e-5)
    message = here("predict", "same", "l.csv", "--evaluate", "--folds", "5").message()
    assert "l.csv: part 1 of 5, with the options of the model and the rows before it: --level linear: " in message
    assert message.rstrip().endswith("; a smaller --folds leaves more rows")


@pytest.mark.parametrize("loss", ["poisson", "bernoulli"])
def test_counts_and_bits_are_cut_in_time(here, loss):
    rng = np.random.default_rng(5)
    values = rng.poisson(3, 160) if loss == "poisson" else rng.integers(0, 2, 160)
    values[120:] = 0  # of which no part of the values is an error
    here.write("n.csv", "a\n" + "".join(f"{a}\n" for a in values))
    options = ("--task", "forecast", "--target", "a", "--season", "1", "--loss", loss, "--hidden", "4", "--epochs", "1")
    assert here("train", "n.csv", *options, "-o", "n", "-q").code == 0
    figures = here("predict", "n", "n.csv", "--evaluate", "--folds", "3").json()
    each = []
    for begin in (-120, -80, -40):
        assert here("train", "n.csv", *options, "--until", str(begin), "-o", "part", "-q").code == 0
        last = ("--until", str(begin + 40)) if begin + 40 else ()
        each.append(here("predict", "part", "n.csv", "--evaluate", "--from", str(begin), *last).json())
    assert each[2]["mape"] is None
    assert [one["mae"] for one in figures["folds"]] == pytest.approx([one["mae"] for one in each], rel=1e-5)
    assert figures["scored"] == sum(one["scored"] for one in each)
    for name, over in (("nats_per_step", "scored"), ("mape", "mape_n")):
        n = np.array([one[over] for one in each])
        assert figures[name] == pytest.approx(n @ [one[name] or 0 for one in each] / n.sum(), rel=1e-5)
    assert figures["zeros"] == sum(one["zeros"] for one in each) == (values[40:] == 0).sum()


def test_a_part_without_values_is_named(here):
    rng = np.random.default_rng(6)
    values = [f"{a:.3f}" if not 80 <= i < 120 else "" for i, a in enumerate(rng.normal(size=160))]
    here.write("gap.csv", "t,a\n" + "".join(f"{t},{a}\n" for t, a in enumerate(values)))
    options = ("--task", "forecast", "--target", "a", "--time", "t", "--hidden", "2", "--epochs", "1")
    assert here("train", "gap.csv", *options, "-o", "gap", "-q").code == 0
    message = here("predict", "gap", "gap.csv", "--evaluate", "--folds", "3", "-q").message()
    assert "gap.csv: part 2 of 3 has no values to compare forecasts with: use a smaller --folds" in message


UNANSWERED = {
    "labels": (("--label", "label"), lambda i: f"s{i % 2}"),
    "sets": (
        ("--label", "label", "--task", "multilabel", "--label-separator", "+"),
        lambda i: f"s{i % 2}" + "+x" * (i % 3),
    ),
    "numbers": (("--task", "regress", "--target", "label"), lambda i: str(i % 7)),
}


@pytest.mark.parametrize("kind", UNANSWERED)
def test_sequences_without_an_answer_are_left_out(here, kind):
    options, answer = UNANSWERED[kind]
    rows = [f"{('good', 'bad')[i % 2]} t{i % 5} t{i % 3}\t{answer(i)}\tp{i // 2}\n" for i in range(40)]
    gaps = {0, 3, 17, 39}
    some = [row.split("\t")[0] + "\t\tp\n" if i in gaps else row for i, row in enumerate(rows)]
    for name, lines in (("all", [row for i, row in enumerate(rows) if i not in gaps]), ("some", some)):
        here.write(f"{name}.tsv", "text\tlabel\twho\n" + "".join(lines))
    call = (*options, "--text", "text", "--fold-by", "who", "--hidden", "2", "--epochs", "1", "-q", "-o", "u")
    done = here("train", "all.tsv", *call)
    assert done.code == 0, done.err
    expected = here("predict", "u", "all.tsv", "--evaluate", "--folds", "3").json()
    done = here("predict", "u", "some.tsv", "--evaluate", "--folds", "3")
    assert done.json() == expected and expected["n" if kind == "labels" else "folds"]
    assert done.err.count("some.tsv: 4 of 40 sequences have no answer and are left out\n") == 1
    here.write("none.tsv", "text\tlabel\twho\n" + "".join(row.split("\t")[0] + "\t\tp\n" for row in rows))
    assert here("predict", "u", "none.tsv", "--evaluate", "--folds", "3").message().count("none.tsv: no ") == 1


def test_what_cannot_be_parted_is_refused(here):
    rows = [*enumerate(sequences(3))]
    here.write("who.csv", table(rows, True))
    assert here("train", "who.csv", *KINDS["persons"], "--group", "run", "--time", "t", "-q", "-o", "w").code == 0
    message = here("predict", "w", "who.csv", "--evaluate", "--folds", "11").message()
    assert "who.csv: 10 different values of who, expected at least 11" in message
    here.write("plain.csv", table(rows, False))
    done = here("predict", "w", "plain.csv", "--evaluate", "--folds", "2")
    assert done.code == 0 and "no column who: related sequences may be in several parts" in done.err
    call = (*KINDS["persons"], "--fold-by", "none", "--group", "run", "--time", "t", "-q", "-o", "n")
    assert here("train", "who.csv", *call).code == 0
    done = here("predict", "n", "who.csv", "--evaluate", "--folds", "2")
    assert done.code == 0 and "no column" not in done.err
    assert here("predict", "w", "who.csv", "--folds", "3").code == 2
    assert here("predict", "w", "who.csv", "--evaluate", "--folds", "1").code == 2
    here.write("short.csv", "a\n" + "".join(f"{i % 7}.5\n" for i in range(40)))
    assert here("train", "short.csv", "--target", "a", "--hidden", "3", "--epochs", "1", "-q", "-o", "short").code == 0
    assert here("predict", "short", "short.csv", "--evaluate", "--folds", "3", "--from", "9").code == 2
    message = here("predict", "short", "short.csv", "--evaluate", "--folds", "30").message()
    assert "short.csv: the shortest series has 40 rows, 31 parts of 1, expected more than the 1 steps" in message
