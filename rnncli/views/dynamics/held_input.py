"""A held input: what `--hold` names, as the row X (D,) that the first layer reads at every step.

Values are in the units of the file, and pass the way of the data: they are scaled and encoded as a file's would be.
Without `--hold` numbers are at their mean over the training part, categories at their most frequent value, and a text
model reads the line end, the token that starts its sequences.
"""

from dataclasses import dataclass

import numpy as np

from rnncli.data.batches import whole_batch
from rnncli.data.columns import Coded, Columns
from rnncli.data.schema import Schema
from rnncli.data.series_encoding import encode
from rnncli.data.vocabulary import Vocabulary
from rnncli.data.window import Window
from rnncli.errors import UsageError
from rnncli.models.model_file import Model
from rnncli.views.dynamics.system import System

LARGEST = 1e38  # of a number that a column can hold


@dataclass
class Held:
    """`X` (D,), and in words what it is; `fed_back`: the targets are not held, but forecast."""

    X: np.ndarray
    text: str
    fed_back: bool = False


def held_token(vocabulary: Vocabulary, system: System, hold: str | None) -> Held:
    """A token, by itself or by the name that the views give it; by default the one that starts sequences."""
    token = vocabulary.end if hold is None else _token(vocabulary, hold)
    return Held(system.embedded(np.array([[token]], np.int32))[0, 0], vocabulary.symbol(token))


def held_columns(schema: Schema, system: System, hold: str | None) -> Held:
    """A value of every column: the numbers in the schema's order, then the categories."""
    names = [*schema.numbers, *schema.categories]
    fields = _fields(hold, [names], not schema.numbers) or _usual(schema)
    numbers = [_number(hold, field) for field in fields[: len(schema.numbers)]]
    examples = schema.encode(_columns(schema, schema.numbers, numbers, fields[len(numbers) :], hold))
    x: Window = whole_batch(examples, np.array([0]), 1).x
    return Held(system.embedded(x)[0, 0], _text(names, [*numbers, *fields[len(numbers) :]]))


def held_series(model: Model, system: System, key: str, times: np.ndarray | None, hold: str | None, feed: bool) -> Held:
    """The same of a series with this key: the other columns, with the targets before them where these are held too.

    `feed`: the targets can be fed back, and are where they have no values. `times` is what the clock shows, or None.
    """
    schema, o = model.schema, model.schema.outlook
    others = [*schema.numbers, *schema.categories]
    allowed = [[*o.targets, *others], *([others] if others and feed else [])]
    fields = _fields(hold, allowed)
    targets = fields[: len(o.targets)] if fields and len(fields) == len(allowed[0]) else None
    rest = (fields[len(targets) :] if targets else fields) or _usual(schema)
    mean, _, _ = o.scales(np.zeros((1, len(o.targets))), Columns(np.array([0, 1]), keys=[key]), np.array([0]))
    values = [_number(hold, field) for field in targets] if targets else o.unstraighten(mean[0]).tolist()
    if o.transform == "log" and min(values) <= 0:
        raise UsageError(f"--hold {hold}: expected values above 0, since the model takes their logarithm")
    numbers = values + [_number(hold, field) for field in rest[: len(schema.numbers)]]
    words = rest[len(schema.numbers) :]
    columns = _columns(schema, [*o.targets, *schema.numbers], numbers, words, hold)
    columns.keys, columns.times = [key], None if times is None else np.array([times])
    s = encode(schema, columns, np.array([0]))  # of one row: what it looks back on and ahead to is the row itself
    x = Window([ids[:, None] for ids in s.ids], s.X.take(np.array([0]), axis=0)[:, None])
    fed_back = feed and targets is None
    names, shown = (others, numbers[len(values) :]) if fed_back else (allowed[0], numbers)
    return Held(system.embedded(x)[0, 0], _text(names, [*shown, *words]), fed_back)


def _usual(schema: Schema) -> list[str]:
    """The mean of each column of numbers in the training part, as a text, and the most frequent value of each category,
    which the schema has first.
    """
    scales = zip(schema.mean, schema.unit, strict=True)
    numbers = [repr(float(unit * np.sinh(mean) if unit else mean)) for mean, unit in scales]
    return numbers + [values[0] for values in schema.categories.values()]


def _token(vocabulary: Vocabulary, hold: str) -> int:
    named = [i for i in range(len(vocabulary)) if vocabulary.symbol(i) == hold]
    ids = np.array(named[:1]) if named else vocabulary.encode(hold)
    if len(ids) != 1 or (not named and int(ids[0]) == vocabulary.unknown):
        what = "an unknown token" if len(ids) == 1 else f"{len(ids)} tokens, expected one" if len(ids) else "no token"
        raise UsageError(f"--hold {hold}: {what} in the vocabulary of {len(vocabulary):,}")
    return int(ids[0])


def _fields(hold: str | None, allowed: list[list[str]], words: bool = False) -> list[str] | None:
    """One for each of the names, of which there may be so many or so many; a single word may have a comma in it."""
    if hold is None:
        return None
    fields = [hold] if words and len(allowed[0]) == 1 else [field.strip() for field in hold.split(",")]
    if len(fields) not in map(len, allowed):
        wanted = ", or ".join(f"{len(names)} ({', '.join(names)})" for names in allowed)
        raise UsageError(f"--hold {hold}: {len(fields)} value{'s' * (len(fields) > 1)}, expected {wanted}")
    return fields


def _number(hold: str | None, field: str) -> float:
    try:
        value = float(field)
    except ValueError:
        value = float("nan")
    if not abs(value) < LARGEST:
        raise UsageError(f"--hold {hold}: {field!r} is not a number, expected one as in the column")
    return value


def _columns(schema: Schema, names, numbers: list[float], words: list[str], hold) -> Columns:
    """One row of these values."""
    for (name, values), word in zip(schema.categories.items(), words, strict=True):
        if word not in values:
            raise UsageError(f"--hold {hold}: {word!r} is not a {name} that the model knows, such as {values[0]!r}")
    return Columns(
        np.array([0, 1]),
        list(names),
        np.array([numbers], np.float32),
        {name: Coded.of([word]) for name, word in zip(schema.categories, words, strict=True)},
    )


def _text(names: list[str], values: list) -> str:
    shown = (f"{value:.4g}" if isinstance(value, float) else value for value in values)
    return ", ".join(f"{name} {value}" for name, value in zip(names, shown, strict=True))
