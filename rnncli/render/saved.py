"""A view as a file: its chart as SVG or PNG, or a page with it; of a view without a chart what the terminal shows."""

from rnncli.render import files, page
from rnncli.render.chart.chart import DESK
from rnncli.render.chart.svg import svg
from rnncli.render.terminal import chart_of, draw, how_to_read


def show(data: dict, path: str | None) -> None:
    """In a file, or without a path on the terminal."""
    if path is None:
        draw(data)
    else:
        save(data, path)


def save(data: dict, path: str) -> None:
    """In the form that the name of the file ends in."""
    files.check_form(path)
    chart, title = chart_of(data), data.get("title", f"rnncli inspect --view {data['view']}")
    if path.endswith(".html"):
        page.write(path, title, "", [(data["view"], data)])
    elif chart is None:
        with files.canvas(path, title) as console:
            draw(data, console)
    else:
        scene = chart.scene(DESK, how_to_read(data))
        if path.endswith(".svg"):
            files.write(path, svg(scene).encode())
        else:
            from rnncli.render.chart.bitmap import png

            files.write(path, png(scene))
