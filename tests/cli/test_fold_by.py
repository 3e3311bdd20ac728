"""`train --fold-by`: related sequences are in training or held out, as a whole, and the column is never an input."""

import json

import numpy as np
import pytest

from tests.conftest import Here

PERSONS, EACH, STEPS = 10, 6, 16
COLUMNS = ("--label", "label", "--group", "run", "--time", "t")
SMALL = ("--hidden", "4", "--epochs", "0.5", "--seed", "1")


def people(seed=0, persons=PERSONS):
    """(person, run, label, values): each person moves in a way of their own; the label is drawn for each, but for one
    run, so that nothing but the person tells it.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(persons) % 2)
    for person in range(persons):
        way = 3 * rng.standard_normal(STEPS)
        for run in range(EACH):
            label = labels[person] if run else 1 - labels[person]
            yield person, person * EACH + run, label, way + 0.3 * rng.standard_normal(STEPS)


def table(name="subject", **options):
    lines = [
        f"{run},p{person},{t},{x:.3f},class{label}\n"
        for person, run, label, values in people(**options)
        for t, x in enumerate(values)
    ]
    return f"run,{name},t,x,label\n" + "".join(lines)


def without(text, column):
    """The table without one of its columns."""
    return "".join(",".join(f for i, f in enumerate(line.split(",")) if i != column) for line in text.splitlines(True))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """a.csv and model m, which was trained on it by default; `said` of it."""
    here = Here(tmp_path_factory.mktemp("folds"))
    here.write("a.csv", table())
    done = here("train", "a.csv", *COLUMNS, "-o", "m")
    assert done.code == 0, done.err
    here.said = done.err
    return here


def summary(here, *arguments):
    """What `inspect` says of a model trained with these arguments."""
    done = here("train", *arguments, "-q", "-o", "s")
    assert done.code == 0, done.err
    return here("inspect", "s", "--json").json()


def test_a_column_of_persons_is_guessed_said_and_kept(files):
    assert f"each left out once for validation, with its fold by subject, of {PERSONS}" in files.said
    guess = f"a.csv: column subject tells {PERSONS} folds of {PERSONS * EACH} sequences, so it is no input"
    assert files.said.count(guess) == 1 and "--fold-by none undoes it" in files.said
    data = files("inspect", "m", "--json").json()
    assert "folds       by subject, held out whole" in files("inspect", "m").out.decode()
    assert data["config"]["fold_by"] == "subject"
    assert data["schema"]["numbers"] == ["x"] and not data["schema"]["categories"]


def test_what_only_the_person_tells_is_not_learnt(files):
    """Left out one by one, the sequences look told apart: others of the same person are in training."""
    folds = files("inspect", "m", "--json").json()
    rows = summary(files, "a.csv", *COLUMNS, "--fold-by", "none", "--inputs", "x")
    assert folds["schema"]["numbers"] == rows["schema"]["numbers"] == ["x"]
    assert rows["metrics"]["accuracy"] > 0.83  # 5 of 6 of each person
    assert folds["metrics"]["accuracy"] < 0.7  # chance, of ten persons
    assert rows["metrics"]["n"] == folds["metrics"]["n"] == PERSONS * EACH


def test_strength_and_temperature_are_those_of_folds(files):
    folds, rows = (summary(files, "a.csv", *COLUMNS, "--fold-by", by, "--inputs", "x") for by in ("subject", "none"))
    assert folds["readout"]["errors"] != rows["readout"]["errors"]
    errors = folds["readout"]["errors"]
    assert folds["readout"]["strength"] == pytest.approx(np.logspace(-4, 4, 17)[int(np.argmin(errors))])
    assert folds["valid_loss"] < 1.5 * np.log(2)  # a temperature of rows would be too sure


@pytest.mark.parametrize("name", ["who", "SUBJECT"])
@pytest.mark.parametrize("seed", ["0", "7"])
def test_whole_persons_are_held_out_of_a_training(here, name, seed):
    here.write("a.csv", table(name))
    options = ("--valid-fraction", "0.35", *SMALL[:-1], seed, "--fold-by", name)
    said = here("train", "a.csv", *COLUMNS, *options).err
    assert f"24 sequences held out for validation, 4 of {PERSONS} folds by {name}" in said  # 21 would be 3 and a half


def test_the_fold_is_read_by_none_of_the_rows_that_are_predicted(files):
    files.write("b.csv", without(table(), 1))
    files.write("c.csv", table("subject", seed=0).replace(",p", ",stranger"))
    rows = [files("predict", "m", name, "--proba").rows(3) for name in ("a.csv", "b.csv", "c.csv")]
    assert rows[0] == rows[1] == rows[2] and len(rows[0]) == PERSONS * EACH
    figures = [files("predict", "m", name, "--evaluate").json() for name in ("a.csv", "b.csv")]
    assert figures[0]["seen"].pop("related") == 0  # only a file with folds can say it
    assert figures[0] == figures[1]


def test_a_column_that_the_user_named_is_not_taken(files):
    data = summary(files, "a.csv", *COLUMNS, "--inputs", "x,subject", *SMALL)
    assert data["config"]["fold_by"] is None and [name for name, _ in data["schema"]["categories"]] == ["subject"]
    files.write("d.csv", table("user").replace("label", "speaker"))
    data = summary(files, "d.csv", "--label", "user", *COLUMNS[2:], *SMALL)
    assert data["config"]["fold_by"] is None and data["config"]["label"] == "user"


def test_a_part_of_the_group_may_tell_the_folds(here):
    here.write("a.csv", table())
    done = here("train", "a.csv", "--label", "label", "--group", "subject,run", "--time", "t", "-o", "m")
    assert f"its fold by subject, of {PERSONS}" in done.err
    here.write("b.csv", table("series"))
    done = here("train", "b.csv", "--label", "label", "--group", "series,run", "--time", "t", "-o", "m")
    assert "each left out once for validation\n" in done.err


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        (lambda t: t.replace("p3,5,", "p4,5,"), COLUMNS),  # it varies within a sequence
        (lambda t: t.replace("subject", "subject_age"), COLUMNS),
        (lambda t: table(persons=2), COLUMNS),
    ],
)
def test_without_folds_that_show_nothing_is_taken(here, change, columns):
    here.write("a.csv", change(table()))
    done = here("train", "a.csv", *columns, *SMALL, "-o", "m")
    assert done.code == 0 and "fold" not in done.err


def test_wide_tables_json_lines_and_texts_have_folds(here):
    rows = [(f"p{person}", f"class{label}", [round(float(x), 3) for x in xs]) for person, _, label, xs in people()]
    here.write("w.tsv", "".join("\t".join([person, label, *map(str, xs)]) + "\n" for person, label, xs in rows))
    here.write("j.jsonl", "".join(json.dumps({"x": xs, "y": y, "session": p}) + "\n" for p, y, xs in rows))
    here.write("t.tsv", "text\ty\tauthor\n" + "".join(f"{p} says {xs[0]}\t{y}\t{p}\n" for p, y, xs in rows))
    wide = here("train", "w.tsv", "--format", "wide", "--label", "2", "--fold-by", "1", "-o", "w").err
    lines = here("train", "j.jsonl", "--task", "classify", "-o", "j").err
    texts = here(
        "train",
        "t.tsv",
        "--text",
        "text",
        "--label",
        "y",
        "--valid-fraction",
        "0.3",
        *SMALL,
        "-o",
        "t",
        "--threads",
        "1",
    ).err
    assert f"its fold by 1, of {PERSONS}" in wide and f"its fold by session, of {PERSONS}" in lines
    assert f"18 sequences held out for validation, 3 of {PERSONS} folds by author" in texts
    assert "column session tells" in lines and "column author tells" in texts
    here.write("bare.tsv", "".join("\t".join(map(str, xs)) + "\n" for _, _, xs in rows))
    assert here("predict", "w", "bare.tsv").rows(3) == here("predict", "w", "w.tsv").rows(3)


@pytest.mark.parametrize("options", [("--task", "regress", "--target", "size"), ("--task", "tag", "--tag", "tag")])
def test_other_tasks_hold_out_whole_folds_too(here, options):
    text = table().replace("label", "size,tag")
    text = text.replace("class0", "0.5,a").replace("class1", "1.5,b")
    here.write("a.csv", text)
    inputs = ("--inputs", "x", "--valid-fraction", "0.3")
    said = here("train", "a.csv", *options, *COLUMNS[2:], *inputs, *SMALL, "--fold-by", "subject", "-o", "m").err
    assert f"18 sequences held out for validation, 3 of {PERSONS} folds by subject" in said


def test_sequences_without_a_value_are_folds_of_their_own(here):
    here.write("a.csv", table().replace(",p0,", ",,"))
    done = here("train", "a.csv", *COLUMNS, "-o", "m")
    assert f"its fold by subject, of {PERSONS - 1 + EACH}" in done.err
    assert f"a.csv: {EACH} sequences have nothing in column subject: each is a fold of its own" in done.err


def test_labels_of_one_person_are_said(here):
    here.write(
        "a.csv", "".join(line.replace("class1", "rare") if ",p3," in line else line for line in rows_of(table()))
    )
    done = here("train", "a.csv", *COLUMNS, "-o", "m")
    assert "labels of one fold by subject alone: rare: where it is held out, training has none of them" in done.err


def rows_of(text):
    return text.splitlines(keepends=True)


def test_a_file_for_validation_that_shares_persons_is_said(files):
    files.write("v.csv", table(seed=1, persons=3).replace(",p2,", ",q,"))
    done = files("train", "a.csv", *COLUMNS, "--valid", "v.csv", "-o", "v")
    assert "v.csv: folds by subject that are in training too: p0, p1" in done.err
    files.write("v.csv", without(table(seed=1, persons=3), 1))
    done = files("train", "a.csv", *COLUMNS, "--valid", "v.csv", "-o", "v")
    assert done.code == 0 and "folds by subject that" not in done.err


def test_resume_knows_the_folds(here):
    here.write("a.csv", table("who"))
    one = ("train", "a.csv", *COLUMNS, "--inputs", "x", *SMALL, "-o", "m", "--fold-by")
    assert here(*one, "who").code == 0
    assert "finished: nothing to do" in here(*one, "who", "--resume").err
    assert "made with --fold-by who, found none now" in here(*one, "none", "--resume").message()
    here.write("a.csv", table("who").replace(",p1,", ",p0,"))
    assert "made from other data" in here(*one, "who", "--resume").message()


def test_a_warm_start_has_the_folds_of_the_model(here):
    here.write("a.csv", table("who"))
    one = ("train", "a.csv", "--inputs", "x", *COLUMNS, *SMALL)
    assert here(*one, "--fold-by", "who", "-o", "m").code == 0
    more = ("train", "b.csv", "--init", "m", "--epochs", "0.5", "-o", "n", "--valid-fraction", "0.3")
    here.write("b.csv", table("who", seed=5))
    assert f"3 of {PERSONS} folds by who" in here(*more).err
    here.write("b.csv", without(table(seed=5), 1))
    said = here(*more).message()
    assert (
        "expected who, which is --fold-by of --init m: name the column here with --fold-by, or --fold-by none" in said
    )
    assert here(*more, "--fold-by", "none").code == 0


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        (lambda t: t, ("--fold-by", "subj"), "--fold-by subj: no such column, found run, subject, t, x, label"),
        (lambda t: t, ("--fold-by", "label"), "--fold-by label and --label label: a column can be only one of them"),
        (lambda t: t, ("--fold-by", "x", "--inputs", "x"), "--inputs x and --fold-by x"),
        (lambda t: t, ("--fold-by", "subject,subject"), "--fold-by subject,subject: subject is named twice"),
        (lambda t: t, ("--fold-by", "x"), "a.csv:3: value"),
        (lambda t: table(persons=1), ("--fold-by", "subject"), "a.csv: p0 in column subject for all sequences"),
        (
            lambda t: "".join(line for line in rows_of(table(persons=2)) if line.split(",")[0] not in ("0", "6")),
            ("--fold-by", "subject"),
            "a.csv: each label is of one fold by subject alone",
        ),
    ],
)
def test_what_cannot_be_held_out_is_refused_in_one_line(here, change, options, words):
    here.write("a.csv", change(table()))
    refused = here("train", "a.csv", *COLUMNS, *options, "-o", "m")
    assert words in refused.message() and here.files() == ["a.csv"]


def test_forecasts_and_texts_of_a_language_model_have_no_folds(here):
    here.write("a.csv", table())
    said = here("train", "a.csv", "--target", "x", "--group", "run", "--fold-by", "subject").message()
    assert "--fold-by has no effect with --task forecast: it is for --task classify, --task multilabel," in said
    here.write("a.txt", "some text\n" * 50)
    assert (
        "--fold-by has no effect with --task language"
        in here("train", "a.txt", "--task", "language", "--fold-by", "1").message()
    )
