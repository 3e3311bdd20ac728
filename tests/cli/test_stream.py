"""`rnncli predict` on streams that go on: `--follow`, `--state-file`; and generation with `--samples` and `--stop`."""

import json
import signal
import time

import numpy as np
import pytest

from rnncli.predictors.language import until


def fields(done, first=1):
    """Rows of --score without the line numbers."""
    return [row[first:] for row in done.rows(6)]


# -- the state as a file ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["char_model", "byte_model", "conv_model"])
def test_the_scores_of_parts_with_a_state_are_those_of_the_whole(here, request, name, text):
    model, lines = request.getfixturevalue(name), text.splitlines(keepends=True)[:60]
    here.write("whole.txt", "".join(lines))
    whole = fields(here("predict", model, "--score", "whole.txt"))
    parts = []
    for number, (a, b) in enumerate([(0, 1), (1, 2), (2, 31), (31, 60)]):
        done = here(
            "predict", model, "--score", "--state-file", "s.state", here.write(f"{number}.txt", "".join(lines[a:b]))
        )
        assert done.err == ""
        parts += fields(done)
    assert parts == whole
    afresh = fields(here("predict", model, "--score", "3.txt"))
    assert afresh != whole[31:]


def test_evaluation_takes_and_leaves_a_state_too(here, char_model, text):
    half = len(text) // 2
    here.write("one.txt", text[:half])
    here.write("two.txt", text[half:])
    here.write("whole.txt", text)
    one, two = here.each(
        *(["predict", char_model, "--evaluate", "--state-file", "s", f"{n}.txt"] for n in ("one", "two"))
    )
    whole = here("predict", char_model, "--evaluate", "whole.txt").json()
    total = sum(d.json()["tokens"] * d.json()["nats_per_token"] for d in (one, two))
    assert total == pytest.approx(whole["tokens"] * whole["nats_per_token"], rel=1e-6)


def test_a_state_is_refused_by_other_models_and_other_files_are_no_states(here, char_model, byte_model, lines_model):
    here.write("one.txt", "the baker\n")
    assert here("predict", byte_model, "--score", "--state-file", "s.state", "one.txt").code == 0
    before = here.read("s.state")
    cases = {
        (char_model, "s.state"): (1, "s.state: the state of another model"),
        (char_model, here.write("junk", b"not a state")): (1, "junk: not a state file"),
        (char_model, lines_model): (1, "not a state file"),
        (char_model, char_model): (2, "are the same file"),
        (char_model, "."): (1, ".: a folder"),
        (lines_model, "s.state"): (2, "--state-file and --no-carry"),
    }
    for (model, state), (code, words) in cases.items():
        done = here("predict", model, "--score", "--state-file", state, "one.txt")
        assert done.code == code
        assert words in done.message()
    assert here.read("s.state") == before


def test_after_an_error_the_old_state_stays(here, char_model):
    here.write("good.txt", "the baker\n")
    assert here("predict", char_model, "--score", "--state-file", "s.state", "good.txt").code == 0
    before = here.read("s.state")
    assert here("predict", char_model, "--score", "--state-file", "s.state", "good.txt", "missing.txt").code == 1
    assert here.read("s.state") == before


# -- a growing input ----------------------------------------------------------------------------------------------


def test_each_line_of_a_pipe_is_answered_before_the_next_one_comes(run, char_model, lines_model):
    for model in (char_model, lines_model):
        whole = run("predict", model, "--score", run.write("lines.txt", "the baker\n\na clerk\n"))
        process = run.start("predict", model, "--score", "--follow", "--quiet")
        rows = []
        for line in (b"the baker\n", b"\n", b"a clerk\n"):
            process.stdin.write(line)
            process.stdin.flush()
            rows.append(process.stdout.readline())
        assert b"".join(rows) == whole.out
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_a_file_that_grows_is_followed_and_a_signal_keeps_the_state(run, char_model):
    path = run.folder / "growing.log"
    path.write_text("the baker\n")
    with open(path, "rb") as stdin:
        process = run.start(
            "predict", char_model, "--score", "--follow", "--quiet", "--state-file", "s.state", stdin=stdin
        )
        first = process.stdout.readline()
        with open(path, "a") as log:
            log.write("a clerk\nhalf of")
        second = process.stdout.readline()
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143
    whole = run("predict", char_model, "--score", run.write("whole.txt", "the baker\na clerk\nhalf of a line\n"))
    assert first + second == b"".join(whole.out.splitlines(keepends=True)[:2])
    rest = run("predict", char_model, "--score", "--state-file", "s.state", run.write("rest.txt", "half of a line\n"))
    assert fields(rest) == fields(whole)[2:]


def test_following_needs_a_stdin(here, char_model):
    done = here("predict", char_model, "--score", "--follow", here.write("a.txt", "a\n"))
    assert done.code == 2
    assert "--follow and INPUT" in done.message()


# -- generation ---------------------------------------------------------------------------------------------------


