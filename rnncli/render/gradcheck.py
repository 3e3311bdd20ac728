"""The errors of the gradients, and the verdict."""

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text


def picture(data: dict, width: int) -> Group:
    """The error of each tensor, the largest ones in red, and the verdict."""
    allowed = data["tolerance"]
    columns = "tensor", Column("shape", justify="right"), Column("largest relative error", justify="right")
    table = Table(*columns, box=None, padding=(0, 2), header_style="dim")
    rows = [(p["name"], " x ".join(map(str, p["shape"])), p["max_relative_error"]) for p in data["parameters"]]
    for name, shape, error in [*rows, ("all together", "", data["directions"])]:
        table.add_row(name, shape, Text(f"{error:.1e}", "red" if error > allowed else "green"))
    verdict = ("passed", "bold green") if data["passed"] else ("NOT passed", "bold red")
    said = Text.assemble(verdict, f": back-propagation against finite differences, {allowed:.0e} allowed")
    if kinks := data["kinks"]:
        said.append(f"; {kinks} direction{'s' * (kinks > 1)} across a kink of a relu, compared on one side")
    return Group(table, Text(), said)
