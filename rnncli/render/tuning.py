"""`train --tune`: what was tried and what it reached, as lines of a table."""

from collections.abc import Mapping
from typing import Any

from rnncli.registry import learns
from rnncli.render.text import aligned
from rnncli.training.tuning import words


def lines(table: Mapping[str, Any], task: str) -> list[str]:
    """A line of names, then one for each candidate: its options, and its error in each round that it was in. None if
    there was no time to try any.
    """
    rows = table["rows"]
    rounds = max(len(row["errors"]) for row in rows)
    if not rounds:
        return []
    measure = "loss" if table["measure"] == "nats" and learns(task) != "text" else table["measure"]
    found = [["", *(f"{measure} {i + 1}" for i in range(rounds))]]
    for row in rows:
        errors = ["diverged" if error is None else f"{error:.4f}" for error in row["errors"]]
        found.append([words(row["changes"]), *errors, *[""] * (rounds - len(errors))])
    found[table["kept"] + 1].append("kept")
    return aligned(found, left=1)
