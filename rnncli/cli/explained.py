"""`train --explain`: a call of `train` as the line of a shell."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from rnncli.config import option_name


def command_line(data: Sequence[str], options: Mapping[str, Any]) -> str:
    """`rnncli train DATA.. --option value ..`, in quotes where a shell needs them."""
    words = ["rnncli", "train", *data]
    for name, value in options.items():
        option = option_name(name)
        if isinstance(value, bool):
            words.append(option if value else f"--no-{option[2:]}")
        else:
            words += [option, f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)]
    return shlex.join(words)
