"""The figures of `--evaluate` of texts, what the model has seen of them, and the figures of the other lines alone."""

import math
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from rnncli.data.seen import Known
from rnncli.data.seen_text import SeenText
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Vocabulary
from rnncli.predictors import scored_stream
from rnncli.predictors.language import Predictor
from rnncli.predictors.tallies import seen_figures

ADDED = 1 << 13  # nats of lines that are added up together


def evaluate(predictor: Predictor, files: Iterable[Iterable[Sequences]], source: str) -> dict:
    """Of texts in the form trained on, of which pieces come. Of a text each file is a stream; the records of all files
    are one, as rows of `--score` are.
    """
    model, stream = predictor.model, predictor.stream if predictor.carry else None
    everything, looked = Nats(predictor.vocabulary), Looked(predictor)
    if model.form or stream is None:
        files = [chain.from_iterable(files)]
    for number, pieces in enumerate(files):
        looked.begin()
        if stream is None:
            for piece in pieces:
                nats = predictor.losses(piece)
                everything.add(piece.tokens, nats)
                looked.add(piece, nats)
            continue
        if number:
            stream.reset()
        groups = Groups(scored_stream.GROUP)
        for group in chain(groups.of(piece.tokens for piece in looked.passing(pieces)), groups.rest()):
            everything.add(group, stream.losses(group))
    return everything.figures() | looked.figures(source)


class Groups:
    """Arrays that come one after the other, as arrays of one size: the same wherever they end."""

    def __init__(self, size: int):
        self.size, self.held, self.count = size, list[np.ndarray](), 0

    def add(self, array: np.ndarray) -> list[np.ndarray]:
        """Those that are full with this one."""
        self.held.append(array)
        self.count += len(array)
        if self.count < self.size:
            return []
        *full, rest = np.split(np.concatenate(self.held), range(self.size, self.count + 1, self.size))
        self.held, self.count = [rest], len(rest)
        return full

    def of(self, arrays: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Those that are full with these."""
        return chain.from_iterable(map(self.add, arrays))

    def rest(self) -> Iterator[np.ndarray]:
        """What is left at the end, if anything."""
        if self.count:
            yield np.concatenate(self.held)


class Nats:
    """Counts of tokens, and the sum of their nats."""

    def __init__(self, vocabulary: Vocabulary):
        self.token, self.groups = vocabulary.unknown, Groups(ADDED)
        self.tokens = self.unknown = 0
        self.total = 0.0

    def add(self, tokens: np.ndarray, nats: np.ndarray) -> None:
        """Of some tokens."""
        self.tokens += len(tokens)
        if self.token is not None:
            self.unknown += int((tokens == self.token).sum())
        self._sum_up(self.groups.add(nats))

    def _sum_up(self, groups: Iterable[np.ndarray]) -> None:
        for group in groups:
            self.total += float(group.sum(dtype=np.float64))

    def figures(self) -> dict:
        """Of all that was added."""
        self._sum_up(self.groups.rest())
        mean = self.total / max(1, self.tokens)
        return {
            "tokens": self.tokens,
            "unknown": self.unknown,
            "nats_per_token": mean,
            "bits_per_token": mean / math.log(2),
            "perplexity": math.exp(min(mean, 700.0)),
        }


class Looked:
    """What the model has seen of a text: lines or records, or stretches of a stream."""

    def __init__(self, predictor: Predictor):
        model = predictor.model
        carried = model.config.of_records and predictor.carry  # lines that are read as a stream are others
        self.known = None if carried else Known.of(model.summary)
        self.hashes = SeenText(predictor.vocabulary, not model.config.of_records)
        self.units = ("record", "records") if model.form else ("line", "lines")
        if stretch := self.hashes.stretch:
            of = f"of {stretch} {predictor.vocabulary.unit}"
            self.units = (f"stretch {of}", f"stretches {of}")
        self.others = Nats(predictor.vocabulary)

    def begin(self) -> None:
        """A new file."""
        self.hashes.begin()

    def passing(self, pieces: Iterable[Sequences]) -> Iterator[Sequences]:
        """The same pieces, looked at."""
        for piece in pieces:
            self._look_at(piece)
            yield piece

    def add(self, piece: Sequences, nats: np.ndarray) -> None:
        """Of lines, with the nats of their tokens."""
        if (new := self._look_at(piece)) is not None and self.known.whole and new.any():
            tokens = np.repeat(new, piece.lengths)
            self.others.add(piece.tokens[tokens], nats[tokens])

    def _look_at(self, piece: Sequences) -> np.ndarray | None:
        """Which lines the model has not seen (sequences,), where it can be told of them."""
        if self.known is None:
            return None
        if not self.hashes.stretch:
            return ~self.known.look_at(self.hashes.of_lines(piece))
        for block in self.hashes.of_stream(piece.tokens):
            self.known.look_at(block)
        return None

    def figures(self, source: str) -> dict:
        """What was seen, said if anything, and the figures of the other lines, where there are both."""
        apart = self.known and self.known.tells_apart and not self.hashes.stretch
        return seen_figures(self.known, source, self.units) | ({"unseen": self.others.figures()} if apart else {})
