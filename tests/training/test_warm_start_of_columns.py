"""`--init` of columns: which column is which, schemes of tags, scales, and values far from those of the model."""

import json

import numpy as np
import pytest

from rnncli.tasks.trained import load_model
from tests.training.warm_start_cases import CASES, STILL, series, start, table, texts


def test_a_column_stays_what_it_was(here):
    """Categories that all look like numbers in a small file are categories still."""
    rows = [f"{i},{'7' if i % 2 else 'b4'},{i % 3},{'AB'[i % 2]}\n" * 2 for i in range(30)]
    here.write("base.csv", "id,room,x,kind\n" + "".join(rows))
    rows = [f"{'AB'[i % 2]},{i % 3 + 0.5},{7 + i % 2},{i}\n" * 2 for i in range(8)]
    here.write("more.csv", "kind,x,room,id\n" + "".join(rows))
    here("train", "base.csv", "--label", "kind", "--group", "id", "--hidden", "5", "--epochs", "1", "-q", "-o", "base")
    done = here("train", "more.csv", "--init", "base", *STILL, "-o", "fine")
    assert "2 values of room kept, 1 of them not in the training part; 1 new" in done.err
    assert load_model("fine").schema.categories["room"] == ["7", "b4", "8"]
    assert load_model("fine").schema.mean == load_model("base").schema.mean


def test_steps_that_are_absent_are_judged_by_the_pace_of_the_model(here):
    """Every second day alone is no daily series without gaps, where training was daily."""
    start(here, "forecast")
    lines = series("b", 60, 50.0).splitlines()
    here.write("more.txt", "\n".join(lines[:1] + lines[1:30] + lines[30::2]) + "\n")
    done = here("train", "more.txt", "--init", "base", *STILL, "-o", "fine")
    assert done.code == 0, done.err
    assert load_model("fine").schema.outlook.calendar == load_model("base").schema.outlook.calendar
    assert "absent" in done.err


def test_the_text_of_the_model_is_read_among_other_columns(here):
    start(here, "classify-words")
    rows = [line.split("\t") for line in CASES["classify-words"][1].splitlines()]
    plain, wide = here.folder / "plain.tsv", here.folder / "wide.tsv"
    plain.write_text("".join("\t".join(row) + "\n" for row in rows))
    wide.write_text("".join(f"{'note' if i == 0 else 'a note'}\t{b}\t{a}\t{i}\n" for i, (a, b) in enumerate(rows)))
    for name in ("plain", "wide"):
        assert here("train", f"{name}.tsv", "--init", "base", *STILL, "-q", "-o", name).code == 0
    assert load_model("wide").schema.to_json() == load_model("plain").schema.to_json()
    here.write("other.tsv", wide.read_text().replace("text", "message", 1))
    done = here("train", "other.tsv", "--init", "base", "-o", "m")
    assert done.code == 1 and "columns note, message, label, 0, expected text, label" in done.message()
    assert here("train", "other.tsv", "--text", "message", "--init", "base", *STILL, "-q", "-o", "m").code == 0
    assert load_model("m").schema.to_json() == load_model("plain").schema.to_json()


def test_a_file_of_another_form_is_read_by_its_own(here):
    start(here, "classify-words")
    rows = texts(24, ["spam", "bacon"], ["omega", "psi"])
    here.write("more.jsonl", "".join(json.dumps({"text": b, "label": a}) + "\n" for a, b in rows))
    here.write("more.ft", "".join(f"__label__{a} {b}\n" for a, b in rows))
    for file, options in (("more.txt", ()), ("more.jsonl", ("--text", "text")), ("more.ft", ())):
        done = here("train", file, "--init", "base", *options, *STILL, "-q", "-o", file + ".model")
        assert done.code == 0, done.err
    schemas = [load_model(f"more.{end}.model").schema.to_json() for end in ("txt", "jsonl", "ft")]
    assert schemas[0] == schemas[1] == schemas[2]


def test_missing_values_where_the_model_knows_of_none_are_said(here):
    start(here, "regress-table")
    lines = table(12, ["rome"], 4).splitlines()
    fields = lines[3].split(",")
    lines[3] = ",".join([*fields[:3], "", *fields[4:]])
    here.write("more.txt", "\n".join(lines) + "\n")
    done = here("train", "more.txt", "--init", "base", *STILL, "-o", "fine")
    assert done.code == 0 and "more.txt: missing values in z, but none in the model of --init" in done.err
    assert load_model("fine").schema.flagged == load_model("base").schema.flagged == [0]


