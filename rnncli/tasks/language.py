"""Language models: at every step the next token. Loss: cross-entropy in nats a token."""

import json
import math
from collections.abc import Iterator

import numpy as np

from rnncli.config import RECORDS, TrainConfig
from rnncli.data.batches import Epochs
from rnncli.data.seen_text import SeenText
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Vocabulary
from rnncli.errors import RnncliError, UsageError, note
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.architecture import Architecture
from rnncli.network.members import Members
from rnncli.network.network import Network
from rnncli.process.phases import under_way
from rnncli.readers.folders import files_of
from rnncli.readers.form import NAMELESS, Form
from rnncli.readers.source import display
from rnncli.readers.text import language_sequences
from rnncli.tasks.rivals import rivals
from rnncli.tasks.task import Material, Rivals, Task, cell_options, split
from rnncli.tasks.validation import StreamValidator, quick_tokens, whole_tokens

TASK = {
    "rank": 0,
    "help": "the next token of a text",
    "learns": "text",
    "told_by": {"forms": ("text", "lines", "blocks", "fasta")},
    "asked_by": {"table": "--task language", "jsonl": "--task language"},
    "train": "text steps memory min_count",
    "fixed": "tied",
    "train_options": {
        "vocabulary": {
            "taken": "",
            "min": 3,
            "max": 16777216,
            "help": "Largest number of tokens: the most frequent are kept, the rest is read as <unk>",
            "unset": "65536 for words, else no limit",
        },
        "tied": {"type": "flag", "help": "Use the embedding as the output matrix too", "unset": "on for words"},
    },
    "predict": {
        "generation": "prompt length temperature top_k top_p samples stop echo seed to json save shard",
        "--score": "to header json follow state_file carry alarm adapt save shard",
        "--per-token": "to header json follow state_file carry adapt save shard",
        "--next": "to header json prompt carry save shard",
        "--evaluate": "json state_file carry adapt save folds",
        "--states": "to carry",
    },
    "predict_options": {
        "prompt": {
            "repeated": True,
            "metavar": "TEXT",
            "help": "Text to continue; repeatable",
            "unset": "lines of INPUT",
        },
        "length": {"default": 500, "min": 0, "help": "Number of tokens to generate"},
        "temperature": {
            "default": 1.0,
            "min": 0,
            "help": "Temperature of sampling; 0: take the likeliest token",
        },
        "top_k": {"default": 0, "min": 0, "metavar": "K", "help": "Sample among the K likeliest tokens; 0: among all"},
        "top_p": {
            "default": 1.0,
            "min": 0,
            "max": 1,
            "help": "Sample among the likeliest tokens of this total probability",
        },
        "samples": {"default": 1, "min": 1, "help": "Number of continuations of each prompt"},
        "stop": {"metavar": "TEXT", "help": "Stop before this text"},
        "echo": {"default": True, "help": "Print the prompt before its continuation"},
        "seed": {"default": 0, "min": 0, "max": 18446744073709551615, "help": "Seed for sampling"},
        "per_token": {"default": False, "help": "Write a row per token: line, step, token, nats"},
        "next": {"min": 1, "metavar": "K", "help": "Write the K likeliest next tokens after each line"},
        "carry": {"type": "flag", "help": "Keep the state from one line to the next", "unset": "as trained"},
    },
    "beside": {
        "--evaluate": [("folds", "state_file carry adapt")],
        "--score": [("shard", "follow state_file alarm adapt")],
        "--per-token": [("shard", "follow state_file adapt")],
    },
    "loss": "{nats:z.3f} nats ({bits:z.2f} bits)",
    "start": "what training starts from",
}

MOST_WORDS = 1 << 16  # of a vocabulary without a limit: their ids have 16 bits, and memory and time grow with them
LEAST_TRAIN = 16  # tokens
LEAST_VALID = 64  # tokens; a shorter validation part says nothing
PIECE = 64  # windows of a stream that follow each other in every epoch
UNKNOWN_RATE = 5e-4  # of the tokens are replaced by <unk>, so that it means something


