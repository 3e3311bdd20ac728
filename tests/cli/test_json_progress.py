"""`train --progress json`: stderr is JSON lines with fixed fields."""

import json

import pytest

from rnncli.render.progress_lines import FIELDS

SMALL = ("--hidden", "6", "--batch", "8", "--steps", "16", "--epochs", "0.5", "--progress", "json")
ALL = ["report", *FIELDS, "cell", "member", "trial"]


def lines(done) -> list[dict]:
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.err.splitlines()]


def test_each_line_has_the_same_fields_and_the_last_one_is_the_result(here, text):
    here.write("text.txt", text)
    done = here("train", "text.txt", *SMALL, "--json", "--log", "log.jsonl")
    reports, result = [one for one in lines(done) if one["report"] != "note"], done.json()
    assert all(list(one) == ALL for one in reports)
    first, last = reports[0], reports[-1]
    assert (first["report"], first["update"], first["validation"]) == ("progress", 1, None)
    assert (last["report"], last["update"], last["done"], last["left"]) == ("finished", result["updates"], 1, 0)
    assert last["validation"] == pytest.approx(result["valid_loss"], rel=1e-5)
    logged = [json.loads(line) for line in here.read("log.jsonl").decode().splitlines()]
    valid = [one["valid_loss"] for one in logged if one["valid_loss"] is not None]
    assert [one["validation"] for one in reports if one["report"] == "validation"] == pytest.approx(valid, rel=1e-5)


def test_of_members_each_line_says_which(here, text):
    here.write("text.txt", text)
    found = lines(here("train", "text.txt", *SMALL, "--members", "2"))
    members = [one["member"] for one in found if one["report"] == "progress"]
    assert members == sorted(members) and set(members) == {0, 1}


def test_notes_and_errors_are_json_too_and_so_from_config(here, text):
    here.write("t.csv", "time,v\n" + "".join(f"2031-01-{day:02},{day % 7}\n" for day in range(1, 32)))
    here.write("o.toml", 'progress = "json"\ntarget = "v"\nepochs = 1\nhidden = 4\n')
    notes = [one["note"] for one in lines(here("train", "t.csv", "--config", "o.toml")) if one["report"] == "note"]
    assert any("t.csv: the times" in one for one in notes), notes
    assert json.loads(here("train", "nowhere.txt", "--progress=json").err)["where"] == "nowhere.txt"


def test_nothing_and_json_lines_cannot_be_combined(here):
    assert "--quiet and --progress cannot be combined" in here("train", "a", "-q", "--progress", "json").err
    assert here("train", "a", "--progress", "xml").message() == "rnncli: --progress xml: expected one of json\n"
