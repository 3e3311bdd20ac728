"""`--init` with data or options that contradict the model, and with those that agree."""

import pytest

from rnncli.tasks.trained import load_model
from tests.training.warm_start_cases import STILL, labelled, start, table, tagged, texts


def test_other_columns_are_refused_by_name(here):
    start(here, "classify-table")
    for columns, words in (
        (("id", "city", "x", "y", "kind", "mark"), ("x, y, city, mark", "x, z, y, city, mark", "add z")),
        (("id", "city", "x", "z", "y", "kind", "mark", "w"), ("x, z, y, city, mark, w", "--inputs x,z,y,city,mark")),
        (("id", "city", "x", "z", "y", "mark"), ("kind", "--label of --init base", "here with --label")),
    ):
        here.write("more.txt", table(12, ["rome"], columns=columns))
        done = here("train", "more.txt", "--init", "base", "-o", "m")
        assert done.code == 1 and done.err.startswith("rnncli: more.txt: columns")
        assert all(word in done.message() for word in words), done.err
    here.write("more.txt", table(12, ["rome"], columns=("id", "city", "x", "z", "y", "kind", "mark", "w")))
    options = ("--inputs", "x,z,y,city,mark", *STILL, "-q", "-o", "m")
    assert here("train", "more.txt", "--init", "base", *options).code == 0


@pytest.mark.parametrize(
    ("case", "options", "words"),
    [
        ("classify-words", ("--task", "regress"), "a model of task classify, and task regress"),
        ("classify-words", ("--target", "label"), "a model of task classify, and --target cannot be combined"),
        ("classify-words", ("--hidden", "9"), "--hidden 9 cannot be combined: the model has 7"),
        ("classify-words", ("--cell", "gru"), "--cell gru cannot be combined: the model has lstm"),
        ("classify-words", ("--tokens", "char"), "--tokens char cannot be combined: the model has word"),
        ("classify-words", ("--no-bidirectional",), "the model has True"),
        ("classify-words", ("--pool", "max"), "the model has last,mean,max"),
        ("tag-chunks", ("--no-crf",), "the model has True"),
        ("classify-json", ("--new-vocabulary",), "the model reads only numbers"),
        ("forecast", ("--horizon", "2"), "the model has 1"),
        ("forecast", ("--season", "5"), "the model has 7"),
        ("forecast", ("--loss", "mse"), "the model has quantile"),
        ("forecast", ("--quantiles", "0.3,0.5"), "the model has 0.1,0.5,0.9"),
        ("forecast", ("--target", "sales"), "a model of sales, temp, and --target sales"),
        ("forecast", ("--known", "temp"), "the model has none"),
    ],
)
def test_options_that_contradict_the_model_are_refused_by_name(here, case, options, words):
    start(here, case)
    done = here("train", "more.txt", "--init", "base", *options, "-o", "m")
    assert (done.code, words in done.message()) == (2, True), done.err


def test_options_that_agree_with_the_model_are_none_the_worse(here):
    start(here, "forecast")
    options = ("--season", "7", "--target", "temp,sales", "--quantiles", "0.9,0.1,0.5", "--horizon", "1")
    assert here("train", "more.txt", "--init", "base", *options, *STILL, "-q", "-o", "m").code == 0
    assert load_model("m").schema.outlook.targets == ["sales", "temp"]


def test_several_labels_a_text_are_none_for_a_model_of_one(here):
    start(here, "fasttext")
    here.write("more.txt", "__label__spam __label__ham alpha beta\n" * 8)
    done = here("train", "more.txt", "--init", "base", "-o", "m")
    assert done.code == 1 and "more.txt:1: 2 labels, expected one" in done.message()


def test_a_language_model_of_words_is_no_start_of_another_task(here):
    here.write("text.txt", "".join(f"{b}\n" for _, b in texts(80, ["spam", "ham"])))
    here.write("labels.txt", labelled(24, ["spam", "ham"]))
    here.write("tags.txt", tagged(20, ["PER"]))
    here("train", "text.txt", "--tokens", "word", "--hidden", "7", "--epochs", "1", "-q", "-o", "base")
    done = here("train", "labels.txt", "--label", "label", "--init", "base", "-o", "m")
    assert done.code == 2 and "a language model of words" in done.message()
    done = here("train", "tags.txt", "--task", "tag", "--init", "base", "-o", "m")
    assert done.code == 2 and "task tag cannot be combined" in done.message()
