"""What verbs have in common: options, values from a file, what was given."""

from collections.abc import Iterable
from typing import Any

import typer

from rnncli.errors import RnncliError, UsageError, describe_os_error
from rnncli.readers import longest


def numbers(option: str, text: str | None) -> list[int] | None:
    """`1,5,7` -> [1, 5, 7], each once."""
    if text is None:
        return None
    found = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in found):
        raise UsageError(f"{option} {text}: expected whole numbers from 0, such as 1,5,7")
    return list(dict.fromkeys(map(int, found)))


def read_config(context: typer.Context, path: str | None) -> str | None:
    """`--config`: the file's values stand where the command line gives none."""
    if path is None:
        return None
    import tomllib

    options = {option: p for p in context.command.params for option in p.opts if option.startswith("--")}
    options |= {before: options[now] for before, now in getattr(context.command, "former", {}).items()}
    try:
        with open(path, "rb") as stream:
            values = tomllib.load(stream)
    except OSError as error:
        raise describe_os_error(path, error) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RnncliError(f"{path}: not valid TOML ({error}), expected lines such as hidden = 256") from None
    context.default_map = {}
    for key, value in values.items():
        option = f"--{key.replace('_', '-')}"
        if option not in options or option == "--config":
            raise UsageError(f"{path}: {key} is not an option of {context.command.name}, expected one in its --help")
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


MODEL = typer.Argument(metavar="MODEL", help="Model file, or the checkpoint of one in training.")

#: options that more than one verb has
RUNNING: dict[str, dict[str, Any]] = {
    "threads": {
        "min": 1,
        "max": 1024,
        "help": "Number of threads",
        "unset": "as many cores as pay, within the CPU quota",
    },
    "config": {
        "metavar": "FILE.toml",
        "help": "Options by their long names; the command line goes first",
        "typer": {"is_eager": True, "callback": read_config},
    },
    "quiet": {"short": ["-q"], "default": False, "help": "Show no progress on stderr"},
    "longest_line": {
        "min": 1,
        "default": longest.DEFAULT,
        "metavar": "N",
        "help": "Longest line, and longest field in quotes, that is read, in millions of characters",
        "typer": {"callback": longest.Longest.begin},
    },
}


def given(context: typer.Context, names: Iterable[str]) -> list[str]:
    """Those of these parameters that stand on the command line."""
    return [name for name in names if context.get_parameter_source(name).name == "COMMANDLINE"]


def check_one_stdin(paths: list[str]) -> None:
    """stdin can be read once."""
    if paths.count("-") > 1:
        raise UsageError("- (stdin) is given twice, but can be read only once")
