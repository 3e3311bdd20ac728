"""The figures of `--evaluate`: a table that is read on the terminal, and charts."""

import math
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from rnncli.render import outline
from rnncli.render.chart.bars import Bar, Bars
from rnncli.render.chart.chart import Chart, Panel
from rnncli.render.chart.matrix import Matrix
from rnncli.render.chart.plot import Axis, Curve, Dots, Layer, Plot
from rnncli.render.outline import word
from rnncli.render.text import ACCENT, NARROW, nats_and_bits, spread

MEASURES = ("mae", "rmse", "mase", "smape")  # of forecasts, in columns
FEWER = ("mae", "mase")  # where there is little room
MOST_ROWS = 12  # steps ahead: of more there are fewer of the later ones
MOST_LABELS = 20  # in the table
MATRIX = 12  # labels of a matrix, at most
TOLD = {"by_step", "per_target", "worst", "per_class", "per_label", "per_kind", "mistakes", "confusion", "reliability"}
TOLD |= {"folds", "mean", "deviation", "validation"}
OF_FOLDS = (
    "accuracy",
    "macro_f1",
    "micro_f1",
    "f1",
    "mae",
    "rmse",
    "mase",
    "r2",
    "coverage",
    "nats_per_token",
    "perplexity",
)  # of a part, if it has them


def how_to_read(data: dict) -> str:
    """The sentence below."""
    if "folds" in data["figures"]:
        return "Each part is measured by a model that was trained without it; the figures on top are of all parts."
    if "by_step" in data["figures"]:
        return "Errors of forecasts, beside those of the best simple forecast: less is better."
    if "reliability" in data["figures"]:
        return "A probability is right where labels of this probability are right so often."
    return "What was reached on this input; docs/metrics.md defines each figure."


def left_out(data: dict) -> str:
    """In few columns."""
    return "rmse and smape" if data["figures"].get("best_rival") else ""


def picture(data: dict, width: int) -> Group:
    """What it comes to, then tables of its parts."""
    figures = data["figures"]
    parts: list[RenderableType] = [Text(line, "bold") for line in _said(figures)]
    if "by_step" in figures:
        parts += _forecast_tables(figures, width)
    elif "best_rival" in figures:
        parts.append(_guesses(figures, width))
    else:
        plain = {name: value for name, value in figures.items() if name not in TOLD}
        if "unseen" in plain:
            plain["unseen"] = {k: value for k, value in plain["unseen"].items() if not isinstance(value, dict | list)}
        parts.append(outline.picture(plain, width))
    parts += [*_fold_tables(figures), *_label_tables(figures, width)]
    return Group(*parts)


def chart(data: dict) -> Chart:
    """Of forecasts the errors by step ahead and the worst series; of labels the matrix and the reliability."""
    figures = data["figures"]
    panels = [*_fold_panels(figures), *_forecast_panels(figures), *_label_panels(figures)]
    plain = [(name, word(value)) for name, value in figures.items() if not isinstance(value, dict | list)]
    return Chart("Evaluation", panels, _said(figures), plain)


def _said(figures: dict) -> list[str]:
    """The figure against that of the rival, in words."""
    rival, most = figures.get("best_rival"), figures.get("most_frequent")
    if then := figures.get("validation"):
        name, best = min(then["rivals"].items(), key=lambda pair: pair[1])
        return [
            f"{nats_and_bits(figures['nats_per_token'])} a token of this input",
            f"on the validation part of the training {nats_and_bits(then['nats_per_token'])}, "
            f"against {nats_and_bits(best)} of a {name}",
        ]
    if rival:
        own, other = figures["mae"], figures[rival]["mae"]
        less = f", {100 * abs(1 - own / other):.1f} % {'less' if own < other else 'more'}" if other else ""
        first, last = figures.get("origins", {}).values() or ("", "")
        over = f"; {figures['forecasts']:,} forecasts" + (f" made from {first} to {last}" if first else "")
        return [f"mae {own:.4g} against {other:.4g} of {rival.replace('_', ' ')}{less}{over}"]
    if most:
        return [
            f"accuracy {figures['accuracy']:.4f} of {figures['n']:,}; "
            f"always {most['label']}, the most frequent label: {most['accuracy']:.4f}"
        ]
    return []


def _forecast_tables(figures: dict, width: int) -> Iterator[RenderableType]:
    """Measures of the network and its rivals; errors by step ahead, by target, of the worst series."""
    yield _guesses(figures, width)
    if "coverage" in figures:
        widest = max((one["level"] for one in figures.get("coverage_by_level") or ()), default=None)
        of = "" if widest is None else f"{100 * widest:.4g} % "
        yield Text(f"{100 * figures['coverage']:.1f} % of the values are within the {of}interval")
    yield from _coverage_tables(figures)
    steps = figures["by_step"]
    some = range(len(steps)) if len(steps) <= MOST_ROWS else [*spread(len(steps) - 1), len(steps) - 1]
    chosen, of = [steps[i] for i in some], f", {len(some)} of {len(steps):,}" if len(some) < len(steps) else ""
    yield from _parts(f"by step ahead{of}", "step", [(f"{one['step']:,}", one) for one in chosen])
    yield from _parts("by target", "target", list(figures.get("per_target", {}).items()))
    yield from _parts("the worst series", "series", [(one["series"], one) for one in figures.get("worst", ())], "mase")


