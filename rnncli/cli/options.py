"""What options have in common: values that may be auto, values from a file."""

import tomllib
from collections.abc import Iterable
from typing import Any

import typer

from rnncli import registry
from rnncli.errors import RnncliError, UsageError, describe_os_error


def size(what: str, kind: type = int) -> Any:
    """An option that is a number, or `auto` (its default)."""

    def parse(text: str):
        try:
            return None if text == "auto" else kind(text)
        except (ValueError, TypeError):
            raise typer.BadParameter(f"{text!r} is neither a number nor auto") from None

    return typer.Option(parser=parse, metavar="N|auto", help=what)


def numbers(option: str, text: str | None) -> list[int] | None:
    """`1,5,7` -> [1, 5, 7], each once."""
    if text is None:
        return None
    found = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in found):
        raise UsageError(f"{option} {text}: expected whole numbers from 0 on such as 1,5,7")
    return list(dict.fromkeys(map(int, found)))


def read_config(context: typer.Context, path: str | None) -> str | None:
    """`--config`: the file's values stand where the command line gives none."""
    if path is None:
        return None
    options = {option: p for p in context.command.params for option in p.opts if option.startswith("--")}
    try:
        with open(path, "rb") as stream:
            values = tomllib.load(stream)
    except OSError as error:
        raise describe_os_error(path, error) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RnncliError(f"{path}: not TOML ({error}): expected lines such as hidden = 256") from None
    context.default_map = {}
    for key, value in values.items():
        option = f"--{key.replace('_', '-')}"
        if option not in options or option == "--config":
            raise UsageError(f"{path}: {key} is no option of {context.command.name}: see its --help for the long names")
        context.default_map[options[option].name] = _config_value(path, key, value, options[option])
    return path


def _config_value(path: str, key: str, value, parameter):
    """As the command line would give it: flags are true or false, all else is text."""
    if parameter.is_flag != isinstance(value, bool) or isinstance(value, dict):
        raise UsageError(f"{path}: {key} = {value!r}: expected {'true or false' if parameter.is_flag else 'a value'}")
    if parameter.multiple:
        return list(map(str, value)) if isinstance(value, list) else [str(value)]
    if isinstance(value, list):
        raise UsageError(f"{path}: {key} = {value!r}: expected one value")
    return value if parameter.is_flag else str(value)


CONFIG = typer.Option(
    "--config", metavar="FILE.toml", is_eager=True, callback=read_config, help="Options by their long names."
)


def given(context: typer.Context, names: Iterable[str]) -> list[str]:
    """Those of these parameters that stand on the command line."""
    return [name for name in names if context.get_parameter_source(name).name == "COMMANDLINE"]


def check_one_stdin(paths: list[str]) -> None:
    """stdin can be read once."""
    if paths.count("-") > 1:
        raise UsageError("- (stdin) is named twice: it can be read once")


def named(folder: str) -> str:
    """What is declared in a folder of the package, for a help text: names, and what they are."""
    return one_or_other({name: said["help"] for name, said in registry.declared(folder).items()})


def choices(folder: str) -> str:
    """The same with their options and the values of these."""
    options = [
        f"{name}:{option}={'|'.join(values)}"
        for name, said in registry.declared(folder).items()
        for option, values in said.get("options", {}).items()
    ]
    return "; ".join([named(folder), *options]) + "."


def one_or_other(words: dict[str, str]) -> str:
    """`text (a stream) or lines (a sequence a line)`."""
    found = [f"{name} ({what})" for name, what in words.items()]
    return f"{', '.join(found[:-1])} or {found[-1]}"
