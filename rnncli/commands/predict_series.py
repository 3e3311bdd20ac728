"""What `predict` does with a forecast model: rows of forecasts, of surprise, or one object of metrics, on stdout."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from rnncli.commands.figures import show_figures, show_folds
from rnncli.commands.source import Source, carried
from rnncli.config import option_name
from rnncli.data.extent import Extent
from rnncli.data.seen import Known
from rnncli.data.seen_series import new_steps
from rnncli.data.shards import Shard
from rnncli.errors import RnncliError, UsageError
from rnncli.kernels.cpus import usable_cpus
from rnncli.models.model_file import Model
from rnncli.models.state_file import StateFile
from rnncli.predictors.alarm import Alarms, WithAlarms
from rnncli.predictors.answers import read_answers
from rnncli.predictors.evaluation import compare, evaluate, free_runs, valid_steps
from rnncli.predictors.following import follow
from rnncli.predictors.forecast_picture import forecast_picture
from rnncli.predictors.forecast_rows import Found, forecast_rows, row_names, scored_rows
from rnncli.predictors.forecaster import Forecaster
from rnncli.predictors.known_ahead import refuse_short
from rnncli.predictors.learnt import with_learnt
from rnncli.predictors.series_reader import SeriesReader
from rnncli.predictors.tallies import seen_figures
from rnncli.process.phases import over, told, under_way
from rnncli.readers.source import display
from rnncli.render.row_file import RowFile, table_form
from rnncli.render.row_writer import RowWriter

FIRST = itemgetter(0)
#: option that a stream has no use for -> why
IDLE_ON_STREAMS = {
    "begin": "every row that comes is forecast; what came before it goes in by --state-file",
    "until": "a stream is read until it ends",
    "plot": "a picture shows a whole series",
}


def predict(model: Model, source: Source, o: Any) -> None:
    """By default forecasts; `--score` and `--evaluate` are the other kinds. `o` are the options of the command."""
    _refuse(model, o)
    if o.folds:
        from rnncli.predictors.cross_validation import of_series

        show_folds(partial(of_series, horizon=o.horizon), model, source, o)
        return
    reader, forecaster = SeriesReader(model), Forecaster(model, o.threads or usable_cpus(), o.adapt)
    alarms = Alarms(o.alarm, forecaster.ranks if o.alarm is not None else None)
    holder = WithAlarms(with_learnt(reader.carry, forecaster.adaptation), alarms)
    file = StateFile(o.state_file, model, holder) if o.state_file else None
    with carried(source.follow, file) as rows_are_written:
        job = Job(reader, forecaster, alarms, o)
        if source.follow:
            job.follow(source, rows_are_written)
        else:
            job.files(source)


def _refuse(model: Model, o: Any) -> None:
    """Models whose rows cannot come one by one, options that are idle then, and one that a model has no use for."""
    known = model.schema.outlook.known
    if o.save and not table_form(o.save) and (o.score or o.header):
        option = "--score" if o.score else "--header"
        raise UsageError(f"{option} and --save {o.save} cannot be combined: a picture shows forecasts")
    if o.hold_known and not known:
        raise UsageError("--hold-known is for models with known inputs; this model was trained without --known")
    asked = "--follow" if o.follow else "--state-file"
    if (o.follow or o.state_file) and model.form.name != "table":
        raise UsageError(f"{asked} is for tables, which are read row by row; this model reads {model.form.describe()}")
    for name, why in IDLE_ON_STREAMS.items():
        if o.follow and getattr(o, name) not in (None, False):
            raise UsageError(f"--follow and {option_name(name)} cannot be combined: {why}")
    if o.follow and known:
        columns = ",".join(dict.fromkeys(model.schema.outlook.column_of.values()))
        if not columns:
            raise UsageError(
                f"--follow and a model with --holidays {model.schema.outlook.holidays} cannot be combined: --follow "
                "does not make the holidays of the days to come yet; predict from a file, and use --state-file to go "
                "on from the last call"
            )
        raise UsageError(
            f"--follow and a model with --known {columns} cannot be combined: a forecast needs the known inputs of "
            "rows to come; give them in a file, and use --state-file to go on from the last call"
        )


class Job:
    """What is done with the rows that come in."""

    def __init__(self, reader: SeriesReader, forecaster: Forecaster, alarms: Alarms, options: Any):
        self.reader, self.forecaster, self.options = reader, forecaster, options
        self.alarms = alarms if alarms.threshold else None
        self.mode = mode = "score" if options.score else "evaluate" if options.evaluate else "forecast"
        self.steps = options.free_run or options.horizon or forecaster.outlook.horizon
        self.free = mode == "forecast" and bool(options.free_run or self.steps > forecaster.outlook.horizon)
        self.back_test = mode == "forecast" and (options.begin is not None or options.follow)

    def files(self, source: Source) -> None:
        """All rows of the files, after those that a state holds."""
        extent = self.read(source)
        if not self.options.shard.is_whole:
            extent = _only(extent, self.options.shard, source)
        if self.mode == "evaluate":
            show_figures(self.figures(extent, source.encoding, source.name), source.name, self.options)
        elif self.options.plot or (self.options.save and not RowFile.here):
            self.show(forecast_picture(self.forecaster, extent, self.found(extent), self.steps), source)
        else:
            one_each, found = self.mode == "forecast" and self.options.begin is None, self.rows(extent)
            _write(self.writer(extent.names is not None), sorted(found, key=FIRST) if one_each else found)
        if self.options.state_file:
            self.keep(extent)

    def show(self, data: dict, source: Source) -> None:
        """A picture on the terminal, or in a file."""
        from rnncli.render.saved import show  # with Rich, which takes long to load

        data |= {"title": f"rnncli predict {display(source.paths[0])}", "view": "forecast"}
        show(data, self.options.save)

    def read(self, source: Source) -> Extent:
        """The files; what a state does not go on from, and known inputs that end too early, are refused."""
        reader, options, name = self.reader, self.options, display(source.paths[0])
        new = reader.columns(source.paths, source.encoding)
        if options.state_file:
            reader.carry.refuse_unnamed(new)
            for _, what in reader.carry.late(new):
                raise RnncliError(f"{name}: {what}, expected rows that come after those in --state-file")
            reader.carry.refuse_other_offset(new, name)
        under_way("putting the series on their clocks")
        mode = "forecast" if options.answers else self.mode
        steps = max(self.steps, reader.outlook.horizon) if mode == "forecast" else 0
        extent = reader.extent(new, mode, steps, options.begin, options.until, name)
        if mode == "forecast" and reader.outlook.known and options.begin is None and not options.hold_known:
            refuse_short(extent, self.steps, name)
        return extent

    def follow(self, source: Source, rows_are_written: Callable[[], None]) -> None:
        """Each row as it comes."""
        writer = self.writer(bool(self.reader.model.config.group))
        rows_are_written()  # the names on top, if there are any
        ahead = self.steps if self.free else 0
        for arrived in follow(self.reader, source.paths[0], source.encoding, self.mode, ahead):
            _write(writer, sorted(((arrived.place(row), out) for row, out in self.rows(arrived.extent)), key=FIRST))
            self.keep(arrived.extent)
            rows_are_written()

    def keep(self, extent: Extent) -> None:
        """Its rows have been read: the next ones of their series go on from there."""
        carry = self.reader.carry
        if self.alarms and self.alarms.replaced:
            extent, self.alarms.replaced = self.reader.again(extent), False
        carry.keep(extent, self._states(extent))

    def _states(self, extent: Extent) -> list[np.ndarray]:
        """Those to be kept: where something was learnt on the way, as they were reached."""
        carry, forecaster = self.reader.carry, self.forecaster
        names = carry.settled_names(extent) if forecaster.adaptation else []
        if not names:
            return forecaster.states(extent, carry.origins(extent))
        return [np.concatenate(layer) for layer in zip(*(forecaster.reached[name] for name in names), strict=True)]

    def figures(self, extent: Extent, encoding: str | None, name: str) -> dict:
        """`--evaluate`: errors of forecasts, or how long free runs stay near the truth."""
        if path := self.options.answers:
            return compare(self.forecaster, extent, read_answers(self.reader, path, encoding, extent, self.steps))
        if self.options.free_run:
            return valid_steps(self.forecaster, extent, self.options.free_run, self.options.starts)
        o = self.options
        known = Known.of(self.reader.model.summary)
        under_way("hashing")
        new = new_steps(extent, known) if known else None
        new = new if known and known.tells_some else None
        figures = evaluate(self.forecaster, extent, o.stride or 1, o.horizon, o.origins, new)
        return figures | seen_figures(known, name, ("step", "steps"))

    def writer(self, grouped: bool) -> RowWriter:
        """For rows of forecasts or of surprise."""
        o = self.options
        names = row_names(self.forecaster, grouped, o.score, bool(self.alarms), self.back_test)
        return RowWriter(names, o.to, o.header, continues=o.shard.continues)

    def rows(self, extent: Extent) -> Iterator[tuple[int, list[tuple]]]:
        """(row of the series, rows out) of each forecast, or row that is scored."""
        if not self.options.follow:
            under_way("scoring" if self.mode == "score" else "forecasting")
        if self.mode == "score":
            return scored_rows(self.forecaster, extent, self.alarms)
        return forecast_rows(self.forecaster, extent, self.found(extent), self.steps, self.back_test)

    def found(self, extent: Extent) -> Iterator[Found]:
        """Each forecast."""
        if not self.free:
            return self.forecaster.forecast(extent, self.options.stride or (1 if extent.streams else self.steps))
        block = 1 if self.options.free_run else self.forecaster.outlook.horizon
        return free_runs(self.forecaster, extent, self.options.stride, self.steps, block)


def _only(extent: Extent, shard: Shard, source: Source) -> Extent:
    """The series of a shard; UsageError for a single one."""
    if len(extent.table) == 1:
        raise UsageError(
            f"--shard and {source.name} cannot be combined: it is a single series, each row of which depends on all "
            "rows before it; predict it in one job"
        )
    return extent.only(*shard.part(len(extent.table)))


def _write(writer: RowWriter, found: Iterable[tuple[int, list[tuple]]]) -> None:
    """What `rows` gave."""
    for _, out in told("writing", "rows", found, lambda rows: len(rows[1])) if RowFile.here else found:
        if not RowFile.here:
            over()
        for row in out:
            writer.write(*row)
