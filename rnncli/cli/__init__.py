"""The command line: options to config, one library call, render. Each verb is declared by a file of its own.

Heavy modules (numpy, numba, rich) are imported inside the commands, so that `--help` and mistakes in options are quick.
For the same reason a verb is made when it is asked for: the list of verbs needs the options of none.
"""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from rnncli.cli import exits
from rnncli.cli.help_text import fit, write_list


class Verb(NamedTuple):
    """Where a verb is made, and what the help says of it."""

    file: str
    function: str
    help: str


VERBS = {
    "train": Verb("train", "train", "Train a network on files and write one model file."),
    "predict": Verb("predict", "predict", "Predict with a model: text, labels, tags, numbers or forecasts."),
    "inspect": Verb(
        "inspection",
        "look_inside",
        "Look inside a model: its sizes and training, its units as it reads, its memory, its dynamics.",
    ),
}


class _Made(MutableMapping):
    """Verb -> its command, which is made when it is looked up first."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.made:
            self.made[name] = _command(name, VERBS[name])
        return self.made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self.made[name] = command

    def __delitem__(self, name: str) -> None:
        del self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


class Verbs(TyperGroup):
    """The verbs, of which only the one that is asked for is made."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"commands": {}})
        self.commands = _Made()

    def list_commands(self, ctx: Any) -> list[str]:
        return list(VERBS)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super().format_help(ctx, fit(formatter))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            write_list(formatter, [(name, verb.help) for name, verb in VERBS.items()])


def app() -> typer.Typer:
    """The command line."""
    made = typer.Typer(
        name="rnncli",
        cls=Verbs,
        help="Train a recurrent network on a sequence file, pipe its predictions onward, look inside it.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    made.callback(invoke_without_command=True)(_about)
    return made


def main() -> None:
    """The program."""
    exits.run(app())


def _command(name: str, verb: Verb) -> Any:
    """The command of a verb, with its options."""
    from rnncli.cli.declared import Grouped

    module = import_module(f"{__name__}.{verb.file}")
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name, cls=Grouped, help=verb.help, epilog=module.EXAMPLES)(getattr(module, verb.function))
    return typer.main.get_command(alone)


def _about(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version or context.invoked_subcommand is None:
        from rnncli.cli import about

        print(about.version_line() if version else about.guide())
        raise typer.Exit
