"""The figures of `--evaluate`: a table on a terminal, one JSON object elsewhere, a picture with `--save`."""

import sys
from collections.abc import Callable
from typing import Any

from rnncli.commands.source import Source
from rnncli.kernels.cpus import usable_cpus
from rnncli.models.model_file import Model
from rnncli.render.notes import say
from rnncli.render.row_writer import print_json
from rnncli.training.ranks import Ranks

DIGITS = 7  # that are written: as many as float32 has


def show_folds(validated: Callable[..., dict[str, Any]], model: Model, source: Source, o: Any) -> None:
    """The figures of `--folds`, where `validated` gives them; each part is said."""
    threads = o.threads or usable_cpus()
    figures = validated(model, source.paths, source.encoding, o.folds, threads, (lambda _: None) if o.quiet else say)
    if Ranks.here.leads:
        show_figures(figures, source.name, o)


def show_figures(figures: dict[str, Any], source: str, o: Any) -> None:
    """`o` are the options of the command."""
    data = {"view": "evaluation", "title": f"rnncli predict {source} --evaluate", "figures": figures}
    if o.save or (o.to is None and sys.stdout.isatty()):
        from rnncli.render.saved import show  # with Rich, which takes long to load

        show(data, o.save)
    else:
        print_json(figures, DIGITS)
