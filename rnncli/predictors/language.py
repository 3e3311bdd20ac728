"""A trained network and sequences, to an iterator of rows: scores, next tokens, states, text that goes on."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from rnncli.data.batches import Walk
from rnncli.data.ranks import Ranks, noise
from rnncli.data.sequences import Sequences
from rnncli.kernels.randomness import uniform
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.unfolding import Unfolding
from rnncli.predictors import pieces
from rnncli.predictors.scored_stream import ScoredStream
from rnncli.predictors.stream import Choice, Stream
from rnncli.readers.records import byte_texts, groups_of, texts
from rnncli.readers.source import byte_lines, text_lines

ROWS, STEPS = 64, 128  # windows of independent lines
GROUP = 1 << 16  # tokens of lines that are scored together


@dataclass
class Score:
    """How surprising a line, or record, is. `nats` are per token, its end included."""

    line: int
    text: str | bytes
    ids: np.ndarray
    nats: np.ndarray

    @property
    def total(self) -> float:
        return float(self.nats.sum(dtype=np.float64))

    @property
    def bits_per_token(self) -> float:
        return self.total / math.log(2) / max(1, len(self.nats))


class Predictor:
    """A model at work. `carry` keeps the state from line to line, else each line starts afresh. Of a model of records
    what is called a line is a record, which may hold line ends.
    """

    def __init__(self, model: Model, threads: int = 1, carry: bool | None = None, adapt: float | None = None):
        """`adapt` is the rate at which it learns from what was scored; 0 and None: it learns nothing."""
        self.model, self.network, self.vocabulary = model, model.network, model.vocabulary
        self.carry = not model.config.of_records if carry is None else carry
        self.team, self.adaptation = Team(threads), None
        if adapt:
            from rnncli.training.adaptation import Adaptation

            chance = math.log(len(self.vocabulary))
            self.adaptation = Adaptation(model, CROSS_ENTROPY, adapt, chance, 1, self.team)
            self.network = self.adaptation.network
        self.unfold = cache(self._unfold)  # made once of each size

    def _unfold(self, T: int, N: int) -> Unfolding:
        """An unfolded network of this size, packed."""
        unfolded = self.network.unfold(T, N, self.team)
        unfolded.pack()
        return unfolded

    @cached_property
    def stream(self) -> ScoredStream:
        """The one stream of a carried state, or of what is learnt from."""
        return self._learning() if self.adaptation else ScoredStream(self.unfold, self.vocabulary)

    def _learning(self) -> Any:
        from rnncli.predictors.adaptive_stream import AdaptiveStream

        return AdaptiveStream(self.unfold, self.vocabulary, self.adaptation)

    # -- scores -------------------------------------------------------------------------------------------------

    def score(self, lines: Iterable[str | bytes], at_once: bool = False, before: int = 0) -> Iterator[Score]:
        """A Score per line, in order. The line end counts as a token. `at_once` waits for no other lines; `before` is
        how many lines of the input came before.
        """
        stream = self.stream if self.carry else None
        number = before
        for group in groups_of(lines, 1 if at_once else pieces.GROUP if self.carry else GROUP):
            encoded = [self._encode_line(line) for line in group]
            lengths = np.array([len(ids) for ids in encoded])
            sequences = Sequences(np.concatenate(encoded), np.cumsum(lengths) - lengths)
            nats = stream.losses(sequences.tokens, at_once) if stream else self.losses(sequences)
            for line, ids, part in zip(group, encoded, np.split(nats, sequences.offsets[1:-1]), strict=True):
                number += 1
                yield Score(number, line, ids, part)

    def _encode_line(self, line) -> np.ndarray:
        ids = self.vocabulary.encode(line)
        return np.append(ids, np.array(self.vocabulary.end, self.vocabulary.dtype))

    def losses(self, sequences: Sequences) -> np.ndarray:
        """Nats of every token of independent sequences, in the order of `sequences.tokens`."""
        if self.adaptation:
            learning: Any = self.stream
            return learning.losses(sequences.tokens, begins=sequences.begins)
        rows = min(ROWS, len(sequences))
        u = self.unfold(STEPS, rows)
        walk = Walk(sequences, rows, STEPS, self.vocabulary.end, by_line=True)
        out = np.empty(sequences.total, np.float32)
        for window in range(walk.windows):
            batch = walk.batch(window)
            nats = CROSS_ENTROPY.losses(u, batch)
            positions, used = walk.positions(window, batch.steps)
            out[positions[used]] = nats[used]
            u.carry(batch.steps)
        return out

    def percentile(self, bits: float) -> float:
        """The part, in percent, of the validation lines that are less surprising a token; NaN if there were none."""
        if self.ranks is None:
            return math.nan
        least = 1e-5 if "line_ranks" not in self.model.summary else 0.0  # models of before have five digits
        return 100 * self.ranks.share(bits, max(least, noise(bits, self.network.architecture.outputs)))

    @cached_property
    def ranks(self) -> Ranks | None:
        """Of the bits a token of the validation lines."""
        summary = self.model.summary
        if "line_ranks" in summary:
            return Ranks.from_json(summary["line_ranks"])
        return Ranks.of_quantiles(summary["line_bits"]) if summary.get("line_bits") else None

    # -- next tokens and states ---------------------------------------------------------------------------------

    def next_tokens(
        self, lines: Iterable[str | bytes], count: int, before: int = 0
    ) -> Iterator[tuple[int, list[tuple[int, float]]]]:
        """After each line (its end not read), the `count` likeliest tokens and their probabilities; `before` is how
        many lines of the input came before.
        """
        stream = Stream(self.unfold, self.vocabulary)
        for number, line in enumerate(lines, start=before + 1):
            if not self.carry:
                stream.reset()
            elif number > 1:
                stream.step(self.vocabulary.end)
            stream.feed(self.vocabulary.encode(line))
            p = stream.probabilities()
            best = np.argsort(-p, kind="stable")[:count]
            yield number, [(int(i), float(p[i])) for i in best]

    def states(self, lines: Iterable[str | bytes]) -> Iterator[np.ndarray]:
        """h (steps, layers, H) of each line, its end included."""
        stream = Stream(self.unfold, self.vocabulary)
        for line in lines:
            if not self.carry:
                stream.reset()
            yield stream.states(self._encode_line(line))

    # -- generation ---------------------------------------------------------------------------------------------

    def generate(
        self, prompt: str | bytes, length: int, choice: Choice, seed: int, number: int, sample: int = 0
    ) -> Iterator[bytes]:
        """The prompt's continuation, piece by piece; pieces are whole characters.

        The draw depends on the seed, the number of the prompt, that of the sample, and the step.
        """
        stream = Stream(self.unfold, self.vocabulary)
        stream.feed(self.vocabulary.encode(prompt))
        ends = not self.carry
        written = prompt if isinstance(prompt, bytes) else prompt.encode("utf-8", "replace")
        for step in range(length):
            token = stream.draw(choice, uniform(seed, 4, number, sample, step))
            if ends and token == self.vocabulary.end:
                return
            written = self.vocabulary.after(written, token)
            yield written
            if step + 1 < length:
                stream.step(token)


def texts_of(model: Model, path: str, encoding: str | None = None, **how: bool) -> Iterator[Any]:
    """The lines or records of a file, as the model reads them: text, or bytes. `how` goes to the reader."""
    as_bytes, encoding = model.config.tokens == "byte", encoding or model.config.encoding
    if model.form:
        return (byte_texts if as_bytes else texts)(path, model.form, encoding, True, **how)
    return byte_lines(path, **how) if as_bytes else text_lines(path, encoding, **how)


def until(pieces: Iterable[bytes], stop: bytes) -> Iterator[bytes]:
    """The pieces up to the first occurrence of `stop` in them, which may lie across pieces."""
    held = b""
    for piece in pieces:
        held += piece
        at = held.find(stop)
        if at >= 0:
            yield held[:at]
            return
        kept = next(n for n in range(min(len(stop) - 1, len(held)), -1, -1) if held.endswith(stop[:n]))
        yield held[: len(held) - kept]
        held = held[len(held) - kept :]
    yield held
