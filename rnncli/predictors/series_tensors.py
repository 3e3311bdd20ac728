"""What is kept of series, see series_state.py, as tensors and values of a state file.

`count, steps, rows, learning` (groups,); `states.0, ..` (groups, M, ..); `mean, std, flat` (groups, M, K), NaN where
they are those of training; and of the rows `numbers` (rows, D), `times`, `numbering`, `codes.0, ..` (rows,) into
`symbols`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Required, TypedDict

import numpy as np

from rnncli.data.columns import Coded, Columns, offsets_of, stretch_of
from rnncli.data.scale import Scale
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.models.tensors import refuse_others
from rnncli.readers.text_codes import merge
from rnncli.stored import LARGEST, expect, expect_distinct, read
from rnncli.tasks.series_in import numbers_of


@dataclass(frozen=True)
class Kept:
    """Of one group, whose targets may be M series of their own, K targets each (M or K is 1)."""

    count: int  # rows of files so far
    tail: Columns  # the last of them
    learning: bool  # whether the scale is still to be found; then the tail is all rows
    states: list[np.ndarray]  # (M, ..) each, before the rows of the tail that are read again
    scale: Scale | None = None  # (M, K) each, if it is of rows of its own
    steps: int = 0  # so far, those put in as well

    @property
    def numbering(self) -> np.ndarray:
        """The numbers of the rows of the tail in their series, -1 of steps put in."""
        given = self.tail.numbering
        return np.arange(self.count - self.tail.total, self.count) if given is None else given


class Entry(TypedDict, total=False):
    """The values beside the tensors."""

    groups: Required[list[str]]
    dated: bool  # whether times are microseconds
    names: list[str]
    symbols: dict[str, list[str]]
    samples: list[str]  # how the times of each group are written; files of before lack them


def to_tensors(groups: Mapping[str, Kept], M: int, K: int) -> tuple[dict[str, np.ndarray], dict]:
    """Of the groups by key."""
    kept = list(groups.values())
    if not kept:
        return {}, {"groups": []}
    tails = [k.tail for k in kept]
    coded = {name: merge([tail.coded[name] for tail in tails]) for name in tails[0].coded}
    none = np.full((M, K), np.nan)
    tensors = {
        "count": np.array([k.count for k in kept], np.int64),
        "steps": np.array([k.steps for k in kept], np.int64),
        "rows": np.array([tail.total for tail in tails], np.int64),
        "numbering": np.concatenate([k.numbering for k in kept]),
        "learning": np.array([k.learning for k in kept], np.uint8),
        "mean": np.stack([k.scale.mean if k.scale else none for k in kept]),
        "std": np.stack([k.scale.std if k.scale else none for k in kept]),
        "flat": np.stack([k.scale.flat if k.scale else np.zeros(none.shape, bool) for k in kept]).astype(np.uint8),
        "numbers": np.concatenate([tail.numbers for tail in tails]),
        **{f"states.{i}": np.stack(layer) for i, layer in enumerate(zip(*(k.states for k in kept), strict=True))},
        **{f"codes.{i}": column.codes for i, column in enumerate(coded.values())},
    }
    dated = tails[0].times is not None and tails[0].times.dtype.kind == "M"
    if tails[0].times is not None:
        times = np.concatenate([tail.times for tail in tails])
        tensors["times"] = times.astype(np.int64) if dated else times
    symbols = {name: column.symbols for name, column in coded.items()}
    found = {"groups": list(groups), "dated": dated, "names": tails[0].number_names, "symbols": symbols}
    return tensors, found | {"samples": [tail.time_sample for tail in tails]}


def from_tensors(tensors: dict[str, np.ndarray], entry: Any, model: Model, M: int, grouped: bool) -> dict[str, Kept]:
    """The way back; Damaged if they are no state of this model."""
    values = read(Entry, entry, "state")
    keys = values["groups"]
    if not keys:
        return {}
    tensors = _checked(tensors, values, model, M)
    rows = Columns(
        offsets_of(tensors["rows"]),
        values["names"],
        tensors["numbers"],
        {name: Coded(tensors[f"codes.{i}"], some) for i, (name, some) in enumerate(values["symbols"].items())},
        keys if grouped else None,
        times=tensors["times"].astype("datetime64[us]") if values["dated"] else tensors.get("times"),
        numbering=tensors["numbering"],
    )
    layers = [tensors[f"states.{i}"] for i in range(sum(name.startswith("states.") for name in tensors))]
    groups, samples = {}, values.get("samples") or [""] * len(keys)
    expect(len(samples) == len(keys), "samples", len(samples), f"{len(keys)}, one a group")
    for i, key in enumerate(keys):
        mean, std = tensors["mean"][i], tensors["std"][i]
        scale = None if np.isnan(mean).all() else Scale(mean, std, tensors["flat"][i].astype(bool))
        tail, states = stretch_of(rows, i, 0, int(rows.lengths[i])), [layer[i] for layer in layers]
        tail = replace(tail, time_sample=samples[i])
        count, steps = int(tensors["count"][i]), int(tensors["steps"][i])
        groups[key] = Kept(count, tail, bool(tensors["learning"][i]), states, scale, steps)
    return groups


def _checked(tensors: dict[str, np.ndarray], values: Entry, model: Model, M: int) -> dict[str, np.ndarray]:
    """The tensors with those that files of before lack; Damaged if one is not as it is written."""
    o, keys, names, symbols = model.schema.outlook, values["groups"], values.get("names"), values.get("symbols", {})
    expect_distinct(keys, "groups")
    wanted = sorted(numbers_of(model.schema))
    expect(names is not None and sorted(names) == wanted, "names", names, f"{wanted}, which the model reads")
    expect(sorted(symbols) == sorted(model.schema.categories), "symbols", sorted(symbols), "the model's categories")
    expect("dated" in values, "state", "no dated", "true or false")
    G, K = len(keys), len(o.targets)
    for name in ("rows", "count"):
        refuse_others({name: tensors.get(name, np.zeros(0))}, {name: ((G,), np.int64)})
        within = (tensors[name] >= 1).all() and (tensors[name] <= LARGEST).all()
        expect(within, name, tensors[name].tolist(), "numbers above 0")
    total = int(tensors["rows"].sum())
    expect(np.shape(tensors.get("numbers", ()))[:1] == (total,), "rows", total, "the rows of numbers")
    tensors = {"steps": tensors["count"], "flat": np.zeros((G, M, K), np.uint8), "numbering": None} | tensors
    if tensors["numbering"] is None:
        ends = zip(tensors["count"].tolist(), tensors["rows"].tolist(), strict=False)
        tensors["numbering"] = np.concatenate([np.arange(count - rows, count) for count, rows in ends])
    if (numbers := tensors.get("numbers")) is not None and numbers.dtype == np.float32:  # of files of before
        tensors["numbers"] = numbers.astype(np.float64)
    timed = o.clock.kind != "row" or values["dated"] or "times" in tensors
    number = np.dtype(np.int64 if values["dated"] else np.float64)
    expected: dict[str, tuple[tuple[int, ...], Any]] = dict.fromkeys(("count", "steps", "rows"), ((G,), np.int64))
    expected |= {"learning": ((G,), np.uint8), "numbering": ((total,), np.int64)}
    expected |= dict.fromkeys(("mean", "std"), ((G, M, K), np.float64)) | {"flat": ((G, M, K), np.uint8)}
    expected |= {"numbers": ((total, len(wanted)), np.float64)} | ({"times": ((total,), number)} if timed else {})
    expected |= {f"codes.{i}": ((total,), np.int32) for i in range(len(symbols))}
    for i, state in enumerate(model.network.unfold(1, 1, Team(1)).states()):
        expected[f"states.{i}"] = ((G, M, *state.shape[1:]), state.dtype)
    refuse_others(tensors, expected, missing=("mean", "std", "numbers"))
    _refuse_senseless(tensors, list(symbols.values()), values["dated"] or o.clock.kind in ("row", "number"))
    return tensors


def _refuse_senseless(tensors: dict[str, np.ndarray], symbols: list[list[str]], right_times: bool) -> None:
    """Damaged for numbers of rows, scales and codes that can't be."""
    rows, count, steps = (tensors[name] for name in ("rows", "count", "steps"))
    expect((steps >= rows).all() and (steps <= LARGEST).all(), "steps", steps.tolist(), "as many as rows, or more")
    within = (tensors["numbering"] >= -1) & (tensors["numbering"] < np.repeat(count, rows))
    expect(within.all(), "numbering", int(tensors["numbering"].max()), "numbers of rows")
    for name in ("learning", "flat"):
        expect((tensors[name] <= 1).all(), name, int(tensors[name].max()), "0 or 1")
    mean, std = tensors["mean"], tensors["std"]
    sound = (np.isnan(mean) == np.isnan(std)).all() and not (std <= 0).any()
    whole = np.isnan(mean).any(axis=(1, 2)) == np.isnan(mean).all(axis=(1, 2))
    expect(sound and whole.all(), "std", "other deviations", "numbers above 0, where there are means")
    for i, some in enumerate(symbols):
        codes = tensors[f"codes.{i}"]
        expect((codes >= -1).all() and (codes < len(some)).all(), f"codes.{i}", int(codes.max()), f"below {len(some)}")
    expect(right_times, "dated", False, "true of this model")
