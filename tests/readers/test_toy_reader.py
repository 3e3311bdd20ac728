"""A new form of file is one new file: it is recognised, trained on and predicted from without anybody naming it."""

import json

import pytest

from tests.toys import Toy

READER = '''"""Runs: `LABEL: value value ..` a line, a sequence of one number a step."""

import numpy as np

from rnncli.data.columns import Coded, Columns, offsets_of
from rnncli.readers.reader import Reader
from rnncli.readers.source import text_lines

READER = {"forms": {"runs": "a label and its values a line"}, "extensions": {"runs": "runs"}}


class Runs(Reader):
    numbered = True

    @classmethod
    def read(cls, path, request):
        pairs = [line.split(":") for line in text_lines(path, request.encoding)]
        values = [np.array(list(map(float, steps.split()))) for _, steps in pairs]
        columns = Columns(offsets_of(np.array(list(map(len, values)))), ["1"], np.concatenate(values)[:, None])
        columns.keys = [str(i) for i in range(len(pairs))]
        if request.answers:
            columns.labels = Coded.of([label for label, _ in pairs])
        return columns
'''


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    with Toy(tmp_path_factory.mktemp("toy"), "readers/runs.py", READER) as toy:
        lines = [
            f"{'up' if i % 2 else 'down'}: {' '.join(str(i % 3 + (t if i % 2 else -t)) for t in range(5))}"
            for i in range(30)
        ]
        (toy.folder / "d.runs").write_text("\n".join(lines) + "\n")
        toy("train", "d.runs", "--task", "classify", "--hidden", "4", "--epochs", "8", "--lr", "0.02", "-q", "-o", "m")
        yield toy


def test_help_names_it(toy):
    assert "runs (a label and its values a line)" in " ".join(toy("train", "--help").split())


def test_it_predicts_a_row_a_line(toy):
    rows = [line.split("\t") for line in toy("predict", "m", "d.runs").splitlines()]
    assert [row[-1] for row in rows] == [str(i) for i in range(30)]
    assert json.loads(toy("predict", "m", "d.runs", "--evaluate"))["accuracy"] == 1


def test_it_is_looked_into(toy):
    assert toy("inspect", "m", "d.runs", "--view", "states")
