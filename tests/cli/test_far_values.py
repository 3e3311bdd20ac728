"""Columns with values far from all others: frozen features read them drawn nearer or as they are: what is better."""

import numpy as np
import pytest

from tests.conftest import Here

STEPS, COUNT = 12, 60
DRAWN, PLAIN = "far values drawn nearer", "as they are"


def sequences(path, answer):
    """A .ts file of few large values, of which the answer follows."""
    rng = np.random.default_rng(1)
    x = np.exp(2.2 * rng.standard_normal((COUNT, STEPS)))
    rows = [",".join(f"{v:.4f}" for v in row) + f":{y:.5f}\n" for row, y in zip(x, answer(x), strict=True)]
    path.write_text("@problemname far\n@targetlabel true\n@data\n" + "".join(rows))


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    here = Here(tmp_path_factory.mktemp("far"))
    sequences(here.folder / "sums.ts", lambda x: x.sum(axis=1))
    sequences(here.folder / "logs.ts", lambda x: np.log(x).mean(axis=1))
    return here


@pytest.mark.parametrize(("name", "better", "units"), [("sums", PLAIN, [0.0]), ("logs", DRAWN, None)])
def test_what_has_less_error_left_out_is_taken(here, name, better, units):
    done = here("train", f"{name}.ts", "--threads", "1")
    assert done.code == 0, done.err
    said = here("inspect", f"{name}.safetensors", "--json").json()
    tried = said["readout"]["tried"]
    assert min(tried, key=tried.get) == better
    assert set(tried) == {DRAWN, PLAIN}
    assert min(said["readout"]["errors"]) == tried[better]
    unit = said["schema"]["unit"]
    assert (unit == units) if units else unit[0] > 0
    shown = " ".join(here("inspect", f"{name}.safetensors").out.decode().split())
    assert f"{better} {tried[better]:.3g}" in shown
    # what was kept is what predicts: sequences that were left out lie near their answers
    figures = here("predict", f"{name}.safetensors", f"{name}.ts", "--evaluate").json()
    assert figures["r2"] > 0.9


def test_few_sequences_tell_nothing(here):
    lines = (here.folder / "sums.ts").read_text().splitlines(keepends=True)
    (here.folder / "few.ts").write_text("".join(lines[:43]))
    done = here("train", "few.ts", "--threads", "1")
    assert done.code == 0, done.err
    said = here("inspect", "few.safetensors", "--json").json()
    assert "tried" not in said["readout"]
    assert said["schema"]["unit"][0] > 0
