"""`inspect`: its options. Those of the views are made of what these declare."""

import os
from typing import Annotated, Any

import typer

from rnncli import registry
from rnncli.cli import exits
from rnncli.cli.declared import meant, options_of, with_options
from rnncli.cli.options import MODEL, RUNNING, given, numbers
from rnncli.config import option_name, without_effect
from rnncli.errors import UsageError
from rnncli.models.output import Output, check_outputs
from rnncli.readers.encodings import Policy, Reading
from rnncli.readers.folders import files_of
from rnncli.registry import words_of

LOOKING = Policy(
    advice="the input has to be as the model's texts: iconv -f ENCODING -t UTF-8 INPUT | rnncli inspect MODEL -",
    other="it seems to be {}: iconv turns it into the encoding that the model was trained on",
)
VIEWS = registry.declared("views")
#: option -> what the views declare of it
OPTIONS = options_of("views")
#: option -> the views that it has a meaning for
VIEWED_IN = {
    "input": [view for view, said in VIEWS.items() if said.get("input")],
    "notation": [view for view, said in VIEWS.items() if said.get("forms")],
} | {name: [view for view, said in VIEWS.items() if name in said.get("options", {})] for name in OPTIONS}
#: forms of views, for --notation
FORMS = ("text", *dict.fromkeys(form for said in VIEWS.values() for form in said.get("forms", ())))


EXAMPLES = """\
# Look at what is in a model file
rnncli inspect tales.safetensors

# Watch the units while the network reads
rnncli inspect tales.safetensors tales.txt --view states

# Write all views on one page
rnncli inspect tales.safetensors tales.txt --report tales.html
"""

INPUT = typer.Argument(metavar="[INPUT]", help="File for the network to read, for views that need one; - is stdin.")
OF_ALL: dict[str, dict[str, Any]] = {
    "view": {
        "default": next(iter(VIEWS)),
        "values": tuple(VIEWS),
        "group": "View",
        "metavar": "VIEW",
        "help": f"View: {words_of('views')}",
    },
    "member": {
        "group": "View",
        "min": 0,
        "help": "Network to look at, of a model of several, counted from 0",
        "unset": "the first one; for --view summary all",
    },
    "report": {"group": "View", "metavar": "FILE.html", "help": "Write all views to one page, in place of --view"},
    "compare": {
        "group": "View",
        "metavar": "MODEL,..",
        "help": "Show what MODEL and these were made of and what they reached in one table, in place of --view",
    },
    "similar": {
        "group": "View",
        "metavar": "MODEL",
        "help": "Show how like the states of MODEL and of this one are while they read INPUT, in place of --view",
    },
    "verify": {
        "group": "View",
        "metavar": "DATA",
        "repeated": True,
        "help": "Check whether MODEL was made from this file, in place of --view; give it once for each file of the "
        "training. Exit code 0 if it was, else 1 and a line on what differs",
    },
    "export": {
        "group": "Output",
        "values": ("onnx", "torch"),
        "help": "Write the network to --save FILE or to stdout, in place of --view: a file of ONNX, or a state dict of "
        "PyTorch as safetensors",
    },
    "notation": meant(
        {
            "former": "to",
            "default": FORMS[0],
            "values": FORMS,
            "group": "Output",
            "help": "Form of the graph: for the terminal, Graphviz, Mermaid or a browser",
        },
        VIEWED_IN["notation"],
        "views",
    ),
    "save": {
        "group": "Output",
        "metavar": "FILE.svg|html|png|onnx|safetensors",
        "help": "Write the picture, or --export, to a file",
    },
    "json": {"default": False, "group": "Output", "help": "Write the data of the view as one JSON object"},
    "longest_line": RUNNING["longest_line"],
}


#: options that stand in place of a view -> those that have a meaning beside them
INSTEAD = {
    "compare": {"json", "save"},
    "similar": {"json", "save", "input"},
    "verify": {"json"},
    "export": {"save", "member"},
}


