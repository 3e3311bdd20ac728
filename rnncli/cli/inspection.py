"""`inspect`: its options."""

import math
from typing import Annotated

import typer

from rnncli.cli import exits
from rnncli.cli.options import given, numbers
from rnncli.cli.shared import MODEL
from rnncli.config import GRAPHS, LAGS, VIEWS, one_of, without_effect
from rnncli.errors import UsageError
from rnncli.models.output import Output, check_outputs
from rnncli.readers.encodings import Policy, Reading

LOOKING = Policy(
    advice="the input has to be as the model's texts: iconv -f ENCODING -t UTF-8 INPUT | rnncli inspect MODEL -",
    other="it seems to be {}: iconv turns it into the encoding that the model was trained on",
)

#: option of inspect -> the views that it has a meaning for
VIEWED_IN = {
    "input": tuple(f"--view {view}" for view in VIEWS if view not in ("summary", "gradcheck")),
    **dict.fromkeys(("unit", "units", "layer"), ("--view states",)),
    "lags": ("--view gradients", "--view memory"),
    **dict.fromkeys(("unfold", "to"), ("--view graph",)),
    "at": ("--view attribution",),
    **dict.fromkeys(("hold", "dt"), ("--view dynamics",)),
}


def look_inside(
    context: typer.Context,
    model: Annotated[str, MODEL],
    input: Annotated[
        str | None, typer.Argument(metavar="[INPUT]", help="A file for views of the running network.")
    ] = None,
    view: Annotated[str, typer.Option(help=f"{', '.join(VIEWS[:-1])} or {VIEWS[-1]}.")] = VIEWS[0],
    unit: Annotated[
        int | None, typer.Option(min=0, help="states: the unit to look at; default the most varied.")
    ] = None,
    units: Annotated[
        str | None, typer.Option(metavar="N,..", help="states: only these units in the data and the heat map.")
    ] = None,
    layer: Annotated[int | None, typer.Option(min=0, help="states: the layer, from 0; default the last.")] = None,
    lags: Annotated[int, typer.Option(min=1, help="gradients, memory: how many steps back.")] = LAGS,
    unfold: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="graph: unfolded over the first N steps of INPUT.")
    ] = None,
    at: Annotated[
        int | None, typer.Option(min=0, metavar="STEP", help="attribution: of the prediction there; default the last.")
    ] = None,
    hold: Annotated[
        str | None,
        typer.Option(metavar="TOKEN|VALUE,..", help="dynamics: the input at the fixed points; default the usual one."),
    ] = None,
    dt: Annotated[
        float | None, typer.Option(metavar="TIME", help="dynamics: of a step; default by the time column.")
    ] = None,
    to: Annotated[str, typer.Option(help="graph: text, dot, mermaid or svg.")] = "text",
    save: Annotated[
        str | None, typer.Option(metavar="FILE.svg|html|png", help="The picture as a file, not on the terminal.")
    ] = None,
    report: Annotated[
        str | None, typer.Option(metavar="FILE.html", help="All views on one page, in place of --view.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Plain data as one JSON object.")] = False,
) -> None:
    """Look inside a model."""
    one_of("--view", view, VIEWS)
    one_of("--to", to, GRAPHS)
    forms = (("--to", to != "text"), ("--save", save), ("--json", json), ("--report", report))
    asked = [name for name, given in forms if given]
    if len(asked) > 1:
        raise UsageError(f"{asked[0]} and {asked[1]} do not go together: give one of them")
    if report is None:
        for name in given(context, VIEWED_IN):
            if f"--view {view}" not in VIEWED_IN[name]:
                raise without_effect(name, f"--view {view}", VIEWED_IN[name])
    elif given(context, ["view"]):
        raise UsageError("--view and --report do not go together: a report has all views")
    elif not report.endswith(".html"):
        raise UsageError(f"--report {report}: expected a name that ends in .html")
    if not report and view == "graph" and input and unfold is None:
        raise UsageError("INPUT and a folded graph do not go together: --unfold N says how many steps of it to show")
    if dt is not None and not 0 < dt < math.inf:
        raise UsageError(f"--dt {dt:g}: expected the time of a step, a number above 0")
    check_outputs([Output("--save", save), Output("--report", report)], [("MODEL", model), ("the input", input or "-")])
    Reading.begin(LOOKING)
    from rnncli.commands import inspection

    chosen = inspection.Look(layer, unit, numbers("--units", units), lags, unfold, at, hold, dt, to, save, json)
    with exits.results():
        if report:
            inspection.report(model, input, report, chosen)
        else:
            inspection.inspect(model, input, view, chosen)
