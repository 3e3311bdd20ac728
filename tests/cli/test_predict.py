"""`rnncli predict`: text that goes on, scores, next tokens, states."""

import csv
import io
import json
import math
import signal
from pathlib import Path

import numpy as np
import pytest

SCORE = ["line", "tokens", "nats", "bits_per_token", "percentile", "text"]


# -- text that goes on ------------------------------------------------------------------------------------------------


def test_prompts_are_continued_by_so_many_characters(here, char_model):
    options = (char_model, "--length", "40", "--seed", "3")
    prompts, file, bare = here.each(
        ["predict", *options, "--prompt", "the old ", "--prompt", "Zoé"],
        ["predict", *options, here.write("prompts.txt", "the old \nZoé")],
        ["predict", *options, "--prompt", "the old ", "--prompt", "Zoé", "--no-echo"],
    )
    text = prompts.out.decode()
    assert text.startswith("the old ")
    assert len(text) == len("the old ") + 40 + 1 + len("Zoé") + 40 + 1
    second = text[len("the old ") + 40 + 1 :]
    assert second.startswith("Zoé")
    assert bare.out.decode() == text[len("the old ") :].replace(second, second.removeprefix("Zoé"))
    assert file.out == prompts.out
    assert here("predict", *options, input=b"the old \r\nZo\xc3\xa9\n").out == prompts.out


def test_the_seed_decides_unless_there_is_nothing_to_draw(here, char_model):
    common = ["predict", char_model, "--prompt", "the ", "--length", "60"]
    first, same, other, cold, one, least, hot = here.each(
        [*common],
        [*common, "--seed", "0", "--threads", "1"],
        [*common, "--seed", "1"],
        [*common, "--temperature", "0"],
        [*common, "--top-k", "1", "--seed", "2"],
        [*common, "--top-p", "0", "--temperature", "2"],
        [*common, "--top-k", "1", "--temperature", "1e39"],
    )
    assert first.out == same.out
    assert len({first.out, other.out, cold.out}) == 3
    assert cold.out == one.out == least.out == hot.out
    assert all(len(done.out.decode()) == len("the ") + 60 + 1 for done in (first, other, cold))


def test_a_model_of_lines_ends_at_the_end_of_a_line(here, lines_model):
    done = here("predict", lines_model, input=b"the sailor\n\na clerk\n" * 3)
    lines = done.out.decode().split("\n")[:-1]
    assert len(lines) == 9
    assert all(line.startswith(start) for line, start in zip(lines, ["the sailor", "", "a clerk"] * 3, strict=True))
    assert len(set(lines)) > 6  # each prompt has its own luck, which may be the end of the line at once
    assert all(len(line) < 400 for line in lines)


def test_a_closed_pipe_ends_generation_quietly(run, char_model):
    with run.start("predict", char_model, "--prompt", "the ", "--length", "100000000", "--quiet") as process:
        assert process.stdout.read(1000).startswith(b"the ")
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, b"")


def test_a_closed_pipe_ends_scoring_quietly(run, char_model, text):
    run.write("long.txt", text * 10)  # more than a pipe holds
    with run.start("predict", char_model, "--score", "long.txt", "--quiet") as process:
        assert process.stdout.readline().startswith(b"1\t")
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_prediction_with_one_line(run, char_model, number):
    process = run.start("predict", char_model, "--prompt", "the ", "--length", "100000000", "--quiet")
    process.stdout.read(100)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert err == b"" or err.startswith(b"rnncli: ")
    assert err.count(b"\n") <= 1


# -- scores -----------------------------------------------------------------------------------------------------------

ODD_LINES = ["the baker sells seven boats.", "", "a\ttab and\ttwo", "snow ☃ and 😀 on the sea", "", " x "]
ODD = "".join(f"{line}\n" for line in ODD_LINES).encode()


def check_scores(rows, lines):
    """Rows of --score for these lines."""
    assert [int(row[0]) for row in rows] == list(range(1, len(lines) + 1))
    assert [row[5] for row in rows] == lines
    for _, tokens, nats, bits, percentile, line in rows:
        assert int(tokens) == len(line) + 1
        assert 0 < float(nats) < 30 * int(tokens)
        assert float(bits) == pytest.approx(float(nats) / math.log(2) / int(tokens), abs=2e-4)
        assert 0 <= float(percentile) <= 100


