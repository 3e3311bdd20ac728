"""What lives in a folder: a cell, task, reader or view is one file, which declares itself.

Such a file has a literal at its top, the first statement after the docstring and the imports, named as its kind:

    CELL = {"help": "long short-term memory", "options": {}}

The file's name is the thing's name; a thing of several files is a folder, whose `__init__.py` declares it.
`declared` reads the literals of a folder without importing a file, so that `--help` stays light and nobody else keeps a
list; `load` imports a file when it is used.

Tasks and views declare their options as name -> declaration. It may say:

    help      what the option does, without a full stop; the only word that is needed
    default   the value where none is given, which also tells the type; else a bound tells it, else it is text
    type      flag, where there is no default; numbers for a list such as 1,5,7
    duration  True for a number of minutes, which may be given as 30s, 2h or 1h30m
    unset     what happens where none is given, in words; a number with this may be given as `auto`
    words     texts that may stand for a number, such as ("full",)
    kept      False if the model does not depend on it, so that its file does not hold it
    values    the texts that are allowed; with `joined` several of them, separated by commas
    offers    the texts that a shell completes to, where others are allowed too
    pattern   a regular expression of the texts that are allowed; `metavar` says it in words
    min, max, above, below    bounds of a number
    metavar   what stands for the value in the help; by default the values, or N, X or TEXT
    taken     from which model --init takes it: `task`, one of the same task; `text`, a language model that goes on;
              `reader`, a language model as the start of another task; by default `task text`
    fixed     True if it says what the network is: with --init it is that of the model
    trained   True if it says how a network is trained, so that one whose read-out is fitted has no use for it
    repeated  True if the option may be given several times
    former    the name that the option had before: it still works, and is not shown
    tune      what --tune tries in place of the usual value: {"times": factors of it}, {"plus": numbers added to it} or
              {"values": values}; only where the value was left to be chosen
"""

import ast
import os
import re
from functools import cache
from importlib import import_module
from typing import TypeVar

PACKAGE = os.path.dirname(__file__)
Base = TypeVar("Base")
HEAD = 16384  # characters: a declaration ends within them


@cache
def declared(folder: str) -> dict[str, dict]:
    """Name -> declaration of all files of `rnncli/FOLDER/` that have one, in the order of their `rank`, then by name.

    ValueError for a declaration that is no literal.
    """
    found = {}
    for entry in os.scandir(os.path.join(PACKAGE, folder)):
        name, _, kind = entry.name.partition(".")
        path = entry.path if kind == "py" else os.path.join(entry.path, "__init__.py")
        if (kind == "py" or (not kind and os.path.exists(path))) and (literal := _literal(path, folder)):
            found[name] = ast.literal_eval(literal)
    return dict(sorted(found.items(), key=lambda item: (item[1].get("rank", len(found)), item[0])))


def _literal(path: str, folder: str) -> str | None:
    """The dictionary that is declared in a file, on one line or up to a brace in the first column."""
    with open(path, encoding="utf-8") as file:
        head = "\n" + file.read(HEAD)
    _, declares, rest = head.partition(f"\n{folder.removesuffix('s').upper()} = {{")
    line, _, _ = rest.partition("\n")
    return "{" + (line if line.endswith("}") else rest.partition("\n}\n")[0] + "\n}") if declares else None


def names(folder: str) -> tuple[str, ...]:
    """The names of what is declared in a folder."""
    return tuple(declared(folder))


def load(folder: str, name: str, base: type[Base]) -> type[Base]:
    """The one subclass of `base` that the file `name` of a folder holds; KeyError if there is no such declaration."""
    if name not in declared(folder):
        raise KeyError(name)
    module = import_module(f"rnncli.{folder}.{name}")
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value is not base
    ]
    (found,) = (value for value in classes if value.__module__.startswith(module.__name__))
    return found


def formats() -> dict[str, str]:
    """The forms of files that `--format` names -> a few words on each."""
    return {form: words for said in declared("readers").values() for form, words in said["forms"].items()}


def learns(task: str) -> str:
    """What the task learns from, as its literal declares it: a text, labels, numbers, .. ; of `auto` nothing yet."""
    return declared("tasks").get(task, {}).get("learns", "")


def tasks_told_by(kind: str) -> dict[str, str]:
    """`options` of `train`, or `forms` of a file, that alone tell the task -> the task; the most special ones first."""
    said = reversed(declared("tasks").items())
    return {name: task for task, one in said for name in one.get("told_by", {}).get(kind, ())}


def ways_to_ask(form: str) -> str:
    """The options that say what to learn of a file of a form that does not tell it, and what they ask for."""
    said = declared("tasks").values()
    found = {one["asked_by"][form]: one["help"] for one in said if form in one.get("asked_by", {})}
    return one_or_other(found) if found else "--task NAME"


@cache
def meant_for() -> dict[str, list[str]]:
    """Option of `train` -> the tasks that it has a meaning for, of those that not all tasks have."""
    said = declared("tasks").items()
    tasks = {task: [*one["train"].split(), *one.get("train_options", {})] for task, one in said}
    options = dict.fromkeys(option for those in tasks.values() for option in those)
    return {option: [task for task, those in tasks.items() if option in those] for option in options}


def naming_answers() -> set[str]:
    """The options by which tasks are told or asked for: they name what is to be learnt."""
    asked = " ".join(how for said in declared("tasks").values() for how in said.get("asked_by", {}).values())
    return {*tasks_told_by("options"), *re.findall(r"--(\w+)", asked)} - {"task"}


def task_of(kind: str) -> str:
    """The task that learns from such a thing."""
    return next(task for task in names("tasks") if learns(task) == kind)


def words_of(folder: str) -> str:
    """What is declared in a folder of the package, for a help text: names, and what they are."""
    return one_or_other({name: said["help"] for name, said in declared(folder).items()})


def choices(folder: str) -> str:
    """The same with their options and the values of these."""
    options = [
        f"{name}:{option}={'X' if isinstance(values, dict) else '|'.join(values)}"
        for name, said in declared(folder).items()
        for option, values in said.get("options", {}).items()
    ]
    return "; ".join([words_of(folder), *options])


def one_or_other(words: dict[str, str]) -> str:
    """`text (a stream) or lines (a sequence a line)`; without words on them the bare names."""
    found = [f"{name} ({what})" if what else name for name, what in words.items()]
    return " or ".join(filter(None, (", ".join(found[:-1]), found[-1])))
