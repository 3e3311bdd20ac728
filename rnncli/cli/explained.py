"""`train --explain`: a call of `train` as the line of a shell."""

import shlex
from collections.abc import Mapping, Sequence
from math import isclose
from typing import Any

from rnncli.config import option_name
from rnncli.values import duration, minutes_of


def command_line(data: Sequence[str], options: Mapping[str, Any]) -> str:
    """`rnncli train DATA.. --option value ..`, in quotes where a shell needs them."""
    words = ["rnncli", "train", *data]
    for name, value in options.items():
        option = option_name(name)
        if isinstance(value, bool):
            words.append(option if value else f"--no-{option[2:]}")
        else:
            words += [option, _text(name, value)]
    return shlex.join(words)


def _text(name: str, value: Any) -> str:
    """A number without needless digits; a time as a person writes it, where that is shorter and the same time."""
    text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
    if name == "minutes":
        said = duration(value).replace(" ", "")
        return said if len(said) < len(text) and isclose(minutes_of(name, said), value) else text
    return text
