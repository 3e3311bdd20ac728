"""Schema: what the columns of a file mean to a network. Kept in the model file.

Fitted on the training part; only which labels there are is taken from the validation part too.

Numbers      (value - mean) / std, of asinh(value / unit) where a few values are far from all others; a missing one is
             the last value seen before it, and a flag column says so
Categories   ids of the values seen at least `min_count` times; 0 for any other
Words        an id for their lower-case form with digits as 0, and the hashed n-grams of their bytes or characters
Labels       ids by text; targets (value - mean) / std
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np

from rnncli import stored
from rnncli.data import label_sets
from rnncli.data.column_scales import BLOCK, scales_of, straightened
from rnncli.data.columns import Coded, Columns, refuse_lacking
from rnncli.data.equal_names import ByName, first_spelling, joined, look_alike, plain_name
from rnncli.data.examples import Examples
from rnncli.data.forecast_targets import Outlook
from rnncli.data.known_words import flag_names
from rnncli.data.lagged_values import fill_by_last
from rnncli.data.scale import refuse_beyond, scale_of
from rnncli.data.schemes import NAMES
from rnncli.data.times.public_holidays import column_name
from rnncli.data.word_grams import normal_word, word_grams
from rnncli.errors import RnncliError, UsageError, note
from rnncli.process.temporary import in_blocks
from rnncli.stored import Count, Positive, Range, expect, expect_count, expect_distinct

UNHEARD = -2  # and less: the ids of labels that are not among those trained on; -1 is no label at all


@dataclass
class Schema:
    """Lists run along the columns of one kind."""

    numbers: list[str] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    std: list[Positive] = field(default_factory=list)
    unit: list[Annotated[float, Range(0)]] = field(default_factory=list)  # 0 where the values are taken as they are
    flagged: list[Count] = field(default_factory=list)  # columns with missing values: a flag for each
    categories: dict[str, list[str]] = field(default_factory=dict)  # name -> values, ids from 1 on
    word: str | None = None  # the category that is words, with n-grams
    buckets: Count = 0
    shaped: bool = False  # the n-grams are those of characters, beside the shapes of words, see word_grams.py
    labels: list[str] = field(default_factory=list)
    scheme: str | None = None  # of tags that mark chunks, see schemes.py
    sets: bool = False  # each sequence has a set of labels, not one
    targets: list[str] = field(default_factory=list)
    target_mean: list[float] = field(default_factory=list)
    target_std: list[Positive] = field(default_factory=list)
    outlook: Outlook | None = None  # of forecasts

    @property
    def width(self) -> int:
        """Columns of the numbers, flags included."""
        return len(self.numbers) + len(self.flagged)

    @property
    def series_category(self) -> str:
        """The name of the embedding of the series, which no column has."""
        name = "series"
        while name in self.categories:
            name += "_"
        return name

    @property
    def holidays(self) -> str:
        """The name of the column of holidays, which is made of the times; empty for none."""
        return column_name(self.outlook.holidays) if self.outlook and self.outlook.holidays else ""

    def to_json(self) -> dict:
        """Plain data, the same as here and no copy: there may be a row for each of many series. The categories are
        pairs, for their order is that of the embeddings.
        """
        values = stored.fields_of(self) | {"categories": [[name, values] for name, values in self.categories.items()]}
        values |= {"outlook": stored.fields_of(self.outlook)} if self.outlook else {}
        since = ("scheme", "sets", "shaped")  # models of before had no such
        return {name: value for name, value in values.items() if value or name not in since}

    @classmethod
    def from_json(cls, values: Any, where: str = "schema") -> "Schema":
        """The way back; Damaged if it is none."""
        values = dict(stored.read(dict[str, Any], values, where))
        pairs = stored.read(list[tuple[str, list[str]]], values.get("categories"), f"{where}.categories")
        expect_distinct((name for name, _ in pairs), f"{where}.categories")
        values["categories"] = dict(pairs)
        if isinstance(o := values.get("outlook"), dict) and isinstance(o.get("keys"), list):
            values["outlook"] = {"by_series": len(o["keys"]) > 1} | o  # a model of before this choice was there
        return stored.read(cls, values, where)

    def refuse_damage(self, where: str) -> None:
        """Damaged for lists of other lengths than there are columns, and for columns that are not there."""
        for name in ("mean", "std", *(["unit"] if self.unit else [])):
            expect_count(getattr(self, name), len(self.numbers), f"{where}.{name}")
        for name in ("numbers", "flagged", "labels", "targets"):
            expect_distinct(getattr(self, name), f"{where}.{name}")
        for name, values in self.categories.items():
            expect_distinct(values, f"{where}.categories.{name}")
        least = all(d < len(self.numbers) for d in self.flagged) and self.flagged == sorted(self.flagged)
        expect(least, f"{where}.flagged", self.flagged, "ascending numbers of columns")
        expect(self.word is None or self.word in self.categories, f"{where}.word", self.word, "a category")
        expect(bool(self.buckets) == (self.word is not None), f"{where}.buckets", self.buckets, "some for words alone")
        expect(not self.shaped or self.word is not None, f"{where}.shaped", self.shaped, "false without words")
        expect(self.scheme is None or self.scheme in NAMES, f"{where}.scheme", self.scheme, ", ".join(NAMES))
        for name in ("target_mean", "target_std"):
            expect_count(getattr(self, name), len(self.targets), f"{where}.{name}")
        for name in self.outlook.known if self.outlook else ():
            expect(name in self.numbers, f"{where}.outlook.known", name, "a column of numbers")
        for names in flag_names(self.outlook.known_words).values() if self.outlook else ():
            for name in names:
                expect(name in self.outlook.known, f"{where}.outlook.known_words", name, "a known input")
        if self.holidays:
            expect(self.holidays in self.outlook.known, f"{where}.outlook.holidays", self.holidays, "a known input")

    # -- fitting ------------------------------------------------------------------------------------------------

    @classmethod
    def fit(
        cls,
        columns: Columns,
        rows: np.ndarray,
        word: str | None,
        buckets: int,
        min_count: int,
        start: "Schema | None" = None,
        anew: bool = False,
        shaped: bool = False,
    ) -> "Schema":
        """From the rows of the training part, a mask. All of a model to `start` from stays, and new values of
        categories come behind its own; `anew`: the new values alone. `shaped`: words are told by their shapes as well.
        """
        found = {}
        for name, coded in columns.coded.items():
            least, normal = (min_count, normal_word) if name == word else (1, first_spelling())
            found[name] = _values(coded, rows, least, normal)
        if start is None:
            schema = cls(word=word, buckets=buckets if word else 0, shaped=bool(word and shaped), categories=found)
            schema.numbers = list(columns.number_names)
            if schema.numbers:
                schema.unit, schema.mean, schema.std, schema.flagged = scales_of(columns.numbers, rows)
            return schema
        for name, values in start.categories.items():
            found[name] = joined(values, found[name], str if name == word else plain_name, only_new=anew)
        return replace(start, categories={name: found[name] for name in start.categories})

    def plain(self, columns: Columns, rows: np.ndarray) -> "Schema":
        """The same with all numbers as they are, scaled by the rows of the training part, a mask."""
        unit, mean, std, flagged = scales_of(columns.numbers, rows, plain=True)
        return replace(self, unit=unit, mean=mean, std=std, flagged=flagged)

    def refuse_others(self, columns: Columns, name: str) -> None:
        """RnncliError if a file of this name has other columns than those that were learnt from."""
        targets = (self.outlook.columns or self.outlook.targets) if self.outlook else []
        numbers = [name for name in self.numbers if name != self.holidays]
        expected, found = [*numbers, *targets, *self.categories], [*columns.number_names, *columns.coded]
        wrong = f"{name}: columns {_listed(found)}, expected {_listed(expected)} as the model of --init has them"
        if missing := sorted(set(expected) - set(found)):
            raise RnncliError(f"{wrong}: add {_listed(missing)}, or train without --init")
        if set(found) - set(expected):
            inputs = [column for column in found if column in expected and column not in targets] or expected
            raise RnncliError(f"{wrong}: --inputs {','.join(inputs)} reads these alone")

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        """As float32, where they stood: they are not needed again, and may be as large as the disk has room for."""
        mean, std = np.array(self.mean), np.array(self.std)
        room = values.reshape(-1).view(np.float32)[: values.size].reshape(values.shape)
        for start in range(0, len(values), BLOCK):
            block = straightened(values[start : start + BLOCK].copy(), self.unit)
            block -= mean
            block /= std
            refuse_beyond(block, self.numbers)
            room[start : start + BLOCK] = block  # the float32 of a block end where its float64 do, or before
        return room

    def scaled_as(self, name: str, values: np.ndarray) -> np.ndarray:
        """Values of a column of numbers, as the network reads them."""
        return self.deviations(name, values).astype(np.float32)

    def deviations(self, name: str, values: np.ndarray) -> np.ndarray:
        """The same in the type of the values."""
        d = self.numbers.index(name)
        values = np.arcsinh(values / self.unit[d]) if self.unit and self.unit[d] else values
        return (values - self.mean[d]) / self.std[d]

    def fit_labels(self, labels: Coded, counts: np.ndarray | int = 1) -> None:
        """The labels that occur, in the order of their text (numbers by value), behind those that are there already;
        `counts` of each sequence.
        """
        found = [labels.symbols[code] for code in np.unique(labels.codes) if code >= 0]
        self.labels = joined(self.labels, sorted({plain_name(label): label for label in found}.values(), key=_order))
        if len(self.labels) < (2 if np.ptp(counts) == 0 else 1):  # one that not all have is something to tell too
            there = f"one label, {self.labels[0]}" if self.labels else "no label"
            raise RnncliError(f"found {there}, expected at least two different ones")
        if pairs := look_alike(self.labels):
            more = f", and so do {len(pairs) - 1} more" if pairs[1:] else ""
            one, other = pairs[0]
            ways = "case, in blanks or in how accents are coded"
            note(f"labels {one} and {other} differ in {ways} alone, but are two{more}")

    def fit_targets(self, names: list[str], values: np.ndarray) -> None:
        """The scale of numbers to be predicted, unless it is there already; values (sequences, K)."""
        if self.targets and names != self.targets:
            raise UsageError(
                f"--init, a model of {_listed(self.targets)}, and --target {','.join(names)} cannot be combined: the "
                "targets must be the same, in the same order"
            )
        if self.targets:
            return
        self.targets = names
        mean, std, _ = scale_of(values)
        self.target_mean, self.target_std = mean.tolist(), std.tolist()

    # -- encoding -----------------------------------------------------------------------------------------------

    def encode(self, columns: Columns) -> Examples:
        """Inputs and, as far as they are there, labels or targets."""
        ids = [self._ids(name, columns) for name in self.categories]
        grams = None
        if self.word:
            words = columns.coded[self.word]
            ids.append(words.codes)
            grams = word_grams(words.symbols, self.buckets, self.shaped)
        unheard = tuple(self.unheard(columns)) if self.labels else ()
        return Examples(columns.offsets, ids, self._numbers(columns), grams, self._targets(columns), unheard)

    def _ids(self, name: str, columns: Columns) -> np.ndarray:
        refuse_lacking([name], columns.coded, "reads")
        coded, known = columns.coded[name], {value: i for i, value in enumerate(self.categories[name], start=1)}
        if name == self.word:
            ids = [known.get(normal_word(symbol), 0) for symbol in coded.symbols]
        else:
            plain = ByName(known)  # 7.0 is 7; models of before may have both
            ids = [known.get(symbol) or plain.get(symbol, 0) for symbol in coded.symbols]
        return np.array([*ids, 0], np.int32)[coded.codes]  # -1, a missing value, is the last entry

    def strange(self, columns: Columns) -> dict[str, list[str]]:
        """The values of categories, but for words, that training had not: by column, of those that have some."""
        found = {}
        for name, values in self.categories.items():
            if name != self.word and name in columns.coded:
                known = set(map(plain_name, values))
                found[name] = [symbol for symbol in columns.coded[name].symbols if plain_name(symbol) not in known]
        return {name: symbols for name, symbols in found.items() if symbols}

    def _numbers(self, columns: Columns) -> np.ndarray:
        if not self.numbers:
            return np.zeros((int(columns.offsets[-1]), 0), np.float32)
        places = {name: d for d, name in enumerate(columns.number_names)}
        refuse_lacking(self.numbers, places, "reads")
        order = [places[name] for name in self.numbers]
        values, as_they_are = columns.numbers, order == list(range(columns.numbers.shape[1]))
        values = self._scaled(np.ascontiguousarray(values if as_they_are else values[:, order], np.float64))
        if as_they_are:
            columns.numbers = values
        flags = in_blocks(len(values), lambda begin, end: np.isnan(values[begin:end][:, self.flagged]))
        fill_by_last(values, columns.offsets)
        if not self.flagged:
            return values
        return in_blocks(len(values), lambda a, b: np.concatenate([values[a:b], flags[a:b]], axis=1, dtype=np.float32))

    def unflagged(self, columns: Columns) -> list[str]:
        """Columns of numbers with missing values, of which training had none, so that no flag says so."""
        if columns.numbers is None:
            return []
        flagged = set(self.flagged)
        without = [name for d, name in enumerate(self.numbers) if d not in flagged]
        places = {name: d for d, name in enumerate(columns.number_names)}
        return [name for name in without if name in places and np.isnan(columns.numbers[:, places[name]]).any()]

    def label_ids(self, labels: Coded, unheard: Collection[str] = ()) -> np.ndarray:
        """By their place among the labels, UNHEARD and less for others, -1 where there is none; as `labels.codes`."""
        ids = ByName({label: i for i, label in enumerate(self.labels)})
        ids |= {label: UNHEARD - i for i, label in enumerate(unheard)}
        table = np.array([ids[symbol] for symbol in labels.symbols] + [-1], np.int32)
        return table[labels.codes]

    def unheard(self, columns: Columns) -> list[str]:
        """Labels that are not among those trained on."""
        known, symbols = set(map(plain_name, self.labels)), columns.labels.symbols if columns.labels else []
        return Coded.named([symbol for symbol in symbols if plain_name(symbol) not in known]).symbols

    def knows_any(self, targets: np.ndarray) -> bool:
        """Whether a label of training is among these answers."""
        return bool((targets[:, : len(self.labels)] == 1 if self.sets else targets >= 0).any())

    def _targets(self, columns: Columns) -> np.ndarray | None:
        if self.sets and columns.labels is not None:
            return label_sets.bits(columns, self.labels, self.unheard(columns))
        if self.labels and columns.labels is not None:
            label_sets.refuse_sets(columns)
            return self.label_ids(columns.labels, self.unheard(columns))
        if self.targets and columns.targets is not None:
            found, expected = columns.targets.shape[1], len(self.targets)
            if found != expected:
                raise RnncliError(
                    f"{columns.place_of(0)}: answers of {found} number{'s' * (found > 1)} per sequence, expected "
                    f"{expected} as in training: {', '.join(self.targets)}"
                )
            return ((columns.targets - np.array(self.target_mean)) / np.array(self.target_std)).astype(np.float32)
        return None


def _values(coded: Coded, rows: np.ndarray, least: int, normal) -> list[str]:
    """The values seen at least so often, the most frequent first."""
    codes = coded.codes[rows]
    counts: Counter[str] = Counter()
    for code, count in enumerate(np.bincount(codes[codes >= 0], minlength=len(coded.symbols)).tolist()):
        counts[normal(coded.symbols[code])] += count
    return sorted((v for v, count in counts.items() if count >= least), key=lambda v: (-counts[v], v))


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def rows_of(columns: Columns, sequences: np.ndarray) -> np.ndarray:
    """A mask (rows,) of the rows of these sequences."""
    chosen = np.zeros(len(columns), bool)
    chosen[sequences] = True
    return np.repeat(chosen, columns.lengths)


def _order(label: str):
    try:
        return (0, float(label), label)
    except ValueError:
        return (1, 0.0, label)
