"""The figures of `--evaluate`: a table on a terminal, one JSON object elsewhere, a picture with `--save`."""

import sys
from typing import Any

from rnncli.render.row_writer import print_json

DIGITS = 7  # that are written: as many as float32 has


def show_figures(figures: dict[str, Any], source: str, o: Any) -> None:
    """`o` are the options of the command."""
    data = {"view": "evaluation", "title": f"rnncli predict {source} --evaluate", "figures": figures}
    if o.save:
        from rnncli.render.saved import save

        save(data, o.save)
    elif o.to is None and sys.stdout.isatty():
        from rnncli.render.terminal import draw

        draw(data)
    else:
        print_json(_short(figures))


def _short(value: Any) -> Any:
    """With numbers of so many digits."""
    if isinstance(value, dict):
        return {key: _short(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_short(inner) for inner in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
