"""The graph as text on the terminal, in the languages of Graphviz and Mermaid, and as an SVG drawing."""

import math
from dataclasses import dataclass
from operator import mul

from rich.console import Group
from rich.text import Text

from rnncli.render.chart.chart import DESK, EDGE, Chart
from rnncli.render.chart.marks import BOLD, SMALL, Area, Label, Line, Mark, Rect, clipped, length
from rnncli.render.chart.svg import svg
from rnncli.render.text import ACCENT, aligned, symbol

Point = tuple[float, float]

FOLDED = (
    "The network at one step, from the input below to the loss above; a loop goes to the step after. θ is the same at "
    "all steps."
)
LABEL, CELL = 14, 11  # columns of the names on the left, and of a step


def how_to_read(data: dict) -> str | None:
    """Of a folded graph; that of an unfolded one is the caption of the view."""
    return None if data["unfolded"] else FOLDED


def picture(data: dict, width: int) -> Group:
    """From the loss above to the input below; unfolded, with a column a step, and its arrow between two numbers."""
    picture = _unfolded(data, width) if data["unfolded"] else _folded(data)
    return Group(*picture, Text(), Text("parameters θ, shared by all steps", "bold"), *_shared(data))


def _shared(data: dict) -> list[Text]:
    rows = [[p["name"], _shape(p["shape"]), f"at {', '.join(_kinds(p))}"] for p in data["parameters"]]
    lines = [Text(line, overflow="ellipsis", no_wrap=True) for line in aligned(rows, left=3)]
    for line, row in zip(lines, rows, strict=True):
        line.stylize(ACCENT, 0, len(row[0]))
    return lines


def _shape(shape: list[int]) -> str:
    return " x ".join(map(str, shape)) or "a number"


def _folded(data: dict) -> list[Text]:
    lines = []
    for node in reversed(data["nodes"]):
        loop = (_back(node["id"], data["edges"]), "yellow")
        name = (f"{node['id']:<12}", f"bold {ACCENT}")
        lines += [Text.assemble(name, f"{node['op']:<18} {_shape(node['shape']):<10}", loop), Text("  ↑", "dim")]
    return lines[:-1]


def _back(kind: str, edges: list[dict]) -> str:
    """What a layer reads of earlier steps: its own state, or so many steps back of the layer below."""
    delays = {edge["delay"]: edge["from"] for edge in edges if edge["to"] == kind and edge["delay"]}
    if kind in delays.values():
        return "  ⟲ h[t-1]"
    return f"  reads t-{min(delays)}, .., t-{max(delays)}" if delays else ""


