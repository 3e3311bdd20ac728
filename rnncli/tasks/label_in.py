"""Labels of sequences in a table: the columns that the user names, or a guess which ones they are."""

from rnncli.config import TrainConfig
from rnncli.data.columns import Roles
from rnncli.errors import note
from rnncli.readers.forms import recognise
from rnncli.readers.naming import listed
from rnncli.readers.object_guess import text_and_labels
from rnncli.readers.source import display
from rnncli.readers.text_guess import Labelled, text_and_label, text_beside
from rnncli.readers.wide_guess import has_labels_first
from rnncli.registry import learns
from rnncli.tasks.columns_in import roles_of, writing_of


def with_label(path: str, config: TrainConfig) -> TrainConfig:
    """The options with the columns of labels and texts, where none is named, or answers alone, and the first rows show
    them.
    """
    roles, answer = roles_of(config), lone_answer(config)
    if config.format not in ("auto", "table") or roles != Roles() and not answer or config.label_from:
        return config
    if config.horizon or config.univariate:
        return config
    name = display(path)
    form = recognise(path, config.format, roles, config.encoding, "auto", writing_of(config))
    if form.name == "jsonl":
        return _of_objects(path, config, answer)
    if answer:
        text, others = text_beside(path, form, config.encoding, answer, not roles.label) or (None, [])
        if text:
            what = f"columns {listed(others)} are" if len(others) > 1 else f"column {listed(others)} is"
            beside = f", and {what} not read" if others else ""
            undo = "--text names another, --inputs reads columns by step"
            note(f"{name}: the texts are those of column {text}{beside}: {undo}")
        return config.having(text=text)
    if found := text_and_label(path, form, config.encoding):
        return _with_both(name, "of column", found, config)
    if config.format == "auto" and has_labels_first(path, form, config.encoding):
        label, undo = form.columns[0], "--task forecast reads columns of series"
        note(f"{name}: each row is a sequence behind its label, by column {label}: {undo}")
        return config.having(format="wide", label=label)
    return config


def _of_objects(path: str, config: TrainConfig, answer: str) -> TrainConfig:
    """The same of JSON lines, where a text may have several labels."""
    found = text_and_labels(path, config.encoding, answer, not roles_of(config).label)
    if found is None:
        return config
    if answer:
        note(f"{display(path)}: the texts are those under {found.text}: --text names another key")
        return config.having(text=found.text)
    return _with_both(display(path), "under", found, config)


def _with_both(name: str, where: str, found: Labelled, config: TrainConfig) -> TrainConfig:
    note(
        f"{name}: the texts are those {where} {found.text}, their labels those {where} {found.label}: "
        f"--text and --label name others, --task language --text {found.text} learns the texts alone"
    )
    return config.having(text=found.text, label=found.label)


def lone_answer(config: TrainConfig) -> str:
    """The column of labels, or of numbers of --task regress, if no other column is named; else ""."""
    roles = roles_of(config)
    answer = roles.label or (roles.targets[0] if len(roles.targets) == 1 and learns(config.task) == "numbers" else "")
    return answer if roles in (Roles(label=answer), Roles(targets=(answer,))) else ""
