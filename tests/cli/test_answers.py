"""`--evaluate --answers FILE`: the truth of a second file gives the figures that one whole file gives with --from."""

import math

import pytest

from rnncli.errors import RnncliError
from rnncli.predictors.answers import _matched

H, END, ROWS = 4, 50, 58


def value(group, t, k):
    return round(math.sin(t / 3 + k) * (1 + 9 * group) + 20 + 0.1 * ((7 * t + k) % 5), 3)


def table(begin, end, columns="id,t,y,z", groups=(0, 1), gap=None) -> str:
    rows = []
    for g in groups:
        for t in range(begin, end):
            cells = {"id": f"s{g}", "t": f"2024-01-01 {t // 6:02d}:{t % 6}0", "y": value(g, t, 0), "z": value(g, t, 1)}
            rows += [] if t == gap else [",".join(str(cells[name]) for name in columns.split(","))]
    return "\n".join([columns, *rows]) + "\n"


def wide(begin, end) -> str:
    lines = [",".join(f"V{i}" for i in range(1, end - begin + 2))]
    return (
        "\n".join([*lines, *(f"s{g}," + ",".join(str(value(g, t, 0)) for t in range(begin, end)) for g in (0, 1))])
        + "\n"
    )


SHORT = ("--horizon", str(H), "--season", "3", "--hidden", "5", "--epochs", "2", "-o", "m", "-q")
COLUMNS = ("--group", "id", "--time", "t", "--target", "y,z")
FORMS = {
    "joint": (table, COLUMNS),
    "apart": (table, (*COLUMNS, "--univariate")),
    "wide": (wide, ("--format", "wide", "--task", "forecast", "--group", "V1")),
}


@pytest.fixture(params=FORMS)
def files(request, here):
    make, columns = FORMS[request.param]
    (
        here.write("head.csv", make(0, END)),
        here.write("tail.csv", make(END, ROWS)),
        here.write("whole.csv", make(0, ROWS)),
    )
    done = here("train", "head.csv", *columns, *SHORT)
    assert done.code == 0, done.err
    return here


@pytest.mark.parametrize("horizon", [2, H, 7])
def test_a_second_file_gives_the_figures_of_the_whole(files, horizon):
    options = ("--horizon", str(horizon), "--evaluate")
    whole = files("predict", "m", "whole.csv", "--from", str(END), "--stride", "1000", *options).json()
    done = files("predict", "m", "head.csv", "--answers", "tail.csv", *options)
    found = done.json()
    assert f"rows after the {horizon} forecast steps are left out" in done.err
    assert {*found, "seen"} == set(whole) - {"unseen"}
    assert found["n"] == whole["n"]
    for key in ("mae", "mse", "smape", "mape", "mase", "coverage"):
        assert found[key] == pytest.approx(whole[key], rel=1e-6), key
    assert found["seasonal_naive"] == pytest.approx(whole["seasonal_naive"], rel=1e-6)


def test_series_are_matched_by_name_and_rows_by_time(here):
    here.write("head.csv", table(0, END))
    assert here("train", "head.csv", *COLUMNS, *SHORT).code == 0

    def compare(text, code=0):
        done = here("predict", "m", "head.csv", "--evaluate", "--answers", here.write("tail.csv", text))
        assert done.code == code, done.err
        return done

    whole = compare(table(END, END + H)).json()
    assert compare(table(END, END + H, groups=(1, 0))).json() == whole
    assert compare(table(END, END + H, columns="z,y,t,id")).json() == whole
    assert compare(table(END, END + H, gap=END + 1)).json()["n"] == whole["n"] - 2 * 2
    assert "no answers for s1" in compare(table(END, END + H, groups=(0,)), 1).message()
    assert "answers for s2" in compare(table(END, END + H, groups=(0, 1, 2)), 1).message()
    assert "tail.csv:2: an answer at 2024-01-01 08:10" in compare(table(END - 1, END + H), 1).message()


class Named(list):
    """Series of which only the names matter."""

    names = keys = property(list)


def test_answers_of_one_name_twice_are_refused():
    """The last of them was taken for the answers of each series of that name."""
    assert _matched(Named(["2.0", "1.0"]), Named(["1", "2"]), "f") == [1, 0]
    with pytest.raises(RnncliError, match="f: 2 answers are named a, expected one of each name"):
        _matched(Named(["a", "b", "a"]), Named(["a", "b"]), "f")
    with pytest.raises(RnncliError, match="f: 2 series of the input are named 1"):
        _matched(Named(["1"]), Named(["1", "1.0"]), "f")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--answers", "x"), "--answers"), (("--evaluate", "--answers", "x", "--from", "3"), "--from"),
        (("--evaluate", "--answers", "x", "--stride", "3"), "--stride"), (("--evaluate", "--starts", "3"), "--starts"),
        (("--evaluate", "--free-run", "3", "--horizon", "3"), "--horizon"),
        (("--evaluate", "--hold-known"), "--hold-known"),
    ],
)  # fmt: skip
def test_options_without_effect_are_refused(here, options, said):
    here.write("head.csv", table(0, END))
    assert here("train", "head.csv", *COLUMNS, *SHORT).code == 0
    done = here("predict", "m", "head.csv", *options)
    assert done.code == 2
    assert said in done.message()
