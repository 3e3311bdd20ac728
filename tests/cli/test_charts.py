"""The chart of each view, through the shell: curves and bars, read back from the SVG, are the numbers of `--json`."""

import re
import xml.etree.ElementTree as ET

import pytest

from rnncli import registry
from tests.render.chart_reader import SVG, panels, plots, rectangles
from tests.views.helpers import brief_dynamics

LAGS = ("--lags", "12")
OPTIONS = {"gradients": LAGS, "memory": LAGS, "graph": ("--unfold", "3"), "attribution": ("--at", "60")}
ALONE = ("summary", "gradcheck")  # views that read no input


@pytest.fixture(scope="module")
def seen(tmp_path_factory, char_model, text):
    """Of each view the data and the SVG; and the folder."""
    from tests.conftest import Here

    shell = Here(tmp_path_factory.mktemp("charts"))
    shell.write("input.txt", text * 3)
    found = {}
    for view in registry.names("views"):
        words = [char_model, *([] if view in ALONE else ["input.txt"]), "--view", view, *OPTIONS.get(view, ())]
        with brief_dynamics():
            data = shell("inspect", *words, "--json").json()
            done = shell("inspect", *words, "--save", f"{view}.svg")
        assert (done.code, done.out) == (0, b"")
        found[view] = data, shell.read(f"{view}.svg").decode()
    return found


def curve(drawn, colour: str = "cyan") -> list[float]:
    """The values of the first line of a colour."""
    return [y for _, y in next(points for name, points in drawn if name == colour)]