def _coverage_tables(figures: dict) -> Iterator[RenderableType]:
    """Shares of the values within the intervals, and at or below the quantiles, beside those that there should be."""
    for title, entry, key in (
        ("within the intervals", "coverage_by_level", "coverage"),
        ("at or below the quantiles", "quantiles", "below"),
    ):
        if len(figures.get(entry) or ()) > 1:
            rows = [[f"{one['level']:.4g}", word(one[key])] for one in figures[entry]]
            yield _table(f"values {title}", ["level", "share"], rows)


def _guesses(figures: dict, width: int) -> RenderableType:
    """Measures of the network and its rivals, and those of what the model has not seen."""
    measures = MEASURES if width >= NARROW else FEWER
    guesses, unseen = {"network": figures} | _rivals(figures), figures.get("unseen")
    if unseen:
        guesses |= {f"{name}, unseen": one for name, one in ({"network": unseen} | _rivals(unseen)).items()}
    rows = [[name, *(word(_measure(one, measure)) for measure in measures)] for name, one in guesses.items()]
    return _table("", ["", *measures], rows)


def _fold_tables(figures: dict) -> Iterator[RenderableType]:
    """Of a cross-validation the figures of each part, their mean and deviation."""
    if "folds" in figures:
        names = [name for name in OF_FOLDS if name in figures["mean"]]
        rows = [(f"{i}", one | {"n": _count(one)}) for i, one in enumerate(figures["folds"], start=1)]
        rows += [(name, figures[name]) for name in ("mean", "deviation")]
        cells = [
            [name, *(word(one[key]) if key in one else "" for key in ("trained", "n", *names))] for name, one in rows
        ]
        yield _table("by part left out", ["part", "trained on", "n", *names], cells)


def _count(one: dict) -> int:
    """Of sequences, values or tags."""
    return one.get("n", one.get("tokens"))


def _fold_panels(figures: dict) -> Iterator[Panel]:
    """A bar for each part of a cross-validation."""
    name = next((name for name in OF_FOLDS if name in figures.get("mean", {})), None)
    if name:
        each = enumerate(figures["folds"], start=1)
        bars = [Bar(f"part {i}", one[name], f"{word(one[name])}, n {_count(one):,}") for i, one in each]
        yield Bars(f"{name} by part left out, mean {word(figures['mean'][name])}", bars)


def _rivals(figures: dict) -> dict[str, dict]:
    """Those of the simple forecasts."""
    found = {name: one for name, one in figures.items() if isinstance(one, dict) and "mae" in one}
    others = ("unseen", "mean", "deviation")
    return {name.replace("_", " "): one for name, one in found.items() if name not in others}


def _measure(one: dict, measure: str) -> float | None:
    if measure == "rmse":
        return None if one.get("mse") is None else math.sqrt(one["mse"])
    return one.get(measure)


def _parts(title: str, first: str, rows: Sequence[tuple[str, dict]], *more: str) -> Iterator[RenderableType]:
    """The mae of each row beside that of the rival, and more of its figures."""
    if rows:
        names = ["mae", "rival_mae", *more]
        cells = [[name, *(word(one.get(key)) for key in names)] for name, one in rows]
        yield _table(title, [first, "mae", "best rival", *more], cells)


def _label_tables(figures: dict, width: int) -> Iterator[RenderableType]:
    """Figures by label, the matrix or the most frequent mistakes, and how far probabilities are right."""
    for name in ("per_class", "per_label", "per_kind"):
        each = sorted(figures.get(name, {}).items(), key=lambda item: -item[1]["n"])
        if each:
            keys = ["n", "precision", "recall", "f1"]
            more = f", the {MOST_LABELS} most frequent of {len(each):,}" if len(each) > MOST_LABELS else ""
            rows = [[label, *(word(one.get(key)) for key in keys)] for label, one in each[:MOST_LABELS]]
            yield _table(f"by {'kind' if name == 'per_kind' else 'label'}{more}", ["", *keys], rows)
    matrix = figures.get("confusion")
    if matrix and len(matrix["labels"]) <= MATRIX and _fits(matrix, width):
        rows = [[label, *(f"{n:,}" if n else "·" for n in counts)] for label, counts in _rows(matrix)]
        yield _table("true label, by what was predicted", ["", *matrix["labels"]], rows)
    elif figures.get("mistakes"):
        rows = [[one["true"], one["predicted"], f"{one['n']:,}"] for one in figures["mistakes"]]
        yield _table("the most frequent mistakes", ["true", "predicted", "n"], rows)
    if figures.get("reliability"):
        keys = ["n", "probability", "accuracy"]
        bins = [(f"{one['from']:.1f} to {one['to']:.1f}", one) for one in figures["reliability"]]
        rows = [[name, *(word(one[key]) for key in keys)] for name, one in bins]
        yield _table("probability of the likeliest label", ["", *keys], rows)


