"""`train --cells`: what each network reached, as lines of a table."""

from collections.abc import Mapping
from typing import Any

from rnncli.registry import learns
from rnncli.render.text import aligned, count

FIGURES = ("accuracy", "precision_at_k", "recall_at_k", "micro_f1", "macro_f1", "f1", "rmse", "mae", "r2")


def lines(rows: list[Mapping[str, Any]], task: str, measure: str) -> list[str]:
    """A line of names, then one for each network in the order of the option; `measure` is that of the rivals."""
    unit = "nats" if learns(task) == "text" else "loss"
    figure = _figure(rows, task, measure)
    names = ["", "size", "parameters", unit, *([figure] if figure else []), "tokens/s", "reads"]
    table = [names, *(_line(row, figure) for row in rows)]
    best = min(range(len(rows)), key=lambda i: rows[i]["valid_loss"])
    table[best + 1].append("kept")
    return aligned(table, left=2)


def _figure(rows: list[Mapping[str, Any]], task: str, measure: str) -> str | None:
    """The metric beside the loss, if the task has one."""
    names = (measure,) if learns(task) == "series" else FIGURES
    return next((name for name in names if all(row["metrics"].get(name) is not None for row in rows)), None)


def _line(row: Mapping[str, Any], figure: str | None) -> list[str]:
    speed = "-" if row["tokens_per_s"] is None else count(row["tokens_per_s"])
    return [
        row["cell"],
        f"{row['layers']} x {row['hidden']}",
        f"{row['parameters']:,}",
        f"{row['valid_loss']:.4f}",
        *([f"{row['metrics'][figure]:.4g}"] if figure else []),
        speed,
        "-" if row["reads"] is None else f"{row['reads']:,}",
    ]
