"""The tasks, a file each: what is learnt, with which loss, and what comes out. A new task is a new file."""

from typing import Any

from rnncli.registry import load


def task_class(name: str) -> type[Any]:
    """The class of the task `name`, imported only when it is needed; KeyError for an unknown name."""
    from rnncli.tasks.task import Task

    return load("tasks", name, Task)
