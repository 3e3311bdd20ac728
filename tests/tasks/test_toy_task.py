"""A new task is one new file: it is trained, predicted with and looked into without anybody naming it."""

import json

import pytest

from tests.toys import Toy

TASK = '''"""Median: numbers for each sequence. Loss: their absolute error, in standard deviations."""

import numpy as np

from rnncli.network.losses import Loss
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.rows_out import with_input
from rnncli.tasks.tally import Tally

TASK = {
    "help": "medians for each sequence",
    "learns": "numbers",
    "train": "target pool bidirectional missing decimal inputs group time time_format noise",
    "train_options": {"margin": {"default": 0.5, "min": 0, "help": "Error that costs nothing"}},
    "predict": {"medians": "to header json", "--evaluate": "json", "--states": "to"},
    "no_stream": "its medians are those of a whole sequence",
    "loss": "{nats:.3f} deviations",
    "start": "the mean",
}


class AbsoluteError(Loss):
    def rows(self, u, batch, only_losses, t0, steps, first, last):
        error = u.logits[:steps, first:last] - batch.y[t0 : t0 + steps, first:last]
        u.losses[t0 : t0 + steps, first:last] = np.abs(error).sum(axis=2)
        if not only_losses:
            u.logits[:steps, first:last] = u.scale * np.sign(error)


class Median(ColumnTask):
    name, loss = "median", AbsoluteError()

    @classmethod
    def check(cls, columns, name):
        cls.refuse_unanswered(np.isnan(columns.targets).any(axis=1), name, "number")

    @classmethod
    def fit(cls, columns, chosen, config, start=None):
        schema = super().fit(columns, chosen, config, start)
        schema.fit_targets(["y"], columns.targets[chosen])
        return schema

    def outputs(self):
        return len(self.schema.targets)

    def chance(self):
        return 3.0

    def predictions(self, u, examples):
        return u.pooled(examples) * np.array(self.schema.target_std) + np.array(self.schema.target_mean)

    def rows(self, values, columns, examples, wanted):
        return with_input(["median"]), zip(values[:, 0].tolist(), columns.keys, strict=True)

    def tally(self, k=None, threshold=None):
        return Errors(self.schema)


class Errors(Tally):
    def __init__(self, schema):
        self.schema, self.n, self.total = schema, 0, 0.0

    def add(self, values, examples):
        true = examples.targets * np.array(self.schema.target_std) + np.array(self.schema.target_mean)
        self.n, self.total = self.n + true.size, self.total + float(np.abs(values - true).sum())

    def figures(self):
        return {"mae": self.total / self.n}
'''


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    with Toy(tmp_path_factory.mktemp("toy"), "tasks/median.py", TASK) as toy:
        rows = [f"g{g},{(g * t) % 5},{g % 3}" for g in range(12) for t in range(4)]
        (toy.folder / "d.csv").write_text("g,v,y\n" + "\n".join(rows) + "\n")
        columns = ("--task", "median", "--target", "y", "--inputs", "v", "--group", "g")
        toy("train", "d.csv", *columns, "--hidden", "4", "--epochs", "2", "--margin", "0.25", "-q", "-o", "m")
        yield toy


def test_help_names_it(toy):
    help = " ".join(toy("train", "--help").split())
    assert "median (medians for each sequence)" in help
    assert "Task median: --margin X Error that costs nothing. [at least 0; default: 0.5]" in help


def test_its_own_option_is_kept_in_the_model_taken_from_it_and_refused_where_it_has_no_meaning(toy):
    assert json.loads(toy("inspect", "m", "--json"))["config"]["margin"] == 0.25
    toy("train", "d.csv", "--init", "m", "--epochs", "1", "-q", "-o", "later")
    assert json.loads(toy("inspect", "later", "--json"))["config"]["margin"] == 0.25
    with pytest.raises(AssertionError, match="--margin has no effect with --task regress: it is for --task median"):
        toy("train", "d.csv", "--target", "y", "--task", "regress", "--margin", "1")
    with pytest.raises(AssertionError, match="--margin -1.0: expected a number of at least 0"):
        toy("train", "d.csv", "--target", "y", "--task", "median", "--margin", "-1")


def test_it_predicts_a_row_a_sequence(toy):
    rows = [line.split("\t") for line in toy("predict", "m", "d.csv").splitlines()]
    assert [key for _, key in rows] == [f"g{g}" for g in range(12)]
    assert all(-3 < float(value) < 5 for value, _ in rows)
    assert toy("predict", "m", "d.csv", "--to", "csv").startswith("median,input\n")


def test_it_is_evaluated(toy):
    values = {line.split("\t")[1]: float(line.split("\t")[0]) for line in toy("predict", "m", "d.csv").splitlines()}
    mae = sum(abs(values[f"g{g}"] - g % 3) for g in range(12)) / 12
    assert json.loads(toy("predict", "m", "d.csv", "--evaluate"))["mae"] == pytest.approx(mae)


def test_it_is_looked_into(toy):
    assert json.loads(toy("inspect", "m", "--json"))["config"]["task"] == "median"
    assert toy("inspect", "m", "d.csv", "--view", "states")
    assert json.loads(toy("inspect", "m", "--view", "gradcheck", "--json"))["passed"]
    assert json.loads(toy("inspect", "m", "d.csv", "--view", "attribution", "--json"))["what"] == "value"
