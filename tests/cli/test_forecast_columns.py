"""Forecasts: which files, rows and columns are the series, and how these are named."""

import numpy as np
import pytest

from tests.helpers import json_lines


@pytest.mark.parametrize("form", ["csv", "npy", "wide"])
def test_each_of_several_files_without_names_has_its_own_scale(here, form):
    for name, size in (("small", 1), ("large", 1000)):
        values = size * np.random.default_rng(0).normal(size=60)
        if form == "npy":
            np.save(here.folder / f"{name}.npy", values)
        else:
            here.write(f"{name}.{form}", "a\n" * (form == "csv") + (",\n"[form == "csv"]).join(map(str, values)))
    files = [f"{name}.{form}" for name in ("small", "large")]
    options = {"csv": (), "npy": ("--task", "forecast"), "wide": ("--format", "wide", "--task", "forecast")}[form]
    assert here("train", *files, "--epochs", "1", "--hidden", "4", "-o", "m", *options).code == 0
    (small,), (large,) = (json_lines(here("predict", "m", name, "--json")) for name in files)
    spread = [list(row.values())[-1] - list(row.values())[-2] for row in (small, large)]
    assert spread[1] == pytest.approx(1000 * spread[0], rel=1e-3)


@pytest.mark.parametrize("named", [True, False])
def test_rows_of_wide_tables_tell_their_series(here, named):
    values = np.random.default_rng(0).normal(size=(3, 40)).round(3)
    names = [f"S{i}" for i in range(3)] if named else ["1", "2", "3"]
    lines = [",".join([f"S{i}"] * named + list(map(str, row))) for i, row in enumerate(values)]
    here.write("all.csv", "\n".join(lines) + "\n")
    here.write("one.csv", lines[2] + "\n")
    small = ("--task", "forecast", "--horizon", "2", "--epochs", "1", "--hidden", "4", "-o", "m")
    assert here("train", "all.csv", "--format", "wide", *small).code == 0
    found = json_lines(here("predict", "m", "all.csv", "--json"))
    assert [(row["group"], row["step"]) for row in found] == [(name, step) for name in names for step in ("40", "41")]
    scored = json_lines(here("predict", "m", "all.csv", "--score", "--json"))
    assert [row["group"] for row in scored] == [name for name in names for _ in range(39)]
    (one, _) = json_lines(here("predict", "m", "one.csv", "--json"))
    assert one.get("group") == ("S2" if named else None)


def test_a_target_of_its_own_is_no_part_of_the_name_of_a_series(here):
    np.save(here.folder / "two.npy", np.random.default_rng(0).normal(size=(2, 40, 2)))
    small = ("--task", "forecast", "--univariate", "--epochs", "1", "--hidden", "4", "-o", "m")
    assert here("train", "two.npy", *small).code == 0
    assert [row["group"] for row in json_lines(here("predict", "m", "two.npy", "--json"))] == ["1", "2"]


def test_what_are_categories_is_known_from_training_to_a_validation_file(here):
    wave = [f"{np.sin(t / 3):.4f}" for t in range(90)]
    here.write("a.csv", "w,y\n" + "".join(f"{'ab12'[t % 4]},{y}\n" for t, y in enumerate(wave)))
    here.write("b.csv", "w,y\n" + "".join(f"{'12'[t % 2]},{y}\n" for t, y in enumerate(wave)))
    done = here("train", "a.csv", "--target", "y", "--valid", "b.csv", "--epochs", "1", "--hidden", "4")
    assert done.code == 0, done.err


@pytest.mark.parametrize(("begin", "by_series"), [(0, False), (360, True)])
def test_names_of_validation_series_mean_something_if_they_are_the_same_ones_later_on(here, begin, by_series):
    for name, start in (("a.csv", 0), ("b.csv", begin)):
        rows = [f"{g},{start + t},{np.sin(t / 3 + g):.4f}" for g in range(4) for t in range(60)]
        here.write(name, "\n".join(["g,t,y", *rows]) + "\n")
    done = here("train", "a.csv", "--group", "g", "--time", "t", "--target", "y", "--valid", "b.csv", "--epochs", "1")
    assert done.code == 0, done.err
    names = [tensor["name"] for tensor in here("inspect", "a.safetensors", "--json").json()["tensors"]]
    assert any("series" in name for name in names) == by_series


