"""Where results are asked for as JSON, an error is one JSON object on stderr."""

import json
import signal

import pytest

WRONG = {
    ("train", "missing.txt", "--json"): ("missing.txt", None, 1),
    ("train", "missing.txt", "--json", "--hidden", "0"): ("--hidden", None, 2),
    ("train", "missing.txt", "--json", "--hidden", "a"): ("--hidden", "see rnncli train --help", 2),
    ("train", "missing.txt", "--json", "--hiden", "3"): ("--hiden", "see rnncli train --help", 2),
    ("train", "missing.txt", "--json", "-o"): ("-o", None, 2),
    ("train", "--json"): ("DATA...", "see rnncli train --help", 2),
    ("train", "missing.txt", "--json", "--epochs", "1", "--minutes", "1"): ("--epochs", None, 2),
    ("train", "table.csv", "--target", "b", "--json"): ("table.csv:4", None, 1),
    ("train", "-", "--json"): ("<stdin>", None, 1),
    ("train", "missing.txt", "--config", "options.toml"): ("missing.txt", None, 1),
    ("predict", "table.csv", "--json"): ("table.csv", None, 1),
    ("predict", "table.csv", "--to", "jsonl"): ("table.csv", None, 1),
    ("predict", "table.csv", "--to=jsonl", "--score", "--evaluate"): ("--score", None, 2),
    ("inspect", "table.csv", "--json", "--view", "none"): ("--view", None, 2),
    ("bake", "--json"): (None, "see rnncli --help", 2),
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_an_error_is_one_object(here, words):
    here.write("table.csv", "a,b\n1,2\n2,3\n3\n4,5\n5,6\n")
    here.write("options.toml", "json = true\n")
    done = here(*words)
    assert done.out == b"" and done.err.count("\n") == 1
    found, (where, hint, code) = json.loads(done.err), WRONG[words]
    assert list(found) == ["error", "where", "hint"]
    assert (found["where"], found["hint"], done.code) == (where, hint, code)
    assert where is None or where in found["error"] or where == "-o"


def test_the_text_is_that_of_the_line_without_json(here):
    line = here("train", "a: b.txt").message()
    found = json.loads(here("train", "a: b.txt", "--json").err)
    assert line == f"rnncli: {found['error']}\n" and found["where"] == "a: b.txt"


def test_the_form_ends_with_the_command(here):
    assert here("train", "missing.txt", "--json").err.startswith("{")
    assert here("train", "missing.txt").message() == "rnncli: missing.txt: no such file or directory\n"
    assert here("train", "missing.txt", "--", "--json").message()


def test_a_signal_too(run, text):
    run.write("text.txt", text)
    process = run.start("train", "text.txt", "--minutes", "5", "--json", "--hidden", "8")
    while "update" not in process.stderr.readline().decode():
        pass
    process.send_signal(signal.SIGINT)
    *_, last = process.communicate(timeout=60)[1].decode().splitlines()
    assert process.returncode == 130
    assert "--resume" in json.loads(last)["error"]
