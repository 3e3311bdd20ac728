"""From the files of series to what is learnt of them: read, put on their clocks, cut in time, fitted."""

from dataclasses import replace

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.columns import Columns, upto
from rnncli.data.forecast_targets import Outlook
from rnncli.data.growth import change_by_parts, far_from_zero
from rnncli.data.known_words import Words, flag_names, with_flags, words_among
from rnncli.data.limits import stops_of
from rnncli.data.outlook_fit import fit_outlook
from rnncli.data.own_season import Seasons, seasons_in
from rnncli.data.ranges import Ranges
from rnncli.data.schema import Schema
from rnncli.data.series_encoding import Targets
from rnncli.data.target_columns import melt, target_values, without
from rnncli.data.times.calendar import Calendar, periods_of, usual_of
from rnncli.data.times.clock import (
    as_trained,
    clocks_to_learn,
    clocks_to_predict,
    put_on_clocks,
    say_clocks,
    taken_once,
)
from rnncli.data.times.public_holidays import column_name, refuse_none, refuse_times, refuse_unknown, with_holidays
from rnncli.data.times.zones import to_instants
from rnncli.data.unseen_series import with_series
from rnncli.errors import RnncliError, UsageError, note
from rnncli.network.likelihoods import LIKELIHOODS
from rnncli.process.temporary import blocks, in_blocks, repeated
from rnncli.readers.form import Form
from rnncli.readers.naming import listed, position
from rnncli.readers.reader import reader_of
from rnncli.readers.source import display
from rnncli.tasks.target_values import refuse_options, refuse_values
from rnncli.values import parse_levels, refuse_quantiles

MOST_TRIED = 16_000_000  # values of several targets, of which it is tried whether each by itself is learnt better
LEAST_VALID = 16  # rows of a series that say something


def numbers_of(schema: Schema) -> tuple[str, ...]:
    """The columns of numbers of a table, those that are forecast last."""
    numbers = (name for name in schema.numbers if name != schema.holidays)
    return (*numbers, *(schema.outlook.columns or schema.outlook.targets))


def file_numbers(schema: Schema) -> tuple[str, ...]:
    """Those that a file has: known words are not among them."""
    flags = {flag for flags in flag_names(schema.outlook.known_words).values() for flag in flags}
    return tuple(name for name in numbers_of(schema) if name not in flags)


def horizon_of(path: str, form: Form, config: TrainConfig, start: Schema | None) -> int | None:
    """--horizon, or what the file says."""
    told = reader_of(form.name).horizon(path, config.encoding) if config.horizon is None and start is None else None
    if told is None:
        return config.horizon
    note(f"{display(path)}: {told[0]} steps are forecast, as {told[1]} says: --horizon sets another number")
    return told[0]


def with_meanings(config: TrainConfig, columns: Columns, form: Form, start: Schema | None) -> TrainConfig:
    """With what columns of the form are, where the user says nothing of it, and the frequency that was found."""
    config = config.having(frequency=form.frequency or None)
    if start is not None or config.target or config.known or config.inputs:
        return config
    return config.having(**reader_of(form.name).meanings(tuple(columns.number_names)))


def target_names(columns: Columns, config: TrainConfig, form: Form, name: str, start: Schema | None) -> list[str]:
    """The columns to forecast: those that are named, else all of numbers but the inputs; of a model to start from its
    own.
    """
    if start is not None:
        names = start.outlook.columns or start.outlook.targets
        given = meant(config.target, form, "--target") or names
        if set(given) != set(names):
            raise UsageError(
                f"--init, a model of {listed(tuple(names))}, and --target {config.target} cannot be combined: the "
                "targets must be the same"
            )
        return list(names)
    aside = [*meant(config.known, form, "--known"), *meant(config.inputs, form, "--inputs")]
    names = meant(config.target, form, "--target") or [n for n in columns.number_names if n not in aside]
    if not names:
        raise UsageError(f"{name}: every column of numbers is an input, expected one to forecast: --target names it")
    refuse_missing(columns, names, name)
    return names


def meant(text: str | None, form: Form, option: str) -> list[str]:
    """The columns of a list with commas, by their names; one whose name has a comma stands there by its number."""
    given = text.split(",") if text else []
    return [form.columns[position(form.columns, option, name)] for name in given] if form.columns else given


def refuse_no_numbers(columns: Columns, name: str) -> None:
    """A file of this name without a column to forecast."""
    if not columns.number_names:
        raise RnncliError(f"{name}: no column of numbers, expected at least one to forecast")


def refuse_missing(columns: Columns, names: list[str], name: str) -> None:
    """A target that is no column of numbers of the file."""
    missing = [n for n in names if n not in columns.number_names]
    if missing:
        found = listed(tuple(columns.number_names)) or "none"
        raise RnncliError(f"{name}: no column of numbers {missing[0]} to forecast, found {found}")


