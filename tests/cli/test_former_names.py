"""Options have one meaning for each name; the names that they had before still work, and are shown nowhere."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
#: verb, option -> its former name
FORMER = {
    ("predict", "--state-file"): "--state",
    ("inspect", "--heat-map"): "--units",
    ("inspect", "--notation"): "--to",
}


@pytest.mark.parametrize("value", [("--units", "5,1"), ("--units=5,1",)], ids=" ".join)
def test_units_are_those_of_the_heat_map(here, char_model, value):
    here.write("line.txt", "a line\n")
    looked = ("inspect", char_model, "line.txt", "--view", "states", "--json")
    found = here(*looked, *value).json()
    assert found == here(*looked, "--heat-map", "5,1").json()
    assert found != here(*looked).json()


def test_the_graph_has_its_notations(here, char_model):
    graph = ("inspect", char_model, "--view", "graph")
    assert here(*graph, "--to", "mermaid").out == here(*graph, "--notation", "mermaid").out != b""
    refused = here("inspect", char_model, "--to", "dot")
    assert (refused.code, refused.err) == (
        2,
        "rnncli: --notation has no effect on --view summary: it is for --view graph\n",
    )


@pytest.mark.parametrize("way", ["--state", "--state-file", "config"])
def test_a_state_goes_on_by_either_name(here, char_model, way):
    parts = ("the first part\n", "and the second\n")
    given = ("--config", "day.toml") if way == "config" else (way, "kept.state")
    here.write("day.toml", 'state = "kept.state"\n')
    (here.folder / "kept.state").unlink(missing_ok=True)
    rows = [here("predict", char_model, "--score", *given, input=part.encode()).out.split(b"\t") for part in parts]
    whole = here("predict", char_model, "--score", input="".join(parts).encode()).out.splitlines()
    assert [row[2] for row in rows] == [row.split(b"\t")[2] for row in whole]


@pytest.mark.parametrize(("verb", "option"), FORMER)
def test_a_former_name_is_not_shown(here, verb, option):
    former = re.compile(rf"{FORMER[verb, option]}(?![\w-])")
    shown = here(verb, "--help").out.decode()
    assert option in shown and not former.search(shown)
    page = (DOCS / "rnncli.1").read_text().replace("\\-", "-").partition(f".SH RNNCLI {verb.upper()}")[2]
    page = page.partition(".SH")[0]
    assert option in page and not former.search(page)


def test_of_a_stretch_of_rows_one_option_says_the_same_in_training_and_prediction(here):
    texts = {
        verb: re.search(r"--until ROW\|TIME\|-N +(.*)\n", here(verb, "--help").out.decode())[1]
        for verb in ("train", "predict")
    }
    assert len(set(texts.values())) == 1


def test_a_misspelt_option_is_not_said_to_be_a_former_one(here):
    done = here("predict", "m", "--stats")
    assert done.code == 2
    assert "--states" in done.message() and "--state," not in done.message()
