"""What a view looks at: a model, its input, and the options of the view."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from rnncli.errors import RnncliError
from rnncli.kernels.cpus import usable_cpus
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.network import Network
from rnncli.predictors.language import texts_of
from rnncli.views.reading import MOST_STEPS, Reading, Text, of_columns, of_text

MOST_TOKENS = 1_000_000  # of a text that is read completely


@dataclass
class Subject:
    """The model and the input, as they were named; the `options` that views declare, by name; and of how many steps of
    the input how many were `read`, None if that is not known.
    """

    model: Model
    path: str
    input: str
    options: SimpleNamespace = field(default_factory=SimpleNamespace)
    read: tuple[int, int | None] | None = None

    @property
    def network(self) -> Network:
        """The model's."""
        return self.model.network

    @cached_property
    def team(self) -> Team:
        """Threads, as many as there are CPUs."""
        return Team(usable_cpus())

    def reading(self, with_loss: bool) -> Reading:
        """The beginning of the input, of sequences the first; `with_loss`: with the answers to what is predicted."""
        if self.model.vocabulary is not None:
            return self.sequences(with_loss)
        return self._checked(of_columns(self.model, self.input).first_sequence(), with_loss)

    def sequences(
        self, with_loss: bool, most: int = MOST_STEPS, to_its_end: bool = False, first_complete: bool = False
    ) -> Reading:
        """The first `most` steps of the input, its sequences one after the other. `to_its_end`: a text with its end.
        `first_complete`: the first sequence is complete, however long it is.
        """
        if self.model.vocabulary is not None:
            most = MOST_TOKENS if first_complete else most
            return of_text(self.model, self.text(most), most, to_its_end)
        reading = of_columns(self.model, self.input, most, first_complete)
        self.read = reading.steps, reading.of
        return self._checked(reading, with_loss)

    def _checked(self, reading: Reading, with_loss: bool) -> Reading:
        if with_loss and not reading.batch.targeted.any():
            raise RnncliError(f"{self.input}: no targets, but this view needs the loss; expected the predicted column")
        return reading

    def text(self, most: int = MOST_STEPS) -> Text:
        """The beginning of a text, of so many tokens if it has them; records one by one."""
        lines: list[Any] = []
        source, size = texts_of(self.model, self.input), 0
        for line in source:
            lines.append(line)
            size += len(self.model.vocabulary.encode(line)) + 1
            if size > most:
                break
        if not size - len(lines):
            raise RnncliError(f"{self.input}: empty, expected a text")
        self.read = min(most, size - 1), self._size(size, source) if size > most else size - 1
        return lines if self.model.form else (b"\n" if self.model.config.tokens == "byte" else "\n").join(lines)

    def _size(self, size: int, source: Iterator[str | bytes]) -> int | None:
        """The tokens of a file of which so many have been read; None of a pipe, and if that would take long."""
        if not os.path.isfile(self.input):
            return None
        try:
            for line in source:
                size += len(self.model.vocabulary.encode(line)) + 1
                if size > MOST_TOKENS:
                    return None
        except RnncliError:  # behind what is looked at
            return None
        return size - 1