def test_every_line_is_scored_in_order_and_given_back_as_it_came(here, char_model, lines_model):
    here.write("odd.txt", ODD)
    for done in here.each(
        ["predict", char_model, "--score", "odd.txt"], ["predict", lines_model, "--score", "odd.txt"]
    ):
        assert done.err == ""
        rows = [[field.decode() for field in row] for row in done.rows(6)]
        check_scores(rows, ODD_LINES)
        assert float(rows[3][3]) > 1.5 * float(rows[0][3])  # a sentence like those of training is less surprising
        assert b"".join(row[5] + b"\n" for row in done.rows(6)) == ODD


def test_scores_are_the_same_in_every_form(here, char_model):
    here.write("odd.txt", ODD)
    plain, named, comma, objects = here.each(
        *(
            ["predict", char_model, "--score", "odd.txt", *form]
            for form in ([], ["--header"], ["--to", "csv"], ["--to", "jsonl"])
        )
    )
    header, _, rest = named.out.partition(b"\n")
    assert header.decode().split("\t") == SCORE
    assert rest == plain.out
    rows = [[field.decode() for field in row] for row in plain.rows(6)]
    assert list(csv.reader(io.StringIO(comma.out.decode(), newline=""))) == [SCORE, *rows]
    values = [json.loads(line) for line in objects.out.splitlines()]
    assert [list(value) for value in values] == [SCORE] * len(rows)
    assert [[str(value) for value in row.values()] for row in values] == rows


def test_csv_is_quoted_where_it_must_be(here, char_model):
    awkward = ['one, two "three"', "four\ttabs", '"', ","]
    done = here("predict", char_model, "--score", "--to", "csv", input="\n".join(awkward).encode())
    assert [row[5] for row in csv.reader(io.StringIO(done.out.decode()))] == ["text", *awkward]


def test_tokens_add_up_to_their_lines(here, char_model):
    here.write("odd.txt", ODD)
    score, tokens = here.each(
        ["predict", char_model, "--score", "odd.txt"], ["predict", char_model, "--per-token", "--header", "odd.txt"]
    )
    header, *rows = [[field.decode() for field in row] for row in tokens.rows(4)]
    assert header == ["line", "step", "token", "nats"]
    assert len(rows) == sum(len(line) + 1 for line in ODD_LINES)
    for number, total in enumerate(score.rows(6), start=1):
        mine = [row for row in rows if row[0] == str(number)]
        assert [int(row[1]) for row in mine] == list(range(len(mine)))
        assert sum(float(row[3]) for row in mine) == pytest.approx(float(total[2]), abs=2e-3)
        assert mine[-1][2] == "\\n"
    assert "".join(row[2] for row in rows if row[0] == "1") == ODD_LINES[0] + "\\n"
    assert [row[2] for row in rows if row[0] == "4"].count("<unk>") == 2
    assert all(math.isfinite(float(row[3])) for row in rows)


def test_only_a_carried_state_makes_the_order_of_lines_matter(here, char_model, lines_model, other_text):
    lines = list(dict.fromkeys(other_text.splitlines()))
    assert len(lines) > 10
    here.write("there.txt", "\n".join(lines))
    here.write("back.txt", "\n".join(reversed(lines)))

    def same_scores(model, *options):
        answers = here.each(*(["predict", model, "--score", name, *options] for name in ("there.txt", "back.txt")))
        there, back = ({row[5]: float(row[2]) for row in done.rows(6)} for done in answers)
        assert len(there) == len(lines)
        return there == pytest.approx(back, abs=2e-4)

    assert same_scores(lines_model)
    assert same_scores(char_model, "--no-carry")
    assert not same_scores(char_model)


def test_the_likeliest_next_tokens_are_those_that_cost_least(here, char_model):
    start, line = "the sa", "the sailor"
    few, all_of_them, tokens = here.each(
        ["predict", char_model, "--next", "4", "--prompt", start, "--prompt", ""],
        ["predict", char_model, "--next", "1000", "--prompt", start, "--to", "jsonl"],
        ["predict", char_model, "--per-token", "--no-carry", here.write("line.txt", line)],
    )
    rows = few.rows(4)
    assert [(int(row[0]), int(row[1])) for row in rows] == [(n, rank) for n in (1, 2) for rank in (1, 2, 3, 4)]
    for part in (rows[:4], rows[4:]):
        shares = [float(row[3]) for row in part]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) < 1
    shares = {value["token"]: value["probability"] for value in map(json.loads, all_of_them.out.splitlines())}
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
    assert [row[2].decode() for row in rows[:4]] == list(shares)[:4]
    nats = float(tokens.rows(4)[len(start)][3])
    assert shares[line[len(start)]] == pytest.approx(math.exp(-nats), abs=2e-6)


