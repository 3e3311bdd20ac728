"""A model file, read and checked whole: by itself, and by what the task that it was trained for makes of it."""

from rnncli.models import model_file
from rnncli.models.model_file import Model, damage_in
from rnncli.registry import learns
from rnncli.stored import expect
from rnncli.tasks import task_of


def load_model(path: str) -> Model:
    """The model of a file, or of a checkpoint; RnncliError if it is damaged."""
    return load_checkpoint(path)[0]


def load_checkpoint(path: str) -> tuple[Model, dict, dict]:
    """The same, with the tensors and values of the training; of a finished model there are none."""
    model, arrays, values = model_file.load_checkpoint(path)
    with damage_in(path):
        refuse_misfit(model)
    return model, arrays, values


def refuse_misfit(model: Model) -> None:
    """Damaged, if the network is none of the task, with its columns or tokens and its options."""
    text = learns(model.config.task) == "text"
    expect(text == (model.vocabulary is not None), "config.task", model.config.task, "one for what the model reads")
    series = learns(model.config.task) == "series"
    outlook = model.schema is not None and model.schema.outlook is not None
    expect(series == outlook, "config.task", model.config.task, "one for what the model reads")
    task_of(model).refuse_misfit(model)
