"""Tables as Markdown, psql and MySQL draw them are read as the same rows between commas."""

import numpy as np
import pytest

from rnncli.data.columns import Roles
from rnncli.errors import RnncliError
from rnncli.readers.columns import read_columns
from rnncli.readers.drawn import Drawn
from rnncli.readers.forms import recognise
from rnncli.readers.reader import Request

ROWS = [(f"2024-01-{i + 1:02d}", f"{i * 1.5:.1f}", "ab"[i % 2]) for i in range(20)]
NAMES = ("ds", "y", "kind")
BORDER = "+------------+------+------+\n"


def markdown(rows):
    return "".join("| " + " | ".join(row) + " |\n" for row in (NAMES, ("---", "--:", ":-:"), *rows))


def bare_markdown(rows):
    return "".join(" | ".join(row) + "\n" for row in (NAMES, ("---", "---", "---"), *rows))


def psql(rows):
    lines = [f" {a:<10} | {b:>4} | {c:<4}".rstrip() for a, b, c in (NAMES, *rows)]
    return "\n".join([lines[0], "------------+------+------", *lines[1:], f"({len(rows)} rows)", "", ""])


def mysql(rows):
    lines = [f"| {a:<10} | {b:>4} | {c:<4} |\n" for a, b, c in (NAMES, *rows)]
    return BORDER + lines[0] + BORDER + "".join(lines[1:]) + BORDER + f"{len(rows)} rows in set (0.00 sec)\n"


WAYS = [markdown, bare_markdown, psql, mysql]


def read(path, roles):
    form = recognise(str(path), "auto", roles, "utf-8", "forecast" if roles.time else "auto")
    return read_columns([str(path)], Request(form, roles, "utf-8", "word", "forecast" if roles.time else "classify"))


@pytest.mark.parametrize("draw", WAYS)
@pytest.mark.parametrize("name", ["data.csv", "data.txt"])
def test_a_drawn_table_is_read_as_between_commas(tmp_path, draw, name):
    roles = Roles(targets=("y",), inputs=("y", "kind"), time="ds")
    tables = {"plain.csv": "".join(",".join(row) + "\n" for row in (NAMES, *ROWS)), name: draw(ROWS)}
    for path, text in tables.items():
        (tmp_path / path).write_text(text)
    plain, drawn = (read(tmp_path / path, roles) for path in tables)
    np.testing.assert_array_equal(drawn.numbers, plain.numbers)
    np.testing.assert_array_equal(drawn.times, plain.times)
    assert [c.texts() for c in drawn.coded.values()] == [c.texts() for c in plain.coded.values()]


@pytest.mark.parametrize("draw", WAYS)
def test_a_wrong_row_of_a_drawn_table_has_its_line(tmp_path, draw):
    rows = [*ROWS[:10], ("2024-01-11", "wrong", "a"), *ROWS[11:]]
    (tmp_path / "data.csv").write_text(draw(rows))
    line = draw(rows)[: draw(rows).index("wrong")].count("\n") + 1
    with pytest.raises(RnncliError, match=rf"data.csv:{line}: 'wrong' in column y"):
        read(tmp_path / "data.csv", Roles(targets=("y",), inputs=("y",), time="ds"))


@pytest.mark.parametrize("draw", WAYS)
def test_texts_and_labels_of_a_drawn_table(tmp_path, draw):
    rows = [("a", f"good {i}", "yes") if i % 2 else ("b", f"bad {i}", "no") for i in range(20)]
    (tmp_path / "data.txt").write_text(draw(rows))
    columns = read(tmp_path / "data.txt", Roles(text="y", label="kind"))
    assert columns.labels.texts() == [row[2] for row in rows]


@pytest.mark.parametrize(
    "lines",
    [
        ["a|b", "-|x"],
        ["a|b", "-|-"],
        ["| a |", "|---|"],
        ["a|b", "---|--"],
        ["a|b", "--|--|--"],
        ["title", "-----"],
        ["a|b", "1|2"],
        ["a|b"],
        [],
    ],
)
def test_what_is_not_drawn(lines):
    assert Drawn.of(lines) is None
