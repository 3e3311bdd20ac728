"""`rnncli.load`: arrays and texts in, arrays out, the same as the shell's on the same input."""

import csv
import doctest
import inspect
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import rnncli
from rnncli.cli.door import LoadedModel
from rnncli.errors import RnncliError, UsageError

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "tests" / "models" / "kept" / "format1"
PAGE = ROOT / "docs" / "python.md"
FILES = {"classify": "tsv", "multilabel": "tsv", "regress": "csv", "forecast": "csv", "tag": "txt"}


def loaded(name):
    return rnncli.load(KEPT / f"{name}.safetensors")


def data(name):
    return KEPT / f"{name}.{FILES.get(name, 'txt')}"


def lines(count=9):
    return data("language").read_text().splitlines()[:count]


@pytest.fixture
def shell(here):
    """The columns that the shell writes, as texts."""

    def columns(name, *arguments):
        done = here("predict", str(KEPT / f"{name}.safetensors"), *arguments, "--to", "csv")
        assert done.code == 0, done.err
        names, *rows = csv.reader(io.StringIO(done.out.decode()))
        return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))

    return columns


def written(found):
    """Arrays as the shell writes them."""
    missing = {"None": "", "nan": "NaN"}
    return {name: [missing.get(str(v), str(v)) for v in values.tolist()] for name, values in found.items()}


@pytest.mark.parametrize("name", FILES)
def test_a_path_is_read_as_in_the_shell(shell, name):
    assert written(loaded(name).predict(data(name))) == shell(name, str(data(name)))


def test_texts_go_on_as_in_the_shell(shell):
    found = loaded("language").predict(["the sea", "a ship"], length=20, samples=2, seed=3)
    told = ("--prompt", "the sea", "--prompt", "a ship", "--length", "20", "--samples", "2", "--seed", "3")
    expected = shell("language", *told)
    assert [text.replace("\n", " ") for text in found["text"]] == [text.replace("\n", " ") for text in expected["text"]]
    assert found["sample"].tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("name", ["language", "lines"])
@pytest.mark.parametrize("options", [{}, {"per_token": True}])
def test_scores_of_lines_are_those_of_the_shell(here, shell, name, options):
    here.write("in.txt", "\n".join(lines()) + "\n")
    found = loaded(name).score(lines(), **options)
    assert written(found) == shell(name, "in.txt", "--score", *(f"--{o.replace('_', '-')}" for o in options))
    assert found["nats"].dtype == np.float64


def test_next_tokens_are_those_of_the_shell(here, shell):
    here.write("in.txt", "\n".join(lines()) + "\n")
    assert written(loaded("language").predict(lines(), next=3)) == shell("language", "in.txt", "--next", "3")


def test_texts_to_label_are_as_those_of_a_file(shell):
    table = pl.read_csv(data("classify"), separator="\t", quote_char=None)
    found = loaded("classify").predict(table["message"].to_list(), proba=True)
    expected = shell("classify", str(data("classify")), "--proba")
    assert {n: v for n, v in written(found).items() if n != "input"} == {
        n: v for n, v in expected.items() if n != "input"
    }
    assert written(loaded("classify").predict(table, proba=True)) == written(found)


@pytest.mark.parametrize("name", ["regress", "forecast"])
def test_a_table_in_memory_is_one_in_a_file(shell, name):
    frame = pl.read_csv(data(name))
    expected = shell(name, str(data(name)))
    assert written(loaded(name).predict(frame)) == expected
    assert written(loaded(name).predict(frame.to_dict(as_series=False))) == expected


def test_the_surprise_of_a_series_is_that_of_the_shell(shell):
    assert written(loaded("forecast").score(pl.read_csv(data("forecast")))) == shell(
        "forecast", str(data("forecast")), "--score"
    )


def test_tokens_to_tag_are_those_of_a_file(shell):
    sentences = [
        [line.split(" ")[0] for line in part.splitlines()] for part in data("tag").read_text().strip().split("\n\n")
    ]
    assert written(loaded("tag").predict(sentences)) == shell("tag", str(data("tag")))


def test_states_are_those_of_the_shell(here):
    here.write("in.txt", "\n".join(lines()) + "\n")
    texts = pl.read_csv(data("classify"), separator="\t", quote_char=None)["message"].to_list()
    for name, inputs, path in (("language", lines(), "in.txt"), ("classify", texts, str(data("classify")))):
        done = here("predict", str(KEPT / f"{name}.safetensors"), path, "--states", "all")
        with np.load(io.BytesIO(done.out)) as file:
            expected, lengths = file["h"], file["lengths"]
        found = loaded(name).states(inputs)
        assert [len(h) for h in found] == lengths.tolist()
        np.testing.assert_array_equal(np.concatenate(found), expected)


