"""Columns of whatever name: they come out as they are, no field is there twice, the time of the row is not lost."""

import json

import pytest

from rnncli.tasks.rows_out import told_apart

ROWS = [(f"2024-01-{d:02d}", d % 5 + d / 10, 40 - d % 7) for d in range(1, 29)]
PLAIN = ("u", "v")


def fields(here, names, targets=None, group=""):
    """(pairs of the first row out, names on top in CSV) of a model of these two columns."""
    quoted = ['"' + name.replace('"', '""') + '"' for name in (*([group] if group else []), "date", *names)]
    first = "k," if group else ""
    here.write("d.csv", ",".join(quoted) + "\n" + "".join(first + ",".join(map(str, row)) + "\n" for row in ROWS))
    options = ("--time", "date", f"--target={targets or ','.join(names)}", *(("--group", group) if group else ()))
    done = here("train", "d.csv", *options, "--horizon", "2", "--hidden", "4", "--epochs", "1", "-o", "m", "-q")
    assert done.code == 0, done.err
    out = here("predict", "m", "d.csv", "--json").out.decode().splitlines()[0]
    top = here("predict", "m", "d.csv", "--to", "csv").out.decode().splitlines()[0]
    return json.loads(out, object_pairs_hook=list), top


@pytest.mark.parametrize(
    "names",
    [
        *[("time", "group"), ("time", "time_"), ("step", "time"), ("a", "a_q0.1"), ("a_q0.1", "a"), ("a", "a_q0.1_")],
        *[("T", "index"), ("line", "nats"), ("a b", "c'd"), ("--target", "-o"), ("2019", "1"), ("nan", "null")],
        *[("y", "Y"), ("zero", "last")],
    ],
)
def test_names_of_the_file_stay_and_every_field_is_told_apart(here, names):
    plain, _ = fields(here, PLAIN)
    found, top = fields(here, names)
    keys = [key for key, _ in found]
    assert len(set(keys)) == len(keys) == 7
    assert top.split(",") == keys
    assert [value for _, value in found] == [value for _, value in plain]  # in the same order
    assert found[0][1] == "2024-01-29"
    assert (keys[1], keys[4]) == names


def test_the_group_is_told_too(here):
    found, _ = fields(here, ("group", "time"), group="id")
    assert [key for key, _ in found][:3] == ["group_", "time_", "group"]
    assert [value for _, value in found][:2] == ["k", "2024-01-29"]


def test_a_column_whose_name_has_a_comma_is_called_by_its_number(here):
    plain, _ = fields(here, PLAIN, "u")
    found, _ = fields(here, ("a,b", "c"), "2")
    assert found == [(key.replace("u", "a,b"), value) for key, value in plain]


def test_own_names_give_way():
    assert told_apart(("time", "time", "time_"), {1, 2}) == ("time__", "time", "time_")
    assert told_apart(("b", "input"), {0}) == ("b", "input")
