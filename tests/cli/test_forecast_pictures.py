"""Pictures of forecasts, read back from the SVG: what was forecast, what came, and how many series are left out."""

import csv
from datetime import datetime, timedelta

import pytest

from tests.helpers import json_lines
from tests.render.chart_reader import panels, plots

ROWS, SERIES, AHEAD = 90, 10, 6
BEGIN = datetime(2024, 3, 1)


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """Ten series of days, and a model of them."""
    from tests.conftest import Here

    here = Here(tmp_path_factory.mktemp("pictures"))
    days = [(BEGIN + timedelta(days=i)).date().isoformat() for i in range(ROWS)]
    wave = [(2, 3, 5, 4, 1, 0, 2)[i % 7] for i in range(ROWS)]
    rows = [f"{days[i]},s{n},{10 * n + wave[i] + i / 50:.2f}" for n in range(SERIES) for i in range(ROWS)]
    here.write("sold.csv", "\n".join(["day,shop,sold", *rows]) + "\n")
    options = ("--time", "day", "--group", "shop", "--target", "sold", "--horizon", str(AHEAD), "--epochs", "2")
    assert here("train", "sold.csv", *options, "--hidden", "8", "-o", "m").code == 0
    return here


def truth(shell, name: str) -> dict[str, float]:
    """The values of a series by day."""
    rows = csv.DictReader(shell.read("sold.csv").decode().splitlines())
    return {row["day"]: float(row["sold"]) for row in rows if row["shop"] == name}


def days_of(points) -> list[str]:
    """The dates of points whose x are days since 1970."""
    return [(datetime(1970, 1, 1) + timedelta(days=round(x))).date().isoformat() for x, _ in points]


def drawn(shell, *options) -> tuple[list, str]:
    assert shell("predict", "m", "sold.csv", *options, "--save", "f.svg").code == 0
    svg = shell.read("f.svg").decode()
    return plots(svg), svg


def test_a_back_test_shows_the_forecasts_beside_what_came(shell):
    (title, lines), *_ = drawn(shell, "--from", "60")[0]
    rows = json_lines(shell("predict", "m", "sold.csv", "--from", "60", "--json"))
    said = {row["time"][:10]: row["sold"] for row in rows if row["group"] == "s0"}
    assert title == "s0"
    came = next(points for colour, points in lines if colour == "ink")
    assert [y for _, y in came] == pytest.approx([truth(shell, "s0")[day] for day in days_of(came)], abs=0.05)
    assert days_of(came)[-1] == "2024-05-29"  # the last day of the file
    forecast = [point for colour, points in lines if colour == "cyan" for point in points]
    assert {*days_of(forecast)} == {*said}
    assert [y for _, y in forecast] == pytest.approx([said[day] for day in days_of(forecast)], abs=0.05)
    assert len([colour for colour, _ in lines if colour == "faint"]) == len(said) / AHEAD  # where each begins


def test_a_forecast_of_what_is_to_come_follows_the_last_day(shell):
    (_, lines), *_ = drawn(shell)[0]
    forecast = next(points for colour, points in lines if colour == "cyan")
    assert days_of(forecast) == [(BEGIN + timedelta(days=ROWS + i)).date().isoformat() for i in range(AHEAD)]
    assert days_of(next(points for colour, points in lines if colour == "ink"))[-1] < days_of(forecast)[0]


def test_the_first_series_are_shown_and_the_others_counted(shell):
    found, svg = drawn(shell)
    assert [title for title, _ in found] == [f"s{n}" for n in range(8)]
    assert "8 of 10 series are shown, the first ones" in svg
    assert [panel.title for panel in panels(svg)] == [title for title, _ in found]


def test_the_terminal_shows_the_same(shell, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = shell("predict", "m", "sold.csv", "--plot", "--from", "60").out.decode()
    assert max(map(len, text.splitlines())) <= 80
    assert "8 of 10 series are shown" in text
    assert text.count("s7 sold") == 1 and "s8 sold" not in text
    assert {"━", "•", "◉", "░"} <= {*text}
    assert "quantile 0.1 to 0.9" in text.replace("\n", " ")
