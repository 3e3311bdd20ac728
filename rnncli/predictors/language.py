"""A trained network and sequences, to an iterator of rows: scores, next tokens, states, text that goes on."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnncli.data.batches import Batch, Walk
from rnncli.data.ranks import Ranks, noise
from rnncli.data.sequences import Sequences
from rnncli.errors import RnncliError
from rnncli.kernels.softmax import pick, softmax
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.network import Unfolded
from rnncli.randomness import uniform
from rnncli.tasks import language

STREAM_STEPS = 256  # window of a carried stream
ROWS, STEPS = 64, 128  # windows of independent lines
GROUP = 1 << 16  # tokens of lines that are scored together
COLDEST = 1e-6  # a lower temperature is zero: the likeliest token, without a draw
HOTTEST = 1e30  # a higher one is this: all tokens are as likely, and float32 holds it


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

    def __init__(self, model: Model, threads: int = 1, carry: bool | None = None):
        self.model, self.network, self.vocabulary = model, model.network, model.vocabulary
        self.carry = not model.config.of_records if carry is None else carry
        self.team = Team(threads)
        self._unfolded: dict[tuple[int, int], Unfolded] = {}
        self._stream: Stream | None = None

    def unfold(self, T: int, N: int) -> Unfolded:
        """An unfolded network of this size, packed; made once."""
        if (T, N) not in self._unfolded:
            self._unfolded[T, N] = self.network.unfold(T, N, self.team)
            self._unfolded[T, N].pack()
        return self._unfolded[T, N]

    @property
    def stream(self) -> "Stream":
        """The one stream of a carried state."""
        if self._stream is None:
            self._stream = Stream(self)
        return self._stream

    # -- scores -------------------------------------------------------------------------------------------------

    def score(self, lines: Iterable[str | bytes], at_once: bool = False) -> Iterator[Score]:
        """A Score per line, in order. The line end counts as a token. `at_once` waits for no other lines."""
        stream = self.stream if self.carry else None
        number = 0
        for group in _groups(lines, 1 if at_once else STREAM_STEPS if self.carry else GROUP):
            encoded = [self._encode_line(line) for line in group]
            lengths = np.array([len(ids) for ids in encoded])
            sequences = Sequences(np.concatenate(encoded), np.cumsum(lengths) - lengths)
            nats = stream.losses(sequences.tokens) if stream else self.losses(sequences)
            for line, ids, part in zip(group, encoded, np.split(nats, sequences.offsets[1:-1]), strict=True):
                number += 1
                yield Score(number, line, ids, part)

    def _encode_line(self, line) -> np.ndarray:
        ids = self.vocabulary.encode(line)
        return np.append(ids, np.array(self.vocabulary.end, self.vocabulary.dtype))

    def losses(self, sequences: Sequences) -> np.ndarray:
        """Nats of every token of independent sequences, in the order of `sequences.tokens`."""
        rows = min(ROWS, len(sequences))
        u = self.unfold(STEPS, rows)
        walk = Walk(sequences, rows, STEPS, self.vocabulary.end, whole=True)
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
        if self._ranks is None:
            return math.nan
        least = 1e-5 if "line_ranks" not in self.model.summary else 0.0  # models of before have five digits
        return 100 * self._ranks.share(bits, max(least, noise(bits, self.network.architecture.outputs)))

    @cached_property
    def _ranks(self) -> Ranks | None:
        summary = self.model.summary
        if "line_ranks" in summary:
            return Ranks.from_json(summary["line_ranks"])
        return Ranks.of_quantiles(summary["line_bits"]) if summary.get("line_bits") else None

    def evaluate(self, sequences: Sequences) -> dict:
        """The figures of a text in the form trained on."""
        if self.carry:
            stream, total = self.stream, 0.0
            for begin, end in zip(sequences.offsets[:-1], sequences.offsets[1:], strict=True):
                if begin:
                    stream.reset()
                for start in range(begin, end, 1 << 16):
                    total += float(stream.losses(sequences.tokens[start : min(end, start + (1 << 16))]).sum())
        else:
            total = float(self.losses(sequences).sum(dtype=np.float64))
        unknown = 0 if self.vocabulary.unknown is None else int((sequences.tokens == self.vocabulary.unknown).sum())
        return language.metrics(sequences.total, unknown, total)

    # -- next tokens and states ---------------------------------------------------------------------------------

    def next_tokens(self, lines: Iterable[str | bytes], count: int) -> Iterator[tuple[int, list[tuple[int, float]]]]:
        """After each line (its end not read), the `count` likeliest tokens and their probabilities."""
        stream = Stream(self)
        for number, line in enumerate(lines, start=1):
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
        stream = Stream(self)
        for line in lines:
            if not self.carry:
                stream.reset()
            yield stream.states(self._encode_line(line))

    # -- generation ---------------------------------------------------------------------------------------------

    def generate(
        self, prompt: str | bytes, length: int, choice: "Choice", seed: int, number: int, sample: int = 0
    ) -> Iterator[bytes]:
        """The prompt's continuation, piece by piece; pieces are whole characters.

        The draw depends on the seed, the number of the prompt, that of the sample, and the step.
        """
        stream = Stream(self)
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


@dataclass(frozen=True)
class Choice:
    """How the next token is drawn: p^(1/temperature), among the top_k likeliest and the top_p part of the mass."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0


