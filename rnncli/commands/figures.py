"""The figures of `--evaluate`: a table on a terminal, one JSON object elsewhere, a picture with `--save`."""

import sys
from typing import Any

from rnncli.render.row_writer import print_json
from rnncli.render.saved import show

DIGITS = 7  # that are written: as many as float32 has


def show_figures(figures: dict[str, Any], source: str, o: Any) -> None:
    """`o` are the options of the command."""
    data = {"view": "evaluation", "title": f"rnncli predict {source} --evaluate", "figures": figures}
    if o.save or (o.to is None and sys.stdout.isatty()):
        show(data, o.save)
    else:
        print_json(figures, DIGITS)
