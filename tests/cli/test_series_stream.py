"""`--follow` and `--state-file` of forecasts: what comes row by row, or day by day, is forecast as the file is."""

import signal

import numpy as np
import pytest

from tests.conftest import Here

ROWS, TRAINED = 180, 150  # of each group
HEADER = "time,place,load,flow,note"
DEEP = ("--cell", "gru", "--layers", "2", "--level", "mean", "--look-back", "30")
COLUMNS = ("--time", "time", "--group", "place", "--horizon", "3", "--season", "6")


def make_rows(known=("a", "b"), never=("new",)) -> list[str]:
    """Rows of groups side by side: a wave, numbers that are missing here and there, words."""
    rng, rows = np.random.default_rng(0), []
    hours = np.datetime64("2024-03-01T00:00") + np.arange(ROWS).astype("timedelta64[h]")
    for t, hour in enumerate(hours):
        for place, size in zip((*known, *never), (1, 10, 3), strict=True):
            load = size * (5 + np.sin(2 * np.pi * t / 24) + 0.1 * rng.normal())
            flow = 2 + np.cos(2 * np.pi * t / 24) + 0.05 * rng.normal()
            fields = [f"{value:.3f}" if t in (0, ROWS - 1) or rng.random() > 0.05 else "" for value in (load, flow)]
            rows.append(",".join([str(hour).replace("T", " "), place, *fields, rng.choice(["hot", "cold"])]))
    return rows


@pytest.fixture(scope="module")
def stream() -> list[str]:
    return make_rows()


@pytest.fixture(scope="module")
def models(tmp_path_factory, stream):
    """Small models, each trained once, by name."""
    shell, paths = Here(tmp_path_factory.mktemp("series")), {}
    seen = [row for row in stream[: 3 * TRAINED] if ",new," not in row]
    shell.write("train.csv", "\n".join([HEADER, *seen]) + "\n")
    shell.write("bare.csv", "".join(f"{row.split(',')[2]},{row.split(',')[3]}\n" for row in seen if ",a," in row))
    kinds = {
        "one": ("train.csv", *COLUMNS, "--target", "load"),
        "deep": ("train.csv", *COLUMNS, "--target", "load,flow", *DEEP),
        "conv": ("train.csv", *COLUMNS, "--target", "load", "--cell", "conv", "--layers", "3"),
        "apart": ("train.csv", *COLUMNS, "--target", "load,flow", "--inputs", "load,flow,note", "--univariate"),
        "known": ("train.csv", *COLUMNS, "--target", "load", "--known", "flow"),
        "counts": ("train.csv", *COLUMNS, "--target", "load", "--loss", "mae", "--inputs", "load"),
        "bare": ("bare.csv", "--horizon", "2", "--target", "1", "--season", "1"),
    }

    def path(name):
        if name not in paths:
            small = ("--epochs", "2", "--hidden", "8", "--threads", "1", "--quiet", "-o", name)
            done = shell("train", *kinds[name], *small)
            assert (done.code, done.err) == (0, "")
            paths[name] = str(shell.folder / name)
        return paths[name]

    return path


def table(rows, header=HEADER) -> str:
    return "\n".join([*([header] if header else []), *rows]) + "\n"


def parsed(done, group=None) -> list[list[str]]:
    """The rows out, of one group if so asked."""
    assert done.code == 0, done.err
    rows = [line.split("\t") for line in done.out.decode().splitlines()]
    return [row for row in rows if group is None or row[0] == group]


def alike(found, expected):
    """The same names and times, the same numbers to the rounding of float32; and there is something to compare."""
    assert len(found) == len(expected) > 0
    for one, other in zip(found, expected, strict=True):
        assert len(one) == len(other)
        for mine, given in zip(one, other, strict=True):
            assert mine == given or float(mine) == pytest.approx(float(given), rel=2e-5, abs=2e-5), (one, other)


