"""The bare command on ARFF files of the archives: labels are classified."""

import numpy as np

LABELS = ("Up", r"'it\'s'")


def test_labels_are_classified(here):
    draw = np.random.default_rng(0)
    rows = []
    for i in range(24):
        noise, slope = draw.standard_normal(5), (draw.random(5) + 0.5) * (-1) ** i
        bag = "\\n".join(",".join(f"{x:.3f}" for x in channel) for channel in (noise, slope))
        rows.append(f"'{bag}',{LABELS[i % 2]}")
    header = "@relation r\n@attribute bag relational\n"
    header += "".join(f"@attribute t{i} numeric\n" for i in range(5)) + "@end bag\n@attribute y {Up,'it\\'s'}\n@data\n"
    here.write("a.arff", header + "\n".join(rows) + "\n")
    done = here("train", "a.arff", "-o", "m")
    assert done.code == 0, done.err
    assert "ARFF; 24 sequences of up to 5 steps, 2 numbers a step, 2 labels: Up, it's" in done.err
    assert here("predict", "m", "a.arff", "--evaluate").json()["accuracy"] == 1
    here.write("new.arff", header + "\n".join(row.rpartition(",")[0] + ",?" for row in rows) + "\n")
    found = [line.split("\t")[0] for line in here("predict", "m", "new.arff").out.decode().splitlines()]
    assert found == ["Up", "it's"] * 12
    assert "--task classify --format arff" in here("train", "a.arff", "--explain", "-o", "n").out.decode()
