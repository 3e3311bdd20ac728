"""`predict --shard I/N`: the outputs of all shards, one after the other, are the output of the whole, byte for byte."""

import json

import numpy as np
import pytest

from rnncli.data.shards import Shard
from rnncli.errors import UsageError
from rnncli.predictors import columns
from tests.cli.test_label_from import csv, recording
from tests.cli.test_pieces import FORMS, QUICK
from tests.readers.test_slashed import BROWN

COUNTS = 2, 7


def joined(here, command, of, input=None):
    """stdout of all shards, one after the other; none may complain."""
    done = [here(*command, "--shard", f"{number}/{of}", input=input) for number in range(1, of + 1)]
    assert [one.code for one in done] == [0] * of, done
    return b"".join(one.out for one in done), [one.out.count(b"\n") for one in done]


def check(here, command, input=None, balanced=True):
    whole = here(*command, input=input)
    assert whole.code == 0 and whole.out, whole.err
    for of in COUNTS:
        found, lines = joined(here, command, of, input)
        assert found == whole.out, (of, command)
        assert not balanced or max(lines) < sum(lines)


WAYS = "--score", "--per-token --header", "--next 2 --to csv", "--length 5", "--length 4 --json"


@pytest.mark.parametrize("way", WAYS)
def test_lines(here, lines_model, other_text, way):
    here.write("new.txt", "\n" + other_text)
    check(here, ["predict", lines_model, "new.txt", *way.split()])


def test_lines_of_several_files_of_a_pipe_and_of_prompts(here, lines_model, other_text):
    files = [here.write(f"{i}.txt", other_text[i * 50 : i * 50 + 140]) for i in range(3)]
    check(here, ["predict", lines_model, *files, "--score", "--to", "csv"])
    check(here, ["predict", lines_model, "--score"], other_text.encode())
    (here.folder / "all").mkdir()
    for file in files:
        here.write(f"all/{file}", here.read(file))
    check(here, ["predict", lines_model, "all", "--score"])
    prompts = [word for prompt in ("the", "a", "old", "who") for word in ("--prompt", prompt)]
    check(here, ["predict", lines_model, *prompts, "--length", "6"])


@pytest.mark.parametrize("name", FORMS)
def test_sequences_of_every_form(here, name, monkeypatch):
    make, options, ways = FORMS[name]
    rng = np.random.default_rng(len(name))
    here.write(name, make(rng, 40))
    assert here("train", name, *options, *QUICK).code == 0
    files = [here.write(f"{i}-{name}", make(rng, 11 + i, "odd")) for i in (1, 2)]
    check(here, ["predict", "m", *files])
    monkeypatch.setattr(columns, "SEQUENCES", 3)  # several pieces
    for way in ("", *(way for way in ways if "states" not in way)):
        check(here, ["predict", "m", *files, *way.split()])


def test_sentences_with_slashed_tags(here):
    here.write("brown.txt", BROWN)
    assert here("train", "brown.txt", "--task", "tag", *QUICK).code == 0
    check(here, ["predict", "m", "brown.txt"], balanced=False)


def test_arrays_and_files_of_folders(here):
    rng = np.random.default_rng(0)
    for label in ("walk", "run"):
        (here.folder / "d" / label).mkdir(parents=True)
        for i in range(10):
            here.write(f"d/{label}/{i}.csv", csv(recording(rng, label == "run")))
    assert here("train", "d", "--label-from", "folder", "--learn", "all", *QUICK[:4], "-q", "-o", "m").code == 0
    check(here, ["predict", "m", "d", "--to", "csv"])
    lengths = np.arange(1, 13)
    np.savez(here.folder / "d.npz", x=rng.normal(size=(lengths.sum(), 2)), lengths=lengths, y=lengths % 2)
    assert here("train", "d.npz", "--task", "classify", "--learn", "all", *QUICK).code == 0
    check(here, ["predict", "m", "d.npz"])


def test_groups_of_a_table_and_tags_of_its_rows(here):
    rng = np.random.default_rng(0)
    rows = [f"{g},{rng.normal():.3f},{'ab'[int(rng.random() < 0.5)]}\n" for g in range(12) for _ in range(6)]
    here.write("t.csv", "id,x,y\n" + "".join(rows))
    assert here("train", "t.csv", "--group", "id", "--tag", "y", *QUICK).code == 0
    check(here, ["predict", "m", "t.csv"])
    here.write("mixed.csv", "id,x,y\n" + "".join(rows[::2] + rows[1::2]))
    assert here("predict", "m", "mixed.csv").code == 0
    message = here("predict", "m", "mixed.csv", "--shard", "1/2").message()
    assert "mixed.csv: the rows of a group do not stand together" in message and "sort the rows by id" in message


