"""`--evaluate --folds K` of texts: K models, each trained on all but a part of them, and measured on that part.

Lines and records are parted by seed, a text into K stretches of each file. The tokens are those of MODEL, so that nats
of all parts are of the same tokens; all else is as in cross_validation.py. Beside each model stand n-grams of the same
rest.
"""

import math
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from rnncli.data.folds import cross_parts
from rnncli.data.sequences import Sequences
from rnncli.errors import RnncliError
from rnncli.models.model_file import Model
from rnncli.predictors.cross_validation import Say, by_part, options_of, part_in_words, trained_on
from rnncli.predictors.language import Predictor
from rnncli.predictors.text_figures import Groups, Nats
from rnncli.readers.form import Form
from rnncli.readers.source import display, reopenable
from rnncli.readers.text import language_sequences
from rnncli.tasks.language import Language
from rnncli.tasks.rivals import rivals
from rnncli.training import search
from rnncli.training.ranks import Ranks

GROUP = 1 << 14  # tokens of a stream, or lines, that are scored together


def of_texts(model: Model, paths: list[str], encoding: str | None, K: int, threads: int, say: Say) -> dict[str, Any]:
    """The figures of all tokens, each predicted by the model that was not trained on it; and those of each part."""
    config, v, name = options_of(model), model.vocabulary, display(paths[0])
    form = model.form or Form(config.format)
    paths = [reopenable(path) for path in paths]
    everything = language_sequences(paths, form, config.tokens, encoding or config.encoding, v)[0]
    task, each = Language(v, form), []
    parts = _lines(everything, K, config.seed, name) if task.by_record else _stretches(everything, K, name)
    for part in Ranks.here.dealt(K):
        rest, test = parts(part)
        material = search.sized(Language(v, form).material(rest, None, config, None))
        nats = _measured(Predictor(trained_on(paths, config, material, threads), threads), test)
        beside = {name: float(one.mean()) for name, one in rivals(rest, test, len(v)).items()}
        each.append(nats.figures() | {"rivals": beside, "trained": rest.total})
        say(part_in_words(part, K, each[-1], "tokens"))
    each = Ranks.here.collect(each)
    return _pooled(each) | by_part(each)


def _lines(everything: Sequences, K: int, seed: int, name: str):
    """(the others, those of a part) of lines or records."""
    if len(everything) < K:
        raise RnncliError(f"{name}: {len(everything):,} lines or records, expected at least {K}: use a smaller --folds")
    of = cross_parts(len(everything), K, seed, None, None)
    return lambda part: (everything.select(np.flatnonzero(of != part)), everything.select(np.flatnonzero(of == part)))


def _stretches(everything: Sequences, K: int, name: str):
    """The same of each file of a text: what is before a stretch and what is behind it are texts of their own."""
    if everything.lengths.min() < K:
        raise RnncliError(f"{name}: {everything.lengths.min():,} tokens, expected at least {K}: use a smaller --folds")
    begins, lengths = everything.offsets[:-1], everything.lengths

    def of(part: int) -> tuple[Sequences, Sequences]:
        first, last = begins + lengths * part // K, begins + lengths * (part + 1) // K
        ends = np.stack([begins, first, last, begins + lengths], axis=1)
        rest = np.concatenate([ends[:, :2], ends[:, 2:]], axis=1).reshape(-1, 2)
        rest = rest[rest[:, 0] < rest[:, 1]]
        return everything.parts(rest[:, 0], rest[:, 1]), everything.parts(first, last)

    return of


def _measured(predictor: Predictor, test: Sequences) -> Nats:
    """Of a part, each sequence from a state of zero."""
    nats = Nats(predictor.vocabulary)
    if predictor.carry:
        for begin, end in zip(test.offsets[:-1].tolist(), test.offsets[1:].tolist(), strict=True):
            groups = Groups(GROUP)
            predictor.stream.reset()
            for group in chain(groups.of([test.tokens[begin:end]]), groups.rest()):
                nats.add(group, predictor.stream.losses(group))
        return nats
    for piece in _pieces(test):
        nats.add(piece.tokens, predictor.losses(piece))
    return nats


def _pieces(test: Sequences) -> Iterator[Sequences]:
    for begin in range(0, len(test), GROUP):
        yield test.select(np.arange(begin, min(begin + GROUP, len(test))))


def _pooled(each: list[dict]) -> dict[str, Any]:
    """Of all tokens; also what the rivals reach."""
    tokens = np.array([one["tokens"] for one in each], float)

    def mean(values: list[float]) -> float:
        return float(tokens @ values / tokens.sum())

    nats = mean([one["nats_per_token"] for one in each])
    found = {name: sum(one[name] for one in each) for name in ("tokens", "unknown")}
    found |= {"nats_per_token": nats, "bits_per_token": nats / math.log(2), "perplexity": math.exp(min(nats, 700.0))}
    return found | {"rivals": {name: mean([one["rivals"][name] for one in each]) for name in each[0]["rivals"]}}
