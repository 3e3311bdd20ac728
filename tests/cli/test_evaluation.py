"""`--evaluate`: where errors are, against NumPy and scikit-learn on the rows of `predict`; tables and pictures."""

import csv
import io

import numpy as np
import polars as pl
import pytest
from rich.console import Console
from sklearn.metrics import confusion_matrix

from rnncli.render import files
from rnncli.render.evaluation import picture
from rnncli.render.terminal import drawn
from tests.conftest import Here
from tests.helpers import json_lines
from tests.render.chart_reader import panels, plots

ROWS, AHEAD, FROM = 80, 4, 50


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """Three series of two columns with a gap, and a model of them."""
    here, rng = Here(tmp_path_factory.mktemp("series")), np.random.default_rng(0)
    values = rng.normal(size=(3, ROWS, 2)).cumsum(axis=1).round(3)
    lines = ["group,step,a,b"]
    for n in range(3):
        for i, (a, b) in enumerate(values[n]):
            lines.append(f"s{n},{i},{a},{'' if (n, i) == (1, 60) else b}")
    here.write("walk.csv", "\n".join(lines) + "\n")
    options = ("--group", "group", "--time", "step", "--target", "a,b", "--horizon", str(AHEAD), "--epochs", "1")
    assert here("train", "walk.csv", *options, "--hidden", "8", "-o", "m").code == 0
    return here


@pytest.fixture(scope="module")
def forecasts(series):
    """|e| and |e of the last value| (series, origins, steps, targets), NaN where a value is missing, by the rows of
    `predict`.
    """
    rows = json_lines(series("predict", "m", "walk.csv", "--from", str(FROM), "--stride", "1", "--json"))
    table = list(csv.DictReader(io.StringIO(series.read("walk.csv").decode())))
    true = np.array([[float(row[k] or "nan") for k in "ab"] for row in table]).reshape(3, ROWS, 2)
    each = [[[row["a"], row["b"]] for row in rows if row["group"] == f"s{n}"] for n in range(3)]
    origins = len(rows) // 3 // AHEAD
    found = np.array(each).reshape(3, origins, AHEAD, 2)
    own, naive = [], []
    for i in range(origins):
        origin = FROM - 1 + i
        if origin + AHEAD < ROWS:
            came = true[:, origin + 1 : origin + 1 + AHEAD]
            last = np.where(np.isnan(true[:, origin]), true[:, origin - 1], true[:, origin])
            own.append(np.abs(found[:, i] - came))
            naive.append(np.abs(last[:, None] - came))
    return np.stack(own, axis=1), np.stack(naive, axis=1)


def test_errors_by_step_by_target_and_of_the_worst_series(series, forecasts):
    own, naive = forecasts
    figures = series("predict", "m", "walk.csv", "--from", str(FROM), "--evaluate").json()
    assert figures["best_rival"] == "naive"
    by_step = [(one["step"], one["mae"], one["rival_mae"]) for one in figures["by_step"]]
    expected = [(h + 1, np.nanmean(own[:, :, h]), np.nanmean(naive[:, :, h])) for h in range(AHEAD)]
    assert np.array(by_step) == pytest.approx(np.array(expected), abs=2e-3)
    assert {name: one["mae"] for name, one in figures["per_target"].items()} == pytest.approx(
        {"a": np.nanmean(own[..., 0]), "b": np.nanmean(own[..., 1])}, abs=2e-3
    )
    assert sum(one["n"] for one in figures["per_target"].values()) == figures["n"] == np.isfinite(own).sum()
    worst = {one["series"]: one["mae"] for one in figures["worst"]}
    assert worst == pytest.approx({f"s{n}": np.nanmean(own[n]) for n in range(3)}, abs=2e-3)
    mases = [one["mase"] for one in figures["worst"]]
    assert mases == sorted(mases, reverse=True)


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_rows_of_a_back_test_say_their_origin_and_how_far_ahead_they_are(series, ending):
    command = ("predict", "m", "walk.csv", "--from", str(FROM), "--stride", "1")
    assert series(*command, "--save", f"rows.{ending}", *["--header"] * (ending == "tsv")).code == 0
    read = {"csv": pl.read_csv, "jsonl": pl.read_ndjson, "parquet": pl.read_parquet}.get(ending)
    data = io.BytesIO(series.read(f"rows.{ending}"))
    rows = (read(data) if read else pl.read_csv(data, separator="\t")).cast({"time": pl.Int64, "origin": pl.Int64})
    assert rows.columns[-2:] == ["origin", "ahead"]
    assert (rows["time"] - rows["origin"]).to_list() == rows["ahead"].to_list()
    ends = [(group, origin) for group in ("s0", "s1", "s2") for origin in range(FROM - 1, ROWS)]
    assert sorted(set(rows.select("group", "origin").iter_rows())) == ends
    assert rows["ahead"].value_counts(sort=True)["count"].to_list() == [len(ends)] * AHEAD
    figures = series(*command, "--evaluate").json()
    true = pl.read_csv(io.BytesIO(series.read("walk.csv"))).rename({"step": "time"})
    both = rows.filter(pl.col("origin") <= int(figures["origins"]["last"])).join(true, on=("group", "time"))
    errors = [(pl.col(name) - pl.col(f"{name}_right")).abs() for name in "ab"]
    for one in figures["by_step"]:
        some = both.filter(pl.col("ahead") == one["step"]).select(errors)
        assert np.nanmean(some.to_numpy().astype(float)) == pytest.approx(one["mae"], abs=2e-3)