def on_clocks(columns: Columns, config: TrainConfig, name: str, start: Schema | None) -> Columns:
    """Each series on its clock, which is that of the rows before --until; nothing is learnt of any other. With a model
    to start from it is that of the model, as in predictions.
    """
    if start is not None:
        start.outlook.clock.refuse_others(columns.times, columns.time_sample)
    if start is None:
        columns = to_instants(columns, config.zone or "", name, {})
    else:
        columns = as_trained(columns, start.outlook.clock, name, {})
    columns = taken_once(columns, name) if config.regular else columns
    sample, zone, until = columns.time_sample, columns.zone, config.until
    calendar = Calendar() if until is None else Calendar.of(columns.times, columns.offsets, sample, zone)
    stops = stops_of(columns, calendar, until, "--until")
    if not (stops > columns.offsets[:-1]).any():
        raise UsageError(f"--until {config.until}: no rows before it, expected some for training")
    if start is None:
        clocks = clocks_to_learn(columns, stops, config.regular)
        say_clocks(columns, clocks, name, stops, config.regular)
    else:
        clocks = clocks_to_predict(columns, start.outlook, name)
    columns = put_on_clocks(columns, clocks, name)
    return columns if until is None else upto(columns, stops_of(columns, calendar, until, "--until"))


def fitting(columns: Columns, start: Schema | None, name: str) -> Columns:
    """The columns of a file of this name, which have to be those of a model to start from, if there is one."""
    if start is None:
        return columns
    columns = with_flags(columns, start.outlook.known_words)
    start.refuse_others(columns, name)
    return columns


def with_known(
    columns: Columns, known: list[str], config: TrainConfig, name: str, start: Schema | None
) -> tuple[Columns, Words]:
    """Each series on its clock, with what is known ahead: flags for the words among the columns `known`, and holidays;
    and these words.
    """
    if config.holidays == "":
        raise UsageError("--holidays: found an empty name, expected the code of a country such as FR or US-CA")
    words = start.outlook.known_words if start else words_among(columns, known)
    columns = on_clocks(with_flags(columns, words), config, name, start)
    return with_country(columns, start.outlook.holidays if start else config.holidays), words


def with_country(columns: Columns, country: str | None) -> Columns:
    """With the holidays of a country, if one is named."""
    if not country:
        return columns
    refuse_times(columns, country)
    refuse_unknown(country)
    if column_name(country) in columns.number_names:
        raise UsageError(f"--holidays {country}: the file has a column {column_name(country)}: rename it")
    return with_holidays(columns, country)


def on_known_clocks(columns: Columns, names: list[str], o: Outlook, name: str) -> Columns:
    """The series of a validation file, on the clocks of the training part."""
    refuse_values(o, columns, names)
    o.clock.refuse_others(columns.times, columns.time_sample)
    columns = taken_once(as_trained(columns, o.clock, name, {}), name)
    columns = put_on_clocks(columns, clocks_to_predict(columns, o, name), name)
    return melt(columns, names) if o.columns else columns


def cuts_of(offsets: np.ndarray, fraction: float) -> np.ndarray:
    """Where the training part of each series ends; all of it if the rest would say nothing."""
    held = (np.diff(offsets) * fraction).astype(np.int64)
    held[held < (LEAST_VALID if len(held) < 10 else 1)] = 0
    return offsets[1:] - held


def refuse_empty(columns: Columns, names: list[str], held: float, name: str) -> None:
    """A target without a value in the training part, which is all but the part that is held."""
    values, training = target_values(columns, names), Ranges(columns.offsets[:-1], cuts_of(columns.offsets, held))
    there = np.zeros(len(names), bool)
    for begin, end in training.blocks():
        there |= np.isfinite(values[begin:end]).any(axis=0)
        if there.all():
            return
    raise RnncliError(f"{name}: no values in column {names[int(np.argmin(there))]}, expected some for training")