# -- rows that come one by one ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [("one", ()), ("deep", ()), ("conv", ()), ("apart", ()), ("counts", ()), ("apart", ("--score",))],
)
def test_rows_of_a_stream_are_forecast_as_those_of_the_whole_file(here, models, stream, name, options):
    here.write("whole.csv", table(stream))
    every = () if options else ("--stride", "1")
    whole = here("predict", models(name), "whole.csv", *options, *every, "--from", "0")
    following = here("predict", models(name), *options, "--follow", input=table(stream).encode())
    for group in ("a", "b"):
        alike(parsed(following, group), parsed(whole, group))
    groups = [row[0] for row in parsed(following)]
    per_row = 1 if options else 3
    assert groups[-3 * per_row :] == [g for g in ("a", "b", "new") for _ in range(per_row)]


def test_a_week_of_days_is_read_in_a_stream_too(here):
    """Values that repeat every 12 rows, and swing less in the last 24 of 84, without times."""
    rng, t = np.random.default_rng(0), np.arange(400)
    y = 5 + np.sin(2 * np.pi * t / 12) * np.where(t % 84 < 60, 1, 0.3) + 0.02 * rng.normal(size=len(t))
    here.write("weeks.csv", "load\n" + "".join(f"{value:.3f}\n" for value in y))
    done = here("train", "weeks.csv", "--horizon", "8", "--epochs", "2", "--hidden", "8", "-o", "m")
    assert "values or their changes repeat every 12 rows, used as the season, and every 84" in done.err
    assert "what followed 84 rows ago read too" in done.err
    assert "the past of what is forecast, what followed 84 rows ago" in here("inspect", "m").out.decode()
    whole = here("predict", "m", "weeks.csv", "--stride", "1", "--from", "0")
    following = here("predict", "m", "--follow", input=(here.folder / "weeks.csv").read_bytes())
    alike(parsed(following), parsed(whole))


def test_a_series_never_seen_is_scaled_by_its_rows_so_far(here, models, stream):
    """At each row as the whole file with `--from` there; from LEARNING rows on the scale stays."""
    mine = [row for row in stream if ",new," in row]
    here.write("new.csv", table(mine))
    found = parsed(here("predict", models("one"), "--follow", input=table(mine).encode()))
    for row in (1, 2, 40, 127):
        at = here("predict", models("one"), "new.csv", "--from", str(row + 1), "--stride", "1000")
        alike(found[3 * row : 3 * row + 3], parsed(at)[:3])
    later = parsed(here("predict", models("one"), "new.csv", "--from", "128", "--stride", "1"))
    alike(found[3 * 127 :], later)
    scores = parsed(here("predict", models("one"), "--follow", "--score", input=table(mine).encode()))
    for row in (2, 40, 128):
        alike(
            scores[row - 1 : row], parsed(here("predict", models("one"), "new.csv", "--score", "--from", str(row)))[:1]
        )
    alike(scores[127:], parsed(here("predict", models("one"), "new.csv", "--score", "--from", "128")))


# -- parts with a state -------------------------------------------------------------------------------------------


def in_parts(here, model, stream, cuts, *options):
    """What `predict --state-file` says of each part of the rows."""
    done = []
    for number, (begin, end) in enumerate(zip((0, *cuts), (*cuts, None), strict=True)):
        part = here.write(f"{number}.csv", table(stream[begin:end]))
        done.append(here("predict", model, part, "--state-file", "s.state", *options))
    return done


@pytest.mark.parametrize("name", ["one", "deep", "conv", "apart"])
def test_the_surprises_of_parts_with_a_state_are_those_of_the_whole(here, models, stream, name):
    rows = [row for row in stream if ",new," not in row]
    whole = here("predict", models(name), here.write("whole.csv", table(rows)), "--score")
    parts = in_parts(here, models(name), rows, (2, 3, 151, 300), "--score")
    for group in ("a", "b"):
        alike([row for done in parts for row in parsed(done, group)], parsed(whole, group))
    alone = here("predict", models(name), "4.csv", "--score")
    assert parsed(alone, "a")[0] != parsed(parts[-1], "a")[1]