@pytest.mark.parametrize("view", registry.names("views"))
def test_every_view_is_a_chart_that_needs_nothing_from_elsewhere(seen, view):
    _, svg = seen[view]
    root = ET.fromstring(svg)
    assert root.find(f"{SVG}title").text
    assert registry.declared("views")[view]["caption"] in root.find(f"{SVG}desc").text
    assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<script|href|url\(|@import|@font-face", svg)
    assert len(svg) < 300_000


def test_summary_has_the_losses_and_the_rivals_in_nats(seen):
    data, svg = seen["summary"]
    (title, drawn), *_ = plots(svg)
    assert title == "Loss by update"
    valid = [h["valid_loss"] for h in data["history"]]
    assert curve(drawn) == pytest.approx(valid, abs=0.02)
    points = next(points for colour, points in drawn if colour == "cyan")
    assert [x for x, _ in points] == pytest.approx([h["update"] for h in data["history"]], abs=0.5)
    rules = [points for colour, points in drawn if colour == "magenta"]
    assert [y for (_, y), _ in rules] == pytest.approx(list(data["rivals"].values()), abs=0.02)
    bars = next(panel for panel in panels(svg) if "validation part" in panel.title)
    boxes = [box for one in bars.elements if one.tag == f"{SVG}path" for box in rectangles(one)]
    figures = [data["verdict"]["own"], *data["rivals"].values()]
    longest = max(box[2] for box in boxes)
    assert [box[2] / longest for box in boxes] == pytest.approx([f / max(figures) for f in figures], abs=0.001)
    for sentence in data["verdict"]["sentences"]:
        assert sentence.split()[0] in svg


def test_gradients_are_drawn_on_a_logarithmic_axis(seen):
    data, svg = seen["gradients"]
    norms, steps = plots(svg, log_y=True)
    assert curve(norms[1]) == pytest.approx(data["norms"][0], rel=0.05)
    names = list(data["by_step"])
    assert curve(steps[1]) == pytest.approx(data["by_step"][names[0]], rel=0.05)
    assert curve(steps[1], "yellow") == pytest.approx(data["by_step"][names[1]], rel=0.05)


def test_memory_has_recall_chance_and_bits(seen):
    data, svg = seen["memory"]
    recall, bits = plots(svg)
    assert curve(recall[1]) == pytest.approx(data["recall"], abs=0.01)
    assert curve(recall[1], "faint") == pytest.approx(data["chance"], abs=0.01)
    assert curve(bits[1]) == pytest.approx(data["ablation_bits"], abs=0.01 * max(data["ablation_bits"]) + 1e-3)


def test_lengths_have_the_loss_by_position_and_the_pattern(seen):
    data, svg = seen["lengths"]
    (_, drawn), *_ = plots(svg, log_x=True)
    points = next(points for colour, points in drawn if colour == "cyan")
    assert [x for x, _ in points] == pytest.approx([p + 1 for p in data["positions"]], rel=0.02)
    assert [y for _, y in points] == pytest.approx(data["by_position"], abs=0.03)
    *_, (_, pattern) = plots(svg)
    assert curve(pattern) == pytest.approx(data["pattern"]["alike"], abs=0.01)


def test_states_are_cells_of_a_window_of_steps_and_none_is_averaged(seen):
    data, svg = seen["states"]
    cells = next(panel for panel in panels(svg) if "most varied units" in panel.title)
    assert f"steps 0 to 95 of {len(data['steps']):,}" in cells.title
    units = [entry["unit"] for entry in data["units"]][:24]
    window = [[h[data["layer"]][unit] for h in data["h"][:96]] for unit in units]
    top = max(abs(value) for row in window for value in row)
    counts = {"red": 0, "green": 0}
    for one in cells.elements:
        if one.tag == f"{SVG}path" and one.get("class") in counts:
            strength = float(one.get("fill-opacity", 1))
            counts[one.get("class")] += len(rectangles(one))
            assert strength * 16 == pytest.approx(round(strength * 16))
    values = [value / top for row in window for value in row if abs(value / top) > 1 / 32 + 1e-4]
    assert counts["green"] == pytest.approx(sum(v > 0 for v in values), abs=3)
    assert counts["red"] == pytest.approx(sum(v < 0 for v in values), abs=3)


def test_attribution_has_the_strongest_inputs_as_signed_bars(seen):
    data, svg = seen["attribution"]
    bars = next(panel for panel in panels(svg) if panel.title == "The strongest of them")
    found = [(b[2], one.get("class")) for one in bars.elements if one.tag == f"{SVG}path" for b in rectangles(one)]
    given = data["attribution"]
    largest = max(map(abs, given))
    strongest = sorted(sorted(range(len(given)), key=lambda i: -abs(given[i]))[:8])
    wanted = [given[i] for i in strongest if abs(given[i]) >= largest / 100]
    unit = max(size for size, _ in found) / largest
    assert [size * (-1 if hue == "red" else 1) / unit for size, hue in found] == pytest.approx(
        wanted, rel=0.02, abs=1e-3
    )


def test_dynamics_have_the_eigenvalues_beside_the_unit_circle(seen):
    data, svg = seen["dynamics"]
    first = (data["fixed_points"] + data["slow_points"])[0]
    panel = next(panel for panel in panels(svg) if panel.title.startswith("Point 1"))
    dots = [one for one in panel.elements if one.tag == f"{SVG}circle" and one.get("r") == "3.5"]
    assert len(dots) == len(first["eigenvalues"])
    _, drawn = next(entry for entry in plots(svg) if entry[0].startswith("Point 1"))
    assert [x * x + y * y for x, y in drawn[0][1]] == pytest.approx([1] * 121, abs=0.03)


def test_the_graph_has_a_box_for_each_node_and_its_norms(seen):
    data, svg = seen["graph"]
    texts = [one.text for one in ET.fromstring(svg).iter(f"{SVG}text")]
    for node in data["nodes"]:
        at = texts.index(node["id"])
        assert float(texts[at + 2]) == pytest.approx(node["value_norm"], rel=0.01)
        assert float(texts[at + 3].removeprefix("∇ ")) == pytest.approx(node["grad_norm"], rel=0.06, abs=1e-9)


def test_a_training_without_a_validation_part_has_no_curve(here):
    here.write("few.csv", "g,x,y\n" + "".join(f"{i // 9},{i % 7},{'ab'[i % 2]}\n" for i in range(45)))
    options = ("--task", "tag", "--tag", "y", "--inputs", "x", "--group", "g", "--valid-fraction", "0")
    assert here("train", "few.csv", *options, "--hidden", "4", "--epochs", "1", "-o", "m.st").code == 0
    assert here("inspect", "m.st", "--save", "m.svg").code == 0
    svg = here.read("m.svg").decode()
    assert "Loss by update" not in svg
    assert "nothing was held out" in svg
