"""The figures of `--evaluate` of texts, what the model has seen of them, and the figures of the other lines alone."""

import math
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from rnncli.data.seen import Known
from rnncli.data.seen_text import Covered, SeenText
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Vocabulary
from rnncli.predictors.language import Predictor
from rnncli.predictors.pieces import GROUP
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
        groups = Groups(GROUP)
        for group in chain(groups.of(piece.tokens for piece in looked.passing(pieces)), groups.rest()):
            nats = stream.losses(group)
            everything.add(group, nats)
            looked.add_scored(group, nats)
    return everything.figures() | of_validation(model.summary) | looked.figures(source)


def of_validation(summary: dict) -> dict:
    """`validation`: what the model and its rivals reached on the validation part of the training. The counts of the
    n-grams are not kept, so that the rivals cannot be measured on another text.
    """
    loss, rivals = summary.get("valid_loss"), summary.get("rivals")
    if loss is None or not rivals or summary.get("rivals_measure") != "nats":
        return {}
    return {"validation": {"nats_per_token": loss, "rivals": rivals}}


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
        #: of tokens of streams: whether each is new, which is told later; the tokens, as they are scored; their nats
        kinds = {"new": bool, "tokens": np.int32, "nats": np.float32}
        self.waiting = {name: np.zeros(0, kind) for name, kind in kinds.items()}
        self.covered = Covered(self.hashes.stretch)

    def begin(self) -> None:
        """A new file."""
        self.hashes.begin()

    def end(self) -> None:
        """A stream has ended."""
        if self.hashes.stretch:
            self._wait(new=self.covered.rest())

    def passing(self, pieces: Iterable[Sequences]) -> Iterator[Sequences]:
        """The same pieces of a stream, looked at."""
        for piece in pieces:
            self._look_along(piece.tokens)
            yield piece
        self.end()

    def add(self, piece: Sequences, nats: np.ndarray) -> None:
        """Of lines, with the nats of their tokens."""
        if self.known is None:
            return
        if self.hashes.stretch:
            self._look_along(piece.tokens)
            self.add_scored(piece.tokens, nats)
            return
        new = ~self.known.look_at(self.hashes.of_lines(piece))
        if self.known.whole and new.any():
            tokens = np.repeat(new, piece.lengths)
            self.others.add(piece.tokens[tokens], nats[tokens])

    def add_scored(self, tokens: np.ndarray, nats: np.ndarray) -> None:
        """Of a stream that is looked at, with their nats."""
        if self.known:
            self._wait(tokens=tokens, nats=nats)

    def _look_along(self, tokens: np.ndarray) -> None:
        """Of the next tokens of a stream."""
        if self.known:
            blocks = [(self.known.look_at(one), self.known.are_told(one)) for one in self.hashes.of_stream(tokens)]
            seen, told = (np.concatenate([np.zeros(0, bool), *(pair[i] for pair in blocks)]) for i in (0, 1))
            self._wait(new=self.covered.add(told & ~seen, seen, len(tokens)))

    def _wait(self, **more: np.ndarray) -> None:
        """These too; what is complete is counted."""
        self.waiting |= {name: np.concatenate([self.waiting[name], one]) for name, one in more.items()}
        count = min(map(len, self.waiting.values()))
        new, tokens, nats = (one[:count] for one in self.waiting.values())
        self.waiting = {name: one[count:] for name, one in self.waiting.items()}
        self.others.add(tokens[new], nats[new])

    def figures(self, source: str) -> dict:
        """What was seen, said if anything, and the figures of the other lines or tokens, where there are both."""
        self.end()
        known = self.known
        apart = known and (known.tells_some if self.hashes.stretch else known.tells_apart) and self.others.tokens
        return seen_figures(known, source, self.units) | ({"unseen": self.others.figures()} if apart else {})