def test_the_next_token_comes_after_all_lines_read_if_the_state_is_carried(here, char_model):
    lines = "the baker sells\nseven\n\nthe sa"
    carried, afresh, tokens, alone = here.each(
        ["predict", char_model, "--next", "1000", here.write("lines.txt", lines), "--json"],
        ["predict", char_model, "--next", "3", "lines.txt", "--no-carry"],
        ["predict", char_model, "--per-token", here.write("longer.txt", lines + "i"), "--carry"],
        ["predict", char_model, "--next", "3", "--prompt", "the sa"],
    )
    shares = [value for value in map(json.loads, carried.out.splitlines()) if value["line"] == 4]
    nats = float([row for row in tokens.rows(4) if row[0] == b"4"][6][3])
    assert {s["token"]: s["probability"] for s in shares}["i"] == pytest.approx(math.exp(-nats), abs=2e-6)
    assert [row[1:] for row in afresh.rows(4)[-3:]] == [row[1:] for row in alone.rows(4)]
    assert shares[0]["probability"] != float(alone.rows(4)[0][3])


def test_evaluation_agrees_with_the_scores(here, char_model, lines_model, text):
    here.write("odd.txt", ODD)
    known = {letter for letter in text if text.count(letter) > 1}
    for model in (char_model, lines_model):
        evaluated, score = here.each(
            ["predict", model, "odd.txt", "--evaluate"], ["predict", model, "odd.txt", "--score"]
        )
        result = evaluated.json()
        metrics = {"tokens", "unknown", "nats_per_token", "bits_per_token", "perplexity"}
        assert set(result) - {"unseen", "validation"} == {*metrics, "seen"}
        assert set(result.get("unseen", metrics)) == metrics
        rows = score.rows(6)
        assert result["tokens"] == sum(int(row[1]) for row in rows)
        assert result["unknown"] == sum(letter not in known for letter in ODD.decode()) > 3
        total = sum(float(row[2]) for row in rows)
        assert result["nats_per_token"] * result["tokens"] == pytest.approx(total, abs=1e-3)
        assert result["bits_per_token"] == pytest.approx(result["nats_per_token"] / math.log(2))
        assert result["perplexity"] == pytest.approx(math.exp(result["nats_per_token"]))


def test_several_inputs_are_read_one_after_the_other(here, lines_model):
    here.write("a.txt", "one\ntwo\n")
    here.write("b.txt", "three")
    both, joined = here.each(
        ["predict", lines_model, "--score", "a.txt", "b.txt"],
        ["predict", lines_model, "--score", here.write("ab.txt", "one\ntwo\nthree\n")],
    )
    assert [row[0] for row in both.rows(6)] == [b"1", b"2", b"3"]
    assert both.out == joined.out


def test_without_lines_there_are_no_rows(here, char_model):
    headed, states = here.each(
        ["predict", char_model, "--score", "--header"], ["predict", char_model, "--states", "last"]
    )
    assert (headed.code, headed.out.decode(), headed.err) == (0, "\t".join(SCORE) + "\n", "")
    assert states.code == 1
    assert "no input lines" in states.message()


# -- states -----------------------------------------------------------------------------------------------------------


def test_states_come_as_arrays_with_a_row_a_line_or_a_step(here, byte_model):
    lines = ["the baker", "", "a clerk counts"]
    here.write("lines.txt", "\n".join(lines))
    last, packed, every = (
        np.load(io.BytesIO(done.out))
        for done in here.each(
            ["predict", byte_model, "--states", "last", "lines.txt"],
            ["predict", byte_model, "--states", "last", "--to", "npz", "lines.txt"],
            ["predict", byte_model, "--states", "all", "lines.txt"],
        )
    )
    steps = [len(line) + 1 for line in lines]
    layers, hidden = 2, 16
    assert last.shape == (3, layers, hidden)
    assert last.dtype == np.float32
    assert every["h"].shape == (sum(steps), layers, hidden)
    assert every["lengths"].tolist() == steps
    assert np.array_equal(every["h"][np.cumsum(steps) - 1], last)
    assert np.array_equal(packed["h"], last)
    assert packed["lengths"].tolist() == steps
    assert np.abs(every["h"]).max() <= 1
    assert np.abs(np.diff(every["h"], axis=0)).max(axis=0).min() > 0  # each unit moves


