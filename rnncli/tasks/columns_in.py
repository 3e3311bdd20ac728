"""What a table, a labelled or a tagged text is read as: the columns that the user named, and the network over them."""

import os
from dataclasses import replace
from typing import Any

from rnncli.config import DECIMALS, NO_COLUMN, TrainConfig
from rnncli.data.columns import Roles
from rnncli.data.schema import Schema
from rnncli.data.times.month_names import LANGUAGES
from rnncli.data.times.stamps import form as stamp_form
from rnncli.data.words import MARKED
from rnncli.errors import RnncliError, UsageError
from rnncli.models.model_file import Model
from rnncli.network.architecture import Architecture, category_width
from rnncli.network.losses import Loss
from rnncli.readers.answer_files import is_answer_file
from rnncli.readers.form import NAMELESS, Form
from rnncli.readers.forms import recognise
from rnncli.readers.labelled import Meaning
from rnncli.readers.naming import JOINED, listed, parts_of, position, refuse_twice
from rnncli.readers.numerals import Writing
from rnncli.readers.reader import Request, reader_of
from rnncli.readers.source import display
from rnncli.tasks.task import cell_options
from rnncli.values import parse_missing

ANSWERS = ("label", "tag", "target")
MANY = ("target", "inputs", "known")


def roles_of(config: TrainConfig) -> Roles:
    """The columns that were named."""
    targets, inputs, known = (tuple(filter(None, (getattr(config, name) or "").split(","))) for name in MANY)
    inputs += known if inputs else ()
    refuse_twice("--target", targets)
    time, fold_by = (None if given == NO_COLUMN else given for given in (config.time, config.fold_by))
    return Roles(config.text, config.label, config.tag, targets, inputs, config.group, time, fold_by)


def writing_of(config: TrainConfig) -> Writing:
    """What was said of how values are written."""
    return Writing(parse_missing(config.missing), DECIMALS.get(config.decimal))


def refuse_answers(config: TrainConfig) -> None:
    """UsageError for options that name answers beside --label-from."""
    for name in ANSWERS:
        if config.label_from and getattr(config, name):
            raise UsageError(f"--label-from and --{name} cannot be combined: each says what the answers are")


def recognised(path: str, config: TrainConfig, task: str, base: Model | None) -> Form:
    """The form of a file to train on, with what was said of it; as that of a model to start from, see Form.like."""
    learnt = "auto" if config.label_from else task
    form = recognise(path, config.format, roles_of(config), config.encoding, learnt, writing_of(config))
    form = of_files(form, path) if config.label_from else form
    reader = reader_of(form.name)
    if config.frequency and not reader.dated:
        raise UsageError(
            f"--frequency and {form.describe()} cannot be combined: it is for files whose series have a start: --time "
            "names the column of times"
        )
    form = replace(form, frequency=config.frequency or reader.frequency(path))
    time_form = "%n" if config.time_format == "number" else config.time_format or ""
    try:
        _ = time_form and stamp_form(time_form)
    except ValueError:
        languages = listed([*LANGUAGES])
        what = f"%[fr]B for names of months in another language (of {languages}), %B for English ones"
        raise UsageError(f"--time-format {time_form}: expected directives of strptime, {what}") from None
    return replace(form, time_form=time_form, label_separator=config.label_separator).like(base.form if base else None)


def of_files(form: Form, path: str) -> Form:
    """The form of files that hold no labels; a text is a document then."""
    if form.name in ("tagged", "tsf", "gluonts") or form.fasttext:
        what = f"{display(path)}, {form.describe()}"
        raise UsageError(f"--label-from and {what}, cannot be combined: --format names another form")
    return replace(form, label_first=None, words=MARKED if form.name in NAMELESS else form.words)


def answer_file(config: TrainConfig) -> str:
    """The file that an option names for answers, if it does."""
    return next(filter(is_answer_file, (getattr(config, name) for name in ANSWERS)), None) or ""


def without_folders(config: TrainConfig, form: Form) -> TrainConfig:
    """With the name alone of a file of answers, since a model does not depend on where it is."""
    if form.name != "arrays" or not (file := answer_file(config)):
        return config
    return config.having(**{n: os.path.basename(file) for n in ANSWERS if getattr(config, n) == file})


def request_of(form: Form, config: TrainConfig, encoding: str | None = None, **found: Any) -> Request:
    """To read files by what the user said; `found` is what training, or a model to start from, found."""
    roles, timed = roles_of(config), config.time != NO_COLUMN
    if found.get("known") is None and form.name == "arrays":
        found["beside"] = answer_file(config)
    found |= {"timed": timed, "label_from": config.label_from or ""}
    return Request(form, roles, encoding or config.encoding, config.tokens, config.task, **found)


def with_names(config: TrainConfig, form: Form) -> TrainConfig:
    """The same columns by their names, where the user gave numbers; one whose name has a comma keeps its number."""
    if not form.columns:
        return config
    found: dict[str, Any] = {}
    for field in ("text", "label", "tag", *JOINED, *MANY):
        given = getattr(config, field) or ""
        if field in ("time", "fold_by") and given == NO_COLUMN:
            continue
        joined = parts_of(given, form.columns) if field in JOINED else (given,)
        columns = given.split(",") if field in MANY else joined
        names = [(name, form.columns[position(form.columns, f"--{field}", name)]) for name in columns if name]
        found[field] = ",".join(name if "," in column else column for name, column in names) or None
    return replace(config, **found)


def text_like(config: TrainConfig, form: Form, base: Model, name: str) -> TrainConfig:
    """With the columns of labelled text that a model to start from reads, where the file has others besides."""
    old = base.form
    if old is None or (form.name, old.name) != ("labelled", "labelled") or form.fasttext or old.fasttext:
        return config
    if form.columns == old.columns or not (form.header and old.header):
        return config
    meaning = Meaning.of(old, roles_of(base.config), base.config.task, None)
    text, answers = old.columns[meaning.text], [old.columns[i] for i in meaning.answers]
    if config.text is None and text in form.columns:
        config = replace(config, text=text)
    if config.label is None and base.schema.labels and answers and answers[0] in form.columns:
        config = replace(config, label=answers[0])
    if len(form.columns) > 2 and not (config.text and (config.label or config.target)):
        raise RnncliError(
            f"{name}: columns {listed(form.columns)}, expected {listed((text, *answers))} as in the model of --init: "
            "name them with --text and --label"
        )
    return config


def architecture(schema: Schema, config: TrainConfig, loss: Loss, outputs: int, pool: list[str]) -> Architecture:
    """The network over the columns of a schema, with this loss and so many outputs; without `pool` at every step."""
    name, options = cell_options(config)
    first = next(iter(schema.categories), None)
    categories = [
        (column, len(values) + 1, config.embed if column in (schema.word, first) else category_width(len(values)))
        for column, values in schema.categories.items()
    ]
    return Architecture(
        cell=name,
        hidden=config.hidden,
        layers=config.layers,
        embed=0,
        tokens=0,
        outputs=outputs,
        cell_options=options,
        bidirectional=bool(config.bidirectional),
        categories=categories,
        grams=(schema.buckets, config.embed) if schema.word else None,
        numbers=schema.width,
        pool=pool,
        own={name: list(shape) for name, shape in loss.own.items()},
    )