def test_forecasts_after_the_last_row_say_no_origin(series):
    assert set(json_lines(series("predict", "m", "walk.csv", "--json"))[0]) & {"origin", "ahead"} == set()


def test_coverage_of_each_level(series):
    """Against the quantiles of the rows; the levels may have gaps, and need no counterpart, the targets no order."""
    options = (
        "--group",
        "group",
        "--time",
        "step",
        "--target",
        "b,a",
        "--horizon",
        "2",
        "--epochs",
        "1",
        "--until",
        "60",
    )
    levels = (0.05, 0.1, 0.3, 0.5, 0.9, 0.95)
    asked = ("--horizon", "2", "--quantiles", ",".join(map(str, levels)), "--hidden", "8", "-o", "q", "-q")
    assert series("train", "walk.csv", *options, *asked).code == 0
    command = ("predict", "q", "walk.csv", "--from", "60", "--stride", "1")
    figures = series(*command, "--evaluate").json()
    true = {(row["group"], row["step"]): row for row in csv.DictReader(io.StringIO(series.read("walk.csv").decode()))}
    pairs = []  # value, quantiles
    for row in json_lines(series(*command, "--json")):
        if int(row["origin"]) <= int(figures["origins"]["last"]):
            came = true[row["group"], row["time"]]
            q = [[row[f"{k}_q{p:g}" if p != 0.5 else k] for p in levels] for k in "ab"]
            pairs += [(float(came[k]), own) for k, own in zip("ab", q, strict=True) if came[k]]
    y, q = np.array([value for value, _ in pairs])[:, None], np.array([own for _, own in pairs])
    assert [one["level"] for one in figures["quantiles"]] == list(levels)
    below = (y <= q).mean(axis=0)
    assert [one["below"] for one in figures["quantiles"]] == pytest.approx(below, abs=0.02)
    found = {one["level"]: one["coverage"] for one in figures["coverage_by_level"]}
    within = {span: ((y[:, 0] >= q[:, i]) & (y[:, 0] <= q[:, j])).mean() for span, i, j in ((0.8, 1, 4), (0.9, 0, 5))}
    assert found == pytest.approx(within, abs=0.02) and list(found) == [0.8, 0.9]
    assert figures["coverage"] == found[0.9] and len(y) == figures["n"]
    assert series(*command, "--evaluate", "--save", "q.svg").code == 0
    assert "Share of the values, by the level" in [panel.title for panel in panels(series.read("q.svg").decode())]
    console = Console(width=80, file=io.StringIO())
    console.print(picture({"figures": figures}, 80))
    shown = console.file.getvalue()
    assert "values within the intervals" in shown
    assert f"{100 * figures['coverage']:.1f} % of the values are within the 90 % interval" in shown


@pytest.mark.parametrize("levels", ["0.5,0.9,0.95", "0.2"])
def test_levels_without_counterparts_have_shares_but_no_intervals_between_them(series, levels):
    common = ("--group", "group", "--time", "step", "--target", "a", "--until", "60", "--epochs", "1", "--hidden", "8")
    done = series("train", "walk.csv", *common, "--quantiles", levels, "-o", "u", "-q")
    assert done.code == 0, done.err
    figures = series("predict", "u", "walk.csv", "--from", "60", "--evaluate").json()
    assert [one["level"] for one in figures["quantiles"]] == [*map(float, levels.split(","))]
    assert "coverage_by_level" not in figures
    assert series("predict", "u", "walk.csv", "--from", "60", "--evaluate", "--save", "u.svg").code == 0


