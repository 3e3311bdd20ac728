"""A command made of declarations: an option for each, in groups; the words of its help follow from what is declared.

`rnncli/registry.py` lists what the declaration of an option may say.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, wraps
from typing import Annotated, Any, get_args

import typer
from typer.core import TyperCommand

from rnncli import registry
from rnncli.cli.help_text import fit, write_list
from rnncli.config import option_name, type_of
from rnncli.errors import Complaints
from rnncli.registry import one_or_other
from rnncli.values import check, minutes_of, range_of

LAST = "Running"  # the group of options that name none
WIDTH = 24  # of the column of names
LONGEST_METAVAR = 24  # values are listed in the help text where they do not fit the column of names


class _Known(dict):
    """Options by their names. Former names are known, but not among those that a misspelt one may stand for."""

    def __init__(self, options: dict[str, Any], former: Mapping[str, str]):
        super().__init__(options | {before: options[now] for before, now in former.items()})
        self.former = former

    def __iter__(self) -> Iterator[str]:
        return (name for name in super().__iter__() if name not in self.former)


class Grouped(TyperCommand):
    """A command whose help has its options in groups, in the order in which these are first named, then examples.

    An option is also known by its former name, which is not shown.
    """

    @property
    def former(self) -> dict[str, str]:
        """Former name of an option -> its name."""
        return getattr(self.callback, "former", {})

    def make_parser(self, ctx: Any) -> Any:
        parser = super().make_parser(ctx)
        parser._long_opt = _Known(parser._long_opt, self.former)
        return parser

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super().format_help(ctx, fit(formatter))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            of_options = getattr(parameter, "rich_help_panel", None) or LAST
            group = "Arguments" if parameter.param_type_name == "argument" else of_options
            groups.setdefault(group, []).append(parameter.get_help_record(ctx))
        for group, rows in groups.items():
            with formatter.section(group):
                write_list(formatter, rows, WIDTH)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Examples"):
            formatter.write("".join(f"  {line}".rstrip() + "\n" for line in (self.epilog or "").splitlines()))


def with_options(declared: Mapping[str, Mapping[str, Any]]) -> Callable[[Callable], Callable]:
    """The command with an option for each that is declared, in place of its `**chosen`; their values are checked."""

    def decorated(command: Callable) -> Callable:
        @wraps(command)
        def checked(**chosen: Any) -> None:
            if chosen.get("config"):  # which may ask for another form of messages
                as_json = Complaints.as_json or chosen["json"] or chosen.get("to") == "jsonl"
                Complaints.begin(as_json, Complaints.files, chosen.get("progress") == "json")
            for name, said in declared.items():
                check(option_name(name), chosen[name], said)
            command(**chosen)

        *own, _ = inspect.signature(command).parameters.values()
        options = [_parameter(name, said) for name, said in declared.items()]
        former = {f"--{said['former']}": option_name(name) for name, said in declared.items() if "former" in said}
        checked.former = former  # type: ignore[attr-defined]
        checked.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
        return checked

    return decorated


def options_of(folder: str, key: str = "options") -> dict[str, dict[str, Any]]:
    """Option that files of a folder declare -> its declaration, in a group that names the files that have it."""
    found: dict[str, dict[str, Any]] = {}
    for name, said in registry.declared(folder).items():
        for option, its in said.get(key, {}).items():
            before = f"{found[option]['group']}, " if option in found else f"{folder.removesuffix('s').capitalize()} "
            found[option] = its | {"group": before + name}
    return found


def meant(said: Mapping[str, Any], names: Sequence[str], folder: str = "tasks") -> dict[str, Any]:
    """The declaration whose help says which tasks, or views, it has a meaning for, where these are not all."""
    left = [name for name in registry.names(folder) if name not in names]
    if not left or not names:
        return dict(said)
    words = f"Not for {left[0]}" if len(left) == 1 else f"For {', '.join(names)}"
    return dict(said) | {"help": f"{said['help']}. {words}"}


def _parameter(name: str, said: Mapping[str, Any]) -> inspect.Parameter:
    """The parameter of a command that typer makes an option of."""
    kind, default, values = type_of(said), said.get("default"), said.get("values", ())
    plain = (get_args(kind) or (kind,))[0]
    may_be_auto = plain in (int, float) and "unset" in said
    words = [*said.get("words", ()), *(["auto"] if may_be_auto else [])]
    long = option_name(name)
    metavar, listed = said.get("metavar") or "|".join(values), ""
    if len(metavar) > LONGEST_METAVAR and metavar != said.get("metavar"):
        metavar, listed = name.upper(), f": {one_or_other(dict.fromkeys(values, ''))}"
    option = typer.Option(
        *said.get("short", ()),
        f"{long}/--no-{long[2:]}" if plain is bool and default is not False else long,
        help=f"{said['help']}{listed}.{_range_and_default(said)}",
        metavar="|".join([metavar or {int: "N", float: "X"}.get(plain, "TEXT"), *words]),
        show_default=False,
        rich_help_panel=said.get("group"),
        autocompletion=_completer(said, words),
        parser=_number_or(plain, words) if words else partial(minutes_of, long) if said.get("duration") else None,
        **said.get("typer", {}),
    )
    if said.get("repeated"):
        kind = list[str] | None
    elif "words" in said or "duration" in said:  # which the parser has seen to
        kind = plain | None
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])


def _completer(said: Mapping[str, Any], words: Sequence[str]) -> Callable[[str], list[str]] | None:
    """What a shell offers for the beginning of a value; None where it offers the names of files."""
    offered = [*(said.get("offers") or said.get("values", ())), *words]

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",") if said.get("joined") else ("", "", incomplete)
        return [f"{before}{comma}{word}" for word in offered if word.startswith(last)]

    return complete if offered else None


def _range_and_default(said: Mapping[str, Any]) -> str:
    """` [at least 1; default: 500]`, as far as there is something to be named."""
    default, words = said.get("default"), said.get("unset")
    if words is None and default is not None and default is not False:
        words = "on" if default is True else f"{default:g}" if isinstance(default, float) else default
    said_of_it = (range_of(said).removeprefix("of "), "" if words is None else f"default: {words}")
    found = "; ".join(filter(None, said_of_it))
    return f" [{found}]" if found else ""


def _number_or(kind: type, words: Sequence[str]) -> Callable[[str], Any]:
    """A parser of numbers and of some words, of which `auto` is no number yet."""

    def parse(text: str) -> Any:
        try:
            return None if text == "auto" else text if text in words else kind(text)
        except (ValueError, TypeError):
            raise typer.BadParameter(
                f"{text!r} is neither a number nor {one_or_other(dict.fromkeys(words, ''))}"
            ) from None

    return parse