def _unfolded(data: dict, width: int) -> list[Text]:
    shown = max(1, min(data["unfolded"], (width - LABEL) // CELL))
    rows: dict[str, list[dict]] = {}
    for node in data["nodes"]:
        rows.setdefault(node["id"].split("[")[0], []).append(node)
    links = {(edge["from"], edge["to"]) for edge in data["edges"]}
    lines = [_line(("t", "dim"), [(str(t), "dim") for t in range(shown)])]
    for kind, nodes in reversed(rows.items()):
        here = nodes[:shown]
        values = [(f"{node['value_norm']:.3g}", "bold") for node in here]
        sized = f"{kind} {_shape(nodes[0]['shape'])}" if kind != "L" else "L, the loss"
        value = _line((sized if len(sized) < LABEL else kind, ACCENT), values)
        for t, (one, other) in enumerate(zip(here, here[1:], strict=False)):
            onward, back = (one["id"], other["id"]) in links, (other["id"], one["id"]) in links
            at, mark = LABEL + CELL * (t + 1) - 2, "→" if onward else "←" if back else " "
            value.plain = value.plain[:at] + mark + value.plain[at + 1 :]
        lines.append(value)
        if kind != "L":
            lines += [_line(("  dL/d·", "dim"), [(f"{node['grad_norm']:.2g}", "dim") for node in here])]
        if kind != "x":
            lines.append(_line(("", ""), [("↑", "dim")] * len(here)))
    lines.append(_line(("  reads", "dim"), [(symbol(name)[: CELL - 2], "") for name in data["inputs"][:shown]]))
    if shown < data["unfolded"]:
        lines.append(Text(f"the first {shown} of {data['unfolded']} steps: --json and --notation have all", "dim"))
    return lines


def _line(label: tuple[str, str], cells: list[tuple[str, str]]) -> Text:
    out = Text.assemble((f"{label[0][: LABEL - 1]:<{LABEL}}", label[1]), no_wrap=True)
    for cell, style in cells:
        out.append(f"{cell:<{CELL}.{CELL}}", style)
    return out


# -- other forms ----------------------------------------------------------------------------------------------------


def dot(data: dict) -> str:
    """For Graphviz: `| dot -Tpdf`."""
    out = ["digraph rnn {", "  rankdir=BT;", "  node [shape=box, style=rounded];"]
    out += [f"  {_quoted(node['id'])} [label={_quoted(_label(node, chr(92) + 'n'))}];" for node in data["nodes"]]
    for edge in data["edges"]:
        style = f' [label="delay {edge["delay"]}", style=dashed]' if edge["delay"] else ""
        out.append(f"  {_quoted(edge['from'])} -> {_quoted(edge['to'])}{style};")
    for t in range(data["unfolded"]):
        same = " ".join(_quoted(node["id"]) + ";" for node in data["nodes"] if node["t"] == t)
        out.append(f"  subgraph step_{t} {{ {same} }}")
    return "\n".join([*out, "}"])


def mermaid(data: dict) -> str:
    """For Mermaid, as in Markdown files."""
    names = {node["id"]: f"n{index}" for index, node in enumerate(data["nodes"])}
    out = ["graph BT"]
    out += [f'  {names[node["id"]]}["{_label(node, "<br/>")}"]' for node in data["nodes"]]
    for edge in data["edges"]:
        arrow = f"-. delay {edge['delay']} .->" if edge["delay"] else "-->"
        out.append(f"  {names[edge['from']]} {arrow} {names[edge['to']]}")
    return "\n".join(out)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'


def _label(node: dict, end: str) -> str:
    lines = [node["id"], f"{node['op']}, {_shape(node['shape'])}"]
    if node["value_norm"] is not None:
        lines += [f"{node['value_norm']:.3g}, gradient {node['grad_norm']:.2g}"]
    return end.join(lines)


WIDTH, HEIGHT, GAP_X, GAP_Y = 88, 66, 16, 28  # of a box, and between boxes
LEAST = 9  # size of a letter in a box
CURVED, TIP = 16, 7  # pieces of a curve, length of the tip of an arrow


@dataclass(frozen=True)
class Boxes:
    """Boxes in a grid: steps from left to right, as many as have room, and from the input below to the loss above."""

    data: dict

    def marks(self, left: float, top: float, width: float) -> tuple[list[Mark], float]:
        """The marks from this corner on, and how high all is."""
        kinds = list(dict.fromkeys(node["id"].split("[")[0] for node in self.data["nodes"]))
        steps = self.data["unfolded"]
        columns = min(max(1, steps), max(1, int((width + GAP_X) / (WIDTH + GAP_X))))
        out: list[Mark] = []
        begin = top
        if columns < steps:
            out.append(Label(left, top + 11, f"the first {columns} of {steps} steps", "faint", SMALL))
            top += 22
        places = {}
        for node in self.data["nodes"]:
            column = node["t"] if node["t"] is not None else (columns - 1) / 2 if steps else 0.5
            if column < columns or not steps:
                row = len(kinds) - 1 - kinds.index(node["id"].split("[")[0])
                places[node["id"]] = left + column * (WIDTH + GAP_X), top + row * (HEIGHT + GAP_Y)
        for edge in self.data["edges"]:
            if edge["from"] in places and edge["to"] in places:
                out += _arrow(places[edge["from"]], places[edge["to"]])
        for node in self.data["nodes"]:
            if node["id"] in places:
                out += _box(node, *places[node["id"]])
        read = top + len(kinds) * (HEIGHT + GAP_Y) - GAP_Y + 16
        for name, t in zip(self.data.get("inputs", ()), range(columns), strict=False):
            middle = left + t * (WIDTH + GAP_X) + WIDTH / 2
            out.append(
                Label(middle, read, clipped(symbol(name).replace(" ", "␣"), WIDTH, SMALL), "faint", SMALL, "middle")
            )
        return out, read - begin + 8


def chart(data: dict) -> Chart:
    """The boxes, and which parameters they share."""
    title = f"The network unfolded over {data['unfolded']} steps" if data["unfolded"] else "The network, folded"
    facts = [(p["name"], f"{_shape(p['shape'])} at {', '.join(_kinds(p))}") for p in data["parameters"]]
    return Chart(title, [Boxes(data)], facts=facts)


def _kinds(parameter: dict) -> list[str]:
    """The kinds of nodes that use it."""
    return sorted({id.split("[")[0] for id in parameter["used_at"]})


def _arrow(source: tuple[float, float], to: tuple[float, float]) -> list[Mark]:
    """From box to box: up or on; around the boxes between; a loop of a box with itself."""
    (x1, y1), (x2, y2) = source, to
    if source == to:
        x, y = x1 + WIDTH, y1 + HEIGHT / 2
        return _way((x, y + 12), (x + 30, y + 24), (x + 30, y - 24), (x, y - 10), "yellow")
    if y1 == y2:
        begin, end = (x1 + WIDTH, x2) if x1 < x2 else (x1, x2 + WIDTH)
        source, to = (begin, y1 + HEIGHT / 2), (end, y2 + HEIGHT / 2)
        return _way(source, source, to, to, "yellow")
    bend = 0.5 * (round((y1 - y2) / (HEIGHT + GAP_Y)) - 1) * (WIDTH + GAP_X)
    x1, x2, y2 = x1 + WIDTH / 2, x2 + WIDTH / 2, y2 + HEIGHT
    return _way((x1, y1), (x1 - bend, y1 - 20), (x2 - bend, y2 + 20), (x2, y2), "faint")


def _way(a: Point, b: Point, c: Point, d: Point, colour: str) -> list[Mark]:
    """A cubic Bézier curve from a to d, with a tip."""
    parts = [i / CURVED for i in range(CURVED + 1)]
    weights = [((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3) for t in parts]
    xs, ys = zip(a, b, c, d, strict=True)
    points = [(sum(map(mul, row, xs)), sum(map(mul, row, ys))) for row in weights]
    (x0, y0), (x, y) = points[-2], d
    angle = math.atan2(y - y0, x - x0)
    wings = [(x - TIP * math.cos(angle + side), y - TIP * math.sin(angle + side)) for side in (0.45, -0.45)]
    return [Line(points, colour, 1.25), Area([d, *wings], colour)]


def _box(node: dict, x: float, y: float) -> list[Mark]:
    """A node: its name, its operation and shape, the norms of its value and of the gradient by it."""
    lines = [node["id"], node["op"], _shape(node["shape"])]
    if node["value_norm"] is not None:
        sized = f"{node['op']}, {_shape(node['shape'])}" if node["shape"] else node["op"]
        what = sized if length(sized, LEAST) <= WIDTH - 6 else node["op"]
        lines = [node["id"], what, f"{node['value_norm']:.3g}", f"∇ {node['grad_norm']:.2g}"]
    corners = [(x, y), (x + WIDTH, y), (x + WIDTH, y + HEIGHT), (x, y + HEIGHT), (x, y)]
    out: list[Mark] = [Rect(x, y, WIDTH, HEIGHT, "ground"), Rect(x, y, WIDTH, HEIGHT, "cyan", 0.1)]
    out.append(Line(corners, "cyan", 1))
    for i, line in enumerate(lines):
        colour, bold = ("faint", False) if i in (1, 3) else ("ink", True)
        size = max(LEAST, min(SMALL, SMALL * (WIDTH - 6) / max(1.0, length(line, SMALL * (BOLD if bold else 1)))))
        out.append(
            Label(x + WIDTH / 2, y + 14 + 14.5 * i, clipped(line, WIDTH - 2, size), colour, size, "middle", bold)
        )
    return out


def drawing(data: dict) -> str:
    """All steps of it as SVG, as wide as it needs to be."""
    width = 2 * EDGE + max(1, data["unfolded"]) * (WIDTH + GAP_X)
    return svg(chart(data).scene(max(DESK, width), "")).rstrip()


FORMS = {"dot": dot, "mermaid": mermaid, "svg": drawing}
