"""The bare command on `.ts` files: labels are classified, targets learnt, and files without answers predicted."""

import numpy as np
import pytest


@pytest.fixture
def series(here):
    """24 sequences of two channels and unequal lengths; the sign of the second channel is their label."""
    draw = np.random.default_rng(0)
    rows = []
    for i in range(24):
        noise, slope = draw.standard_normal(5 + i % 3), (draw.random(5 + i % 3) + 0.5) * (-1) ** i
        rows.append(":".join(",".join(f"{x:.3f}" for x in channel) for channel in (noise, slope)))
    return rows


def written(here, name, rows, answers, tag):
    parts = rows if answers is None else [f"{row}:{answer}" for row, answer in zip(rows, answers, strict=True)]
    return here.write(name, f"% made\n@univariate false\n{tag}\n@data\n" + "\n".join(parts) + "\n")


def test_labels_are_classified(here, series):
    labels = ["Down" if i % 2 else "up" for i in range(24)]
    written(here, "a.ts", series, labels, "@classLabel true Down up")
    written(here, "new.ts", series, None, "@classLabel false")
    done = here("train", "a.ts", "-o", "m")
    assert done.code == 0, done.err
    assert ".ts of aeon and sktime; 24 sequences of up to 7 steps, 2 numbers a step, 2 labels: Down, up" in done.err
    assert here("predict", "m", "a.ts", "--evaluate").json()["accuracy"] == 1
    rows = [line.split("\t") for line in here("predict", "m", "new.ts").out.decode().splitlines()]
    assert [row[0] for row in rows] == labels and [row[2] for row in rows] == [str(i + 1) for i in range(24)]
    assert "--task classify --format ts" in here("train", "a.ts", "--explain", "-o", "n").out.decode()


def test_targets_are_learnt_and_without_answers_the_channels(here, series):
    written(here, "a.ts", series, [f"{(-1) ** i * 2 + 10}" for i in range(24)], "@targetLabel true")
    written(here, "b.ts", series, None, "@classLabel false")
    assert here("train", "a.ts", "-q", "-o", "m").code == 0
    found = here("predict", "m", "a.ts", "--evaluate").json()
    assert found["n"] == 24 and found["r2"] > 0.9
    done = here("train", "b.ts", "--epochs", "0.1", "--hidden", "3", "-o", "f")
    assert done.code == 0 and "1 step ahead" in done.err
