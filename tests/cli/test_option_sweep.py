"""No option is taken and ignored: each has a task, or is for all, and is refused where it would be without effect."""

import inspect

import pytest

from rnncli import registry
from rnncli.cli.allowed import beside, meanings, options, refuse_beside, refuse_without_effect
from rnncli.cli.predict import predict
from rnncli.cli.train import train
from rnncli.config import TrainConfig
from rnncli.errors import UsageError
from rnncli.registry import meant_for

#: of predict: what every model and kind of prediction has a use for, and the kinds themselves
FOR_ALL = {"context", "model", "inputs", "encoding", "errors", "threads", "config", "quiet", "longest_line"}
KINDS = {"score", "per_token", "next", "evaluate", "states"}


def test_every_option_of_predict_has_a_meaning_somewhere():
    parameters = set(inspect.signature(predict).parameters)
    assert parameters - FOR_ALL - KINDS == set(options())


@pytest.mark.parametrize("option", options())
def test_an_option_of_predict_is_refused_where_it_has_none(option):
    for task, kinds in meanings().items():
        for kind, those in kinds.items():
            chosen = [kind] if kind.startswith("--") else []
            if option in those:
                refuse_without_effect(task, chosen, [option])
            else:
                with pytest.raises(UsageError):
                    refuse_without_effect(task, chosen, [option])


def test_every_option_that_decides_the_model_is_an_option_of_train():
    assert set(TrainConfig.__dataclass_fields__) <= set(inspect.signature(train).parameters) | {"bidirectional"}
    assert set(meant_for()) <= set(TrainConfig.__dataclass_fields__)
    assert {task for tasks in meant_for().values() for task in tasks} <= set(registry.names("tasks"))


@pytest.mark.parametrize(
    "options",
    [
        *[("--loss", loss, "--quantiles", "0.2,0.8") for loss in ("mse", "mae", "bernoulli")],
        *[("--loss", loss, "--level", "last") for loss in ("poisson", "negbin", "bernoulli")],
        *[("--loss", loss, "--transform", "log") for loss in ("poisson", "negbin", "bernoulli")],
        *[("--loss", loss, "--shift", "1") for loss in ("quantile", "gaussian", "poisson", "mse")],
    ],
    ids="-".join,
)
def test_options_of_losses_that_have_no_use_for_them_are_refused(here, options):
    here.write("d.csv", "a,b\n" + "0,1\n1,1\n" * 20)
    done = here("train", "d.csv", "--target", "a,b", "--horizon", "2", *options)
    assert done.code == 2
    assert all(option in done.message() for option in options[::2])


@pytest.mark.parametrize("option", ["--time-format=%d/%m/%Y", "--zone=Europe/Paris", "--no-regular"])
def test_options_of_times_are_refused_without_a_column_of_times(here, option):
    here.write("d.csv", "a\n" + "0\n1\n" * 20)
    done = here("train", "d.csv", "--target", "a", "--horizon", "2", option)
    assert done.code == 2
    assert f"{option.partition('=')[0]} has no effect without --time" in done.message()


IDLE = [
    (task, kind, *pair) for task in registry.names("tasks") for kind, pairs in beside(task).items() for pair in pairs
]


@pytest.mark.parametrize(("task", "kind", "one", "other"), IDLE)
def test_an_option_that_another_leaves_without_effect_is_refused(task, kind, one, other):
    chosen = [kind] if kind else []
    refuse_beside(task, chosen, [one])
    with pytest.raises(UsageError, match="cannot be combined"):
        refuse_beside(task, chosen, [other, one])


def test_held_inputs_and_rare_words_of_a_model_without_them(here):
    here.write("d.csv", "a\n" + "0\n1\n" * 20)
    assert here("train", "d.csv", "--target", "a", "--min-count", "3").code == 2
    here("train", "d.csv", "--target", "a", "--epochs", "1", "-q", "-o", "m")
    done = here("predict", "m", "d.csv", "--hold-known")
    assert (done.code, "trained without --known" in done.message()) == (2, True)