def test_rmse_of_all_values_and_of_each_forecast(series, forecasts):
    own, _ = forecasts
    figures = series("predict", "m", "walk.csv", "--from", str(FROM), "--evaluate").json()
    assert figures["rmse"] == pytest.approx(np.sqrt(np.nanmean(own**2)), abs=2e-3)
    assert figures["rmse_per_forecast"] == pytest.approx(np.sqrt(np.nanmean(own**2, axis=(2, 3))).mean(), abs=2e-3)
    assert figures["forecasts"] == own.shape[0] * own.shape[1]
    assert figures["origins"] == {"first": str(FROM - 1), "last": str(ROWS - AHEAD - 1)}


@pytest.mark.parametrize("side", ["first", "last"])
def test_origins_are_counted_from_either_side(series, forecasts, side):
    own, _ = forecasts
    command = ("predict", "m", "walk.csv", "--from", str(FROM), "--stride", "7", "--evaluate", "--origins", side)
    figures = series(*command).json()
    some = own[:, ::7] if side == "first" else own[:, ::-1][:, ::7]
    assert figures["forecasts"] == some.shape[0] * some.shape[1]
    assert figures["mae"] == pytest.approx(np.nanmean(some), abs=2e-3)
    last = FROM - 1 + 7 * (some.shape[1] - 1) if side == "first" else ROWS - AHEAD - 1
    assert figures["origins"] == {"first": str(last - 7 * (some.shape[1] - 1)), "last": str(last)}


def test_series_that_end_too_early_and_constant_ones_are_left_out_of_the_worst(series):
    rows = [f"s{n},{i},{i % 5 + n},{n}" for n in range(3) for i in range(60 if n else 4)]
    series.write("short.csv", "\n".join(["group,step,a,b", *rows]) + "\n")
    done = series("predict", "m", "short.csv", "--from", "50", "--evaluate")
    assert "Warning" not in done.err
    assert "1 of 3 series left out: no forecast of 4 steps ends in their data" in done.err
    worst = done.json()["worst"]
    assert {one["series"] for one in worst} == {"s1", "s2"}
    assert all(one["mase"] is not None for one in worst)  # of a alone: b is always the same


@pytest.fixture(scope="module")
def labels(tmp_path_factory):
    """Texts of three labels that cannot all be told apart, one of them unheard of in training; their figures."""
    here, rng = Here(tmp_path_factory.mktemp("labels")), np.random.default_rng(1)
    words = {"x": "up high", "y": "down low", "z": "up low"}

    def lines(names: list[str], count: int) -> str:
        chosen = rng.choice(names, count)
        return "".join(f"{name}\t{rng.choice(words[name].split() + ['so'])} {i}\n" for i, name in enumerate(chosen))

    here.write("train.tsv", "label\ttext\n" + lines(["x", "y"], 120))
    here.write("test.tsv", "label\ttext\n" + lines(["x", "y", "z"], 90))
    options = ("--label", "label", "--text", "text", "--hidden", "8", "--epochs", "6")
    assert here("train", "train.tsv", *options, "-o", "m").code == 0
    return here


def test_the_matrix_and_the_reliability_are_those_of_the_rows(labels):
    figures = labels("predict", "m", "test.tsv", "--evaluate").json()
    rows = json_lines(labels("predict", "m", "test.tsv", "--json"))
    true = [line.split("\t")[0] for line in labels.read("test.tsv").decode().splitlines()[1:]]
    found, p = [row["label"] for row in rows], np.array([row["probability"] for row in rows])
    names = figures["confusion"]["labels"]
    assert sorted(names) == ["x", "y", "z"]
    assert figures["confusion"]["counts"] == confusion_matrix(true, found, labels=names).tolist()
    wrong = {(one["true"], one["predicted"]): one["n"] for one in figures["mistakes"]}
    assert sum(wrong.values()) == sum(a != b for a, b in zip(true, found, strict=True))
    most = max(names, key=true.count)
    assert figures["most_frequent"] == {"label": most, "accuracy": pytest.approx(true.count(most) / len(true))}
    right, bins = np.array(true) == np.array(found), np.minimum(9, (10 * p).astype(int))
    for one in figures["reliability"]:
        inside = bins == round(10 * one["from"])
        assert one["n"] == inside.sum()
        assert one["probability"] == pytest.approx(p[inside].mean(), abs=1e-4)
        assert one["accuracy"] == pytest.approx(right[inside].mean())
    errors = [(bins == b).mean() * abs(right[bins == b].mean() - p[bins == b].mean()) for b in {*bins.tolist()}]
    assert figures["calibration_error"] == pytest.approx(sum(errors), abs=1e-3)


