"""Untrained models of every task, in memory: all parameters random, all sizes different."""

from dataclasses import replace

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.columns import Coded, Columns
from rnncli.data.forecast_targets import Outlook
from rnncli.data.schema import Schema
from rnncli.data.vocabulary import Characters
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.architecture import Architecture
from rnncli.network.members import Members
from rnncli.readers.form import Form
from rnncli.tasks import task_class
from tests.helpers import CELLS as USUAL
from tests.helpers import random_network

CELLS = USUAL | {"rnn-leak": ("rnn", {"leak": "0.3"}), "rnn-relu-leak": ("rnn", {"activation": "relu", "leak": "0.7"})}
TOKENS, FEATURES, HIDDEN, HORIZON = 11, 6, 5, 3
TEMPERATURE = 1.7
KINDS = ["red", "blue", "old green"]
LEVELS = [0.05, 0.3, 0.5, 0.9]
SCALED = ("quantile", "gaussian", "student", "mse", "mae")


def model_of(task, cell="lstm", layers=1, members=1, **said):
    """A model of a task, of so many networks. `said` are `bidirectional`, `pool`; of a language model `tied`; of a
    forecast its `loss`; of tags `crf`; `word` where the columns have words with n-grams.
    """
    config = TrainConfig(task=task, hidden=HIDDEN, layers=layers, embed=3, crf=said.pop("crf", False))
    loss, word, tied = said.pop("loss", "quantile"), said.pop("word", False), said.pop("tied", False)
    name, options = CELLS[cell]
    usual = {"cell": name, "cell_options": options, "hidden": HIDDEN, "layers": layers}
    if task == "language":
        vocabulary, schema, form = Characters([10, *range(97, 97 + TOKENS - 2)]), None, None
        embed, links = HIDDEN if tied else 3, ("softmax",)
        a = Architecture(**usual, embed=embed, tokens=TOKENS, outputs=TOKENS, tied=tied)
    else:
        vocabulary, schema, form = None, schema_of(task, loss, word), Form("table")
        made = task_class(task)(schema, form, config)
        links, series = made.loss.links, schema.outlook is not None
        columns = {
            "categories": [(column, len(values) + 1, 2) for column, values in schema.categories.items()]
            + ([("series", 3, 2)] if series else []),
            "grams": (schema.buckets, 4) if word else None,
            "numbers": FEATURES if series else schema.width,
            "outputs": HORIZON * 2 * made.loss.width if series else made.outputs(),
            "own": {parameter: list(shape) for parameter, shape in made.loss.own.items()},
        }
        a = Architecture(**usual, embed=0, tokens=0, **columns, **said)
    networks = [random_network(a, np.float32, seed) for seed in range(members)]
    for one in networks if options.get("activation") == "linear" else ():
        for parameter, array in one.theta.items():
            array *= 0.5 if parameter.endswith(".R") else 1.0  # states without bounds would grow beyond all digits
    network = networks[0] if members == 1 else Members(a, links, members)
    for mine, one in zip(network.members, networks, strict=True):
        mine.theta.flat[...] = one.theta.flat
    if members > 1:
        network.average_own()
    summary = {"temperature": TEMPERATURE} if task in ("classify", "multilabel") else {}
    return Model(network, config, vocabulary, [], "", summary, schema, form)


def schema_of(task, loss="quantile", word=False):
    """Two categories, and three numbers: one with a large mean, one far from normal, two with missing values."""
    found = Schema(
        numbers=["height", "rain", "wind"],
        mean=[1.7e9, 0.3, -2.0],
        std=[3.0, 1.5, 4.0],
        unit=[0.0, 0.5, 0.0],
        flagged=[1, 2],
        categories={"kind": KINDS, "place": ["here", "there"]},
        word="place" if word else None,
        buckets=13 if word else 0,
        shaped=word and task == "tag",
    )
    if task == "regress":
        return replace(found, targets=["depth", "flow"], target_mean=[1e6, 0.2], target_std=[30.0, 5.0])
    if task == "forecast":
        return replace(
            found, outlook=Outlook(["a", "b"], HORIZON, loss, LEVELS, loss in SCALED, keys=["north", "south"])
        )
    return replace(found, labels=["one", "two", "three", "four"], sets=task == "multilabel")


def columns_of(lengths, seed=0):
    """Sequences of these lengths, with missing numbers, at the start too, values far off, and strange categories."""
    rng, rows = np.random.default_rng(seed), int(np.sum(lengths))
    numbers = np.stack([1.7e9 + 3 * rng.standard_normal(rows), *(4 * rng.standard_cauchy((2, rows)))], axis=1)
    numbers[rng.random(numbers.shape) < 0.2] = np.nan
    numbers[0, 1:], numbers[-1, 1:] = np.nan, (-1e200, 100.0)
    coded = {
        "kind": Coded(rng.integers(-1, 4, rows).astype(np.int32), [*KINDS, "new"]),
        "place": Coded(rng.integers(0, 3, rows).astype(np.int32), ["there", "here", "nowhere"]),
    }
    return Columns(np.concatenate([[0], np.cumsum(lengths)]), ["height", "rain", "wind"], numbers, coded)


def unfolded(model, T, N):
    """Its network at work, from states of zero."""
    u = model.network.unfold(T, N, Team(1))
    u.pack()
    u.set_states()
    return u