def test_samples_differ_and_the_first_is_the_only_one(here, char_model):
    one, three = here.each(
        ["predict", char_model, "--prompt", "the ", "--length", "30"],
        ["predict", char_model, "--prompt", "the ", "--length", "30", "--samples", "3"],
    )
    assert three.out.startswith(one.out)
    assert len(three.out.decode()) == 3 * len(one.out.decode())
    rows = here(
        "predict", char_model, "--prompt", "the ", "--length", "30", "--samples", "3", "--json", "--prompt", "a"
    )
    values = [json.loads(line) for line in rows.out.splitlines()]
    assert [(v["prompt"], v["sample"]) for v in values] == [(p, s) for p in ("the ", "a") for s in range(3)]
    assert len({v["text"] for v in values}) == 6
    assert one.out.decode() == "the " + values[0]["text"] + "\n"


def test_generation_ends_before_the_stop_text(here, char_model):
    common = ("predict", char_model, "--prompt", "the ", "--length", "400", "--no-echo")
    endless = here(*common).out.decode()[:-1]
    for stop in (endless[10], endless[20:23], endless[5:12], "never to be seen"):
        assert here(*common, "--stop", stop).out.decode()[:-1] == endless.split(stop)[0]
    assert here(*common, "--stop", "").code == 2


def test_a_stop_text_is_found_across_pieces():
    text = b"abcabcabd and so on"
    for size in (1, 2, 3, 50):
        pieces = [text[i : i + size] for i in range(0, len(text), size)]
        assert b"".join(until(pieces, b"abcabd")) == b"abc"
        assert b"".join(until(pieces, b"on!")) == text


# -- words --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def word_model(trained):
    return trained("words.safetensors", "--tokens", "word", "--hidden", "24", "--epochs", "4")


def test_words_are_scored_and_written_with_their_spaces(here, word_model):
    scores, tokens, text, next_words = here.each(
        ["predict", word_model, "--score", here.write("a.txt", "the baker  sells xyzzy\n\n")],
        ["predict", word_model, "--per-token", "a.txt"],
        ["predict", word_model, "--prompt", "the", "--length", "60", "--seed", "1"],
        ["predict", word_model, "--next", "2", "--prompt", "the"],
    )
    assert [(row[1], row[5]) for row in scores.rows(6)] == [(b"5", b"the baker  sells xyzzy"), (b"1", b"")]
    assert [row[2] for row in tokens.rows(4)] == [b"the", b"baker", b"sells", b"<unk>", b"\\n", b"\\n"]
    written = text.out.decode()
    assert written.startswith("the ")
    assert "  " not in written
    assert " \n" not in written
    assert "<unk>" not in written
    assert len(next_words.rows(4)) == 2


def test_words_are_tied_and_variational_unless_told_otherwise(here, word_model, text):
    config = here("inspect", word_model, "--json").json()["config"]
    assert (config["tied"], config["variational"], config["embed"]) == (True, True, 24)
    here.write("text.txt", text)
    plain = ("--no-tied", "--no-variational", "--embed", "9", "--vocabulary", "20")
    done = here("train", "text.txt", "--tokens", "word", "--hidden", "8", "--epochs", "1", "-o", "m", "--json", *plain)
    config = done.json()["config"]
    assert (config["tied"], config["variational"], config["embed"]) == (False, False, 9)
    assert here("inspect", "m", "--json").json()["vocabulary"]["size"] == 20


def test_memory_does_not_grow_with_a_stream(run, lines_model):
    """Lines go through a following process one by one; what it holds after many is what it held after few."""
    process = run.start("predict", lines_model, "--score", "--follow", "--quiet")

    def resident(lines):
        for _ in range(lines):
            process.stdin.write(b"the baker sells\n")
            process.stdin.flush()
            process.stdout.readline()
        return run.resident(process)

    few, many = resident(100), resident(2000)
    assert many - few < 2 << 20
    process.stdin.close()
    assert process.wait(timeout=60) == 0


def test_a_state_holds_numbers_of_the_stream_only(here, char_model):
    here("predict", char_model, "--score", "--state-file", "s.state", here.write("a.txt", "the baker\n"))
    from safetensors.numpy import load_file

    states = load_file(here.folder / "s.state")
    assert {name: state.shape for name, state in states.items()} == {"state.0": (1, 32), "state.1": (1, 32)}
    assert all(np.isfinite(state).all() for state in states.values())


def test_a_closed_pipe_keeps_the_state_of_what_went_out(run, char_model, text):
    lines = text.splitlines(keepends=True)[:50]
    process = run.start("predict", char_model, "--score", "--follow", "--quiet", "--state-file", "s.state")
    process.stdin.write(lines[0].encode())
    process.stdin.flush()
    first = process.stdout.readline()
    process.stdout.close()
    process.stdin.write(lines[1].encode())
    process.stdin.flush()
    assert process.wait(timeout=60) == 0
    process.stdin.close()
    whole = run("predict", char_model, "--score", run.write("whole.txt", "".join(lines)))
    rest = run("predict", char_model, "--score", "--state-file", "s.state", run.write("rest.txt", "".join(lines[1:])))
    assert [first[:-1].split(b"\t")[1:], *fields(rest)] == fields(whole)
