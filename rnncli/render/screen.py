"""What all pictures are drawn on: the terminal, or a picture in a file."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.segment import Segment

from rnncli.render.escapes import shown


class Screen(Console):
    """Rich's console, which draws names and texts that would steer a terminal as escapes."""

    def render(self, *arguments: Any, **options: Any) -> Iterable[Segment]:
        for segment in super().render(*arguments, **options):
            yield segment if segment.control else segment._replace(text=shown(segment.text))
