"""The command line: options to config, one library call, render. Each verb is declared by a file of its own.

Heavy modules (numpy, numba, rich) are imported inside the commands, so that `--help` and mistakes in options are quick.
For the same reason a start with a verb makes the options of this verb only.
"""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from rnncli.cli import exits
from rnncli.cli.declared import Grouped

#: verb -> its file here, and the function in it
VERBS = {"train": ("train", "train"), "predict": ("predict", "predict"), "inspect": ("inspection", "look_inside")}


def app(verbs: Iterable[str] = VERBS, completes: bool = True) -> typer.Typer:
    """The command line with these verbs; `completes`: with the options that install the completion of a shell."""
    made = typer.Typer(
        name="rnncli",
        help="Train a recurrent network on a sequence file, pipe its predictions onward, look inside it.",
        add_completion=completes,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    made.callback(invoke_without_command=True)(_about)
    for verb in verbs:
        file, function = VERBS[verb]
        module = import_module(f"{__name__}.{file}")
        made.command(verb, cls=Grouped, epilog=module.EXAMPLES)(getattr(module, function))
    return made


def main() -> None:
    """The program."""
    verbs = [word for word in sys.argv[1:2] if word in VERBS]
    exits.run(app(verbs or VERBS, not verbs))


def _about(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version or context.invoked_subcommand is None:
        from rnncli.cli import about

        print(about.version_line() if version else about.GUIDE, end="\n" * version)
        raise typer.Exit
