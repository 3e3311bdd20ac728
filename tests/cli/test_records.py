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
        gains = (y[:, k] - y[:, k].mean()) ** 2 - (values - y)[:, k] ** 2
        assert figures["r2_chance"] == pytest.approx(gains.std(ddof=1) / np.sqrt(20) / y[:, k].var(), abs=1e-4)
    for name in ("rmse", "mae", "r2", "r2_se", "r2_chance"):
        assert found[name] == pytest.approx((each["y1"][name] + each["y2"][name]) / 2)


def test_keys_are_named_and_answers_are_looked_at_only_to_evaluate(here):
    here.write("t.txt", objects(*({"text": "ab" * (i % 3 + 1), "label": i % 2} for i in range(12))))
    assert here("train", "t.txt", "--text", "text", "--label", "label", *QUICK).code == 0
    here.write("new.jsonl", objects({"text": "a", "label": 0}, {"text": "b"}, {"text": "c", "label": None}))
    assert len(here("predict", "m", "new.jsonl").out.splitlines()) == 3
    assert here("predict", "m", "new.jsonl", "--evaluate").json()["n"] == 1
    here.write("odd.jsonl", objects({"text": "a", "label": [0, 1]}))
    assert here("predict", "m", "odd.jsonl").code == 0
    assert "odd.jsonl:1: 2 labels, expected one" in here("predict", "m", "odd.jsonl", "--evaluate").message()
    here.write("none.jsonl", objects({"text": "a"}))
    assert "none.jsonl: no answers, expected" in here("predict", "m", "none.jsonl", "--evaluate").message()


def test_chunks_of_sequences_without_tags_are_left_out(here):
    tagged = {"x": ["a", "b", "c"], "y": ["B-X", "I-X", "O"]}
    here.write("t.jsonl", objects(*[tagged] * 8))
    assert here("train", "t.jsonl", "--task", "tag", "--hidden", "8", "--epochs", "30", "-q", "-o", "m").code == 0
    here.write("new.jsonl", objects(tagged, {"x": ["a", "b", "c"]}))
    found = here("predict", "m", "new.jsonl", "--evaluate").json()
    assert (found["tokens"], found["precision"], found["recall"]) == (3, 1, 1)


def test_answers_are_needed_to_train(here):
    here.write("1.jsonl", objects(*({"x": [i], "y": i} for i in range(8))))
    here.write("2.jsonl", objects({"x": [1], "y": 1}, {"x": [1]}))
    for task in ("regress", "classify"):
        assert "2.jsonl:2: no y, other lines have one" in here("train", "2.jsonl", "--task", task).message()
        assert "sequence 10 has no" in here("train", "1.jsonl", "2.jsonl", "--task", task).message()


def test_a_class_called_as_the_input_keeps_its_probability(here):
    here.write("t.jsonl", objects(*({"x": [i % 2], "y": ["input", "output"][i % 2]} for i in range(12))))
    assert here("train", "t.jsonl", "--task", "classify", *QUICK).code == 0
    row = json.loads(here("predict", "m", "t.jsonl", "--proba", "--json").out.splitlines()[0])
    assert list(row) == ["input", "output", "input_"]
    assert row["input"] + row["output"] == pytest.approx(1, abs=2e-4)
    assert json.loads(row["input_"])["x"] == [0]
