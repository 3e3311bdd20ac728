"""Language models: at every step the next token. Loss: cross-entropy in nats a token."""

import json
import math

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.batches import Batch, Epochs
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Vocabulary
from rnncli.errors import RnncliError, UsageError
from rnncli.models.model_file import Model
from rnncli.network.architecture import Architecture
from rnncli.network.network import Network
from rnncli.readers.source import display
from rnncli.readers.text import language_sequences
from rnncli.tasks.rivals import rivals
from rnncli.tasks.task import Material, Task, cell_options
from rnncli.tasks.validation import StreamValidator

LEAST_TRAIN = 16  # tokens
LEAST_VALID = 64  # tokens; a shorter validation part says nothing
UNKNOWN_RATE = 5e-4  # of the tokens are replaced by <unk>, so that it means something
UNITS = {"char": "characters", "byte": "bytes", "word": "words"}


class Language(Task):
    """The next token of a text, or of each line."""

    name, sizes, carries = "language", "text", True

    def __init__(self, vocabulary: Vocabulary, by_line: bool):
        self.vocabulary, self.by_line = vocabulary, by_line
        self.unit = UNITS[vocabulary.kind]

    @classmethod
    def prepare(cls, paths: list[str], config: TrainConfig, valid_path: str | None, base: Model | None = None):
        """Read the text and split it: the end of a stream, or lines by seed. The tokens of `base` are kept."""
        form = "text" if config.format == "auto" else config.format
        if form not in ("text", "lines"):
            raise UsageError(f"--task language and --format {form} do not go together: it reads text, or lines")
        arguments = (form, config.tokens or "char", config.encoding)
        kept = base and base.vocabulary
        if kept is not None and config.vocabulary is not None and len(kept) > config.vocabulary:
            raise UsageError(
                f"--vocabulary {config.vocabulary} and --init do not go together: the model has {len(kept):,} tokens, "
                "which are kept: add --new-vocabulary"
            )
        everything, vocabulary = language_sequences(paths, *arguments, None, config.min_count, config.vocabulary, kept)
        if everything.total < LEAST_TRAIN:
            name = display(paths[0])
            raise RnncliError(f"{name}: {everything.total} tokens, expected at least {LEAST_TRAIN} to learn from")
        train, valid, note = _split(everything, vocabulary, arguments, config, valid_path)
        task = cls(vocabulary, form == "lines")
        digests = [train.digest(), valid.digest() if valid else "", json.dumps(vocabulary.to_json())]
        held = f"{valid.total:,} for validation {note}" if valid else f"no validation part{note}"
        return Material(task, config, train, valid, task._description(train), held, digests)

    def _description(self, train: Sequences) -> str:
        form = f"{len(train):,} lines" if self.by_line else "text"
        v = self.vocabulary
        distinct = f", {len(v):,} distinct" if v.kind != "byte" else ""
        unknown = int((train.tokens == v.unknown).sum()) if v.unknown is not None else 0
        rare = f", {unknown:,} of them rare and read as <unk>" if unknown else ""
        return f"{form}, {train.total:,} {self.unit}{distinct}{rare}"

    def architecture(self, config):
        name, options = cell_options(config)
        V = len(self.vocabulary)
        if config.tied and config.embed != config.hidden:
            raise UsageError(f"--tied needs --embed equal to --hidden, found {config.embed} and {config.hidden}")
        return Architecture(name, config.hidden, config.layers, config.embed, V, V, config.tied, options)

    def initialise(self, network: Network, train: Sequences) -> None:
        """The output's bias starts at the log frequencies of the tokens, so that training need not find them."""
        counts = np.bincount(train.tokens[: 1 << 26], minlength=len(self.vocabulary))
        network.theta["output.b"][...] = np.log((counts + 1.0) / (counts.sum() + len(counts)))

    def rivals(self, train, valid):
        return rivals(train, valid, len(self.vocabulary))

    def feed(self, train, config):
        return Epochs(train, config.batch, config.steps, self.vocabulary.newline, self.by_line, config.seed)

    def perturb(self, batch: Batch, seed: int, update: int) -> None:
        """A few tokens become <unk>, as target and, one step later, as input."""
        unknown = self.vocabulary.unknown
        if unknown is None:
            return
        rng = np.random.default_rng([seed, 3, update])
        size = batch.steps * batch.x.shape[1]
        count = rng.binomial(size, UNKNOWN_RATE)
        t, n = np.divmod(rng.integers(size, size=count), batch.x.shape[1])
        t, n = t[batch.y[t, n] >= 0], n[batch.y[t, n] >= 0]
        batch.y[t, n] = unknown
        after = (t + 1 < batch.steps) & ~batch.starts[np.minimum(t + 1, batch.steps - 1), n].astype(bool)
        batch.x[t[after] + 1, n[after]] = unknown

    def chance(self) -> float:
        return math.log(len(self.vocabulary))

    def validator(self, network, valid, team, config, quick):
        return StreamValidator(network, valid, self.vocabulary.newline, team, self.by_line, quick)


def _split(everything, vocabulary, arguments, config, valid_path):
    """(training part, validation part or None, a note on it)."""
    form = arguments[0]
    train, valid, note = everything, None, ""
    if valid_path:
        valid, _ = language_sequences([valid_path], *arguments, vocabulary)
        note = f"from {display(valid_path)}"
    elif config.valid_fraction and form == "lines" and len(everything) > 1:
        train, valid = everything.split_sequences(config.valid_fraction, config.seed)
        note = "held out"
    elif config.valid_fraction and form != "lines":
        train, valid = everything.split_ends(config.valid_fraction)
        note = "held out"
    if valid is not None and valid.total < LEAST_VALID:
        return everything, None, " (too short for a validation part)"
    return train, valid, note


def metrics(tokens: int, unknown: int, nats: float) -> dict:
    """The figures of `--evaluate`."""
    mean = nats / max(1, tokens)
    return {
        "tokens": tokens,
        "unknown": unknown,
        "nats_per_token": mean,
        "bits_per_token": mean / math.log(2),
        "perplexity": math.exp(min(mean, 700.0)),
    }