def test_states_start_afresh_at_each_line_unless_they_are_carried(here, lines_model):
    here.write("twice.txt", "the baker\nthe baker\n")
    afresh, carried = (
        np.load(io.BytesIO(done.out))
        for done in here.each(
            ["predict", lines_model, "--states", "last", "twice.txt"],
            ["predict", lines_model, "--states", "last", "twice.txt", "--carry"],
        )
    )
    assert np.array_equal(afresh[0], afresh[1])
    assert np.array_equal(afresh[0], carried[0])
    assert not np.array_equal(carried[0], carried[1])


# -- bytes ------------------------------------------------------------------------------------------------------------


def test_a_model_of_bytes_reads_anything(here, byte_model):
    content = bytes(range(256)) * 2 + b"\xff\xfe\r\n\0\n\nlast"
    here.write("binary", content)
    score, objects, generated, following = here.each(
        ["predict", byte_model, "--score", "binary"],
        ["predict", byte_model, "--score", "--json", "binary"],
        ["predict", byte_model, "--prompt", "é", "--length", "7", "--seed", "1"],
        ["predict", byte_model, "--next", "256", "--prompt", "é"],
    )
    lines = content.split(b"\n")
    assert score.out.count(b"\n") == len(lines)
    rows = score.rows(6)
    assert [row[5] for row in rows] == lines
    assert [int(row[1]) for row in rows] == [len(line) + 1 for line in lines]
    assert all(0 < float(row[2]) < 1e4 for row in rows)
    values = [json.loads(line) for line in objects.out.splitlines()]
    assert [value["nats"] for value in values] == [float(row[2]) for row in rows]
    assert [value["text"] for value in values] == [line.decode("utf-8", "replace") for line in lines]
    assert generated.out.startswith("é".encode())
    assert len(generated.out) == 2 + 7 + 1
    assert len({row[2] for row in following.rows(4)}) == 256


def test_a_prompt_of_any_bytes_is_taken_and_echoed_as_it_is(run, byte_model):
    done = run("predict", byte_model, "--prompt", b"\xff\xfe", "--length", "3", "--temperature", "0")
    assert (done.code, done.err) == (0, "")
    assert done.out[:2] == b"\xff\xfe"
    assert len(done.out) == 2 + 3 + 1


@pytest.mark.parametrize(
    ("labelled", "more", "options", "answered"),
    [
        ("__label__a sun\n__label__b snow\n", "rain\nhail\n", (), 2),
        ("a\tsun\nb\tsnow\n", "\train\n", ("--label", "1", "--text", "2"), 2),
        ('{"x": "sun", "y": "a"}\n', '{"x": "rain"}\n{"x": "hail", "y": null}\n', ("--label", "y"), 1),
    ],
)
def test_lines_without_a_label_are_left_out_of_the_figures_and_counted(here, labelled, more, options, answered):
    other = labelled.replace("a", "b") if answered == 1 else ""  # two labels to train on
    here.write("t.txt", (labelled + other) * 5)
    assert here("train", "t.txt", *options, "--hidden", "4", "--epochs", "1", "-o", "model").code == 0
    for text, note in ((labelled, ""), (labelled + more, "sequences have no answer and are left out")):
        here.write("v.txt", text)
        done = here("predict", "model", "v.txt", "--evaluate")
        assert done.code == 0 and json.loads(done.out)["n"] == answered
        count, total = more.count("\n"), labelled.count("\n") + more.count("\n")
        lines = [line for line in done.err.splitlines() if "the model was trained on" not in line]
        assert lines == ([f"v.txt: {count} of {total} {note}"] if note else [])


def test_an_empty_name_is_no_output(here):
    here.write("t.txt", "some words of a text\n" * 9)
    done = here("train", "t.txt", "-o", "")
    assert (done.code, done.err) == (1, "rnncli: '': a folder, expected the name of a file to write\n")
    assert not list(Path().glob("*.safetensors"))
