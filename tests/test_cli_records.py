"""JSON lines and arrays from the command line."""

import json

import numpy as np
import pytest

QUICK = ["--hidden", "4", "--epochs", "1", "--quiet", "-o", "m"]


def objects(*values):
    return "".join(json.dumps(value) + "\n" for value in values)


@pytest.mark.parametrize("form", ["jsonl", "npz"])
def test_several_numbers_are_predicted_and_measured_each_by_itself(here, form):
    x, y = np.random.default_rng(0).normal(size=(20, 4, 2)), np.arange(40.0).reshape(20, 2) * [1, 1000]
    data = f"data.{form}"
    if form == "npz":
        np.savez(here.folder / data, x=x, y=y)
    else:
        here.write(data, objects(*({"x": a.tolist(), "y": b.tolist()} for a, b in zip(x, y, strict=True))))
    assert here("train", data, "--task", "regress", *QUICK).code == 0
    rows = here("predict", "m", data, "--header", "--to", "csv").out.decode().splitlines()
    assert rows[0] == "y1,y2,input" and len(rows) == 21
    found = here("predict", "m", data, "--evaluate").json()
    each = found["per_target"]
    assert (found["n"], list(each)) == (20, ["y1", "y2"])
    values = np.array([[float(field) for field in row.split(",")[:2]] for row in rows[1:]])
    for k, figures in enumerate(each.values()):
        assert figures["n"] == 20
        assert figures["rmse"] == pytest.approx(np.sqrt(((values - y)[:, k] ** 2).mean()), rel=1e-4)
        assert figures["r2"] == pytest.approx(1 - ((values - y)[:, k] ** 2).sum() / (20 * y[:, k].var()), abs=1e-4)
    for name in ("rmse", "mae", "r2"):
        assert found[name] == pytest.approx((each["y1"][name] + each["y2"][name]) / 2)