@pytest.fixture
def series(here):
    """Twelve series of two targets, and a model of them."""
    rng = np.random.default_rng(0)
    rows = [f"{g},{t},{np.sin(t + g) + rng.normal() / 9:.3f},{g + t % 3}\n" for t in range(40) for g in range(12)]
    here.write("s.csv", "id,t,x,z\n" + "".join(rows))
    return "train", "s.csv", "--group", "id", "--target", "x,z", "--time", "t", *QUICK[:4], "-q", "-o", "m"


@pytest.mark.parametrize("univariate", ["--univariate", "--no-univariate"])
def test_series(here, series, univariate):
    assert here(*series, univariate, "--horizon", "3").code == 0
    for way in ("--to csv", "--score --header", "--free-run 5", "--score --alarm 0.1 --json", "--horizon 7"):
        check(here, ["predict", "m", "s.csv", *way.split()])
    message = here("predict", "m", "s.csv", "--from", "20", "--shard", "1/2").message()
    assert "--shard and --from cannot be combined" in message
    one = here.write("one.csv", "id,t,x,z\n" + "".join(f"3,{t},0.5,4\n" for t in range(30)))
    assert (
        "a single series, each row of which depends on all rows before it"
        in here("predict", "m", one, "--shard", "2/2").message()
    )


def test_a_shard_in_a_file_has_the_names_on_top_of_the_first_alone(here, lines_model, other_text):
    here.write("new.txt", other_text)
    whole = here("predict", lines_model, "new.txt", "--score", "--to", "csv").out
    for number in (1, 2, 3):
        assert (
            here("predict", lines_model, "new.txt", "--score", "--save", f"{number}.csv", "--shard", f"{number}/3").code
            == 0
        )
    assert b"".join(here.read(f"{number}.csv") for number in (1, 2, 3)) == whole
    message = here("predict", lines_model, "new.txt", "--score", "--save", "a.parquet", "--shard", "1/2").message()
    assert "--save a.parquet cannot be combined" in message


@pytest.mark.parametrize("text", ["0/4", "5/4", "a/b", "4", "1/0", "-1/4", "1/2/3", "1.0/2", ""])
def test_what_is_no_shard(here, text):
    assert f"--shard {text}: expected I/N with I from 1 to N" in here("predict", "none", f"--shard={text}").message()
    with pytest.raises(UsageError):
        Shard.parsed(text)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--score", "carries its state from line to line cannot be combined: a line depends on all lines before it"),
        ("--next 1", "--no-carry starts each line from a state of zero"),
        ("--evaluate", "--shard has no effect with --evaluate"),
        ("--states last", "--shard has no effect with --states"),
        ("--score --follow", "--shard and --follow cannot be combined"),
        ("--score --state-file s", "--shard and --state-file cannot be combined"),
        ("--score --no-carry --alarm 0.1", "--shard and --alarm cannot be combined"),
    ],
)
def test_what_depends_on_what_came_before_is_refused(here, char_model, options, expected):
    done = here("predict", char_model, *options.split(), "--shard", "1/2", input=b"a\nb\n")
    assert done.code == 2 and expected in done.message()


def test_a_model_of_a_stream_in_shards_of_prompts_and_of_lines_on_their_own(here, char_model, other_text):
    here.write("new.txt", other_text)
    check(here, ["predict", char_model, "new.txt", "--length", "4"])
    check(here, ["predict", char_model, "new.txt", "--score", "--no-carry"])
    assert here("predict", char_model, "new.txt", "--score", "--shard", "1/1").code == 0


def test_every_part_is_as_large_as_others(here):
    for total in (0, 1, 5, 12, 100):
        for of in (1, 2, 3, 7, 150):
            parts = [Shard(number, of).part(total) for number in range(1, of + 1)]
            assert [place for part in parts for place in range(*part)] == list(range(total))
            sizes = [end - begin for begin, end in parts]
            assert max(sizes) - min(sizes) <= 1 and (sizes[0] or not total)


def test_what_cannot_be_read_ends_every_shard(here, lines_model):
    here.write("bad.txt", b"good\nlines\n\xff\xfe\xfa\n")
    for number in (1, 2):
        done = here("predict", lines_model, "bad.txt", "--score", "--shard", f"{number}/2", "--errors", "strict")
        assert done.code == 1 and "bad.txt:3" in done.message()
    assert json.loads(here("predict", lines_model, "no.txt", "--score", "--json", "--shard", "1/2").err)["error"]