class Language(Task):
    """The next token of a text, or of each line or record."""

    name, sizes, carries = "language", "text", True

    def __init__(self, vocabulary: Vocabulary, form: Form):
        self.vocabulary, self.by_record = vocabulary, form.name in RECORDS
        self.form = form if vocabulary.of_records else None
        self.unit = vocabulary.unit
        self.rival_nats: dict[str, np.ndarray] = {}  # of tokens of the validation part, once they are known

    @classmethod
    def of(cls, model: Model) -> "Language":
        return cls(model.vocabulary, model.form or Form(model.config.format))

    @classmethod
    def prepare(cls, paths: list[str], config: TrainConfig, valid_path: str | None, base: Model | None) -> Material:
        """Read the text and split it: the end of a stream, or records by seed. The tokens of `base` are kept."""
        others = files_of([valid_path]) if valid_path else []
        forms = _forms([*paths, *others], config)
        form, by_path = forms[0], forms[: len(paths)]
        arguments = (config.tokens or "char", config.encoding)
        kept = _kept(base.vocabulary, form, config) if base and not config.new_vocabulary else None
        config = config.having(task=cls.name, format=form.name, text=form.text or None)
        limit = config.vocabulary or _usual_limit(config, kept)
        everything, vocabulary = language_sequences(paths, by_path, *arguments, None, config.min_count, limit, kept)
        if config.vocabulary is None and len(vocabulary) == limit > len(kept or ()):
            config = config.having(vocabulary=limit)
            note(
                f"{display(paths[0])}: many different words: the {limit:,} most frequent are kept, the rest is read as "
                "<unk>: --vocabulary sets another number"
            )
        if everything.total < LEAST_TRAIN:
            name = display(paths[0])
            raise RnncliError(f"{name}: {everything.total} tokens, expected at least {LEAST_TRAIN}")
        outside = None
        if others:
            outside = language_sequences(others, forms[len(paths) :], *arguments, vocabulary)[0]
        return cls(vocabulary, form).material(everything, outside, config, valid_path)

    def material(
        self, everything: Sequences, outside: Sequences | None, config: TrainConfig, valid_path: str | None
    ) -> Material:
        """The two parts of a text, of which `outside` may be the one for validation."""
        under_way("dividing the text into its parts")
        train, valid, note = _split(everything, outside, self.by_record, config, valid_path)
        digests = [train.digest(), valid.digest() if valid else "", json.dumps(self.vocabulary.to_json())]
        held = f"{valid.total:,} {note}" if valid else f"no validation part{note}"
        return Material(self, config, train, valid, self._description(train), held, digests)

    def _description(self, train: Sequences) -> str:
        what = "records" if self.form else "lines"
        form = f"{len(train):,} {what}" if self.by_record else "text"
        v = self.vocabulary
        count = len(v) if v.seen is None else v.seen
        distinct = f", {count:,} distinct" if v.kind != "byte" else ""
        unknown = int(train.counts(len(v))[v.unknown]) if v.unknown is not None else 0
        rare = f", {unknown:,} of them rare and read as <unk>" if unknown else ""
        return f"{form}, {train.total:,} {self.unit}{rare}{distinct}"

    def architecture(self, config: TrainConfig) -> Architecture:
        name, options = cell_options(config)
        V = len(self.vocabulary)
        if config.tied and config.embed != config.hidden:
            raise UsageError(f"--tied needs --embed equal to --hidden, found {config.embed} and {config.hidden}")
        return Architecture(name, config.hidden, config.layers, config.embed, V, V, config.tied, options)

    def initialise(self, network: Network, train: Sequences) -> None:
        """The output's bias starts at the log frequencies of the tokens, so that training need not find them."""
        counts = train.counts(len(self.vocabulary), 1 << 26)
        network.theta["output.b"][...] = np.log((counts + 1.0) / (counts.sum() + len(counts)))

    def rivals(self, train: Sequences, valid: Sequences) -> Rivals:
        found = rivals(train, valid, len(self.vocabulary))
        return Rivals({name: float(nats.mean()) for name, nats in found.items()}, nats=found)

    def meet(self, rivals: Rivals) -> None:
        self.rival_nats = rivals.nats

    def feed(self, train: Sequences, config: TrainConfig) -> Epochs:
        v = self.vocabulary
        noise = (0, 0.0) if v.unknown is None else (v.unknown, UNKNOWN_RATE)
        return Epochs(train, config.batch, config.window, v.end, self.by_record, config.seed, *noise, piece=PIECE)

    def hashes(self, part: Sequences) -> Iterator[np.ndarray]:
        return SeenText(self.vocabulary, not self.by_record).of(part)

    def chance(self) -> float:
        return math.log(len(self.vocabulary))

    def sample(self, valid: Sequences, expected: float) -> Sequences:
        """Its first tokens; of lines and records the first whole ones."""
        most = whole_tokens(expected)
        if valid.total <= most:
            return valid
        if self.by_record:
            most = int(valid.offsets[max(1, int(np.searchsorted(valid.offsets, most, side="right")) - 1)])
        found = valid.first(most)
        note(
            f"validation on the first {found.total:,} of {valid.total:,} {self.unit} held out, as many as the budget "
            "allows for"
        )
        return found

    def validator(self, network: Network | Members, valid: Sequences, team: Team, expected: float) -> StreamValidator:
        v = StreamValidator(network, valid, self.vocabulary.end, team, self.by_record, quick_tokens(expected))
        v.rivals = self.rival_nats
        return v