def test_a_rule_that_holds_in_every_column_is_learnt_for_columns_never_seen_by_shifting(here):
    """One bit goes up by a column a step, in the lower half of the columns only; the upper half is the test."""

    def rows(low, group):
        return [f"{group},{t}," + ",".join(str(int(k == low + t % 4)) for k in range(16)) for t in range(40)]

    head = "g,t," + ",".join(f"b{k}" for k in range(16))
    here.write("low.csv", "\n".join([head, *(row for g in range(5) for row in rows(g, g))]) + "\n")
    here.write("high.csv", "\n".join([head, *rows(11, 0)]) + "\n")
    nats = {}
    for shift in ("0", "8"):
        model = ("-o", f"m{shift}.safetensors", "--shift", shift)
        done = here("train", "low.csv", "--group", "g", "--time", "t", "--valid", "low.csv", "--epochs", "60", *model)
        assert done.code == 0, done.err
        nats[shift] = here("predict", model[1], "high.csv", "--evaluate").json()["nats_per_step"]
    assert nats["8"] < 0.5 * nats["0"]
    refused = here("train", "low.csv", "--group", "g", "--loss", "mse", "--shift", "3")
    assert refused.code == 2 and "--shift and --loss mse" in refused.err


def test_bits_are_moved_and_what_is_missing_stays():
    from rnncli.data.series_windows import moved

    bits = np.array([[1, 0, 1, 0], [np.nan] * 4, [0, 1, 1, 1]], np.float32)
    expected = [[0, 1, 0, 1], [np.nan] * 4, [1, 1, 0, 0]]
    np.testing.assert_array_equal(moved(bits, np.array([[1], [2], [-2]])), expected)


@pytest.mark.parametrize("option", [[], ["--univariate"]])
def test_columns_need_not_be_named_and_may_have_commas_in_their_names(here, option):
    here.write("w.csv", '"a,b",c\n' + "".join(f"{np.sin(t / 4):.4f},{np.cos(t / 4):.4f}\n" for t in range(80)))
    assert here("train", "w.csv", "--horizon", "2", "--epochs", "1", *option).code == 0
    found = json_lines(here("predict", "w.safetensors", "w.csv", "--json"))
    assert len(found) == 2 and {"a,b", "c"} <= set(found[0])


def test_a_column_may_be_named_as_the_series_are(here):
    """The embedding of the series and that of such a column are two: the same rows as under another name."""
    rows = [f"{t},{shop},{t % 7 + len(shop)},{'uv'[t % 2]}\n" for shop in ("p", "qq") for t in range(40)]
    options = ("--target", "y", "--inputs", "{0}", "--time", "t", "--group", "shop", "--epochs", "2", "--hidden", "4")
    found = []
    for name in ("series", "sky"):
        here.write(f"{name}.csv", f"t,shop,y,{name}\n" + "".join(rows))
        words = [word.format(name) for word in options]
        assert here("train", f"{name}.csv", *words, "-o", "m").code == 0
        found.append(here("predict", "m", f"{name}.csv").rows(5))
        again = here("train", f"{name}.csv", *words, "--init", "m", "-o", "again")
        assert (again.code, b"") == (0, again.out), again.err
    assert found[0] == found[1]


def test_a_file_without_the_only_target_is_refused(here):
    here.write("y.csv", "t,y\n" + "\n".join(f"{k},{k % 5}" for k in range(60)))
    here.write("other.csv", "t,x\n60,1\n61,2\n62,3\n")
    assert (
        here("train", "y.csv", "--time", "t", "--target", "y", "--epochs", "1", "--hidden", "4", "-o", "m", "-q").code
        == 0
    )
    for options in ((), ("--score",), ("--evaluate",)):
        refused = here("predict", "m", "other.csv", *options)
        assert (refused.code, refused.out) == (1, b"")
        assert "other.csv: no column y, which the model forecasts: found none of its columns" in refused.message()
