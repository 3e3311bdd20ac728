"""`inspect`: its options. Those of the views are made of what these declare."""

import inspect
import math
from collections.abc import Callable
from typing import Annotated, Any

import typer

from rnncli import registry
from rnncli.cli import exits
from rnncli.cli.options import given, named, numbers
from rnncli.cli.shared import MODEL
from rnncli.config import one_of, option_name, without_effect
from rnncli.errors import UsageError
from rnncli.models.output import Output, check_outputs
from rnncli.readers.encodings import Policy, Reading

LOOKING = Policy(
    advice="the input has to be as the model's texts: iconv -f ENCODING -t UTF-8 INPUT | rnncli inspect MODEL -",
    other="it seems to be {}: iconv turns it into the encoding that the model was trained on",
)
VIEWS = registry.declared("views")
TYPES = {"int": int, "float": float, "text": str, "numbers": str}  # as they stand on the command line

#: option of views -> what the views declare of it
OPTIONS: dict[str, dict] = {name: o for said in VIEWS.values() for name, o in said.get("options", {}).items()}
#: option -> the views that it has a meaning for
VIEWED_IN = {
    "input": [view for view, said in VIEWS.items() if said.get("input")],
    "to": [view for view, said in VIEWS.items() if said.get("forms")],
} | {name: [view for view, said in VIEWS.items() if name in said.get("options", {})] for name in OPTIONS}
#: forms of views, for --to
FORMS = ("text", *dict.fromkeys(form for said in VIEWS.values() for form in said.get("forms", ())))


def with_options_of_views(command: Callable) -> Callable:
    """The command with an option for each that a view declares, in place of `**chosen`, after --view."""
    parameters = list(inspect.signature(command).parameters.values())[:-1]
    place = [parameter.name for parameter in parameters].index("view") + 1
    parameters[place:place] = [_parameter(name, said) for name, said in OPTIONS.items()]
    plain = [p.replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD) for p in parameters]
    command.__signature__ = inspect.Signature(plain)  # type: ignore[attr-defined]
    return command


def _parameter(name: str, said: dict) -> inspect.Parameter:
    default, type_of = said.get("default"), TYPES[said["type"]]
    help = f"{', '.join(VIEWED_IN[name])}: {said['help']}."
    option = typer.Option(option_name(name), min=said.get("min"), metavar=said.get("metavar"), help=help)
    annotation = Annotated[type_of if default is not None else type_of | None, option]  # type: ignore[valid-type]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


@with_options_of_views
def look_inside(
    context: typer.Context,
    model: Annotated[str, MODEL],
    input: Annotated[
        str | None, typer.Argument(metavar="[INPUT]", help="A file for views of the running network.")
    ] = None,
    view: Annotated[str, typer.Option(help=f"{named('views')}.")] = next(iter(VIEWS)),
    to: Annotated[
        str, typer.Option(help=f"{', '.join(VIEWED_IN['to'])}: {', '.join(FORMS[:-1])} or {FORMS[-1]}.")
    ] = FORMS[0],
    save: Annotated[
        str | None, typer.Option(metavar="FILE.svg|html|png", help="The picture as a file, not on the terminal.")
    ] = None,
    report: Annotated[
        str | None, typer.Option(metavar="FILE.html", help="All views on one page, in place of --view.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Plain data as one JSON object.")] = False,
    **chosen: Any,
) -> None:
    """Look inside a model."""
    one_of("--view", view, tuple(VIEWS))
    one_of("--to", to, FORMS)
    forms = (("--to", to != FORMS[0]), ("--save", save), ("--json", json), ("--report", report))
    asked = [name for name, given in forms if given]
    if len(asked) > 1:
        raise UsageError(f"{asked[0]} and {asked[1]} do not go together: give one of them")
    if report is None:
        _refuse_for_others(view, given(context, VIEWED_IN), chosen)
    elif given(context, ["view"]):
        raise UsageError("--view and --report do not go together: a report has all views")
    elif not report.endswith(".html"):
        raise UsageError(f"--report {report}: expected a name that ends in .html")
    for name, said in OPTIONS.items():
        chosen[name] = _checked(option_name(name), chosen[name], said)
        if report and chosen[name] is None:
            chosen[name] = said.get("in_report")
    check_outputs([Output("--save", save), Output("--report", report)], [("MODEL", model), ("the input", input or "-")])
    Reading.begin(LOOKING)
    from rnncli.commands import inspection

    with exits.results():
        if report:
            inspection.report(model, input, report, chosen)
        else:
            inspection.inspect(model, input, view, chosen, to, save, json)


def _refuse_for_others(view: str, given: list[str], chosen: dict[str, Any]) -> None:
    """UsageError for an option, or an input, that the view has no use for."""
    for name in given:
        if view not in VIEWED_IN[name]:
            raise without_effect(name, f"--view {view}", [f"--view {other}" for other in VIEWED_IN[name]])
    reads = VIEWS[view].get("input")
    if "input" in given and isinstance(reads, dict) and chosen[reads["with"]] is None:
        raise UsageError(reads["else"])


def _checked(option: str, value: Any, said: dict) -> Any:
    """What the command line gives, as the view takes it."""
    if said["type"] == "numbers":
        return numbers(option, value)
    if value is not None and "expected" in said and not 0 < value < math.inf:
        raise UsageError(f"{option} {value:g}: expected {said['expected']}")
    return value
