"""The tasks by name. A new task is a file here and a line in `TASKS`."""

from importlib import import_module

TASKS = {
    "language": "Language",
    "classify": "Classify",
    "multilabel": "Multilabel",
    "regress": "Regress",
    "tag": "Tag",
    "forecast": "Forecast",
}


def task_class(name: str):
    """The class of the task `name`, imported only when it is needed; KeyError for an unknown name."""
    return getattr(import_module(f"rnncli.tasks.{name}"), TASKS[name])
