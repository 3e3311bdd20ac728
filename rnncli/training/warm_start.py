"""`--init`: a network that starts from a trained one, maybe with other tokens besides: they are matched by text."""

from dataclasses import fields, replace

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Vocabulary
from rnncli.errors import UsageError
from rnncli.models.model_file import load_model
from rnncli.network.network import Network
from rnncli.tasks.task import Task

#: options that the model brings along where they were not given
INHERITED = (
    *("task", "format", "encoding", "tokens", "cell", "hidden", "layers", "embed", "dropout", "batch", "steps"),
    *("variational", "tied", "optimizer"),
)
ARCHITECTURE = ("tokens", "cell", "hidden", "layers", "embed", "tied")


def inherit(path: str, config: TrainConfig, given: set[str]) -> TrainConfig:
    """The config with everything that was not given taken from the model, as far as it is inherited."""
    theirs = load_model(path).config
    names = [
        f.name
        for f in fields(TrainConfig)
        if f.name in INHERITED and (f.name not in given or getattr(config, f.name) is None)
    ]
    values = {name: getattr(theirs, name) for name in names}
    if values.get("format") in ("jsonl", "labelled"):  # tables of texts may be of many forms: as the file is
        values["format"] = "auto"
    return replace(config, **values)


class WarmStart:
    """The trained network that a new one starts from."""

    def __init__(self, path: str, config: TrainConfig):
        self.path, self.model = path, load_model(path)
        for name in ARCHITECTURE:
            ours, theirs = getattr(config, name), getattr(self.model.config, name)
            if ours is not None and ours != theirs:
                raise UsageError(f"--init {path} and --{name} {ours} do not go together: the model has {theirs}")

    def check(self, task: str) -> None:
        """UsageError if it is no start for a model of the task."""
        if task != "language" or self.model.vocabulary is None:
            raise UsageError(f"--init {self.path}: a warm start is for language models, from language models")

    def note(self, task: Task, train: Sequences) -> str:
        """`old.safetensors, 65 tokens kept, 4 of them not in the training part; 3 new`."""
        here, there = self._matches(task.vocabulary)
        old, all_of_it = len(self.model.vocabulary), len(task.vocabulary)
        if len(there) < old:
            dropped = f"{old - len(there):,} of its {old:,} tokens dropped"
            return f"{self.path}, {len(here):,} of {all_of_it:,} tokens known to it, {dropped}"
        seen = np.bincount(train.tokens, minlength=all_of_it)[here] > 0
        seen[[task.vocabulary.unknown is not None and self.model.vocabulary.keys()[j] is None for j in there]] = True
        unused = int((~seen).sum())
        return f"{self.path}, {old:,} tokens kept, {unused:,} of them not in the training part; {all_of_it - old:,} new"

    def _matches(self, vocabulary: Vocabulary) -> tuple[np.ndarray, np.ndarray]:
        """Ids here and there of the tokens that both have."""
        known = {key: i for i, key in enumerate(self.model.vocabulary.keys())}
        pairs = [(i, known[key]) for i, key in enumerate(vocabulary.keys()) if key in known]
        return np.array([i for i, _ in pairs]), np.array([j for _, j in pairs])

    def copy(self, network: Network, task: Task) -> None:
        """The trained weights; rows of tokens that it does not know stay fresh."""
        vocabulary = task.vocabulary
        here, there = self._matches(vocabulary)
        old, new = self.model.network.theta, network.theta
        for name, array in new.items():
            if name == "embedding.E":
                array[here] = old[name][there]
            elif name.startswith("output."):
                array[..., here] = old[name][..., there]
            else:
                array[...] = old[name]
