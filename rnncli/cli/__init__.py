"""The command line: options to config, one library call, render. Each verb is declared by a file of its own.

Heavy modules (numpy, numba, rich) are imported inside the commands, so that `--help` and mistakes in options are quick.
"""

from typing import Annotated

import typer

from rnncli import __version__
from rnncli.cli import exits, inspection, predict, train
from rnncli.cli.declared import Grouped

app = typer.Typer(
    name="rnncli",
    help="Train a recurrent network on a sequence file, pipe its predictions onward, look inside it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
app.command("train", cls=Grouped, epilog=train.EXAMPLES)(train.train)
app.command("predict", cls=Grouped, epilog=predict.EXAMPLES)(predict.predict)
app.command("inspect", cls=Grouped, epilog=inspection.EXAMPLES)(inspection.look_inside)


def main() -> None:
    """The program."""
    exits.run(app)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        print(f"rnncli {__version__}")
        raise typer.Exit
