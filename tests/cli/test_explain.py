"""`train --explain`: the printed command trains the same network, bit for bit, and leaves nothing to be guessed."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from rnncli.cli.explained import command_line
from rnncli.tasks.trained import load_model
from rnncli.values import minutes_of

SAMPLES = Path(__file__).parents[2] / "sample_data"
SHORT = ("--epochs", "0.2", "--valid-fraction", "0.2", "-q")
CALLS = {
    "time": (("tides.csv", "--target", "level", "--until", "300", *SHORT), "--time time"),
    "several targets": (("tides.csv", "--until", "120", "--valid-fraction", "0", "-q"), "--target level,wind"),
    "labels": (("messages.tsv", "--label", "topic", "--hidden", "4", *SHORT), "--text message"),
    "groups": (("gauges.csv", "--label", "weather", "--group", "gauge"), "--learn readout"),
    "text": (("names.txt", "--seed", "3", "--hidden", "16", *SHORT), "--tokens char"),
    "lines": (("names.txt", "--format", "lines", "--hidden", "4", *SHORT), "--task language"),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_printed_command_trains_the_same_network(here, name):
    (file, *options), found = CALLS[name]
    call = ("train", str(SAMPLES / file), *options)
    printed = here(*call, "--explain")
    assert printed.code == 0, printed.err
    assert not list(here.folder.iterdir())
    words = shlex.split(printed.out.decode())
    assert words[:3] == ["rnncli", "train", str(SAMPLES / file)] and found in printed.out.decode()
    assert here(*words[1:], "--explain").out == printed.out  # it says everything
    done = here(*call, "-o", "bare"), here(*words[1:], "-o", "explicit")
    assert [one.code for one in done] == [0, 0], done[1].err
    bare, explicit = (load_model(str(here.folder / one)) for one in ("bare", "explicit"))
    np.testing.assert_array_equal(bare.network.theta.flat, explicit.network.theta.flat)
    assert bare.schema == explicit.schema or bare.schema.to_json() == explicit.schema.to_json()
    assert "are those of column" not in done[1].err  # nothing is guessed


def test_words_that_a_shell_would_cut_are_in_quotes():
    line = command_line(["my file.csv"], {"target": "a b", "tied": False, "tune": True, "epochs": 3.0, "lr": 0.004})
    assert line == "rnncli train 'my file.csv' --target 'a b' --no-tied --tune --epochs 3 --lr 0.004"


@pytest.mark.parametrize(
    ("given", "said"), [("1s", "1s"), ("90s", "1.5"), ("100s", "1min40s"), ("2h", "2h"), ("10", "10")]
)
def test_a_time_is_said_as_a_person_writes_it(here, given, said):
    line = here("train", str(SAMPLES / "names.txt"), "--minutes", given, "--explain").out.decode()
    assert f" --minutes {said} " in line
    assert minutes_of("", said) == pytest.approx(minutes_of("", given), rel=1e-12)


def test_bad_data_is_an_error_and_prints_nothing(here):
    here.write("a.csv", "x,y\n1,b\n2,c\n")
    done = here("train", "a.csv", "--explain")
    assert done.code == 2 and not done.out and "choose what to learn" in done.err
