"""A chart: its marks stand where the data says, the same ones in SVG and PNG, byte for byte the same each time."""

import io
import math
import re
import xml.etree.ElementTree as ET
from fractions import Fraction
from unicodedata import category, east_asian_width

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnncli.render.chart.bars import Bar, Bars
from rnncli.render.chart.chart import DESK, PHONE, Chart, Grid
from rnncli.render.chart.flow import Flow
from rnncli.render.chart.marks import Area, Dot, Label, Line, Rect, Scene, length
from rnncli.render.chart.plot import Axis, Band, Cells, Columns, Curve, Dots, Plot, Rule, curves
from rnncli.render.chart.scales import Scale, over, rounds, written
from rnncli.render.chart.svg import svg
from rnncli.render.chart.times import time_ticks
from rnncli.render.palette import DARK, LIGHT
from tests.render.chart_reader import SVG, number, panels, plots, rectangles

XS = [0, 1, 2, 3, 5, 8, 13, 21]
YS = [3.25, -1.5, 0.75, 2.0, None, 4.5, math.nan, 1.25]
HOSTILE = "<b>&\x1b[31m\u202e"


def chart() -> Chart:
    """One of everything."""
    some = [0.5, 1.5, 1.0, 2.5, 2.0, 1.0, 1.0, 3.0]
    layers = [
        Band(XS, some, [v + 1 for v in some], "cyan", "a band"),
        *curves(XS, {"one": YS, "other": some}),
        Rule(2.0, "y", "a rival"),
        Rule(5, "x", HOSTILE),
        Dots([1, 2], [1.0, 2.0], "red", "dots"),
    ]
    return Chart(
        f"A chart {HOSTILE}",
        [
            Plot("curves", Axis("x", whole=True), Axis("y"), layers),
            Plot("signed", Axis("step"), Axis(), [Columns([0, 1, 2], [1.0, -2.0, 0.5])]),
            Grid([Plot("cells", Axis("step"), Axis("unit", ends=(1.5, -0.5)), [Cells([[1, -1], [0.5, 0]])])] * 2, 200),
            Bars("bars", [Bar("a", 2.0, "2"), Bar("b", -1.0, "-1"), Bar("none", None, "-")]),
            Flow("tokens", ["a", " ", "\\n", "b", HOSTILE], [1.0, -0.5, 0.0, 0.2, -1.0]),
        ],
        ["what it comes to"],
        [("fact", "what there is to say")],
        warns=True,
    )


def scene(width: float = DESK) -> Scene:
    return chart().scene(width, "how to read it")


# -- scales -----------------------------------------------------------------------------------------------------------


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 12))
@settings(max_examples=100, deadline=None)
def test_ticks_are_few_inside_and_one_two_or_five_times_a_power_of_ten_apart(low, span, most):
    assume(span >= 1e-6 * abs(low))  # closer ticks are nothing that a chart or float64 tells apart well
    values = rounds(low, low + span, most)
    assert 2 <= len(values) <= max(most + 1, 6)
    assert all(low - 1e-6 * span <= v <= low + span * (1 + 1e-6) for v in values)
    for a, b in zip(values, values[1:], strict=False):
        mantissa = (b - a) / 10 ** math.floor(math.log10((b - a) * (1 + 1e-6)))
        assert min(abs(mantissa - m) for m in (1, 2, 5)) < 1e-3


NEAR = [8336700.0, 8336750.0, 8336800.0]  # large ones that lie near each other


@pytest.mark.parametrize(
    "values", [[0.0, 0.2, 0.4], [-2000.0, 0.0, 2000.0], [1e7, 2e7], [0.0, 2e-5], [0.1, 0.2, 0.3], NEAR]
)
def test_ticks_in_words_are_their_values(values):
    assert [number(text) for text in written(values)] == values
    assert len(set(written(values))) == len(values)


def test_a_year_has_no_comma():
    assert written([2000.0, 2010.0, 2020.0]) == ["2000", "2010", "2020"]
    assert [text for _, text in time_ticks([f"{year}" for year in range(1995, 2027)], 4)] == ["2000", "2010", "2020"]
    assert [text for _, text in time_ticks([f"{row}" for row in range(10_900, 12_100)], 3)][0] == "11,000"


