"""`--label-from`: labels of sequences that the name of their file, or of a folder of it, tells.

`name`: the name without its extension, and without the numbers at its ends: walk-01.csv and 07_walk.csv are `walk`.
`folder`: the folder that the file is in. `name:2` is the second part of the name, `folder:2` the folder above the
nearest.
"""

import os
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from rnncli.data.columns import Coded, Columns
from rnncli.errors import RnncliError, UsageError
from rnncli.readers.naming import listed
from rnncli.readers.source import display
from rnncli.readers.unpacking import name_inside

APART = re.compile(r"[\W_]+")  # what parts a name
ENDS = re.compile(r"^(?:\d+[\W_]+)+|(?:[\W_]*\d+)+[\W_]*$")  # numbers in front of it and behind it
NAMELESS = re.compile(r"-|/dev/.*|/proc/.*")


@dataclass(frozen=True)
class FileLabels:
    """The rule by which files have labels."""

    asked: str  # the value of --label-from

    @property
    def by_folder(self) -> bool:
        """Whether folders tell the labels."""
        return self.asked.startswith("folder")

    @property
    def place(self) -> int | None:
        """Which part of the name, or which folder above the file, from 1 on."""
        return int(self.asked.partition(":")[2] or 0) or None

    def label(self, path: str) -> str:
        """Of a file; RnncliError if its name tells none."""
        if NAMELESS.fullmatch(path):
            raise RnncliError(f"{display(path)}: has no name of a file, which --label-from {self.asked} reads")
        if self.by_folder:
            *folders, _ = os.path.abspath(path).split(os.sep)
            found, what = folders[::-1][(self.place or 1) - 1 :][:1], "is not so deep in folders"
        elif self.place:
            found, what = _parts(path)[self.place - 1 : self.place], f"has {len(_parts(path))} part(s)"
        else:
            found, what = [_rest(path)], "has nothing but numbers"
        if not found or not found[0]:
            raise RnncliError(f"{display(path)}: the name {what}, expected a label by --label-from {self.asked}")
        return found[0]

    def check(self, paths: list[str]) -> None:
        """RnncliError for files to learn from whose names may be meant in several ways, or have one label alone."""
        labels = [self.label(path) for path in paths]
        if self.place is None:
            self._refuse_folders(paths) if self.by_folder else self._refuse_names(paths)
        if len(set(labels)) == 1:
            others = "folder" if not self.by_folder else "name" if self.place else "folder:2 or name"
            raise RnncliError(
                f"{display(paths[0])}: {labels[0]} is the only label of {len(paths):,} file(s) by --label-from "
                f"{self.asked}, expected several labels: try --label-from {others}"
            )

    def _refuse_names(self, paths: list[str]) -> None:
        """If more than one part of the names differs from file to file, where all have as many parts."""
        names = [APART.split(_rest(path)) for path in paths]
        for width in set(map(len, names)) - {1}:
            same = [i for i, name in enumerate(names) if len(name) == width]
            differ = [k for k in range(width) if len({names[i][k] for i in same}) > 1]
            if len(differ) > 1:
                first, parts = same[0], _parts(paths[same[0]])
                ways = [f"name:{parts.index(names[first][k]) + 1} takes {names[first][k]}" for k in differ[:3]]
                raise RnncliError(
                    f"{display(paths[first])}: several parts of the names differ, expected the label and numbers: "
                    f"--label-from {', '.join(ways)}"
                )

    def _refuse_folders(self, paths: list[str]) -> None:
        """If files are in folders of several depths, or more than one level differs from file to file."""
        files = [os.path.abspath(path) for path in paths]
        top = os.path.commonpath(list(map(os.path.dirname, files)))
        levels = [os.path.relpath(os.path.dirname(file), top).split(os.sep) for file in files]
        depths = [0 if level == ["."] else len(level) for level in levels]
        if len(set(depths)) > 1:
            high, deep = depths.index(min(depths)), depths.index(max(depths))
            raise RnncliError(
                f"{display(paths[high])} and {display(paths[deep])}: folders of different depths, expected one folder "
                "for each label: name these folders, or --label-from folder:1 takes the nearest one of each file"
            )
        depth = depths[0]
        differ = [k for k in range(depth) if len({level[k] for level in levels}) > 1]
        if len(differ) > 1:
            ways = [f"folder:{depth - k} takes {levels[0][k]}" for k in differ[:3]]
            raise RnncliError(
                f"{display(paths[0])}: folders of several levels differ, expected one folder for each label: "
                f"--label-from {', '.join(ways)}"
            )

    def put(self, columns: Columns, path: str, answered: bool, numbered: bool) -> None:
        """The label of the file on all its sequences, if they are to be `answered`, and its name as theirs, where they
        have no names or are `numbered`.
        """
        if columns.labels is not None or columns.targets is not None:
            raise UsageError(
                f"--label-from {self.asked} and {display(path)}, which has answers of its own, cannot be combined: "
                "leave the option out"
            )
        if answered:
            columns.labels = Coded(np.zeros(len(columns), np.int32), [self.label(path)])
        name = display(path)
        if columns.keys is None or numbered:
            columns.keys = [name] if len(columns) == 1 else [f"{name}:{i + 1}" for i in range(len(columns))]

    def refuse_own(self, columns: Columns, paths: list[str]) -> None:
        """RnncliError where each file is a sequence with a label of its own, so that nothing can be learnt."""
        labels = Counter(map(self.label, paths))
        advice = "; --format lines makes each line a text" if columns.texts else ""
        if len(columns) == len(paths) == len(labels):
            raise RnncliError(
                f"{display(paths[0])}: each of {len(paths):,} files is a sequence with a label of its own, "
                f"{listed(labels, 4)}, expected several sequences of a label{advice}"
            )


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(name_inside(path)))[0]


def _parts(path: str) -> list[str]:
    """All parts of a name, numbers too."""
    return [part for part in APART.split(_stem(path)) if part]


def _rest(path: str) -> str:
    """The name without the numbers at its ends."""
    return ENDS.sub("", ENDS.sub("", _stem(path)))