@pytest.mark.parametrize("options", [(), ("--horizon", "8"), ("--free-run", "5"), ("--from", "110", "--stride", "7")])
@pytest.mark.parametrize("name", ["one", "conv", "apart", "known"])
def test_the_forecasts_of_the_last_part_are_those_of_the_whole(here, models, stream, name, options):
    rows, held = [row for row in stream if ",new," not in row], ("--hold-known",) if name == "known" else ()
    options = (*options, *held)
    whole = here("predict", models(name), here.write("whole.csv", table(rows)), *options)
    in_parts(here, models(name), rows[:201], (100,), *held)
    last = here("predict", models(name), here.write("last.csv", table(rows[201:])), "--state-file", "s.state", *options)
    for group in ("a", "b"):
        alike(parsed(last, group), parsed(whole, group))


def test_a_series_never_seen_keeps_the_scale_of_its_first_rows(here, models, stream):
    """Parts give what the whole file gives with `--from` where they are cut; few rows are read anew with the rest."""
    mine = [row for row in stream if ",new," in row]
    here.write("whole.csv", table(mine))
    for cut, options in ((140, ("--from", "140")), (40, ())):
        parts = in_parts(here, models("one"), mine, (cut,), "--score")
        whole = parsed(here("predict", models("one"), "whole.csv", "--score", *options))
        alike(parsed(parts[1]), whole[-(ROWS - cut) :])
        (here.folder / "s.state").unlink()


def test_several_files_with_a_state_are_one_part(here, models, stream):
    names = [here.write(f"{i}.csv", table(stream[i : i + 150])) for i in (0, 150, 300)]
    apart = here("predict", models("one"), *names[:2], "--state-file", "s", "--score")
    rest = here("predict", models("one"), names[2], "--state-file", "s", "--score")
    whole = here("predict", models("one"), here.write("whole.csv", table(stream[:450])), "--score")
    for group in ("a", "b"):
        alike(parsed(apart, group) + parsed(rest, group), parsed(whole, group))


def test_a_state_passes_from_files_to_a_stream_and_back(here, models, stream):
    files, state = here, ("--state-file", "s.state", "--score")
    for name, rows in (("1.csv", stream[:200]), ("3.csv", stream[400:]), ("whole.csv", stream)):
        files.write(name, table(rows))
    first = files("predict", models("one"), "1.csv", *state)
    second = files("predict", models("one"), "--follow", *state, input=table(stream[200:400]).encode())
    third = files("predict", models("one"), "3.csv", *state)
    whole = files("predict", models("one"), "whole.csv", "--score")
    for group in ("a", "b"):
        alike([row for done in (first, second, third) for row in parsed(done, group)], parsed(whole, group))


def test_rows_at_the_end_without_a_target_are_gaps_or_with_known_inputs_the_future(here, models, stream):
    rows = [row for row in stream if ",a," in row]
    empty = [",".join([*row.split(",")[:2], "", *row.split(",")[3:]]) for row in rows]
    gap = [*rows[:100], *empty[100:104], *rows[104:]]
    whole = parsed(here("predict", models("one"), here.write("whole.csv", table(gap)), "--score"))
    one, two = (parsed(done) for done in in_parts(here, models("one"), gap, (104,), "--score"))
    alike([*one, *two], whole)
    assert [row[2] for row in one[-4:]] == ["NaN"] * 4
    (here.folder / "s.state").unlink()
    whole = here("predict", models("known"), here.write("whole.csv", table(rows)), "--score")
    ahead = here(
        "predict", models("known"), here.write("1.csv", table([*rows[:100], *empty[100:104]])), "--state-file", "s"
    )
    then = here("predict", models("known"), here.write("2.csv", table(rows[100:])), "--state-file", "s", "--score")
    assert parsed(ahead)[0][1] == rows[100].split(",")[0]
    alike(parsed(then), parsed(whole)[99:])