def test_scales_hold_their_values_and_end_at_ticks():
    scale = over([0.3, 4.2])
    assert (scale.low, scale.high) == (0.0, 5.0)
    assert (over([2.0]).low, over([2.0]).high) == (1.0, 3.0)  # of one value there is room around it
    log = over([3e-3, 0.0, -1.0, 70.0, math.inf], log=True)
    assert (log.low, log.high) == (1e-3, 100.0)
    assert log.place(1.0) == pytest.approx(3 / 5)
    assert over([1e-40, 1.0], log=True).low == pytest.approx(1e-8)  # what is negligible does not flatten the rest
    assert [text for _, text in Scale(1, 30, True).ticks(6)] == ["1", "2", "5", "10", "20"]
    assert [v for v, _ in Scale(0, 3).ticks(10, whole=True)] == [0, 1, 2, 3]


# -- marks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_curves_run_through_the_data_and_have_gaps_where_there_is_none(width):
    title, lines = plots(svg(scene(width)))[0]
    assert title == "curves"
    one = [points for colour, points in lines if colour == "cyan"]
    assert len(one) == 1  # single points after a gap are no line
    assert one[0] == [pytest.approx(pair, abs=0.02) for pair in list(zip(XS, YS, strict=True))[:4]]
    other = next(points for colour, points in lines if colour == "yellow")
    assert [y for _, y in other] == pytest.approx([0.5, 1.5, 1.0, 2.5, 2.0, 1.0, 1.0, 3.0], abs=0.02)
    rule = next(points for colour, points in lines if colour == "faint")
    assert [y for _, y in rule] == pytest.approx([2.0, 2.0], abs=0.02)


def test_a_logarithmic_axis_is_one():
    ys = [1.0, 0.1, 3e-3, 0.0, 2e-6]
    plot = Plot("log", Axis("lag", whole=True), Axis("norm", log=True), [Curve(range(5), ys, "cyan")])
    ((_, lines),) = plots(svg(Chart("c", [plot]).scene(DESK, "")), log_y=True)
    found = [y for _, points in lines for _, y in points]
    assert found == pytest.approx(ys[:3], rel=0.03)


@pytest.mark.parametrize(("ys", "end"), [([1.0, 0.1, 0.0], "0.1"), ([1.0, 0.02, -3.0], "0.01"), ([1.0, 1e-20], "1e-8")])
def test_a_logarithmic_axis_says_what_it_leaves_out(ys, end):
    assert names_below(ys) == [f"norm, not drawn below {end}"]
    assert names_below([None, math.nan, *(v for v in ys if v > 0.01)]) == ["norm"]


def names_below(ys) -> list[str]:
    """What the name of a logarithmic axis says."""
    marks, _ = Plot("", Axis("lag"), Axis("norm", log=True), [Curve(range(len(ys)), ys, "cyan")]).marks(0, 0, 400)
    return [one.text for one in marks if isinstance(one, Label) and "norm" in one.text]


def test_a_band_that_leaves_a_logarithmic_axis_and_comes_back_is_two_areas():
    ys, low = [1.0, 1e-3, 1e-30, 1e-3, 1.0], [0.0, 1e-30, 0.0, 1e-30, 0.5]
    plot = Plot("log", Axis("lag", whole=True), Axis("norm", log=True), [Band(range(5), low, ys, "cyan")])
    marks, _ = plot.marks(0, 0, 400)
    assert [len(one.points) for one in marks if isinstance(one, Area)] == [4, 4]


def test_a_band_of_single_steps_is_seen_and_so_are_single_points_between_gaps():
    xs, ys, low, high = range(5), [None, 1.0, math.nan, 2.0, 3.0], [0.0, None, 1.0, None, None], [2.0, 1, 3.0, 1, 1]
    marks, _ = Plot("p", Axis(), Axis(), [Band(xs, low, high, "cyan"), Curve(xs, ys, "ink")]).marks(0, 0, 400)
    for band in (one for one in marks if isinstance(one, Area)):
        (left, right), (top, bottom) = ({point[axis] for point in band.points} for axis in (0, 1))
        assert abs(right - left) == 8 and abs(top - bottom) > 40
    assert sum(isinstance(one, Area) for one in marks) == 2
    (dot,), (line,) = ([one for one in marks if isinstance(one, kind) and one.colour == "ink"] for kind in (Dot, Line))
    assert len(line.points) == 2 and dot.x < line.points[0][0]