@with_options(OF_ALL | OPTIONS)
def look_inside(
    context: typer.Context, model: Annotated[str, MODEL], input: Annotated[str | None, INPUT] = None, **chosen: Any
) -> None:
    """Look inside a model: its sizes and training, its units as it reads, its memory, its dynamics."""
    view, member, report, save, json = (chosen[name] for name in ("view", "member", "report", "save", "json"))
    _refuse_two_forms(chosen)
    for instead in INSTEAD:
        if chosen[instead] not in (None, []):
            _refuse_beside(context, instead)
            _in_place_of_a_view(instead, model, input, chosen)
            return
    if input and os.path.isdir(input):
        raise UsageError(f"{input}: a folder, expected one file, such as {files_of([input])[0]}")
    if report is None:
        _refuse_for_others(view, given(context, VIEWED_IN), chosen)
    elif given(context, ["view"]):
        raise UsageError("--view and --report cannot be combined: a report contains all views")
    elif not report.endswith(".html"):
        raise UsageError(f"--report {report}: expected a file name that ends in .html")
    options = _of_views(chosen)
    check_outputs([Output("--save", save), Output("--report", report)], [("MODEL", model), ("the input", input or "-")])
    Reading.begin(LOOKING)
    with exits.results():
        if report:
            from rnncli.commands.report import report as write_report

            write_report(model, member, input, report, options)
        else:
            from rnncli.commands import inspection

            inspection.inspect(model, member, input, view, options, chosen["notation"], save, json)


def _refuse_two_forms(chosen: dict[str, Any]) -> None:
    """UsageError where the result is asked for in several forms."""
    forms = {"notation": chosen["notation"] != FORMS[0]} | {name: chosen[name] for name in ("save", "json", "report")}
    asked = [name for name, is_asked in forms.items() if is_asked]
    if len(asked) > 1:
        raise UsageError(f"--{asked[0]} and --{asked[1]} cannot be combined: give one of them")


def _of_views(chosen: dict[str, Any]) -> dict[str, Any]:
    """The options of views; in a report with the values that they have there."""
    options = {name: chosen[name] for name in OPTIONS}
    for name, said in OPTIONS.items():
        if said.get("type") == "numbers":
            options[name] = numbers(option_name(name), options[name])
        if chosen["report"] and options[name] is None:
            options[name] = said.get("in_report")
    return options


def _refuse_beside(context: typer.Context, instead: str) -> None:
    """UsageError for an option that has no meaning beside this one, which stands in place of a view."""
    others = [name for name in ["input", *OF_ALL, *OPTIONS] if name not in {instead, "longest_line", *INSTEAD[instead]}]
    for name in given(context, others):
        raise UsageError(
            f"--{instead} and {option_name(name)} cannot be combined: --{instead} stands in place of a view"
        )


def _in_place_of_a_view(instead: str, model: str, input: str | None, chosen: dict[str, Any]) -> None:
    """`--compare`, `--similar`, `--verify` or `--export`."""
    save, json = chosen["save"], chosen["json"]
    read = {"similar": [chosen["similar"], input or "-"], "verify": chosen["verify"]}.get(instead, [])
    check_outputs([Output("--save", save)], [("MODEL", path) for path in (model, *read)])
    from rnncli.commands import inspection

    with exits.results():
        if instead == "compare":
            others = [path.strip() for path in chosen["compare"].split(",")]
            if not all(others):
                raise UsageError(f"--compare {chosen['compare']}: expected model files, separated by commas")
            inspection.compare([model, *others], save, json)
        elif instead == "similar":
            Reading.begin(LOOKING)
            inspection.similar([model, chosen["similar"]], input or "-", save, json)
        elif instead == "verify":
            inspection.verify(model, files_of(chosen["verify"]), json)
        else:
            inspection.export(model, chosen["export"], chosen["member"], save)


def _refuse_for_others(view: str, given: list[str], chosen: dict[str, Any]) -> None:
    """UsageError for an option, or an input, that the view has no use for."""
    for name in given:
        if view not in VIEWED_IN[name]:
            raise without_effect(name, f"on --view {view}", [f"--view {other}" for other in VIEWED_IN[name]])
    reads = VIEWS[view].get("input")
    if "input" in given and isinstance(reads, dict) and chosen[reads["with"]] is None:
        raise UsageError(reads["else"])
