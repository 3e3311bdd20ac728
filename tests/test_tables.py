"""The tables of the literature: their synthetic tasks are what they are said to be, their page is what was measured."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def scripts(monkeypatch):
    """The scripts can be imported."""
    for folder in ("benchmarks", "sample_data"):
        monkeypatch.syspath_prepend(str(ROOT / folder))


@pytest.fixture
def made(tmp_path, monkeypatch):
    """made(task, ..): its arrays, of 50 sequences of 30 steps."""
    import long_tasks

    def make(task, seed="0", steps="30"):
        path = tmp_path / "task.npz"
        words = ["long_tasks.py", task, str(path), "--steps", steps, "--size", "50", "--seed", seed]
        monkeypatch.setattr(sys, "argv", words)
        long_tasks.main()
        with np.load(path) as file:
            return file["x"], file["y"]

    return make


@pytest.mark.parametrize("task", ["adding", "copy", "parity"])
def test_the_same_seed_gives_the_same_arrays(made, task):
    first, again, other = made(task), made(task), made(task, seed="1")
    for one, two, three in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one, two)
        assert (one != three).any()


def test_the_answer_of_adding_is_the_sum_of_a_marked_number_of_each_half(made):
    x, y = made("adding", steps="31")
    for sequence, answer in zip(x, y, strict=True):
        first, second = np.flatnonzero(sequence[:, 1])
        assert first < 15 <= second
        assert answer == sequence[first, 0] + sequence[second, 0]
    assert 0 <= x.min() <= x.max() <= 1
    assert abs(y.mean() - 1) < 0.2


def test_the_answer_of_copy_is_the_first_ten_symbols_at_the_end(made):
    x, y = made("copy")
    y = y.reshape(50, 50)
    for sequence, answer in zip(x[:, :, 0], y, strict=True):
        assert set(sequence[:10]) <= set(range(1, 9))
        assert sequence[10:].tolist() == [0] * 29 + [9] * 11
        assert answer.tolist() == [0] * 40 + sequence[:10].tolist()


def test_the_answer_of_parity_is_that_of_the_ones_so_far(made):
    x, y = made("parity")
    odd = False
    for at, (bit, answer) in enumerate(zip(x.ravel().tolist(), y.tolist(), strict=True)):
        odd = bool(bit) if at % 30 == 0 else odd != bool(bit)
        assert answer == odd


def test_the_page_is_that_of_the_kept_figures():
    import tables

    kept = json.loads((ROOT / "docs" / "tables.json").read_text())
    assert (ROOT / "docs" / "tables.md").read_text() == tables.page(kept)
    page = tables.page({"copy-1000-conv": {"value": 0.0000123, "parameters": 16000, "seconds": 61, "version": "abc",
                                           "options": "--cell conv:kernel=8"}})  # fmt: skip
    assert "| copy-1000-conv | 3.5e-05 | 1.23e-05 | 16,000 | 61 | abc | `--cell conv:kernel=8` |" in page
    assert page.count("not measured") == 5 * len(tables.TASKS) - 1


def test_a_row_is_measured_through_the_shell_and_kept(tmp_path, monkeypatch):
    """Parity of a few short sequences by one unit or so: the figure is that of `predict` on the same files."""
    import tables
    import tables_rows

    monkeypatch.setattr(tables_rows, "PARITY", (4, 60, 8, 20))
    task = next(task for task in tables.TASKS if task.name == "parity")
    monkeypatch.setattr(task, "common", "--task tag --no-bidirectional --epochs 2 --hidden 4")
    words = ["tables.py", "--data", str(tmp_path), "--out", str(tmp_path / "t.md"), "--rows", "parity-mingru"]
    monkeypatch.setattr(sys, "argv", words)
    tables.main()
    kept = json.loads((tmp_path / "t.json").read_text())["parity-mingru"]
    assert 0.3 < kept["value"] < 0.9
    assert kept["parameters"] > 30
    assert "--cell mingru" in kept["options"]
    assert (tmp_path / "t.md").read_text() == tables.page({"parity-mingru": kept})
