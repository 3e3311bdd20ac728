"""Labels of sequences in a table: the columns that the user names, or a guess which ones they are."""

from rnncli.config import TrainConfig
from rnncli.data.columns import Roles
from rnncli.errors import note
from rnncli.readers.forms import recognise
from rnncli.readers.source import display
from rnncli.readers.text_guess import text_and_label, text_beside
from rnncli.readers.wide_guess import has_labels_first
from rnncli.tasks.columns_in import roles_of, writing_of


def with_label(path: str, config: TrainConfig) -> TrainConfig:
    """The options with the columns of labels and texts, where none is named, or labels alone, and the first rows show
    them.
    """
    roles = roles_of(config)
    if config.format not in ("auto", "table") or roles != Roles(label=roles.label) or config.label_from:
        return config
    if config.horizon or config.univariate:
        return config
    name = display(path)
    form = recognise(path, config.format, roles, config.encoding, "auto", writing_of(config))
    if roles.label:
        text = text_beside(path, form, config.encoding, roles.label)
        if text:
            note(f"{name}: the texts are those of column {text}: --text names another, --inputs reads columns by step")
        return config.having(text=text)
    if found := text_and_label(path, form, config.encoding):
        note(
            f"{name}: the texts are those of column {found.text}, their labels those of column {found.label}: "
            f"--text and --label name others, --task language --text {found.text} learns the texts alone"
        )
        return config.having(text=found.text, label=found.label)
    if config.format == "auto" and has_labels_first(path, form, config.encoding):
        note(f"{name}: each row is a sequence behind its label, by column 1: --task forecast reads columns of series")
        return config.having(format="wide", label="1")
    return config
