"""`--known` takes columns of words: the model is that of columns of 0 and 1 for their values."""

import json
from datetime import date, timedelta

import pytest

SHORT = ("--target", "y", "--horizon", "2", "--epochs", "0.3", "--hidden", "3", "--learn", "all")
DAYS = [str(date(2024, 1, 6) + timedelta(i)) for i in range(84)]
EVENTS = ["sale" if i % 7 == 3 else "closed" if i % 11 == 5 else "" for i in range(84)]
LEVELS = [10 + i % 7 + (5 if event == "sale" else 0) for i, event in enumerate(EVENTS)]


def table(*columns, ahead=()):
    """A day a row; `columns` are functions from an event to a field."""
    rows = [
        [day, str(y), *(column(event) for column in columns)]
        for day, y, event in zip(DAYS, LEVELS, EVENTS, strict=True)
    ]
    rows += [[f"2024-03-{30 + i}", "", *(column(event) for column in columns)] for i, event in enumerate(ahead)]
    return "".join(",".join(row) + "\n" for row in rows)


def flag(value):
    return lambda event: str(int(event == value))


@pytest.fixture
def shop(here):
    """A model in `m`, by words."""
    here.write("words.csv", "day,y,event\n" + table(str, ahead=("", "sale")))
    done = here("train", "words.csv", "--known", "event", "--until", "84", *SHORT, "-o", "m")
    assert done.code == 0, done.err
    return here


def test_forecasts_are_those_of_columns_of_0_and_1(shop):
    flags = table(flag("closed"), flag("sale"), ahead=("", "sale"))
    shop.write("flags.csv", "day,y,event=closed,event=sale\n" + flags)
    known = "event=closed,event=sale"
    assert shop("train", "flags.csv", "--known", known, "--until", "84", *SHORT, "-o", "n").code == 0
    rows = [shop("predict", model, file).out for model, file in (("m", "words.csv"), ("n", "flags.csv"))]
    assert rows[0] == rows[1] and rows[0].startswith(b"2024-03-30\t")
    pairs = (("m", "words.csv"), ("n", "flags.csv"))
    found = [shop("predict", *pair, "--evaluate", "--from", "60").json() for pair in pairs]
    assert found[0] == found[1]


def test_what_is_known_has_to_be_there(shop):
    shop.write("past.csv", "day,y,event\n" + table(str))
    message = shop("predict", "m", "past.csv").message()
    assert "past.csv: known input event in 0 of the 2 rows from 2024-03-30 to 2024-03-31" in message
    assert shop("predict", "m", "past.csv", "--hold-known").code == 0
    shop.write("odd.csv", "day,y,event\n" + table(str, ahead=("odd", "")))
    done = shop("predict", "m", "odd.csv")
    assert done.code == 0 and "1 of the values in column event are read as unknown, not in training: odd" in done.err


def test_a_model_to_start_from_and_the_explanation(shop):
    done = shop("train", "words.csv", "--init", "m", "--until", "84", "--epochs", "0.3", "-o", "n")
    assert done.code == 0, done.err
    summary = json.loads(shop("inspect", "n", "--json").out)
    assert summary["config"]["known"] == "event"
    done = shop("train", "words.csv", "--known", "3", "--until", "84", *SHORT, "--explain")
    assert "--known event" in done.out.decode().replace("--known 3", "--known event")


def test_other_columns_are_refused(here):
    rows = [f"{day},{y},n{day}\n" for day, y in zip(DAYS, LEVELS, strict=True)]
    here.write("t.csv", "day,y,note\n" + "".join(rows))
    message = here("train", "t.csv", "--known", "note", "--time", "day", *SHORT).message()
    assert "--known note: 84 different values in the training part, expected 1 to 64" in message
