"""`inspect --report`: the result, then all views, on one page."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from rnncli import registry
from rnncli.commands.inspection import of_member, viewed
from rnncli.errors import RnncliError
from rnncli.models.model_file import Model
from rnncli.readers.source import display, reopenable
from rnncli.registry import learns
from rnncli.render.notes import note_compilation, patience, say
from rnncli.tasks.trained import load_model
from rnncli.views import view_class
from rnncli.views.subject import Subject

BACK = 4  # horizons that a back-test begins before the end


def report(path: str, member: int | None, input: str | None, file: str, options: dict[str, Any]) -> None:
    """All views on one HTML page; a view that makes no sense for the model stands there with the reason."""
    from rnncli.render.page import write

    whole = load_model(path)
    model = of_member(whole, path, member)
    note_compilation(False)
    subject = Subject(model, path, reopenable(input or "-"), SimpleNamespace(**options))
    subject.reading(with_loss=False)  # what is wrong with the input is said once
    of_all = replace(subject, model=whole) if member is None else subject
    views: list[tuple[str, dict | str]] = []
    for view in registry.names("views"):
        say(f"{view} ..")
        try:
            with patience(view):
                looked_at = of_all if registry.declared("views")[view].get("members") else subject
                views.append((view, viewed(view_class(view)(), view, looked_at)))
        except RnncliError as error:
            views.append((view, str(error).removeprefix(f"--view {view}: {path}: ")))
    say("what the input comes to ..")
    with patience("what the input comes to"):
        views[1:1] = [(data["view"], data) for data in _results(whole, subject.input)]
    write(file, display(path), f"what the network does while it reads {display(subject.input)}", views)


def _results(model: Model, input: str) -> Iterator[dict[str, Any]]:
    """The forecasts beside what came, or the figures of an input that has answers; the sequences or lines of the
    highest and lowest loss.
    """
    from rnncli.predictors import examples

    kind = learns(model.config.task)
    try:
        if kind == "series":
            yield {"view": "forecast"} | _back_test(model, input)
            return
        if kind != "text":
            yield {"view": "evaluation", "figures": _figures(model, input)}
        found = examples.of_text(model, input) if kind == "text" else examples.of_sequences(model, input)
        if found:
            yield {"view": "examples", **found}
    except RnncliError:
        return  # the input has no answers, or too few rows: the views do without


def _back_test(model: Model, input: str) -> dict[str, Any]:
    from rnncli.predictors.forecast_picture import forecast_picture
    from rnncli.predictors.forecaster import Forecaster
    from rnncli.predictors.series_reader import SeriesReader

    forecaster, H = Forecaster(model), model.schema.outlook.horizon
    extent = SeriesReader(model).read([input], None, f"-{BACK * H}", None, H)
    return forecast_picture(forecaster, extent, forecaster.forecast(extent, H), H)


def _figures(model: Model, input: str) -> dict[str, Any]:
    from rnncli.data.seen import encoded
    from rnncli.predictors.columns import ColumnPredictor

    predictor = ColumnPredictor(model)
    pieces = predictor.pieces([input], None, True, False)
    return predictor.evaluate((encoded(model.schema, columns) for columns in pieces), display(input))
