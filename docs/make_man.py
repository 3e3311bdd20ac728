"""Write docs/rnncli.1 from the help texts: `python docs/make_man.py`. `man -l docs/rnncli.1` shows it."""

import re
from pathlib import Path
from typing import Any

import typer

from rnncli import __version__, cli
from rnncli.cli.about import WHAT

CODES = {
    "0": "Success.",
    "1": "Bad data or model.",
    "2": "Wrong usage.",
    "3": "Training diverged.",
    "130, 143": "Stopped by a signal.",
}


def page() -> str:
    """The page as it should be."""
    group = typer.main.get_command(cli.app())
    context = group.make_context("rnncli", [], resilient_parsing=True)
    commands = [group.get_command(context, name) for name in cli.VERBS]
    lines = [f'.TH RNNCLI 1 "" "rnncli {__version__}" "User Commands"']
    lines += [".SH NAME", f"rnncli \\- {_text(_first_sentence(group.help))}", ".SH SYNOPSIS"]
    for command in commands:
        lines += [".PP" if command is not commands[0] else "", *_synopsis(command)]
    lines += [".SH DESCRIPTION", _text(WHAT), *_options(group, context)]
    for command in commands:
        lines += [f".SH RNNCLI {command.name.upper()}", _text(command.help), *_options(command, context)]
        lines += [".SS Examples", ".EX", *(_line(line) for line in command.epilog.splitlines()), ".EE"]
    lines += [".SH EXIT STATUS"]
    for code, meaning in CODES.items():
        lines += [".TP", f".B {code}", meaning]
    return "\n".join(filter(None, lines)) + "\n"


def _synopsis(command: Any) -> list[str]:
    """`rnncli train [OPTIONS] DATA...`."""
    context = command.make_context(command.name, [], resilient_parsing=True)
    _, *rest = command.get_usage(context).split("[OPTIONS]")
    arguments = rest[0].translate({ord(brace): None for brace in "{}"})
    return [f".B rnncli {command.name}", f'.RI [ OPTIONS "]" {_quoted(arguments)}']


def _options(command: Any, parent: Any) -> list[str]:
    """Each group of options under its name, as in the help."""
    context = command.make_context(command.name, [], resilient_parsing=True)
    groups: dict[str, list[str]] = {}
    for parameter in command.get_params(context):
        found = parameter.get_help_record(context)
        if found is None:
            continue
        is_argument = parameter.param_type_name == "argument"
        title = "Arguments" if is_argument else getattr(parameter, "rich_help_panel", None) or "Options"
        name, text = found
        groups.setdefault(title, []).extend([".TP", f".B {_quoted(name)}", _text(text)])
    return [line for title, lines in groups.items() for line in (f".SS {_quoted(title)}", *lines)]


def _first_sentence(text: str) -> str:
    return re.sub(r"\.$", "", text[:1].lower() + text[1:])


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _text(text: str) -> str:
    return _line(" ".join(text.split()))


def _line(text: str) -> str:
    """A line of text: what a request would begin with is text, an empty line stays one."""
    escaped = _escaped(text)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped or "\\&"


def _escaped(text: str) -> str:
    """With hyphens and quotes that can be copied."""
    signs = {"\\": "\\e", "-": "\\-", '"': "\\(dq", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}
    return "".join(signs.get(sign, sign) for sign in text)


if __name__ == "__main__":
    Path(__file__).with_name("rnncli.1").write_text(page(), encoding="utf-8")