class Stream:
    """One row of the network walking along a stream with its state; what it has read last is `last`."""

    def __init__(self, predictor: Predictor):
        self.predictor, self.vocabulary = predictor, predictor.vocabulary
        self.network = predictor.network
        self.u = predictor.unfold(STREAM_STEPS, 1)
        self.starts = np.zeros((STREAM_STEPS, 1), np.uint8)
        self.scratch = np.empty(self.network.architecture.outputs, np.float32)
        self.reset()

    def reset(self) -> None:
        """State zero, and the line end that starts a sequence just read."""
        self.u.set_states()
        self.last = self.vocabulary.end
        self.fresh = True  # `last` has not been fed yet

    def state(self) -> tuple[list[np.ndarray], int]:
        """Copies of the states (1, H) of all layers, and the token to be read next."""
        return [state.copy() for state in self.u.states()], self.last

    def set_state(self, state: tuple[list[np.ndarray], int]) -> None:
        """Go on from what `state` gave."""
        states, self.last = state
        self.u.set_states(states)

    def to_tensors(self, state: tuple[list[np.ndarray], int]) -> tuple[dict[str, np.ndarray], dict]:
        """What `state` gave, as tensors and values of a state file."""
        states, last = state
        return {f"state.{i}": s for i, s in enumerate(states)}, {"last": last}

    def from_tensors(self, tensors: dict[str, np.ndarray], entry: dict) -> tuple[list[np.ndarray], int]:
        """The way back; KeyError, ValueError or TypeError if they are of no state of this network."""
        states = [tensors[f"state.{index}"] for index in range(len(tensors))]
        if [s.shape for s in states] != [state.shape for state in self.u.states()]:
            raise ValueError("states of other shapes")
        last = int(entry["last"])
        if not 0 <= last < len(self.vocabulary):
            raise ValueError(f"token {last} of {len(self.vocabulary)}")
        return states, last

    def losses(self, ids: np.ndarray) -> np.ndarray:
        """Nats of each of the ids, given all before."""
        out = np.empty(len(ids), np.float32)
        for start in range(0, len(ids), STREAM_STEPS):
            part = ids[start : start + STREAM_STEPS].astype(np.int32)
            steps = len(part)
            x = np.concatenate([[self.last], part[:-1]]).astype(np.int32)[:, None]
            batch = Batch(x, part[:, None], self.starts, count=steps, steps=steps)
            out[start : start + steps] = CROSS_ENTROPY.losses(self.u, batch)[:, 0]
            self.u.carry(steps)
            self.last = int(part[-1])
        return out

    def feed(self, ids: np.ndarray) -> None:
        """Read the ids, so that the logits of what follows are there."""
        ids = np.concatenate([[self.last], ids]).astype(np.int32) if self.fresh else ids.astype(np.int32)
        self.fresh = False
        for window in self._windows(ids):
            self.u.forward(window)
            self.u.carry(window.steps)
            self.logits = self.u.outputs(window.steps - 1, 1)[0, 0]
        self.token = np.zeros((1, 1), np.int32)

    def states(self, ids: np.ndarray) -> np.ndarray:
        """h (steps, layers, H) while reading the ids."""
        if self.fresh:
            self.feed(ids[:0])
        out = []
        for window in self._windows(ids.astype(np.int32)):
            self.u.forward(window)
            out.append(np.stack([layer.Y[: window.steps, 0] for layer in self.u.layers], axis=1))
            self.u.carry(window.steps)
        return np.concatenate(out)

    def _windows(self, ids: np.ndarray) -> Iterator[Batch]:
        return Batch.to_read(ids[:, None], np.zeros((len(ids), 1), np.uint8)).windows(STREAM_STEPS)

    def step(self, token: int) -> None:
        """Read one token."""
        self.token[0, 0] = token
        self.u.step(self.token)

    def probabilities(self) -> np.ndarray:
        """Of every token to come next."""
        softmax(self.logits, np.float32(1), self.scratch)
        return self.scratch

    def draw(self, choice: Choice, u: float) -> int:
        """A token by the uniform number u; never <unk>."""
        unknown = self.vocabulary.unknown
        if unknown is not None:
            self.logits[unknown] = -np.inf
        if choice.temperature < COLDEST:
            return int(np.argmax(self.logits))
        softmax(self.logits, np.float32(min(choice.temperature, HOTTEST)), self.scratch)
        if unknown is not None:
            self.scratch[unknown] = 0
        if choice.top_k or choice.top_p < 1:
            _restrict(self.scratch, choice)
        return pick(self.scratch, u)


def _restrict(p: np.ndarray, choice: Choice) -> None:
    """Zero all but the top_k likeliest, and of these all beyond the top_p part of the mass."""
    order = np.argsort(-p, kind="stable")
    keep = min(choice.top_k or len(p), len(p))
    if choice.top_p < 1:
        keep = min(keep, 1 + int(np.searchsorted(np.cumsum(p[order]), choice.top_p)))
    p[order[keep:]] = 0


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


def _groups(lines: Iterable, tokens: int) -> Iterator[list]:
    """Lists of consecutive lines of about so many tokens; an error in the input comes after the lines before it."""
    group, size, failure = [], 0, None
    try:
        for line in lines:
            group.append(line)
            size += len(line) + 1
            if size >= tokens:
                yield group
                group, size = [], 0
    except RnncliError as error:
        failure = error
    if group:
        yield group
    if failure:
        raise failure
