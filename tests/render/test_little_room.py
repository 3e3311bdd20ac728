"""What a picture of the terminal has no room for: it is told, and no number or name is cut."""

import io
import math
import os
import pty
import termios

import pytest

from rnncli.errors import Complaints, on_screen
from rnncli.render.screen import Screen
from rnncli.render.summary import _tensors
from tests.render.test_terminal_pictures import printed


def forecasts(horizon: int, many: int, past: int = 60) -> dict:
    """Of a wave that is as long as six steps, from -1 to 1; all of them are right."""
    times = [str(1000 + t) for t in range(past + many * horizon)]
    values = [math.cos(math.pi * t / 3) for t in range(len(times))]
    found = [
        {"begin": begin, "points": values[begin : begin + horizon], "low": None, "high": None}
        for begin in range(past, len(times), horizon)
    ]
    one = {"name": "", "target": "level", "times": times, "values": values, "forecasts": found, "made": many}
    return {"view": "forecast", "series": [one], "of": 1, "levels": None}


def rows_of_frame(lines: list[str]) -> list[str]:
    """Those of the first frame, without the scale."""
    return [line[10:] for line in lines[1:14]]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_column_of_a_forecast_is_a_step_where_a_forecast_has_room(width):
    lines = printed(forecasts(6, 30), width)
    frame = rows_of_frame(lines)
    assert {"1.0", "-1.0"} <= {
        line.split()[0] for line in lines[1:14] if line.strip()
    }  # no mean of a crest and a trough
    shown = sum(char == "◉" for line in frame for char in line)  # both, all over each other
    assert shown % 6 == 0 and shown > 0
    assert f"level  the first {shown // 6} of 30 forecasts" in lines[0]
    ends = [max(line.rfind(char) for char in "◉•") for line in frame]
    assert max(ends) <= width - 12


def test_a_forecast_that_is_wider_than_the_terminal_says_what_a_column_is():
    lines = printed(forecasts(96, 2), 40)
    assert "the first of 2 forecasts; a column is the mean of 3.7 steps" in " ".join(" ".join(lines[:2]).split())
    assert "mean of" not in " ".join(printed(forecasts(96, 2), 120)[:2])


def test_a_forecast_tells_how_many_are_not_drawn_and_has_whole_ticks():
    data = forecasts(6, 3)
    one = data["series"][0]
    one["made"] = 20
    for held, key in ((one, "values"), *((forecast, "points") for forecast in one["forecasts"])):
        held[key] = [123456.1 + v / 10 for v in held[key]]
    lines = printed(data, 80)
    assert lines[0] == "3 of 20 forecasts are drawn, the first ones that follow each other"
    assert {"123,456.00", "123,456.10", "123,456.20"} & {line.split()[0] for line in lines[2:15] if line.strip()}


def evaluation() -> dict:
    """The figures of a forecast of 24 steps."""
    one = {"mae": 0.06911, "mse": 0.00874, "mase": 0.1501, "smape": 0.1424}
    steps = [{"step": step, "mae": step / 7, "rival_mae": 3.5} for step in range(1, 25)]
    return one | {
        **{"seasonal_naive": one, "naive": one, "best_rival": "seasonal_naive", "by_step": steps, "forecasts": 9},
        **{"n": 216, "coverage": 0.8, "per_target": {}, "worst": []},
    }


def test_figures_are_whole_in_40_columns_and_steps_stand_on_the_right():
    data = {"view": "evaluation", "figures": evaluation()}
    lines, wide = printed(data, 40), printed(data, 80)
    words = " ".join(" ".join(lines).split())
    assert "network 0.06911 0.1501" in words and "…" not in words
    assert "In 60 columns it has rmse and smape too." in words and "In 60 columns" not in " ".join(wide)
    begin = next(i for i, line in enumerate(wide) if line.startswith("by step ahead, "))
    rows = [line.split() for line in wide[begin + 2 : wide.index("", begin)]]
    assert wide[begin] == f"by step ahead, {len(rows)} of 24"
    assert (rows[0][0], rows[-1][0]) == ("1", "24")
    assert (
        len({line.rstrip().find(row[0]) + len(row[0]) for line, row in zip(wide[begin + 2 :], rows, strict=False)}) == 1
    )