def test_rows_without_names_and_times_go_on_by_number(here, models, stream):
    rows = [",".join(row.split(",")[2:4]) for row in stream if ",a," in row]
    here.write("whole.csv", table(rows, None))
    whole = here("predict", models("bare"), "whole.csv", "--score")
    one = here("predict", models("bare"), "--state-file", "s", "--score", here.write("1.csv", table(rows[:60], None)))
    two = here(
        "predict", models("bare"), "--state-file", "s", "--score", "--follow", input=table(rows[60:], None).encode()
    )
    again = here.write("2.csv", table(rows[:9], None))
    three = here("predict", models("bare"), "--state-file", "s", again, "--from", str(ROWS + 5))
    alike([*parsed(one), *parsed(two)], parsed(whole))
    assert parsed(three)[0][0] == str(ROWS + 5)


# -- streams that end, break or go wrong --------------------------------------------------------------------------


def test_each_row_is_answered_before_the_next_one_comes(run, here, models, stream):
    whole = here("predict", models("one"), "--follow", "--to", "csv", input=table(stream[:30]).encode())
    process = run.start("predict", models("one"), "--follow", "--to", "csv", "--quiet")
    out = []
    for row in (HEADER, *stream[:30]):
        process.stdin.write(f"{row}\n".encode())
        process.stdin.flush()
        out += [process.stdout.readline() for _ in range(1 if row == HEADER else 3)]
    assert b"".join(out) == whole.out
    process.stdin.close()
    assert process.wait(timeout=60) == 0


WRONG = {
    "2024-03-01 05:00,a,5.1,2.9": ":17: 4 columns, expected 5",
    "2024-03-01 05:00,a,broken,2.9,hot": ":17: 'broken' in column load",
    "2024-03-01 03:00,a,5.1,2.9,hot": ":17: a row of group a at 2024-03-01 03:00, and one at 2024-03-01 04:00",
    "soon,a,5.1,2.9,hot": ":17: 'soon' in the time column",
    "2024-03-01 05:00,,5.1,2.9,hot": ":17: the group column",
    "2024-03-01 05:00,a,inf,2.9,hot": ":17: an infinite number in column load",
    '2024-03-01 05:00,a,"5.1,2.9,hot': ":17: ",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_after_a_wrong_row_those_before_it_are_out_and_in_the_state(here, models, stream, wrong):
    rows = [*stream[:15], wrong, *stream[15:30]]
    done = here("predict", models("one"), "--follow", "--score", "--state-file", "s", input=table(rows).encode())
    assert done.code == 1
    assert done.err.startswith(f"rnncli: <stdin>{WRONG[wrong]}")
    assert done.err.count("\n") == 1
    rest = here(
        "predict", models("one"), "--follow", "--score", "--state-file", "s", input=table(stream[15:30]).encode()
    )
    whole = here("predict", models("one"), "--follow", "--score", input=table(stream[:30]).encode())
    assert done.out + rest.out == whole.out


def test_names_in_the_middle_are_those_of_a_file_that_begins_anew(here, models, stream):
    plain, twice, none = (
        here("predict", models("one"), "--follow", input=text.encode())
        for text in (
            table(stream[:30]),
            table(stream[:10]) + table(stream[10:30]),
            table(stream[:10], None) + "\n" + table(stream[10:30], HEADER.upper().lower()),
        )
    )
    assert plain.out == twice.out == none.out
    assert len(parsed(plain)) == 90


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_the_state(run, here, models, stream, number, code):
    process = run.start("predict", models("one"), "--follow", "--score", "--quiet", "--state-file", "s")
    process.stdin.write(table(stream[:9]).encode())
    process.stdin.flush()
    out = b"".join(process.stdout.readline() for _ in range(6))
    process.send_signal(number)
    assert process.wait(timeout=60) == code
    assert b"Traceback" not in process.stderr.read()
    rest = here(
        "predict", models("one"), "--follow", "--score", "--state-file", "s", input=table(stream[9:30]).encode()
    )
    assert (
        out + rest.out == here("predict", models("one"), "--follow", "--score", input=table(stream[:30]).encode()).out
    )


def test_a_closed_pipe_ends_quietly_and_keeps_the_state(run, here, models, stream):
    process = run.start("predict", models("one"), "--follow", "--score", "--quiet", "--state-file", "s")
    process.stdin.write(table(stream[:6]).encode())
    process.stdin.flush()
    out = b"".join(process.stdout.readline() for _ in range(3))
    process.stdout.close()
    process.stdin.write(table(stream[6:12], None).encode())
    process.stdin.flush()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == b""
    rest = here(
        "predict", models("one"), "--follow", "--score", "--state-file", "s", input=table(stream[6:30]).encode()
    )
    assert (
        out + rest.out == here("predict", models("one"), "--follow", "--score", input=table(stream[:30]).encode()).out
    )


def test_memory_does_not_grow_with_a_stream(run, models, stream):
    process = run.start("predict", models("one"), "--follow", "--quiet", "--threads", "1")
    process.stdin.write(f"{HEADER}\n".encode())
    hour = np.datetime64("2025-01-01T00:00")

    def resident(rows):
        nonlocal hour
        for _ in range(rows):
            process.stdin.write(f"{str(hour).replace('T', ' ')},a,5.5,2.0,word{hour}\n".encode())
            process.stdin.flush()
            hour += np.timedelta64(1, "h")
            for _ in range(3):
                process.stdout.readline()
        return run.resident(process)

    few, many = resident(150), resident(450)
    assert many - few < 1280 << 10  # a process that has compiled varies by a megabyte
    process.stdin.close()
    assert process.wait(timeout=60) == 0


# -- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, options, words",
    [
        ("one", ("--follow", "--from", "9"), ("--follow", "--from", "--state-file")),
        ("one", ("--follow", "--plot"), ("--follow", "--plot")),
        ("one", ("--follow", "--evaluate"), ("--follow", "--evaluate")),
        ("one", ("--follow", "1.csv"), ("--follow", "INPUT")),
        ("bare", ("--state-file", "s", "b.csv", "b.csv"), ("--state-file", "--group")),
        ("known", ("--follow",), ("--follow", "--known flow")),
    ],
)
def test_what_a_stream_cannot_have_is_refused_with_the_reason(here, models, stream, name, options, words):
    here.write("1.csv", table(stream[:30]))
    here.write("b.csv", "5.0,2.0\n5.1,2.1\n")
    done = here("predict", models(name), *options)
    assert done.code == 2
    assert all(word in done.message() for word in words)
    assert here.files() == ["1.csv", "b.csv"]


