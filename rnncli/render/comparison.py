"""Models side by side, a column each; as many at once as there is room for."""

import os
from collections.abc import Callable
from typing import Any

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.chart.chart import Chart
from rnncli.render.chart.words import Words
from rnncli.render.text import ACCENT, budget, loss_text

GAP, WIDEST = 2, 28  # columns before a model, and of it
HASH = 8  # digits of a hash that tell data apart

FACTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "task": lambda one: one["task"],
    "data": lambda one: one["data"][:HASH],
    "cell": lambda one: (one["cell"] or "").partition(":")[0] + ", both ways" * one["bidirectional"],
    "layers": lambda one: one["layers"],
    "units": lambda one: one["units"],
    "members": lambda one: one["members"],
    "parameters": lambda one: one["parameters"],
}
EFFORT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "updates": lambda one: one["updates"],
    "best at update": lambda one: one["best_update"],
    "tokens read": lambda one: one["tokens"],
    "asked for": lambda one: budget(one) if one["epochs"] or one["minutes"] else None,
    "stopped": lambda one: one["stopped"],
}


def picture(data: dict[str, Any], width: int) -> Group:
    """The table, in parts below each other where it is too wide, and a sentence on what may be compared."""
    names, rows = _names(data["models"]), _rows(data)
    label = max(len(name) for name, _ in rows)
    parts: list[Any] = []
    for part in _side_by_side(names, rows, width - label):
        columns = [Column(names[i], justify="right", overflow="fold", max_width=WIDEST) for i in part]
        table = Table(Column("", style=ACCENT), *columns, box=None, padding=(0, GAP, 0, 0), pad_edge=False)
        for name, values in rows:
            if any(values[i] for i in part):
                table.add_row(name, *(Text(values[i]) for i in part))
        parts += [table, Text()]
    return Group(*parts, Text(sentence(data)))


def chart(data: dict[str, Any]) -> Chart:
    """The same table."""
    return Chart("Models side by side", [Words(_names(data["models"]), _rows(data))])


def how_to_read(data: dict[str, Any]) -> str:
    """The sentence below it."""
    return sentence(data)


def _side_by_side(names: list[str], rows: list[tuple[str, list[str]]], room: int) -> list[list[int]]:
    """The numbers of the models in parts that fit, one at least in each."""
    parts: list[list[int]] = []
    left = 0
    for i, name in enumerate(names):
        need = GAP + min(WIDEST, max(len(text) for text in [name, *(values[i] for _, values in rows)]))
        if not parts or need > left:
            parts.append([])
            left = room
        parts[-1].append(i)
        left -= need
    return parts


def sentence(data: dict[str, Any]) -> str:
    """Whether the figures may be compared, and which model is the best then."""
    if data["comparable"]:
        return f"All have the same validation part. The least loss there has {data['models'][data['best']]['model']}."
    return f"Do not compare the losses and metrics: {' and '.join(data['why'])}."


def _rows(data: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Name and a text of each model, without the rows that are empty for all."""
    models = data["models"]
    rows = [(name, [_text(fact(one)) for one in models]) for name, fact in FACTS.items()]
    if all(one["members"] == 1 for one in models):
        rows = [row for row in rows if row[0] != "members"]
    rows.append(("valid. loss", [_loss(one) for one in models]))
    rows += [(name.replace("_", " "), [_text(one["metrics"].get(name)) for one in models]) for name in data["metrics"]]
    rows.append(("best rival", [_rival(one) for one in models]))
    rows += [(name, [_text(fact(one)) for one in models]) for name, fact in EFFORT.items()]
    return [(name, values) for name, values in rows if any(values)]


def _loss(one: dict[str, Any]) -> str:
    return "" if one["valid_loss"] is None else loss_text(one["task"], one["valid_loss"]).removeprefix("loss ")


def _rival(one: dict[str, Any]) -> str:
    if one["rival"] is None:
        return ""
    measure = "" if one["measure"] == "nats" else f"{one['measure']} "
    return f"{one['rival'].replace('_', ' ')} {measure}{one['rival_figure']:.4g}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}" if isinstance(value, float) else str(value)


def _names(facts: list[dict[str, Any]]) -> list[str]:
    """Of the files, without their folders where that tells them apart."""
    paths = [one["model"] for one in facts]
    short = [os.path.basename(path).removesuffix(".safetensors") for path in paths]
    return short if len(set(short)) == len(set(paths)) else paths
