"""`--alarm` through the shell: its columns, faults that are found, parts of a stream, what is refused."""

import numpy as np
import pytest

from tests.helpers import json_lines

ROWS, TRAINED = 1000, 500


@pytest.fixture(scope="module")
def waves() -> tuple[str, np.ndarray]:
    """A table of two columns, and the rows at which u has faults."""
    rng, at = np.random.default_rng(0), np.array([620, 760, 900])
    t = np.arange(ROWS)
    u, v = np.sin(t / 4) + 0.1 * rng.standard_normal(ROWS), np.cos(t / 4) + 0.1 * rng.standard_normal(ROWS)
    for begin in at:
        u[begin : begin + 6] += 4 * u.std()
    fields = [[f"{x:.4f}" for x in (a, b)] for a, b in zip(u, v, strict=True)]
    fields[600] = ["", ""]
    return "u,v\n" + "".join(",".join(row) + "\n" for row in fields), at


@pytest.fixture(scope="module")
def series(tmp_path_factory, waves):
    """A model of both columns, of the rows before the faults."""
    from tests.conftest import Here

    shell = Here(tmp_path_factory.mktemp("alarm"))
    shell.write("waves.csv", waves[0])
    small = ("--hidden", "8", "--epochs", "4", "--look-back", "4", "--level", "last", "--threads", "1", "--quiet")
    done = shell("train", "waves.csv", "--target", "u,v", "--until", str(TRAINED), *small, "-o", "m")
    assert (done.code, done.err) == (0, "")
    return str(shell.folder / "m")


def test_faults_raise_alarms_and_the_column_is_named(here, series, waves):
    here.write("waves.csv", waves[0])
    rows = json_lines(
        here("predict", series, "waves.csv", "--from", str(TRAINED), "--score", "--alarm", "0.05", "--json")
    )
    assert list(rows[0]) == ["step", "nats", "excess", "alarm", "share_u", "share_v"]
    of = {int(row["step"]): row for row in rows}
    for row in (waves[1][:, None] + np.arange(6)).ravel().tolist():  # all of each fault, not its first row alone
        assert of[row]["alarm"] == 1
        assert of[row]["share_u"] > 0.6
    gap = of[600]
    assert [gap[name] for name in ("nats", "excess", "alarm", "share_u", "share_v")] == [None] * 5
    shares = np.array([[row["share_u"], row["share_v"]] for row in rows if row["nats"] is not None])
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=2e-4)
    plain = json_lines(here("predict", series, "waves.csv", "--from", str(TRAINED), "--score", "--json"))
    upto = int(waves[1][0]) - TRAINED + 1  # what comes after the first row of a fault is scored without it
    assert plain[:upto] == [{name: row[name] for name in ("step", "nats")} for row in rows][:upto]


@pytest.mark.parametrize("cut", [3, 130, 264])
def test_parts_of_series_have_the_alarms_of_the_whole(here, series, waves, cut):
    header, *rows = waves[0].splitlines(keepends=True)
    rows = rows[TRAINED:]
    options = ("--score", "--alarm", "0.1")
    whole = here("predict", series, *options, "--follow", input=(header + "".join(rows)).encode()).out
    parts = []
    for part in (rows[:cut], rows[cut:]):
        text = (header + "".join(part)).encode()
        parts.append(here("predict", series, *options, "--follow", "--state-file", "s", input=text).out)
    assert b"".join(parts) == whole
    in_files = []
    for name, part in (("one.csv", rows[:cut]), ("two.csv", rows[cut:])):
        here.write(name, header + "".join(part))
        in_files.append(here("predict", series, name, *options, "--state-file", "t").out)
    assert b"".join(in_files) == whole
    here.write("all.csv", header + "".join(rows))
    assert here("predict", series, "all.csv", *options).out == whole
    assert sum(line.split(b"\t")[3] == b"1" for line in whole.splitlines()) >= 10


@pytest.mark.parametrize("cut", [1, 57])
def test_parts_of_a_text_have_the_alarms_of_the_whole(here, char_model, cut):
    rng = np.random.default_rng(4)
    lines = ["the baker went to the " + rng.choice(["mill", "river", "~~#~~"], p=[0.5, 0.4, 0.1]) for _ in range(120)]
    text = "".join(line + "\n" for line in lines)
    options = ("--score", "--alarm", "0.1", "--carry")
    here.write("whole.txt", text)
    whole = here("predict", char_model, "whole.txt", *options, "--header").out.decode().splitlines()
    assert whole[0].split("\t") == ["line", "tokens", "nats", "bits_per_token", "percentile", "alarm", "text"]
    assert {line.split("\t")[5] for line in whole[1:]} == {"0", "1"}
    found = []
    for name, part in (("one", lines[:cut]), ("two", lines[cut:])):
        here.write(name, "".join(line + "\n" for line in part))
        found += here("predict", char_model, name, *options, "--state-file", "s").out.decode().splitlines()
    assert [row.split("\t")[1:] for row in found] == [row.split("\t")[1:] for row in whole[1:]]
    followed = here("predict", char_model, *options, "--follow", input=text.encode()).out.decode().splitlines()
    assert followed == whole[1:]


def test_a_state_of_another_rate_or_with_senseless_places_is_refused(here, char_model):
    here.write("a.txt", "the baker\n")
    assert here("predict", char_model, "a.txt", "--score", "--alarm", "0.1", "--state-file", "s").code == 0
    done = here("predict", char_model, "a.txt", "--score", "--alarm", "0.2", "--state-file", "s")
    assert done.code == 2
    assert "those of --alarm 0.1" in done.err
    data = (here.folder / "s").read_bytes()
    at = data.index(b"places")
    (here.folder / "s").write_bytes(data[:at] + b"plates" + data[at + 6 :])
    done = here("predict", char_model, "a.txt", "--score", "--alarm", "0.1", "--state-file", "s")
    assert done.code == 1
    assert "damaged state file" in done.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--score", "--alarm", "0"), "expected a number above 0, up to 0.5"),
        (("--score", "--alarm", "0.6"), "expected a number above 0, up to 0.5"),
        (("--score", "--alarm", "nan"), "expected a number above 0, up to 0.5"),
        (("--alarm", "0.1"), "--alarm has no effect without --score"),
        (("--evaluate", "--alarm", "0.1"), "--alarm has no effect with --evaluate: it is for --score"),
        (("--score", "--per-token", "--alarm", "0.1"), "an alarm is of a line or record"),
    ],
)
def test_what_makes_no_alarm_is_refused(here, char_model, options, words):
    here.write("a.txt", "the baker\n")
    done = here("predict", char_model, "a.txt", *options)
    assert (done.code, done.out) == (2, b"")
    assert words in done.err


def test_a_model_without_a_validation_part_has_no_alarms(here, waves):
    here.write("waves.csv", waves[0])
    small = ("--hidden", "4", "--epochs", "1", "--valid-fraction", "0", "--quiet", "-o", "m")
    assert here("train", "waves.csv", "--target", "u", *small).code == 0
    done = here("predict", "m", "waves.csv", "--score", "--alarm", "0.1")
    assert (done.code, done.out) == (2, b"")
    assert "train it again, with a validation part" in done.err