def chunks(scheme, kinds, count=30):
    """Sentences of chunks of one, two and three tokens, a token between them, written by hand for each scheme."""
    tags = {
        "IOB2": ("B", "BI", "BII"),
        "IOB1": ("I", "II", "III"),
        "IOBES": ("S", "BE", "BIE"),
        "BILOU": ("U", "BL", "BIL"),
    }[scheme]
    lines = []
    for i in range(count):
        for at, letters in enumerate((tags[i % 3], tags[(i + 1) % 3])):
            kind = kinds[(i + at) % len(kinds)]
            lines += [f"{letter.lower()}{kind} {letter}-{kind}" for letter in letters] + ["and O"]
        lines.append("")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("before", "after", "scheme", "said"),
    [
        ("IOB2", "IOB2", "IOB2", ""),
        ("IOB1", "IOB1", "IOB1", ""),
        ("IOBES", "IOBES", "IOBES", ""),
        ("BILOU", "BILOU", "BILOU", ""),
        ("IOB1", "IOB2", "mixed", "break IOB1, the scheme of the model of --init: any tag"),
        ("IOB2", "IOB1", "mixed", "break IOB2, the scheme of the model of --init: any tag"),
        ("IOB2", "IOBES", "IOBES", "break IOB2, the scheme of the model of --init: taken as IOBES"),
    ],
)
def test_the_scheme_of_tags_is_the_models_unless_others_are_learnt(here, before, after, scheme, said):
    here.write("base.txt", chunks(before, ["PER", "LOC"]))
    here.write("more.txt", chunks(after, ["ORG"], 12))
    here("train", "base.txt", "--task", "tag", "--hidden", "5", "--epochs", "1", "-q", "-o", "base")
    assert load_model("base").schema.scheme == before
    done = here("train", "more.txt", "--init", "base", *STILL, "-o", "fine")
    assert done.code == 0, done.err
    assert load_model("fine").schema.scheme == scheme
    assert said in done.err if said else "the scheme of the model" not in done.err


def test_a_few_chunks_of_one_token_do_not_make_another_scheme(here):
    """Tags that are I and O alone keep to IOB1 and to IOE1: they are as those of the model."""
    here.write("base.txt", chunks("IOB1", ["PER", "LOC"]))
    here.write("more.txt", "iPER I-PER\nand O\n\n" * 8)
    here("train", "base.txt", "--task", "tag", "--hidden", "5", "--epochs", "1", "-q", "-o", "base")
    assert here("train", "more.txt", "--init", "base", *STILL, "-q", "-o", "fine").code == 0
    assert load_model("fine").schema.to_json() == load_model("base").schema.to_json()


def test_labels_and_categories_that_are_the_same_in_another_spelling_are_not_new(here):
    rows = ["g,room,x,kind", *(f"{i},{('true', '7', 'b')[i % 3]},{i % 4},{1 + i % 2}" for i in range(40))]
    here.write("base.csv", "\n".join(rows) + "\n")
    rows = ["g,room,x,kind", *(f"{i},{('True', '7.0', 'c')[i % 3]},{i % 4},{(1.0, 3)[i % 2]}" for i in range(12))]
    here.write("more.csv", "\n".join(rows) + "\n")
    here("train", "base.csv", "--label", "kind", "--group", "g", "--hidden", "5", "--epochs", "1", "-q", "-o", "base")
    for options, rooms in (((), ["7", "b", "true", "c"]), (("--new-vocabulary",), ["7", "c", "true"])):
        assert here("train", "more.csv", "--init", "base", *options, *STILL, "-q", "-o", "fine").code == 0
        schema = load_model("fine").schema
        assert schema.labels == ["1", "2", "3"]
        assert sorted(schema.categories["room"]) == sorted(rooms)
        assert options or schema.categories["room"][:3] == load_model("base").schema.categories["room"]


def test_a_new_series_has_its_own_scale_and_known_ones_that_of_the_model(here):
    start(here, "forecast")
    options = ("--valid-fraction", "0", *STILL, "-q", "-o", "fine")
    assert here("train", "more.txt", "--init", "base", *options).code == 0
    old, new = load_model("base").schema.outlook, load_model("fine").schema.outlook
    rows = [line.split(",") for line in CASES["forecast"][1].splitlines()[1:]]
    values = np.array([[float(row[2]), float(row[3])] for row in rows if row[0] == "d"])
    assert (old.keys, new.keys) == (["a", "b", "c"], ["a", "b", "c", "d"])
    np.testing.assert_allclose(new.mean[3], values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(new.std[3], values.std(axis=0), rtol=1e-12)
    assert (new.mean[:3], new.mean[4], new.std[:3], new.std[4]) == (old.mean[:3], old.mean[3], old.std[:3], old.std[3])
    changes = np.abs(values[7:] - values[:-7]).mean(axis=0)  # in a week; the temperature repeats every five days
    np.testing.assert_allclose(np.array(new.usual[3], float), changes, rtol=1e-12)
    assert new.usual[:3] == old.usual


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("regress-texts", "y is +"),
        ("regress-table", "x is +"),
        ("forecast", "b sales is +"),
        ("forecast-each", "b sales is +"),
    ],
)
def test_what_is_far_from_where_it_was_is_said(here, case, said):
    """Deviations from the mean of the model, of the numbers as they stand in the new file."""
    start(here, case)
    done = here("train", "more.txt", "--init", "base", "--valid-fraction", "0", *STILL, "-o", "fine")
    schema, lines = load_model("base").schema, CASES[case][1].splitlines()
    rows = [line.split("\t" if "texts" in case else ",") for line in lines[1:]]
    if case.startswith("forecast"):
        o, k = schema.outlook, 0
        number = o.keys.index("b sales" if o.columns else "b")
        mean, std = o.mean[number][k], o.std[number][k]
        values = [float(row[2]) for row in rows if row[0] == "b"][:-1]  # the last is read by no forecast
    elif "texts" in case:
        mean, std, values = schema.target_mean[0], schema.target_std[0], [float(row[0]) for row in rows]
    else:
        mean, std, values = schema.mean[0], schema.std[0], [float(row[2]) for row in rows]
    off = (np.mean(values) - mean) / std
    assert off > 3 and f"{said}{off:.1f} deviations off" in done.err
    done = here("train", "base.txt", "--init", "base", *STILL, "-o", "copy")
    assert "those of the model" in done.err and "deviations" not in done.err