def _forms(paths: list[str], config: TrainConfig) -> list[Form]:
    """That of each file; all are of one kind."""
    from rnncli.readers.text_forms import recognise_texts

    forms: list[Form] = []
    for path in paths:
        asked, named = config.format, config.text
        if forms:  # all files are read as the first one
            asked = forms[0].name if forms[0].name in NAMELESS else asked
            named = named or forms[0].text or None
        forms.append(recognise_texts(path, asked, named, config.encoding))
        if forms[-1].name != forms[0].name:
            first, other = forms[0].describe(), forms[-1].describe()
            raise RnncliError(f"{display(path)}: {other}, expected {first} as in {display(paths[0])}")
    return forms


def _usual_limit(config: TrainConfig, kept: Vocabulary | None) -> int | None:
    """Of the tokens, where the user sets none: a limit for words, which are as many as the text is long."""
    return max(MOST_WORDS, len(kept or ())) if config.tokens == "word" else None


def _kept(vocabulary: Vocabulary, form: Form, config: TrainConfig) -> Vocabulary:
    """The tokens of the model of --init, without the end of a record where there are none."""
    plain = form.name in ("text", "lines")
    vocabulary = vocabulary.without_end() if plain else vocabulary
    least = len(vocabulary) + (not plain and not vocabulary.of_records)
    if config.vocabulary is not None and least > config.vocabulary:
        raise UsageError(
            f"--vocabulary {config.vocabulary} and --init cannot be combined: the {least:,} tokens of the model "
            "are kept; --new-vocabulary drops those not in the data"
        )
    return vocabulary


def _split(everything, outside, by_record: bool, config, valid_path):
    """(training part, validation part or None, a note on it); `outside`: the sequences of --valid."""
    train, valid, note = everything, outside, f"for validation from {display(valid_path)}" if valid_path else ""
    if not valid_path and config.valid_fraction and (len(everything) > 1 or not by_record):
        fraction, note = config.valid_fraction, "held out for validation"
        if by_record:
            train, valid = map(everything.select, split(len(everything), fraction, config.seed))
        else:
            train, valid = everything.split_ends(fraction)
    if valid is not None and valid.total < LEAST_VALID:
        return everything, None, " (too short for a validation part)"
    return train, valid, note