def test_bars_are_as_long_as_their_values_from_zero():
    scene = Chart("c", [Bars("bars", [Bar("a", 2.0, "2"), Bar("b", -1.0, "-1", "red"), Bar("n", None, "-")])]).scene(
        DESK, ""
    )
    above, below = [mark for mark in scene.marks if isinstance(mark, Rect) and mark.colour in ("cyan", "red")]
    assert above.width == pytest.approx(2 * below.width)
    assert below.x + below.width == pytest.approx(above.x)  # both begin at 0
    floor = Bars("log", [Bar("a", 1e-3, ""), Bar("b", 1e-6, ""), Bar("c", 1e-10, "")], floor=1e-9)
    first, second = [m for m in Chart("c", [floor]).scene(DESK, "").marks if isinstance(m, Rect) and m.colour == "cyan"]
    assert first.width == pytest.approx(2 * second.width)


@pytest.mark.parametrize("name", ["名詞と動詞の間にあるもの" * 3, "e\u0301" * 30, "adposition " * 5, "x"])
def test_names_and_figures_stand_beside_their_bars_and_inside(name):
    marks, _ = Bars("F1 by label", [Bar(name, 1.0, "0.9876 of 12,345,678"), Bar("b", 0.5, "0.5 of 9")]).marks(0, 0, 328)
    (bar, _), texts = ([one for one in marks if isinstance(one, kind)] for kind in (Rect, Label))
    title, named, figure = texts[:3]
    wide = sum(
        {"W": 1.0, "Mn": 0.0}.get(east_asian_width(c) if c > "\u1000" else category(c), 0.58) for c in named.text
    )
    assert 11 * wide <= bar.x and bar.width > 60
    assert figure.text == "0.9876 of 12,345,678" and bar.x + bar.width < figure.x < 328 - 11 * 0.58 * len(figure.text)


def test_a_heat_map_has_a_cell_for_each_value_with_its_sign_in_hue_and_form():
    values = [[1.0, -1.0, 0.5], [0.0, -0.26, 0.01]]
    plot = Plot("cells", Axis("step"), Axis("unit", ends=(1.5, -0.5)), [Cells(values)], height=40)
    marks = [
        m for m in Chart("c", [plot]).scene(DESK, "").marks if isinstance(m, Rect) and m.colour in ("red", "green")
    ]
    assert sorted((m.colour, m.strength) for m in marks) == [("green", 0.5), ("green", 1), ("red", 0.25), ("red", 1)]
    full, half = (next(m for m in marks if m.colour == colour and m.strength == 1) for colour in ("green", "red"))
    assert (full.height, half.height) == (19, 10)
    assert half.x == pytest.approx(full.x + full.width)
    lower = next(m for m in marks if m.strength == 0.25)
    assert (lower.x, lower.y) == (half.x, half.y + 20)


def test_tokens_wrap_after_spaces_and_carry_their_signs():
    flow = Flow("text", list("the cat sat"), [0.0] * 4 + [1.0, -1.0] + [0.0] * 5)
    marks, _ = flow.marks(0, 0, 8 * 13 * 0.602 + 1)
    letters = [m for m in marks if isinstance(m, Label) and m.mono]
    lines = {y: "".join(m.text for m in letters if m.y == y) for y in sorted({m.y for m in letters})}
    assert list(lines.values()) == ["thecat", "sat"]
    up, down = [m for m in marks if isinstance(m, Rect) and m.strength == 1]
    assert (up.colour, down.colour) == ("green", "red")
    assert up.y + up.height == down.y  # one above the middle of the lane, one below


def test_a_square_plot_keeps_a_circle_round():
    turn = [2 * math.pi * t / 40 for t in range(41)]
    circle = Curve([3 * math.cos(t) for t in turn], [3 * math.sin(t) for t in turn], "cyan")
    marks = Chart("c", [Plot("p", Axis(), Axis(), [circle], square=True)]).scene(DESK, "").marks
    points = next(m for m in marks if isinstance(m, Line) and m.colour == "cyan").points
    wide, high = (max(axis) - min(axis) for axis in zip(*points, strict=True))
    assert wide == pytest.approx(high)


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_nothing_stands_outside(width):
    drawn = scene(width)
    for mark in drawn.marks:
        if isinstance(mark, Label):
            left = mark.x - {"start": 0, "middle": 0.5, "end": 1}[mark.anchor] * length(mark.text, mark.size, mark.mono)
            assert left > -1 and left + length(mark.text, mark.size, mark.mono) < width + 1, mark
            assert 0 < mark.y < drawn.height
        elif isinstance(mark, Rect):
            assert mark.x > -1e-6 and mark.x + mark.width < width + 1e-6
        elif isinstance(mark, Dot):
            assert 0 < mark.x < width