def test_arrays_are_the_sequences_of_a_file(here, shell):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(24, 5, 2)), rng.normal(size=24)
    np.save(here.folder / "x.npy", x)
    np.save(here.folder / "y.npy", y)
    options = ("--cell", "gru", "--hidden", "4", "--epochs", "1", "-q", "-o", "m.safetensors")
    assert here("train", "x.npy", "--target", "y.npy", *options).code == 0
    model = rnncli.load(here.folder / "m.safetensors")
    found = model.predict(x)
    done = here("predict", "m.safetensors", "x.npy", "--to", "csv")
    assert done.out.decode().splitlines()[1:] == [",".join(row) for row in zip(*written(found).values(), strict=True)]
    assert written(model.predict(list(x))) == written(found)
    assert [h.shape for h in model.states(x)] == [(5, 1, 8)] * 24


def series(here, separator, quoted):
    """A small table of series with a category of odd values, and a forecaster of it."""
    kinds = ['say "ah"', "low; tide" if separator != ";" else "low tide", "5"]
    rows = [
        (f"2031-01-{1 + i // 24:02}T{i % 24:02}:00:00", kinds[i % 3], round(1.5 * (i % 5) + i / 100, 3))
        for i in range(120)
    ]
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=separator,
        lineterminator="\n",
        **({} if quoted else {"quoting": csv.QUOTE_NONE, "quotechar": None}),
    )
    writer.writerows([("when", "kind", "level"), *rows])
    here.write("s.txt", text.getvalue())
    options = ("--time", "when", "--target", "level", "--hidden", "4", "--epochs", "1", "-q", "-o", "s.safetensors")
    assert here("train", "s.txt", *options).code == 0
    return dict(zip(("when", "kind", "level"), zip(*rows, strict=True), strict=True))


@pytest.mark.parametrize(("separator", "quoted"), [(",", True), ("\t", False), (";", True)])
def test_quotes_and_separators_in_values_are_as_in_a_file(here, separator, quoted):
    table = series(here, separator, quoted)
    model = rnncli.load(here.folder / "s.safetensors")
    done = here("predict", "s.safetensors", "s.txt", "--to", "csv")
    assert done.out.decode().splitlines()[1:] == [
        ",".join(r) for r in zip(*written(model.predict(table)).values(), strict=True)
    ]
    times = np.array(table["when"], "datetime64[s]")
    for spelled in (times, times.tolist()):  # of NumPy, and of Python
        assert written(model.predict(table | {"when": spelled})) == written(model.predict(table))
    if not quoted:
        with pytest.raises(RnncliError, match="a value with"):
            model.predict(table | {"kind": ["a\tb"] * 120})


WRONG = [
    ("language", lambda m: m.predict("a", top=2), UsageError, "--top is for models of task classify"),
    ("language", lambda m: m.predict("a", lengt=3), UsageError, "lengt: no option here, expected one of adapt"),
    ("language", lambda m: m.predict("a", length="3"), UsageError, "found '3', expected a value of type int"),
    ("language", lambda m: m.predict("a", length=-3), UsageError, "--length -3: expected a whole number"),
    ("language", lambda m: m.predict("a", save="x.csv"), UsageError, "save: no option here"),
    ("language", lambda m: m.score("a\nb"), RnncliError, "text 1 has a line end"),
    ("language", lambda m: m.predict([]), RnncliError, "nothing, expected at least one"),
    ("language", lambda m: m.predict(5), RnncliError, "int, expected what the model reads"),
    ("regress", lambda m: m.score(data("regress")), UsageError, "--score is for models of task language, forecast"),
    ("regress", lambda m: m.predict("abc"), RnncliError, "texts, expected what the model reads"),
    ("forecast", lambda m: m.predict({"time": [1, 2], "level": [3]}), RnncliError, "columns of time 2, level 1 values"),
    ("classify", lambda m: m.predict(np.zeros((2, 3, 4))), RnncliError, "ndarray, expected what the model reads"),
    ("classify", lambda m: m.predict(Path("none.tsv")), RnncliError, "none.tsv: no such file"),
]


@pytest.mark.parametrize(("name", "call", "error", "words"), WRONG)
def test_what_is_wrong_is_one_line(name, call, error, words):
    with pytest.raises(error, match=re.escape(words)):
        call(loaded(name))


def test_the_import_is_cheap():
    """Nothing of NumPy, Numba or the command line until a model is loaded."""
    program = "import sys; before = set(sys.modules); import rnncli; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "['rnncli']\n"
    assert rnncli.__all__ == ["load"]


def test_the_page_has_every_docstring():
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    for one in (rnncli.load, LoadedModel, LoadedModel.predict, LoadedModel.score, LoadedModel.states):
        assert " ".join(inspect.getdoc(one).split()) in page


def test_the_examples_of_the_page_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, called in (("language", "tales"), ("classify", "topics"), ("forecast", "tides")):
        shutil.copy(KEPT / f"{name}.safetensors", f"{called}.safetensors")
        shutil.copy(data(name), f"{called}{data(name).suffix}")
    failed, count = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert count >= 10
    assert not failed