def on_screen(figures: dict, width: int) -> str:
    console = Console(width=width, file=io.StringIO())
    console.print(drawn({"view": "evaluation", "figures": figures}, width))
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_terminal_has_tables(series, labels, width):
    figures = series("predict", "m", "walk.csv", "--from", str(FROM), "--evaluate").json()
    text = on_screen(figures, width)
    assert max(map(len, text.splitlines())) <= width
    assert f"mae {figures['mae']:.4g} against {figures['naive']['mae']:.4g} of naive" in text.replace("\n", " ")
    assert "by step ahead" in text and "the worst series" in text and "by target" in text
    text = on_screen(labels("predict", "m", "test.tsv", "--evaluate").json(), width)
    assert "true label, by what was predicted" in text
    assert "probability of the likeliest label" in text


def test_pictures_have_the_figures(series, labels):
    command = ("predict", "m", "walk.csv", "--from", str(FROM), "--evaluate")
    figures = series(*command).json()
    assert series(*command, "--save", "e.svg").out == b""
    (title, lines), *_ = plots(series.read("e.svg").decode())
    assert title == "Mean absolute error by step ahead"
    own = next(points for colour, points in lines if colour == "cyan")
    assert [y for _, y in own] == pytest.approx([one["mae"] for one in figures["by_step"]], rel=0.02)
    assert labels("predict", "m", "test.tsv", "--evaluate", "--save", "e.html").code == 0
    assert "True label, by what was predicted" in labels.read("e.html").decode()
    assert labels("predict", "m", "test.tsv", "--evaluate", "--save", "e.svg").code == 0
    assert "F1 by label" in [panel.title for panel in panels(labels.read("e.svg").decode())]


@pytest.mark.parametrize("name", ["e.csv", "e.pdf"])
def test_figures_are_saved_as_pictures_alone(labels, name):
    done = labels("predict", "m", "test.tsv", "--evaluate", "--save", name)
    assert (done.code, done.out) == (2, b"")
    assert "expected a file name that ends in .svg, .html, .png" in done.err


@pytest.mark.parametrize("begun", ["forecast", "labels"])
def test_a_png_without_its_libraries_is_refused_before_the_evaluation(series, labels, monkeypatch, begun):
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    here, name = (series, "walk.csv") if begun == "forecast" else (labels, "test.tsv")
    for data in (name, "none there"):  # which would be an error of the evaluation
        done = here("predict", "m", data, "--evaluate", "--save", "e.png")
        assert (done.code, done.out, (here.folder / "e.png").exists()) == (2, b"", False)
        assert "PNG needs Pillow and the fonts of Matplotlib: run pip install 'rnncli[png]'" in done.err


def test_a_forecast_of_targets_that_are_series_of_their_own_is_one(series):
    options = ("--group", "group", "--time", "step", "--target", "a,b", "--horizon", "3", "--univariate")
    small = ("--hidden", "4", "--epochs", "1", "-q", "-o", "apart")
    assert series("train", "walk.csv", *options, *small, "--until", str(FROM)).code == 0
    command = ("predict", "apart", "walk.csv", "--from", str(FROM), "--stride", "1")
    figures = series(*command, "--evaluate").json()
    true = {(row["group"], row["step"]): row for row in csv.DictReader(io.StringIO(series.read("walk.csv").decode()))}
    errors = {name: {} for name in "ab"}
    for row in json_lines(series(*command, "--json")):
        if int(row["origin"]) <= int(figures["origins"]["last"]):
            for name in "ab":
                came = true[row["group"], row["time"]][name]
                one = errors[name].setdefault((row["group"], row["origin"]), [])
                one += [abs(row[name] - float(came))] if came else []
    made = [np.array(errors["a"][key] + errors["b"][key]) for key in errors["a"]]
    made = [one for one in made if len(one)]
    assert figures["forecasts"] == len(made)
    assert figures["rmse_per_forecast"] == pytest.approx(np.mean([np.sqrt((one**2).mean()) for one in made]), abs=2e-3)
    for name in "ab":
        each = np.concatenate(list(errors[name].values()))
        assert figures["per_target"][name]["n"] == len(each)
        assert figures["per_target"][name]["mae"] == pytest.approx(each.mean(), abs=2e-3)
        assert figures["per_target"][name]["rival_mae"] > 0
