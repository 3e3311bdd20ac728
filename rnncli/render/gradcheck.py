"""The errors of the gradients, and the verdict."""

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.chart.bars import Bar, Bars
from rnncli.render.chart.chart import Chart
from rnncli.render.text import NARROW

FLOOR = 1e-12  # where bars begin: below the rounding of float64 in a sum


def picture(data: dict, width: int) -> Group:
    """The error of each tensor, the largest ones in red, and the verdict."""
    allowed = data["tolerance"]
    wide = width >= NARROW
    errors = Column("largest relative error" if wide else "error", justify="right", no_wrap=True)
    columns = Column("tensor", overflow="fold"), Column("shape", justify="right", no_wrap=True), errors
    table = Table(*columns, box=None, padding=(0, 2 if wide else 1), header_style="dim")
    for name, shape, error in _rows(data):
        wrong = error > allowed
        table.add_row(name, shape, Text(f"{error:.1e}{' !' * wrong}", "red" if wrong else "green"))
    verdict, said = _said(data)
    return Group(table, Text(), Text.assemble((verdict, "bold green" if data["passed"] else "bold red"), said))


def chart(data: dict) -> Chart:
    """The error of each tensor on a logarithmic scale, the largest ones in red."""
    allowed = data["tolerance"]
    rows = [
        Bar(name, error, f"{error:.1e}{' too large' * (error > allowed)}", "red" if error > allowed else "green")
        for name, _, error in _rows(data)
    ]
    bars = Bars(f"Largest relative error, logarithmic from {FLOOR:.0e}; {allowed:.0e} is allowed", rows, FLOOR)
    return Chart("Gradients against finite differences", [bars], ["".join(_said(data))], warns=not data["passed"])


def _rows(data: dict) -> list[tuple[str, str, float]]:
    """(tensor, shape, error)."""
    rows = [(p["name"], " x ".join(map(str, p["shape"])), p["max_relative_error"]) for p in data["parameters"]]
    return [*rows, ("all together", "", data["directions"])]


def _said(data: dict) -> tuple[str, str]:
    """The verdict, and on what it stands."""
    said = f": back-propagation against finite differences, {data['tolerance']:.0e} allowed"
    if kinks := data["kinks"]:
        said += f"; {kinks} direction{'s' * (kinks > 1)} across a kink of a relu, compared on one side"
    return "passed" if data["passed"] else "NOT passed", said
