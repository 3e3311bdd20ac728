"""`--minutes`: a number of minutes, or a time with units; kept as minutes."""

import shlex

import pytest

from rnncli.errors import UsageError
from rnncli.render.text import budget
from rnncli.values import duration, minutes_of

FORMS = {
    "0.5": 0.5,
    "30s": 0.5,
    "90m": 90,
    "2h": 120,
    "1h30m": 90,
    "1h 30min 6s": 90.1,
    "1.5H": 90,
    "0.2s": 0.2 / 60,
}


@pytest.mark.parametrize("text", FORMS)
def test_a_time_is_minutes(text):
    assert minutes_of("--minutes", text) == pytest.approx(FORMS[text], rel=1e-15)


@pytest.mark.parametrize("text", ["", "s", "1:30", "30m1h", "1h30", "5d", "-2h", "1e3s", "1h1h"])
def test_what_is_none_is_named(text):
    with pytest.raises(UsageError, match=f"--minutes {text}: expected minutes such as 0.5"):
        minutes_of("--minutes", text)


def test_command_line_and_config_take_it_and_explain_prints_minutes(here, text):
    here.write("text.txt", text)
    here.write("options.toml", 'minutes = "1h30m"\n')
    for options, minutes in (("--minutes", "30s"), "0.5"), (("--config", "options.toml"), "90"):
        words = shlex.split(here("train", "text.txt", "--explain", *options).out.decode())
        assert words[words.index("--minutes") + 1] == minutes


SAID = {
    1 / 60: "1 s",
    0.3: "18 s",
    0.5: "30 s",
    0.2 / 60: "0.2 s",
    59.7 / 60: "1 min",
    100 / 60: "1 min 40 s",
    120: "2 h",
    90.1: "1 h 30 min 6 s",
    1e6: "16666 h 40 min",
}


@pytest.mark.parametrize("minutes", SAID)
def test_a_time_is_written_as_a_person_does_and_read_again(minutes):
    assert duration(minutes) == SAID[minutes] == budget({"minutes": minutes, "epochs": None})
    assert minutes_of("--minutes", duration(minutes)) == pytest.approx(minutes, abs=0.5 / 60)
