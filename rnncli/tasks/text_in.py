"""Texts with labels in a table: the columns that the user names, or a guess which ones they are."""

from rnncli.config import TrainConfig
from rnncli.data.columns import Roles
from rnncli.errors import note
from rnncli.readers.forms import recognise
from rnncli.readers.source import display
from rnncli.readers.text_guess import text_and_label
from rnncli.tasks.columns_in import roles_of, writing_of


def with_text(path: str, config: TrainConfig) -> TrainConfig:
    """The options with `text` and `label`, where no column is named and the first rows show them."""
    if config.format not in ("auto", "table") or roles_of(config) != Roles():
        return config
    form = recognise(path, config.format, Roles(), config.encoding, "auto", writing_of(config))
    found = text_and_label(path, form, config.encoding)
    if found is None:
        return config
    note(
        f"{display(path)}: the texts are those of column {found.text}, their labels those of column {found.label}: "
        f"--text and --label name others, --task language --text {found.text} learns the texts alone"
    )
    return config.having(text=found.text, label=found.label)
