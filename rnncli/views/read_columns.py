"""Which column of the data each number that the first layer reads is made of."""

import numpy as np

from rnncli.models.model_file import Model

CALENDAR = "calendar"  # the place of the next step in the day, the week and the year


def read_columns(model: Model) -> tuple[list[str], np.ndarray] | None:
    """(names of the columns, the index of the column of each number (D,)); None of a text, and of a single column.

    The order is that of `embedded` and of `rnncli/data/series_encoding.py`: categories, n-grams of a word, numbers.
    """
    schema, a = model.schema, model.network.architecture
    if schema is None:
        return None
    names: list[str] = []
    for name, _, width in a.categories:
        names += [name] * width
    if a.grams:
        names += [schema.word or names[-1]] * a.grams[1]
    others = [*schema.numbers, *(schema.numbers[d] for d in schema.flagged)]
    if (o := schema.outlook) is None:
        names += others
    else:
        K = len(o.targets)
        own = (o.own_width + K * o.flagged) // K  # each way to read a value has all targets side by side
        names += [*(o.targets * own), *others, *(o.known * len(o.looks_ahead)), *([CALENDAR] * (2 * len(o.periods)))]
    if len(names) != a.input_width:
        raise ValueError(f"{len(names)} names of columns for {a.input_width} inputs")
    distinct = list(dict.fromkeys(names))
    return (distinct, np.array([distinct.index(name) for name in names])) if len(distinct) > 1 else None
