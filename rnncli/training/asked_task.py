"""Which task a call of `train` asks for: the one that is named, or that the columns and the form of the file tell."""

from dataclasses import replace

from rnncli import registry
from rnncli.config import TrainConfig
from rnncli.data.columns import Roles
from rnncli.errors import UsageError
from rnncli.readers import sniff
from rnncli.readers.answer_files import is_answer_file
from rnncli.readers.first_rows import first_rows
from rnncli.readers.folders import files_of, say_folders
from rnncli.readers.form import Form
from rnncli.readers.forms import is_fasttext, recognise, word_columns
from rnncli.readers.log_guess import message_key
from rnncli.readers.naming import listed, parts_of
from rnncli.readers.reader import reader_of
from rnncli.readers.source import display, reopenable
from rnncli.registry import learns, task_of, tasks_told_by, ways_to_ask
from rnncli.tasks.columns_in import roles_of, with_names, writing_of
from rnncli.tasks.label_in import with_label
from rnncli.tasks.rows_in import with_rows
from rnncli.tasks.time_in import guessed_time


def asked_task(paths: list[str], c: TrainConfig) -> tuple[str, list[str]]:
    """The task, and the paths, which can be read again if they had to be looked at; UsageError if it can't be told."""
    told_by_form = tasks_told_by("forms")
    say_folders(paths, _is_chosen(c))
    paths = files_of(paths)
    if c.task != "auto":
        return c.task, paths
    for option, task in tasks_told_by("options").items():
        if getattr(c, option) is not None:
            return task, paths
    if learns(told_by_form.get(c.format, "")) == "text":
        return told_by_form[c.format], paths
    paths = [reopenable(path) for path in paths]
    if c.tokens is not None and not is_fasttext(paths[0], c.format, c.encoding):
        return task_of("text"), paths
    if _is_log(paths[0], c):
        return task_of("text"), paths
    if with_label(paths[0], c) is not c:
        return task_of("label"), paths
    form = recognise(paths[0], c.format, roles_of(c), c.encoding, "auto", writing_of(c))
    if form.name in told_by_form and not (form.name == "labelled" and c.target):
        return told_by_form[form.name], paths
    return _by_columns(paths[0], form, c), paths


def _is_chosen(c: TrainConfig) -> bool:
    """Whether anything says what to learn, so that folders in a folder are no labels."""
    return c.task != "auto" or roles_of(c) != Roles() or bool(c.label_from or c.tokens or c.horizon)


def _is_log(path: str, c: TrainConfig) -> bool:
    """Whether a file is JSON lines of a log, whose messages are texts, and nothing else is asked for."""
    if c.format not in ("auto", "jsonl") or _is_chosen(replace(c, text=None)):
        return False
    key = message_key(sniff.sample_lines(sniff.read_sample(path), c.encoding))
    return key is not None and c.text in (None, key)


def _by_columns(path: str, form: Form, c: TrainConfig) -> str:
    """Of a form that does not tell the task."""
    if form.name == "labelled" and c.target:
        raise UsageError("--target and texts need --task regress: add it to learn numbers of texts")
    named_key = bool(c.target) and form.name == "jsonl"  # which is the answer then, whatever else stands there
    if not c.horizon and not named_key and (kinds := reader_of(form.name).learnt(path, c.encoding)):
        tasks = [task for task in registry.names("tasks") if learns(task) in kinds]
        if len(tasks) > 1:
            raise UsageError(f"{display(path)}: x and y: choose what to learn: --task {listed(tasks)}")
        return tasks[0]
    if form.name == "arrays" and is_answer_file(c.target):
        return task_of("numbers")
    if c.target or c.horizon or c.univariate or with_rows(path, c) is not c or _has_only_numbers(path, form, c):
        return task_of("series")
    raise UsageError(f"{display(path)}: {form.describe()}: choose what to learn: {ways_to_ask(form.name)}")


def _has_only_numbers(path: str, form: Form, c: TrainConfig) -> bool:
    """Whether all columns but the group and the time are numbers, or one word in all rows beside a time."""
    if form.name != "table":
        return reader_of(form.name).only_numbers
    words, config = set(word_columns(path, form, c.encoding)), with_names(c, form)
    words -= {*parts_of(config.group, form.columns), *parts_of(config.time, form.columns)}
    if not words or config.time is not None:
        return not words or words <= set(parts_of(config.time, form.columns))
    found = guessed_time(path, form, config, None)
    if found is None:
        return False
    words -= {*parts_of(found.name, form.columns)}
    return not words or all(first_rows(path, form, c.encoding)[name].n_unique() == 1 for name in words)
