"""Sequences whose answers are missing, unknown, named twice or of another number."""

import pytest

FLIPS = "id,x,l\n" + "".join(f"{i},{x},c{i % 2}\n" for i in range(20) for x in (i, 0))


FLIP_COLUMNS = ("--label", "l", "--group", "id", "--hidden", "4", "--epochs", "1", "-q", "-o", "m")


@pytest.fixture
def flips(here):
    here.write("flips.csv", FLIPS)
    assert here("train", "flips.csv", *FLIP_COLUMNS).code == 0
    return here


def test_to_predict_answers_may_be_absent_and_only_those_there_are_compared(flips):
    some = flips.write("some.csv", "id,x,l\n1,1,\n2,2,c0\n3,1,\n")
    none = flips.write("none.csv", "id,x\n1,1\n2,2\n3,1\n")
    assert flips("predict", "m", some).out == flips("predict", "m", none).out
    assert flips("predict", "m", some, "--evaluate").json()["n"] == 1
    odd = flips.write("odd.csv", "id,x,l\n1,1,c0\n1,1,c1\n")
    assert flips("predict", "m", odd).code == 0
    assert "odd.csv:3" in flips("predict", "m", odd, "--evaluate").message()


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ("{w} film {i}\t{y}", ["--text", "1", "--label", "2"]),
        ("{w},{y},{i},3,{i}", ["--format", "wide", "--label", "2"]),
        ("{w},{y}.5,{i},3,{i}", ["--format", "wide", "--task", "regress", "--target", "2"]),
    ],
)
def test_in_other_forms_answers_may_be_absent_too(here, rows, columns):
    lines = [rows.format(i=i, y=i % 2, w="good" if i % 2 else "bad") for i in range(20)]
    gap = [rows.format(i=i, y="", w="bad").replace(".5", "") for i in range(2)]
    here.write("data.csv", "\n".join(lines) + "\n")
    here.write("gaps.csv", "\n".join([*lines[:3], *gap]) + "\n")
    options = (*columns, "--hidden", "4", "--epochs", "1", "-q", "-o", "m")
    refused = here("train", "gaps.csv", *options)
    assert refused.code == 1 and "gaps.csv:4: no " in refused.message()
    assert here("train", "data.csv", *options).code == 0
    assert len(here("predict", "m", "gaps.csv").out.splitlines()) == 5
    assert here("predict", "m", "gaps.csv", "--evaluate").json()["n"] == 3


def test_a_sequence_to_learn_from_without_its_answer_is_refused(here):
    done = here("train", here.write("gap.csv", FLIPS + "20,1,\n"), *FLIP_COLUMNS)
    assert done.code == 1
    assert "gap.csv:42: a sequence without a label" in done.message()


def test_labels_never_heard_of_are_mistakes_and_named(flips):
    known = flips("predict", "m", flips.write("known.csv", "id,x,l\n1,1,c0\n"), "--evaluate")
    other = flips("predict", "m", flips.write("other.csv", "id,x,l\n1,1,c0\n2,1,ZZ\n"), "--evaluate")
    assert "ZZ" in other.err and not known.err
    assert other.json()["accuracy"] == pytest.approx(known.json()["accuracy"] / 2)
    assert other.json()["macro_f1"] == pytest.approx(known.json()["macro_f1"] / 3)  # precision 1/2: F1 2/3; of two