# -- SVG --------------------------------------------------------------------------------------------------------------


def test_an_svg_is_valid_and_has_no_link_and_no_script():
    text = svg(scene())
    root = ET.fromstring(text)
    assert root.get("role") == "img"
    assert [child.tag for child in root][:3] == [f"{SVG}title", f"{SVG}desc", f"{SVG}style"]
    assert root[0].text == r"A chart <b>&\x1b[31m\u202e"
    assert root[1].text == "what it comes to. fact: what there is to say. how to read it"
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"script|href|url\(|@import|@font-face", text)
    assert "Warning: what it comes to" in text


def test_an_svg_has_the_colours_of_both_grounds_and_every_class_has_one():
    text = svg(scene())
    light, dark = text.split("@media(prefers-color-scheme:dark)")
    assert f"fill:{LIGHT['ground']}" in light and f"fill:{DARK['ground']}" in dark
    used = set(re.findall(r'class="(?:stroke )?(\w+)', text)) - {"chart"}
    assert used <= set(LIGHT) == set(DARK)
    inline = svg(scene(), alone=False)
    assert "<style>" not in inline and "xmlns" not in inline


def luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_colour_is_legible_on_its_ground(palette):
    for name, colour in palette.items():
        a, b = sorted((luminance(colour), luminance(palette["ground"])))
        if name not in ("ground", "line"):
            assert (b + 0.05) / (a + 0.05) >= 4.5, name  # WCAG AA


def test_a_picture_is_the_same_bytes_each_time():
    assert svg(scene()) == svg(scene())


# -- PNG --------------------------------------------------------------------------------------------------------------


def test_a_png_has_the_same_marks():
    Image = pytest.importorskip("PIL.Image")
    pytest.importorskip("matplotlib")
    from rnncli.render.chart.bitmap import SCALE, png

    drawn = scene()
    picture = png(drawn)
    assert picture == png(drawn)
    image = Image.open(io.BytesIO(picture))
    assert image.size == (math.ceil(drawn.width * SCALE), math.ceil(drawn.height * SCALE))

    def near(x: float, y: float, name: str) -> bool:
        wanted = tuple(int(LIGHT[name][i : i + 2], 16) for i in (1, 3, 5))
        around = [(round(x * SCALE) + i, round(y * SCALE) + j) for i in range(-2, 3) for j in range(-2, 3)]
        return any(max(abs(a - b) for a, b in zip(image.getpixel(p), wanted, strict=True)) < 24 for p in around)

    solid = [m for m in drawn.marks if isinstance(m, Line) and m.dash is None and m.colour == "cyan"]
    assert solid and all(near(*point, line.colour) for line in solid for point in line.points)
    dots = [m for m in drawn.marks if isinstance(m, Dot)]
    assert dots and all(near(m.x, m.y, m.colour) for m in dots)
    bars = [m for m in drawn.marks if isinstance(m, Rect) and m.strength == 1 and m.colour == "cyan"]
    assert bars and all(near(m.x + m.width / 2, m.y + m.height / 2, m.colour) for m in bars)


def test_dashes_are_as_long_as_they_are_said_to_be_and_go_on_around_corners():
    pytest.importorskip("PIL")
    pytest.importorskip("matplotlib")
    from rnncli.render.chart.bitmap import UNIT, _dashed

    pieces = list(_dashed([(0.0, 0.0), (5.0 * UNIT, 0.0), (5.0 * UNIT, 7.0 * UNIT)], (4, 2)))
    assert [(*p[0], *p[-1]) for p in pieces] == [
        pytest.approx(tuple(UNIT * v for v in ends)) for ends in ((0, 0, 4, 0), (5, 1, 5, 5))
    ]


def test_the_svg_and_the_scene_have_the_same_rectangles():
    drawn = scene()
    root = ET.fromstring(svg(drawn))
    found = [box for path in root.iter(f"{SVG}path") for box in rectangles(path)]
    marks = [m for m in drawn.marks if isinstance(m, Rect)]
    assert found == [pytest.approx((m.x, m.y, m.width, m.height), abs=0.006) for m in marks]
    assert len(panels(svg(drawn))) == 6


def test_exact_arithmetic_agrees_on_a_tick():
    """0.1 · 3 is 0.3 in words, not 0.30000000000000004."""
    assert [Fraction(str(v)) for v in rounds(0.0, 0.5, 5)] == [Fraction(i, 10) for i in range(6)]
