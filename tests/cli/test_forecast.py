"""Forecasts on the command line: sound numbers, nothing from the future, both ways of naming rows."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.helpers import json_lines

ROWS = 360


@pytest.fixture(scope="module")
def season():
    """Two series of hours with a daily wave, one ten times the other, and a column that is known ahead."""
    rng, lines = np.random.default_rng(0), ["time,place,load,holiday"]
    hours = np.datetime64("2024-03-01T00:00") + np.arange(ROWS).astype("timedelta64[h]")
    holiday = (np.arange(ROWS) // 24 % 5 == 4).astype(int)
    for place, size in (("a", 1), ("b", 10)):
        wave = np.sin(2 * np.pi * np.arange(ROWS) / 24) - holiday + 0.05 * rng.normal(size=ROWS)
        lines += [
            f"{str(t).replace('T', ' ')},{place},{size * (5 + x):.4f},{h}"
            for t, x, h in zip(hours, wave, holiday, strict=True)
        ]  # noqa: E501
    return "\n".join(lines) + "\n"


COLUMNS = ("--time", "time", "--group", "place", "--target", "load", "--known", "holiday", "--horizon", "6")


@pytest.fixture
def trained(here, season):
    (here.folder / "load.csv").write_text(season)
    done = here("train", "load.csv", *COLUMNS, "--until", "300", "--epochs", "12", "--hidden", "24", "--threads", "1")
    assert done.code == 0, done.err
    return here


def test_a_backtest_beats_the_rivals_and_says_how_often_the_interval_holds(trained):
    found = trained("predict", "load.safetensors", "load.csv", "--from", "300", "--evaluate").json()
    assert found["n"] == 2 * 6 * (ROWS - 300 - 5)
    assert found["mae"] < 0.6 * found["seasonal_naive"]["mae"] < found["naive"]["mae"]
    assert 0.5 < found["coverage"] <= 1
    by_time = trained("predict", "load.safetensors", "load.csv", "--from", "2024-03-13 12:00", "--evaluate").json()
    assert by_time == found


def test_forecasts_go_on_in_time_for_every_group(trained):
    short = trained("predict", "load.safetensors", "load.csv")
    assert "known input holiday in 0 of the 6 rows from 2024-03-16 00:00 to 2024-03-16 05:00 of a" in short.message()
    assert (short.code, "--hold-known" in short.err) == (1, True)
    found = json_lines(trained("predict", "load.safetensors", "load.csv", "--hold-known", "--json"))
    assert [row["group"] for row in found] == ["a"] * 6 + ["b"] * 6
    assert [row["time"] for row in found[:2]] == ["2024-03-16 00:00", "2024-03-16 01:00"]
    assert all(row["load_q0.1"] < row["load"] < row["load_q0.9"] for row in found)
    assert 3 < found[0]["load"] < 7
    assert 30 < found[6]["load"] < 70


def test_known_inputs_are_needed_for_all_steps_ahead(trained, season):
    """Whoever gives them, or holds them at their last value himself, gets what --hold-known gives for that value."""
    head, *lines = season.splitlines()
    hours = [f"2024-03-16 {h:02d}:00" for h in range(6)]
    ends = {place: next(line for line in reversed(lines) if f",{place}," in line)[-1] for place in "ab"}
    future = [f"{hour},{place},,{ends[place]}" for place in "ab" for hour in hours]
    trained.write("whole.csv", "\n".join([head, *lines, *future]) + "\n")
    trained.write("short.csv", "\n".join([head, *lines, *future[:-1]]) + "\n")
    trained.write("hole.csv", "\n".join([head, *lines, *future[:8], future[8][:-1], *future[9:]]) + "\n")
    held = json_lines(trained("predict", "load.safetensors", "load.csv", "--hold-known", "--json"))
    assert json_lines(trained("predict", "load.safetensors", "whole.csv", "--json")) == held
    for name in ("short.csv", "hole.csv"):
        assert "in 5 of the 6 rows from 2024-03-16 00:00" in trained("predict", "load.safetensors", name).message()
    longer = trained("predict", "load.safetensors", "whole.csv", "--horizon", "7").message()
    assert "in 6 of the 7 rows" in longer
    for mode in ("--score", "--evaluate"):
        assert trained("predict", "load.safetensors", "load.csv", "--from", "300", mode).code == 0
        assert trained("predict", "load.safetensors", "load.csv", "--hold-known", mode).code == 2


def test_nothing_of_the_future_leaks_into_a_forecast(trained, season):
    lines = season.splitlines()
    cut = [line for line in lines[1:] if line.split(",")[0] < "2024-03-14 00:00"]
    (trained.folder / "cut.csv").write_text("\n".join([lines[0], *cut]) + "\n")
    odd = [line if line in cut else ",".join([*line.split(",")[:2], "999", line.split(",")[3]]) for line in lines[1:]]
    (trained.folder / "odd.csv").write_text("\n".join([lines[0], *odd]) + "\n")
    at = ("--from", "2024-03-14 00:00", "--stride", "1000", "--json")
    whole, other = (json_lines(trained("predict", "load.safetensors", name, *at)) for name in ("load.csv", "odd.csv"))
    assert whole == other
    alone = json_lines(trained("predict", "load.safetensors", "load.csv", "--until", "2024-03-14 00:00", "--json"))
    assert [row | {"origin": "2024-03-13 23:00", "ahead": i % 6 + 1} for i, row in enumerate(alone)] == whole
    assert trained("predict", "load.safetensors", "cut.csv", "--hold-known", "--json").code == 0


def test_surprise_is_high_where_something_is_odd(trained, season):
    (trained.folder / "odd.csv").write_text(
        season.replace(
            season.splitlines()[340], season.splitlines()[340].rpartition(",")[0].rpartition(",")[0] + ",9.9,0"
        )
    )  # noqa: E501
    found = json_lines(trained("predict", "load.safetensors", "odd.csv", "--score", "--json"))
    assert [row["group"] for row in found] == ["a"] * (ROWS - 1) + ["b"] * (ROWS - 1)
    assert [row["time"] for row in found] == 2 * [line.split(",")[0] for line in season.splitlines()[2 : ROWS + 1]]
    assert max(found, key=lambda row: row["nats"])["time"] == season.splitlines()[340].split(",")[0]


def test_longer_horizons_and_free_runs_are_fed_on_their_own_output(trained):
    options = ("predict", "load.safetensors", "load.csv", "--from", "300", "--json")
    short, long, free = (
        json_lines(trained(*options, *extra))
        for extra in (["--stride", "1000"], ["--horizon", "30"], ["--free-run", "30"])
    )  # noqa: E501
    assert len(long) == len(free) == 60
    for one, other in zip(short[:6], long[:6], strict=True):
        assert one["time"] == other["time"]
        assert one["load"] == pytest.approx(other["load"], rel=1e-4)
    assert np.std([row["load"] for row in long[:24]]) > 0.3
    found = trained("predict", "load.safetensors", "load.csv", "--from", "200", "--evaluate", "--free-run", "10").json()
    assert 0 <= found["valid_steps"] <= 10


def test_the_same_bits_for_any_number_of_threads(trained):
    first = (trained.folder / "load.safetensors").read_bytes()
    done = trained(
        "train", "load.csv", *COLUMNS, "--until", "300", "--epochs", "12", "--hidden", "24", "--threads", "2"
    )
    assert done.code == 0
    assert (trained.folder / "load.safetensors").read_bytes() == first


@pytest.mark.parametrize("options", [
    ["--loss", "gaussian"], ["--loss", "student", "--look-back", "30"], ["--loss", "mse", "--level", "last"],
    ["--loss", "mae"], ["--transform", "log", "--season", "24"], ["--univariate"],
    ["--quantiles", "0.25,0.75", "--level", "last"],
])  # fmt: skip
def test_every_loss_trains_and_evaluates(here, season, options):
    (here.folder / "load.csv").write_text(season)
    common = ("--time", "time", "--group", "place", "--target", "load", "--epochs", "4", "--hidden", "8", "-o", "m")
    assert here("train", "load.csv", *common, *options).code == 0
    found = here("predict", "m", "load.csv", "--from", "300", "--evaluate").json()
    assert found["mae"] < found["naive"]["mae"] * 1.5
    assert here("predict", "m", "load.csv", "--to", "csv").code == 0


def test_bits_are_recognised_and_counts_counted(here):
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, (200, 3))
    (here.folder / "bits.csv").write_text("a,b,c\n" + "\n".join(",".join(map(str, row)) for row in bits) + "\n")
    assert here("train", "bits.csv", "--epochs", "2", "-o", "m").code == 0
    assert here("predict", "m", "bits.csv", "--evaluate").json()["nats_per_step"] == pytest.approx(
        3 * np.log(2), rel=0.1
    )
    for loss in ("poisson", "negbin"):
        counts = rng.poisson(5, 200)
        (here.folder / "counts.csv").write_text("n\n" + "\n".join(map(str, counts)) + "\n")
        assert here("train", "counts.csv", "--loss", loss, "--epochs", "20", "-o", "m").code == 0
        assert 3 < json_lines(here("predict", "m", "counts.csv", "--json"))[0]["n"] < 8


@pytest.mark.parametrize("options, said", [
    (["--until", "soon"], "--until soon"), (["--transform", "log", "--target", "holiday"], "above 0"),
    (["--loss", "poisson"], "load.csv:2: "), (["--known", "rain"], "rain"), (["--quantiles", "2"], "--quantiles"),
    (["--target", "rain"], "rain"), (["--until", "0"], "rows"), (["--until", "²"], "--until ²"),
    (["--inputs", "load,holiday"], "--target"), (["--loss", "negbin", "--look-back", "3"], "and --look-back cannot"),
    (["--until", "361"], "of one of the 360 rows"), (["--until", "2025"], "of one of the 360 rows"),
    (["--until", "2024-02-30"], "--until 2024-02-30"), (["--until", "1.5"], "--until 1.5"),
])  # fmt: skip
def test_wrong_requests_get_one_line(here, season, options, said):
    (here.folder / "load.csv").write_text(season)
    failed = here("train", "load.csv", "--time", "time", "--group", "place", "--horizon", "2", *options)
    assert failed.code in (1, 2)
    assert said in failed.err
    assert len(failed.err.strip().splitlines()) == 1


def test_a_whole_number_beyond_the_rows_is_a_time_if_it_lies_among_the_times(here):
    wave = [f"{np.sin(t / 3):.4f}" for t in range(90)]
    here.write("years.csv", "year,y\n" + "".join(f"{1930 + t},{y}\n" for t, y in enumerate(wave)))
    here.write("months.csv", "t,y\n" + "".join(f"{1990 + t // 12}-{t % 12 + 1:02},{y}\n" for t, y in enumerate(wave)))
    small = ("--target", "y", "--epochs", "1", "--hidden", "4")
    for name, column, year, row in (("years", "year", "2000", "70"), ("months", "t", "1995", "60")):
        models = [(f"{until}.safetensors", until) for until in (year, row)]
        for model, until in models:
            assert here("train", f"{name}.csv", "--time", column, *small, "--until", until, "-o", model).code == 0
        by_time, by_row = (load_file(here.folder / model) for model, _ in models)
        assert all((by_time[tensor] == by_row[tensor]).all() for tensor in by_row)
        predict = ("predict", models[0][0], f"{name}.csv", "--json")
        by_time, by_row = (json_lines(here(*predict, "--from", begin, "--until", "80")) for begin in (year, row))
        assert by_time == by_row
        assert "of one of the 90 rows" in here(*predict, "--from", "2100").message()


@pytest.mark.parametrize("until, options", [
    ("2024-06-01", ["--group", "g", "--time", "t"]), ("70", ["--group", "g", "--univariate", "--season", "5"]),
    ("2024-06-01", ["--time", "t", "--known", "u", "--target", "y", "--horizon", "3", "--inputs", "y,c"]),
    ("140", ["--target", "y", "--inputs", "y,c", "--valid-fraction", "0", "--transform", "log"]),
])  # fmt: skip
def test_the_rows_before_until_are_all_that_training_sees(here, until, options):
    """Values, gaps, categories, groups and distances of time that come only later change nothing."""
    rng, lines = np.random.default_rng(0), ["t,g,c,y,u"]
    for t in range(140):
        y, u = (f"{2 + np.sin(t / k) + 0.1 * rng.normal():.3f}" for k in (3, 5))
        y, u = "" if t == 7 else y, "" if t == 9 else u
        lines.append(f"2024-01-{1 + t // 24:02} {t % 24:02}:00,{'gh'[t % 2]},{'pq'[rng.integers(2)]},{y},{u}")
    groups = "gh" if until == "70" else "ghk"
    late = [f"2025-{1 + t:02}-01 00:00,{groups[t % len(groups)]},r,{-1000 * t}," for t in range(12)]
    for name, rows, stop in (("part", lines, ()), ("whole", lines + late, ("--until", until))):
        here.write(name, "\n".join(rows) + "\n")
        small = ("--task", "forecast", "--epochs", "1", "--hidden", "4", "-o", f"{name}.safetensors")
        done = here("train", name, *small, *options, *stop)
        assert done.code == 0, done.err
    part, whole = (load_file(here.folder / f"{name}.safetensors") for name in ("part", "whole"))
    assert part.keys() == whole.keys()
    for tensor in part:
        np.testing.assert_array_equal(part[tensor], whole[tensor], tensor)


def test_dates_are_no_numbers(here):
    for name, times in (("dates", [f"2024-03-{1 + t:02}" for t in range(30)]), ("numbers", range(30))):
        here.write(f"{name}.csv", "t,y\n" + "".join(f"{time},{i % 5}\n" for i, time in enumerate(times)))
    small = ("--time", "t", "--target", "y", "--epochs", "1", "--hidden", "4", "-o")
    assert [here("train", f"{name}.csv", *small, name).code for name in ("dates", "numbers")] == [0, 0]
    assert "numbers in the time column" in here("predict", "dates", "numbers.csv").message()
    assert (
        "dates and times without an offset in the time column"
        in here("predict", "numbers", "dates.csv", "--from", "9").message()
    )
    assert here("train", "dates.csv", "--valid", "numbers.csv", *small, "m").code == 1


def test_forecasts_of_times_with_an_offset_go_on_with_it(here):
    hours = [f"2024-03-{1 + t // 24:02}T{t % 24:02}:00+02:00,{np.sin(t / 4):.4f}" for t in range(60)]
    here.write("h.csv", "\n".join(["t,y", *hours]) + "\n")
    assert here("train", "h.csv", "--time", "t", "--target", "y", "--epochs", "1", "--hidden", "4").code == 0
    predict = ("predict", "h.safetensors", "h.csv", "--json", "--from")
    found = json_lines(here(*predict, "50"))
    assert found[0]["time"] == "2024-03-03T02:00+02:00"
    assert json_lines(here(*predict, "2024-03-03 02:00")) == json_lines(here(*predict, "2024-03-03T00:00Z")) == found
    here.write("utc.csv", "\n".join(["t,y", *(hour.replace("+02:00", "Z") for hour in hours)]) + "\n")
    found = json_lines(here("predict", "h.safetensors", "utc.csv", "--json", "--from", "2024-03-03 02:00"))
    assert found[0]["time"] == "2024-03-03T02:00Z"
    here.write("naive.csv", "\n".join(["t,y", *(hour.replace("+02:00", "") for hour in hours)]) + "\n")
    failed = here("predict", "h.safetensors", "naive.csv").message()
    assert "dates and times without an offset in the time column, expected dates and times with an offset" in failed
    failed = here("predict", "h.safetensors", "h.csv", "naive.csv").message()
    assert "naive.csv: dates and times without an offset in the time column, expected" in failed


def test_forecasts_do_not_end_before_they_begin(trained):
    predict = ("predict", "load.safetensors", "load.csv", "--json", "--from", "2024-03-10 12:00", "--until")
    assert trained(*predict, "2024-03-10 12:00").code == 0
    for mode in ((), ("--score",), ("--evaluate",)):
        failed = trained(*predict, "2024-03-10 10:00", *mode)
        assert failed.code == 2
        assert "--from 2024-03-10 12:00 --until 2024-03-10 10:00: no rows between them" in failed.message()


def test_forecast_options_are_for_forecasts(trained):
    failed = trained("predict", "load.safetensors", "load.csv", "--follow")
    assert failed.code == 2
    assert "--follow" in failed.err


def test_each_of_several_files_is_a_series_with_its_times(here, season):
    lines = [line for line in season.splitlines() if ",b," not in line]
    for name, part in (("1.csv", lines[:200]), ("2.csv", [lines[0], *lines[200:]])):
        here.write(name, "\n".join(part) + "\n")
    common = ("--time", "time", "--target", "load", "--inputs", "load", "--epochs", "1", "--hidden", "4", "-o", "m")
    assert here("train", "1.csv", "2.csv", *common).code == 0
    both, *each = (
        json_lines(here("predict", "m", *names, "--json")) for names in (("1.csv", "2.csv"), ("1.csv",), ("2.csv",))
    )
    assert [row["time"] for row in both] == [row["time"] for found in each for row in found]


def test_a_group_goes_on_in_the_next_file(here, season):
    """Cut in two anywhere, a table gives the model and the forecasts of the whole."""
    head, *lines = season.splitlines()
    cut = (("1", lines[:500]), ("2", lines[500:]))
    parts = [here.write(name, "\n".join([head, *some]) + "\n") for name, some in cut]
    train = (*COLUMNS, "--format", "table", "--until", "300", "--epochs", "1", "--hidden", "4", "-o")
    for name, files in (("apart", parts), ("one", [here.write("whole", season)])):
        assert here("train", *files, *train, name).code == 0
    assert here.read("apart") == here.read("one")
    apart, one = (json_lines(here("predict", "one", *files, "--hold-known", "--json")) for files in (parts, ["whole"]))
    assert apart == one


def test_a_forecast_is_drawn_and_saved(trained):
    drawn = trained("predict", "load.safetensors", "load.csv", "--plot", "--hold-known")
    assert drawn.code == 0
    text = drawn.out.decode()
    assert text.count("━") >= 6 < text.count("•")
    assert "a load" in text
    assert "2024-03-16 00:00" in text
    assert max(map(len, text.splitlines())) <= 80
    assert trained("predict", "load.safetensors", "load.csv", "--save", "load.svg", "--hold-known").code == 0
    assert (trained.folder / "load.svg").read_text().startswith("<svg")
    assert trained("predict", "load.safetensors", "load.csv", "--save", "load.pdf").code == 2
    assert trained("predict", "load.safetensors", "load.csv", "--save", "load.gif").code == 2


def test_numbers_name_columns_as_their_names_do(here, season):
    here.write("load.csv", season)
    small = ("--horizon", "2", "--epochs", "1", "--hidden", "4")
    for name, (group, time, target, known) in (("names", ("place", "time", "load", "holiday")), ("numbers", "2134")):
        columns = ("--group", group, "--time", time, "--target", target, "--known", known, "-o", name)
        assert here("train", "load.csv", *columns, *small).code == 0
    assert here.read("names") == here.read("numbers")
    assert "nothing to do" in here("train", "load.csv", *columns, *small, "--resume").err
    assert here("train", "load.csv", "--group", "2", "--time", "1", *small).code == 0  # what is left are numbers


def test_the_network_stands_beside_its_rivals_and_a_better_one_is_named(here):
    """The error after training is that of the forecasts that `predict` writes; all its words say the same."""
    count, noise = 600, np.random.default_rng(2).normal(size=600)
    hours = np.datetime64("2024-03-01T00:00") + np.arange(count).astype("timedelta64[h]")
    loads = (5 + np.sin(2 * np.pi * np.arange(count) / 24) + 0.1 * noise).round(4).tolist()
    true = dict(zip((str(hour).replace("T", " ") for hour in hours), loads, strict=True))
    here.write("a.csv", "time,load\n" + "".join(f"{time},{load}\n" for time, load in true.items()))
    options = ("--time", "time", "--target", "load", "--horizon", "3", "--loss", "mae")
    small = ("--level", "last", "--hidden", "8", "--epochs", "1", "--lr", "1e-6", "--threads", "1")
    done = here("train", "a.csv", *options, *small, "-o", "m.safetensors", "--json")
    found, held = done.json(), count // 10
    rows = here("predict", "m.safetensors", "a.csv", "--from", str(count - held), "--stride", "1", "--json")
    apart = [abs(row["load"] - true[row["time"]]) for row in json_lines(rows) if row["time"] in true]
    assert found["metrics"]["n"] == len(apart) == 3 * held - 3
    assert found["metrics"]["mae"] == pytest.approx(np.mean(apart), rel=1e-6)
    assert found["rivals_measure"] == "mae"
    assert list(found["rivals"]) == ["naive", "seasonal_naive", "ridge"]
    own, rivals = found["metrics"]["mae"], found["rivals"]
    assert rivals["seasonal_naive"] < own
    best = min(rivals, key=rivals.get)
    line = f"not better than {best.replace('_', ' ')}: mae {own:.4g} against {rivals[best]:.4g}; "
    words = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in rivals.items())
    assert f"rivals  mae: {words}" in done.err
    assert f"m.safetensors  mae {own:.4g}, {words}, loss " in done.err
    assert f"verdict  {line}" in done.err
    kept = here("inspect", "m.safetensors", "--json").json()
    assert [kept[name] for name in ("metrics", "rivals", "rivals_measure")] == [found["metrics"], rivals, "mae"]
    shown = " ".join(here("inspect", "m.safetensors").out.decode().split())
    assert line.rstrip() in shown and f"validation mae {own:.4g}, loss" in shown