def test_gaps_that_training_had_not_are_said(flips):
    gaps = flips("predict", "m", flips.write("gaps.csv", "id,x\n1,\n2,3\n"))
    assert gaps.code == 0 and "missing values in x" in gaps.err
    assert not flips("predict", "m", flips.write("whole.csv", "id,x\n1,1\n2,3\n")).err
    assert not flips("predict", "m", "gaps.csv", "-q").err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--class-weights", "pos=abc"], "--class-weights pos=abc"),
        (["--class-weights", "c0=nan"], "--class-weights c0=nan"),
        (["--class-weights", "c0=-1"], "--class-weights c0=-1"),
        (["--class-weights", "zz=1"], "expected one of the labels c0, c1"),
        (["--group", "l"], "--group l and --label l"),
        (["--inputs", "x,l"], "--inputs l and --label l"),
        (["--pool", ""], "--pool"),
        (["--task", "regress", "--target", "w"], "--target w: a column of words"),
    ],
)
def test_columns_and_weights_without_sense_are_refused(here, options, said):
    here.write("flips.csv", FLIPS.replace("\n", ",w\n"))
    done = here("train", "flips.csv", *FLIP_COLUMNS[2:], *options, *(() if "--task" in options else ("--label", "l")))
    assert done.code == 2
    assert said in done.message()


def test_weights_of_labels_move_the_predictions(here):
    here.write("noise.csv", "id,x,l\n" + "".join(f"{i},{i * 7 % 5},c{i % 3 // 2}\n" for i in range(60)))
    shares = []
    for weights in ("c1=0.05", "c1=20"):
        options = ("--class-weights", weights, "--epochs", "20")
        assert here("train", "noise.csv", *FLIP_COLUMNS, *options).code == 0
        shares.append(here("predict", "m", "noise.csv").out.decode().count("c1\t"))
    assert shares[0] < 10 and shares[1] > 50


def test_a_validation_file_with_other_labels_is_named_or_refused(here):
    here.write("flips.csv", FLIPS)
    some = here.write("some.csv", "id,x,l\n" + "".join(f"{i},1,{'ZZ' if i % 2 else 'c1'}\n" for i in range(12)))
    none = here.write("none.csv", "id,x,l\n" + "".join(f"{i},1,ZZ\n" for i in range(12)))
    done = here("train", "flips.csv", *(option for option in FLIP_COLUMNS if option != "-q"), "--valid", some)
    assert done.code == 0 and "whose labels ZZ are not among those of training" in done.err
    refused = here("train", "flips.csv", *FLIP_COLUMNS, "--valid", none)
    assert refused.code == 1 and "none.csv: found labels ZZ, expected some of training" in refused.message()


@pytest.mark.parametrize(
    ("task", "options", "said"),
    [
        ("regress", ["--group", "id", "--target", "x,x"], "--target x,x: x is named twice"),
        ("regress", ["--group", "id", "--target", "x,2"], "x is named twice"),
        ("forecast", ["--target", "x,x"], "--target x,x: x is named twice"),
    ],
)
def test_a_target_that_is_named_twice_is_refused(here, task, options, said):
    done = here("train", here.write("flips.csv", FLIPS), "--task", task, *options)
    assert done.code == 2 and said in done.message()


def test_answers_of_another_number_of_targets_are_refused(here):
    here.write("two.jsonl", '{"x": [1, 2], "y": [1, 2]}\n' * 8)
    assert here("train", "two.jsonl", "--task", "regress", "--hidden", "4", "--epochs", "1", "-q", "-o", "m").code == 0
    for answer, found in (("[1, 2, 3]", "answers of 3 numbers"), ("1", "answers of 1 number")):
        here.write("other.jsonl", f'{{"x": [1, 2], "y": {answer}}}\n')
        done = here("predict", "m", "other.jsonl", "--evaluate")
        assert done.code == 1 and f"other.jsonl:1: {found} per sequence, expected 2" in done.message()
        assert here("predict", "m", "other.jsonl").code == 0
    done = here("inspect", "m", "two.jsonl", "--view", "attribution", "--at", "1")
    assert done.code == 2 and "--at 1: the model has one output" in done.message()


def test_a_warm_start_of_another_task_is_refused_for_that(flips):
    done = flips("train", "flips.csv", "--task", "regress", "--group", "id", "--target", "x", "-o", "n", "--init", "m")
    assert done.code == 2 and "a model of task classify, and task regress cannot be combined" in done.message()