def _rows(matrix: dict) -> Iterator[tuple[str, list[int]]]:
    return zip(matrix["labels"], matrix["counts"], strict=True)


def _fits(matrix: dict, width: int) -> bool:
    longest = max(len(label) for label in matrix["labels"])
    return longest + sum(max(6, len(label) + 2) for label in matrix["labels"]) <= width


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    first, *others = (Text(name) for name in columns)
    numbers = all(row[0].replace(".", "").replace(",", "").isdecimal() for row in rows)
    names = Column(first, style=ACCENT, justify="right" if numbers else "left")
    heads = [names, *(Column(name, justify="right", no_wrap=True) for name in others)]
    table = Table(*heads, box=None, header_style="dim")
    for name, *cells in rows:  # those of the first table are few words, which may stand in two lines
        named = Text(name, overflow="ellipsis", no_wrap=True) if title else Text(name, overflow="fold")
        table.add_row(named, *(Text(text, overflow="ellipsis", no_wrap=True) for text in cells))
    return Group(Text(f"\n{title}", "bold"), table) if title else table


def _forecast_panels(figures: dict) -> Iterator[Panel]:
    steps = figures.get("by_step", [])
    if len(steps) > 1:
        xs = [float(one["step"]) for one in steps]
        curves = [Curve(xs, [one["mae"] for one in steps], "cyan", "the network")]
        if rival := figures["best_rival"]:
            curves.append(Curve(xs, [one["rival_mae"] for one in steps], "yellow", rival.replace("_", " "), (7, 3)))
        yield Plot("Mean absolute error by step ahead", Axis("steps ahead", whole=True), Axis("mae", zero=True), curves)
    if quantiles := figures.get("quantiles"):
        layers: list[Layer] = [Curve([0.0, 1.0], [0.0, 1.0], "faint", "as it should be", (4, 3))]
        layers.append(_dots(quantiles, "below", "cyan", "at or below a quantile"))
        if spans := figures.get("coverage_by_level"):
            layers.append(_dots(spans, "coverage", "yellow", "within an interval"))
        whole = (0.0, 1.0)
        yield Plot("Share of the values, by the level", Axis("level", ends=whole), Axis("share", ends=whole), layers)
    if targets := figures.get("per_target"):
        bars = [Bar(name, one["mae"], word(one["mae"])) for name, one in targets.items()]
        yield Bars("Mean absolute error by target", bars)
    if series := [one for one in figures.get("worst", ()) if one["mase"] is not None]:
        bars = [Bar(one["series"], one["mase"], f"{one['mase']:.3g}, mae {word(one['mae'])}") for one in series]
        yield Bars("Scaled error (mase) of the worst series", bars)


def _dots(rows: list[dict], key: str, colour: str, name: str) -> Dots:
    """A share by its level."""
    return Dots([one["level"] for one in rows], [one[key] for one in rows], colour, name)


def _label_panels(figures: dict) -> Iterator[Panel]:
    if per_class := figures.get("per_class") or figures.get("per_label") or figures.get("per_kind"):
        each = sorted(per_class.items(), key=lambda item: -item[1]["n"])[:MOST_LABELS]
        yield Bars("F1 by label", [Bar(name, one["f1"], f"{word(one['f1'])} of {one['n']:,}") for name, one in each])
    matrix = figures.get("confusion")
    if matrix and len(matrix["labels"]) <= MATRIX:
        yield Matrix("True label, by what was predicted", matrix["labels"], matrix["counts"])
    elif figures.get("mistakes"):
        wrong = [(f"{one['true']} as {one['predicted']}", one["n"]) for one in figures["mistakes"]]
        yield Bars("The most frequent mistakes", [Bar(name, n, f"{n:,}", "red") for name, n in wrong])
    if bins := figures.get("reliability"):
        p, right = [one["probability"] for one in bins], [one["accuracy"] for one in bins]
        ideal = Curve([0.0, 1.0], [0.0, 1.0], "faint", "as it should be", (4, 3))
        layers: list[Layer] = [ideal, Dots(p, right, "cyan", "as it is")]
        axis = Axis("probability of the likeliest label", ends=(0.0, 1.0))
        yield Plot("How often it is right, by its probability", axis, Axis("accuracy", ends=(0.0, 1.0)), layers)
