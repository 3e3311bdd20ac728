"""The graph as text on the terminal, in the languages of Graphviz and Mermaid, and as an SVG drawing."""

from xml.sax.saxutils import escape

from rich.console import Group
from rich.text import Text

from rnncli.render.text import ACCENT, symbol

LABEL, CELL = 14, 10  # columns of the names on the left, and of a step


def picture(data: dict, width: int) -> Group:
    """From the loss above to the input below; unfolded, with a column a step."""
    picture = _unfolded(data, width) if data["unfolded"] else _folded(data)
    return Group(*picture, Text(), Text("parameters θ, shared by all steps", "bold"), *_shared(data))


def _shared(data: dict) -> list[Text]:
    lines = []
    for p in data["parameters"]:
        kinds = sorted({id.split("[")[0] for id in p["used_at"]})
        lines.append(Text.assemble((f"{p['name']:<16}", ACCENT), f"{_shape(p['shape']):<14} at {', '.join(kinds)}"))
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
        value = _line((f"{kind} {_shape(nodes[0]['shape'])}" if kind != "L" else "L, the loss", ACCENT), values)
        for t, (one, other) in enumerate(zip(here, here[1:], strict=False)):
            onward, back = (one["id"], other["id"]) in links, (other["id"], one["id"]) in links
            at, mark = LABEL + CELL * (t + 1) - 3, "→" if onward else "←" if back else " "
            value.plain = value.plain[:at] + mark + value.plain[at + 1 :]
        lines.append(value)
        if kind != "L":
            lines += [_line(("  dL/d·", "dim"), [(f"{node['grad_norm']:.2g}", "dim") for node in here])]
        if kind != "x":
            lines.append(_line(("", ""), [("↑", "dim")] * len(here)))
    lines.append(_line(("  reads", "dim"), [(symbol(name)[: CELL - 2], "") for name in data["inputs"][:shown]]))
    if shown < data["unfolded"]:
        lines.append(Text(f"the first {shown} of {data['unfolded']} steps: --json and --to have all", "dim"))
    return lines


def _line(label: tuple[str, str], cells: list[tuple[str, str]]) -> Text:
    out = Text.assemble((f"{label[0]:<{LABEL}.{LABEL}}", label[1]), no_wrap=True)
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


WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 124, 54, 46, 34, 24  # of a box, between boxes, around all
STYLE = (
    "svg{font:12px sans-serif;color:#222;background:#fff}rect{fill:#eef6f8;stroke:#178}text{fill:currentColor}"
    "path{fill:none;stroke:#888;marker-end:url(#tip)}.loop{stroke:#c60;stroke-dasharray:4 3}.dim{opacity:.7}"
    "@media(prefers-color-scheme:dark){svg{color:#ddd;background:#111}rect{fill:#123;stroke:#6bc}}"
)


def svg(data: dict) -> str:
    """Boxes in a grid: steps from left to right, from the input below to the loss above."""
    kinds = list(dict.fromkeys(node["id"].split("[")[0] for node in data["nodes"]))
    columns = max(1, data["unfolded"])
    places = {}
    for node in data["nodes"]:
        row = len(kinds) - 1 - kinds.index(node["id"].split("[")[0])
        column = node["t"] if node["t"] is not None else (columns - 1) / 2
        places[node["id"]] = EDGE + column * (WIDTH + GAP_X), EDGE + row * (HEIGHT + GAP_Y)
    width, height = 2 * EDGE + columns * (WIDTH + GAP_X), 2 * EDGE + len(kinds) * (HEIGHT + GAP_Y)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0L8 4L0 8" style="marker-end:none"/></marker></defs>',
    ]
    out += [_arrow(places[edge["from"]], places[edge["to"]]) for edge in data["edges"]]
    out += [_box(node, *places[node["id"]]) for node in data["nodes"]]
    return "\n".join([*out, "</svg>"])


def _arrow(source: tuple[float, float], to: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = source, to
    if source == to:
        x, y = x1 + WIDTH, y1 + HEIGHT / 2
        return f'<path class="loop" d="M{x} {y + 10}C{x + 36} {y + 24} {x + 36} {y - 24} {x} {y - 10}"/>'
    if y1 == y2:
        begin, end = (x1 + WIDTH, x2) if x1 < x2 else (x1, x2 + WIDTH)
        return f'<path d="M{begin} {y1 + HEIGHT / 2}L{end} {y2 + HEIGHT / 2}"/>'
    rows = round((y1 - y2) / (HEIGHT + GAP_Y))
    bend = 0.5 * (rows - 1) * (WIDTH + GAP_X)  # around the boxes between, for an edge that passes a row
    x1, x2 = x1 + WIDTH / 2, x2 + WIDTH / 2
    return f'<path d="M{x1} {y1}C{x1 - bend} {y1 - 20} {x2 - bend} {y2 + HEIGHT + 20} {x2} {y2 + HEIGHT}"/>'


def _box(node: dict, x: float, y: float) -> str:
    lines, middle = _label(node, "\n").split("\n"), x + WIDTH / 2
    dim = ("", *("dim",) * (len(lines) - 1))
    texts = "".join(
        f'<text x="{middle}" y="{y + 17 + 15 * i}" text-anchor="middle" class="{style}">{escape(line)}</text>'
        for i, (line, style) in enumerate(zip(lines, dim, strict=True))
    )
    return f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>{texts}'


FORMS = {"dot": dot, "mermaid": mermaid, "svg": svg}
