"""The worst and the best sequences and lines, against the rows of `predict`."""

import numpy as np
import pytest

from rnncli.predictors.examples import LEAST_TOKENS, MOST, ends_of, of_sequences, of_text
from rnncli.tasks.trained import load_model
from tests.helpers import json_lines


@pytest.mark.parametrize("count", [0, 1, 2, 7, 9, 10, 11, 500])
def test_the_ends_are_those_of_all_in_order(count):
    losses = np.random.default_rng(count).integers(0, 40, count).tolist()
    found = ends_of({"loss": loss, "at": i} for i, loss in enumerate(losses))
    each = min(MOST, count // 2)
    assert [row["loss"] for row in found["worst"]] == sorted(losses, reverse=True)[:each]
    assert [row["loss"] for row in found["best"]] == sorted(losses)[:each]
    assert not {row["at"] for row in found["worst"]} & {row["at"] for row in found["best"]}


def test_labels_and_sets_of_labels(here):
    lines = [(f"{'up' if i % 3 else 'down'} {i} {'x' * (i % 5)}", "ab"[i % 2]) for i in range(60)]
    here.write("a.csv", "text,label\n" + "".join(f"{text},{label}\n" for text, label in lines))
    here.write("s.csv", "text,label\n" + "".join(f"{text},{label}|{text[0]}\n" for text, label in lines))
    options = ("--text", "text", "--label", "label", "--hidden", "4", "--epochs", "1", "-q")
    assert here("train", "a.csv", *options, "-o", "a").code == 0
    assert here("train", "s.csv", *options, "--label-separator", "|", "-o", "s").code == 0
    for name in ("a", "s"):
        rows = json_lines(here("predict", name, f"{name}.csv", "--proba", "--json"))
        nats = []
        for row, (text, label) in zip(rows, lines, strict=True):
            true = {label} if name == "a" else {label, text[0]}
            p = {key: value for key, value in row.items() if key != "input"}
            those = [p[key] if key in true else 1 - p[key] for key in p] if name == "s" else [p[label]]
            nats.append(-np.log(those).sum())
        found = of_sequences(load_model(str(here.folder / name)), str(here.folder / f"{name}.csv"))
        assert found["measure"] == "nats"
        assert [one["loss"] for one in found["worst"]] == pytest.approx(sorted(nats)[::-1][:MOST], abs=2e-3)
        assert [one["loss"] for one in found["best"]] == pytest.approx(sorted(nats)[:MOST], abs=2e-3)
        first = found["worst"][0]
        [at] = [i for i, (text, _) in enumerate(lines) if text == first["input"]]  # without the label beside it
        assert nats[at] == pytest.approx(first["loss"], abs=2e-3)
        assert set(first["true"].split(",")) == ({lines[at][1]} if name == "a" else {lines[at][1], lines[at][0][0]})


def test_numbers_by_their_scaled_errors(here):
    rng = np.random.default_rng(0)
    lines = [(f"{'ab'[i % 2]}{i}", round(float(rng.normal() * 7 + 3 * (i % 2)), 3)) for i in range(50)]
    here.write("n.csv", "text,y\n" + "".join(f"{text},{y}\n" for text, y in lines))
    options = ("--task", "regress", "--text", "text", "--target", "y", "--hidden", "4", "--epochs", "1", "-q")
    assert here("train", "n.csv", *options, "-o", "n").code == 0
    rows = json_lines(here("predict", "n", "n.csv", "--json"))
    errors = [abs(row["y"] - y) for row, (_, y) in zip(rows, lines, strict=True)]
    found = of_sequences(load_model(str(here.folder / "n")), str(here.folder / "n.csv"))
    order = np.argsort(errors)[::-1][:MOST]
    assert [float(one["true"]) for one in found["worst"]] == [lines[i][1] for i in order]
    ratio = [one["loss"] / errors[i] ** 2 for one, i in zip(found["worst"], order, strict=True)]
    assert ratio == pytest.approx([ratio[0]] * MOST, rel=1e-3)  # 1 / the variance of the training part


def test_lines_of_a_text_by_bits_a_token(here, char_model, text):
    here.write("t.txt", text[:3000] + "\nx\n")
    scored = json_lines(here("predict", char_model, "t.txt", "--score", "--json"))
    rows = [row for row in scored if row["tokens"] >= LEAST_TOKENS]
    found = of_text(load_model(char_model), str(here.folder / "t.txt"))
    bits = sorted(row["bits_per_token"] for row in rows)
    assert [one["loss"] for one in found["worst"]] == pytest.approx(bits[::-1][:MOST], abs=1e-3)
    assert [one["loss"] for one in found["best"]] == pytest.approx(bits[:MOST], abs=1e-3)
    worst = found["worst"][0]
    assert next(row for row in rows if row["line"] == worst["line"])["text"][:200] == worst["input"]
