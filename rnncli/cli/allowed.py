"""What the options of `predict` have a meaning for, as the tasks declare it: kind of prediction -> options.

The first kind of each task is what it does by default. Options that no task declares, such as --threads, are for all.
"""

from functools import cache
from itertools import product

from rnncli import registry
from rnncli.config import option_name, without_effect
from rnncli.errors import UsageError

STREAM = ("follow", "state_file")


@cache
def meanings() -> dict[str, dict[str, list[str]]]:
    """Task -> kind of prediction -> options."""
    return {
        task: {kind: those.split() for kind, those in said["predict"].items()}
        for task, said in registry.declared("tasks").items()
    }


def options() -> list[str]:
    """All that have a meaning for some kind of prediction only."""
    return list(dict.fromkeys(option for kinds in meanings().values() for those in kinds.values() for option in those))


def tasks_of(option: str) -> list[str]:
    """The tasks that an option, or kind of prediction, has a meaning for; none where it is for all."""
    return [
        task
        for task, kinds in meanings().items()
        if option_name(option) in kinds or any(option in those for those in kinds.values())
    ]


def beside(task: str) -> dict[str, list[tuple[str, str]]]:
    """Kind of prediction (of the first one, the empty text) -> pairs of options of which one leaves the other idle."""
    said = registry.declared("tasks")[task].get("beside", {})
    return {
        kind: [pair for ones, others in groups for pair in product(ones.split(), others.split())]
        for kind, groups in said.items()
    }


def refuse_without_effect(task: str, chosen: list[str], given: list[str]) -> None:
    """UsageError if a model of the task has no use for a kind of prediction, or the kind none for an option."""
    kinds = meanings()[task]
    for kind in chosen:
        if kind not in kinds:
            raise _for_others(kind, task, [other for other, those in meanings().items() if kind in those])
    kind = chosen[0] if chosen else next(iter(kinds))
    for option in given:
        if option not in kinds[kind]:
            raise _without_effect(option, task, kind)


def refuse_beside(task: str, chosen: list[str], given: list[str]) -> None:
    """UsageError for options that another one leaves without effect, or that need another one."""
    said, kind = registry.declared("tasks")[task], chosen[0] if chosen else ""
    for one, other in beside(task).get(kind, ()):
        if one in given and other in given:
            raise UsageError(f"{option_name(one)} and {option_name(other)} cannot be combined: give one of them")
    for one, needed in said.get("needs", {}).get(kind, {}).items():
        if one in given and needed not in given:
            raise UsageError(f"{option_name(one)} with {kind} needs {option_name(needed)}: give both or neither")


def _without_effect(option: str, task: str, kind: str) -> UsageError:
    others = [other for other, those in meanings()[task].items() if option in those]
    if len(others) == 1 and kind.isalpha() and others[0].startswith("--"):
        return UsageError(f"{option_name(option)} has no effect without {others[0]}: give it too")
    if others:
        return without_effect(option, f"on {kind}" if kind.isalpha() else f"with {kind}", others)
    name = option_name(option)
    if option in STREAM:
        why = registry.declared("tasks")[task]["no_stream"]
        return UsageError(f"{name} and a model of task {task} cannot be combined: {why}")
    return _for_others(name, task, tasks_of(option))


def _for_others(name: str, task: str, others: list[str]) -> UsageError:
    tasks = ", ".join(others)
    return UsageError(f"{name} is for models of task {tasks}; this model is of task {task}")
