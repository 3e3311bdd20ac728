"""The tasks, a file each: what is learnt, with which loss, and what comes out. A new task is a new file."""

from typing import Any

from rnncli.registry import load


def task_class(name: str) -> type[Any]:
    """The class of the task `name`, imported only when it is needed; KeyError for an unknown name."""
    from rnncli.tasks.task import Task

    return load("tasks", name, Task)


def task_of(model: Any) -> Any:
    """The task of a model, as it was trained."""
    return task_class(model.config.task).of(model)