def test_every_kind_of_point_has_a_number_and_a_plane():
    points = [
        {"eigenvalues": [[1.2, 0.0]] * ways + [[0.5, 0.0]], "unstable": ways, "stable": not ways, "starts": 3}
        | {"speed": 1e-9, "time_constants": [-5.4 if ways else 3.1], "output": "+-"}
        for ways in range(6)
    ]
    points = [points[0]] * 9 + points[1:]
    data = {
        **{"view": "dynamics", "verdict": "contracting", "fixed_points": points, "slow_points": [], "starts": 64},
        **{"held": {"input": "e", "fed_back": False}, "notes": [], "dt": None, "steps": 99, "unit": None, "free": ""},
        "lyapunov": {"driven": None, "free": None},
    }
    for width in (40, 80):
        lines = printed(data, width)
        assert [line.split()[0] for line in lines if line.rstrip().endswith(("5.4", "3.1", "+-"))] == [
            str(i) for i in range(1, 15)
        ]
        planes = " ".join(" ".join(line for line in lines if "point " in line).split())
        assert planes.startswith("point 1: stable") or "point 1: stable" in planes
        assert "point 12: 3 ways out" in planes
        assert "and 2 more kinds of points, which --json has" in " ".join(lines)


def test_long_names_of_tensors_are_whole():
    names = ["members.0.embedding.weight", "members.0.rnn.weight_ih_l0", "members.0.rnn.weight_hh_l0"]
    sizes = {"shape": [49, 24], "mean": 0.0, "std": 1.0, "largest": 4.2}
    console = Screen(width=40, file=io.StringIO(), color_system=None)
    console.print(_tensors([{"name": name, **sizes} for name in names], 40))
    lines = console.file.getvalue().splitlines()
    assert "…" not in "".join(lines) and max(map(len, lines)) <= 40
    joined = "".join(line[:21].strip() for line in lines[1:])
    assert all(name in joined for name in names)


def test_a_long_text_ends_at_the_prediction_and_says_what_it_leaves_out():
    steps = ["word"] * 255 + ["last"]
    data = {
        **{"view": "attribution", "at": 255, "output": 0, "first": 0, "attribution": [0.0] * 255 + [1.0], "value": 1.0},
        **{"points": 9, "baseline": 0.0, "completeness_gap": 0.0, "change": 0.0, "steps": steps, "predicts": "x"},
        **{"what": "log probability", "softmax": True, "words": True, "faithfulness": None},
    }
    lines = printed(data, 40)
    assert any("last" in line for line in lines[: lines.index("the strongest of them")])
    assert "the last 24 of 37 lines: --json has all" in lines
    assert not any("lines: --json" in line for line in printed(data, 120))


# -- lines on stderr --------------------------------------------------------------------------------------------------


def test_a_line_on_a_terminal_ends_between_words_and_is_as_it_is_elsewhere(tmp_path, monkeypatch):
    line = "ett.csv: the times of the rows are those of column date: --time none undoes it"
    monkeypatch.setattr(Complaints, "as_json", False)  # as a command before may have left it
    master, slave = pty.openpty()
    try:
        termios.tcsetwinsize(slave, (24, 40))
        with open(slave, "w", closefd=False) as terminal:
            broken = on_screen(line, terminal).split("\n")
            assert " ".join(broken) == line and max(map(len, broken)) <= 40 and len(broken) == 2
            assert on_screen("a/" * 40, terminal) == "a/" * 40  # a path is not broken
            monkeypatch.setattr(Complaints, "as_json", True)
            assert on_screen(line, terminal) == line
            monkeypatch.setattr(Complaints, "as_json", False)
            termios.tcsetwinsize(slave, (0, 0))
            assert on_screen(line, terminal) == line
    finally:
        os.close(master)
        os.close(slave)
    with open(tmp_path / "file", "w") as file:
        assert on_screen(line, file) == line