def learn(
    columns: Columns,
    names: list[str],
    known: list[str],
    words: Words,
    cuts: np.ndarray,
    config: TrainConfig,
    start: Schema | None,
) -> tuple[Schema, Targets | None]:
    """All that the rows before the cuts say, of the targets of these names, with these inputs `known` ahead, of which
    some are `words`, and these targets as they are then; of a model to start from its own, with series and values of
    categories that are new.
    """
    ends = repeated(cuts, columns.offsets)
    before = in_blocks(columns.total, lambda begin, end: np.arange(begin, end) < ends[begin:end])
    if start is not None:
        o = start.outlook
        refuse_values(o, columns, o.targets)
        rest = without(columns, o.targets)
        schema = Schema.fit(rest, before, None, 0, config.min_count, start, config.new_vocabulary)
        return replace(schema, outlook=with_series(o, columns, target_values(columns, o.targets), cuts)), None
    flags = flag_names(words)
    known = [flag for name in known for flag in flags.get(name, [name])]
    if config.holidays:
        refuse_none(columns, config.holidays, before)
        known.append(column_name(config.holidays))
    o = replace(_chosen(columns, names, known, cuts, config), known_words=words, holidays=config.holidays or "")
    refuse_options(o, config)
    refuse_values(o, columns, o.targets)
    o, targets = fit_outlook(o, columns, cuts, config.level, config.look_back)
    schema = Schema.fit(without(columns, o.targets), before, None, 0, config.min_count)
    missing = [name for name in known if name not in schema.numbers]
    if missing:
        raise UsageError(f"--known {missing[0]}: not a column beside the targets")
    if o.season > max(1, o.clock.season) and not config.season:
        also = f", and every {o.longer}" if o.longer > 1 else ""
        found = f"values or their changes repeat every {o.season} rows"
        note(f"{found}, used as the season{also}: --season sets another, 1 means none")
    return replace(schema, outlook=o), targets


def _chosen(columns: Columns, names: list[str], known: list[str], cuts: np.ndarray, config: TrainConfig) -> Outlook:
    """What the options say, and for want of them the rows; nothing is fitted yet."""
    calendar = usual_of(columns.clocks, columns.times, columns.time_sample, columns.zone)
    targets = ["value"] if config.univariate else names
    values = target_values(columns, targets)
    loss = config.loss or ("bernoulli" if are_bits(values) else "quantile")
    if config.quantiles:
        refuse_quantiles(loss)
    season, longer = _seasons(calendar, columns, values, cuts, config)
    return Outlook(
        targets=targets,
        horizon=config.horizon or 1,
        loss=loss,
        levels=list(parse_levels(config.quantiles)),
        scaled=LIKELIHOODS[loss].scaled,
        ranges=True,
        transform=config.transform or _transform(values, columns, cuts, season, loss),
        season=season,
        longer=longer,
        columns=names if config.univariate else [],
        known=known,
        calendar=calendar.to_json(),
        periods=periods_of(columns.clocks, cuts - columns.offsets[:-1]),
    )


def go_on(columns: Columns, others: Columns) -> bool:
    """Whether the series of a validation file are those of training, later on: else names mean nothing there."""
    if columns.times is None or others.times is None:
        return False
    last = dict(zip(columns.names, columns.times[columns.offsets[1:] - 1], strict=True))
    return all(
        key in last and last[key] < at for key, at in zip(others.names, others.times[others.offsets[:-1]], strict=True)
    )


def _seasons(
    calendar: Calendar, columns: Columns, values: np.ndarray, cuts: np.ndarray, config: TrainConfig
) -> Seasons:
    """By the times, whose calendar tells of longer ones; else those that the values themselves show."""
    if calendar.season > 1 or len({clock.steps for clock in columns.clocks or ()}) > 1:
        return Seasons(config.season or calendar.season)
    return seasons_in(values, columns.offsets, cuts, config.horizon or 1, config.season)


def transformable(config: TrainConfig, names: list[str], *files: Columns | None) -> TrainConfig:
    """The same options; without a transform, if none was asked for and a value of these columns is near 0."""
    if config.transform:
        return config
    there = [columns for columns in files if columns is not None]
    far = all(far_from_zero(target_values(columns, names), columns.offsets) for columns in there)
    return config if far else config.having(transform="none")


def together(config: TrainConfig, columns: Columns, names: list[str], name: str) -> TrainConfig:
    """The same options; of a large table all targets of these names are learnt together, and it is not tried whether
    each by itself is learnt better: every row would be read once more for each.
    """
    count = columns.total * len(names)
    if config.univariate is not None or len(names) < 2 or count <= MOST_TRIED or config.of_training():
        return config
    note(f"{name}: {count:,} values, so all targets are learnt together: --univariate learns each by itself")
    return config.having(univariate=False)


def _transform(values: np.ndarray, columns: Columns, cuts: np.ndarray, season: int, loss: str) -> str:
    """The logarithm of what changes by parts of its size. A quantile of it is that of the values, but not the mean."""
    if loss != "quantile" or not change_by_parts(values, columns.offsets, cuts, season):
        return "none"
    note("changes grow with the level, so logarithms are learnt: --transform none leaves the values as they are")
    return "log"


def are_bits(values: np.ndarray) -> bool:
    """Whether each of several targets is 0 or 1 in every row (rows, K)."""
    if values.shape[1] < 2:
        return False
    parts = (values[begin:end] for begin, end in blocks(len(values)))
    return all(bool(((part == 0) | (part == 1)).all()) for part in parts)