def test_sequences_that_come_whole_have_no_stream(here):
    np.save(here.folder / "walk.npy", np.cumsum(np.random.default_rng(0).normal(size=(90, 2)), axis=0))
    assert here("train", "walk.npy", "--task", "forecast", "--epochs", "1", "--hidden", "4", "-o", "m", "-q").code == 0
    for options in (["--follow"], ["walk.npy", "--state-file", "s"]):
        done = here("predict", "m", *options)
        assert done.code == 2
        assert "tables" in done.message()


def test_rows_that_were_read_before_and_other_states_are_refused(here, models, stream):
    for name, rows in (("1.csv", stream[:60]), ("2.csv", stream[57:90])):
        here.write(name, table(rows))
    assert here("predict", models("one"), "1.csv", "--state-file", "s").code == 0
    before = here.read("s")
    again, other, junk, last = here.each(
        ["predict", models("one"), "1.csv", "--state-file", "s"],
        ["predict", models("deep"), "2.csv", "--state-file", "s"],
        ["predict", models("one"), "2.csv", "--state-file", here.write("junk", before[:-40])],
        ["predict", models("one"), "2.csv", "--state-file", "s", "--score"],
    )
    assert [done.code for done in (again, other, junk, last)] == [1, 1, 1, 1]
    assert "1.csv: a row of group a at 2024-03-01 00:00" in again.message()
    assert "another model" in other.message()
    assert "not a state file" in junk.message()
    assert "was read before it" in last.message()  # the last row of each group once more
