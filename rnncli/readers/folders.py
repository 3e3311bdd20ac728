"""Folders given as DATA: the files in them, in the order of their names. It imports nothing heavy.

Hidden files, models and their checkpoints, and papers such as README.md are no data.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from rnncli import registry
from rnncli.errors import RnncliError, UsageError, describe_os_error, note
from rnncli.readers.unpacking import name_inside

TEXTS = ("txt", "text", "log", "json")  # extensions of files whose form their contents tell
TABLES = ("csv", "tsv")
OURS = re.compile(r".*\.safetensors(\..*)?", re.IGNORECASE)
PAPERS = re.compile(r"(readme|licen[cs]e|copying|changelog|makefile|citation)(\..*)?|__MACOSX", re.IGNORECASE)
MANY = 2  # files of a folder, and folders, that are a collection by labels


def files_of(paths: Iterable[str]) -> list[str]:
    """The paths, with the files of a folder in its place; RnncliError for one without files, or with several forms."""
    found = []
    for path in paths:
        found += _files(path) if os.path.isdir(path) else [path]
    return found


def note_trained(paths: Iterable[str], valid: str | None) -> None:
    """Say so where what is validated on is one of these files, which are trained on; stdin is read once."""
    trained = set(map(os.path.realpath, paths))
    files = [path for path in files_of([valid] if valid else []) if path != "-"]
    if any(os.path.realpath(path) in trained for path in files):
        note(f"--valid {valid} is trained on too: its figures are not those of new data")


def _files(folder: str) -> list[str]:
    files = sorted(_walk(folder))
    if not files:
        raise RnncliError(f"{folder}: a folder without files, expected some to read")
    kinds = Counter(map(_kind, files)).most_common()
    if len(kinds) > 1:
        names = [next(file for file in files if _kind(file) == kind) for kind, _ in kinds[:2]]
        counts = ", ".join(_counted(count, kind) for kind, count in kinds[:4])
        raise RnncliError(
            f"{folder}: files of several kinds ({counts}: {' and '.join(names)}), expected one: "
            f"name those to read, such as {os.path.dirname(names[0])}/*{os.path.splitext(names[0])[1]}"
        )
    return files


def _walk(folder: str) -> Iterator[str]:
    """All files below it that may be data."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise describe_os_error(folder, error) from None
    for entry in entries:
        if entry.name.startswith(".") or OURS.fullmatch(entry.name) or PAPERS.fullmatch(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif entry.is_file():
            yield entry.path


def _kind(path: str) -> str:
    """The extension of a form; empty for all files of text, whatever they are called."""
    extension = os.path.splitext(name_inside(path).lower())[1].lstrip(".")
    known = {end for said in registry.declared("readers").values() for end in said.get("extensions", {})}
    return extension if extension in (*known, *TABLES) else ""


def _counted(count: int, kind: str) -> str:
    return f"{count:,} {f'.{kind} ' * bool(kind)}file{'s' * (count != 1)}{' of text' * (not kind)}"


def say_folders(paths: Iterable[str], chosen: bool) -> None:
    """Say what is read of each folder. UsageError for folders in it that may be labels, unless something else was
    `chosen` to be learnt.
    """
    for folder in filter(os.path.isdir, paths):
        files = _files(folder)
        counts = Counter(map(os.path.dirname, files))
        named = ", ".join(f"{os.path.relpath(name, folder)} ({count:,})" for name, count in sorted(counts.items())[:6])
        named += ", .." if len(counts) > 6 else ""
        if not chosen and len(counts) >= MANY and min(counts.values()) >= MANY:
            raise UsageError(
                f"{folder}: {len(files):,} files in {len(counts):,} folders, {named}: --label-from folder learns to "
                "tell these apart; --task says what else to learn of all files"
            )
        where = "" if len(counts) == 1 else f" in {len(counts):,} folders, {named}"
        note(f"{folder}: a folder, read as its {_counted(len(files), _kind(files[0]))}{where}")
