"""A PNG has the colours, blocks and dots of the terminal, each in its cell."""

import pytest
from rich.text import Text

from rnncli.render.files import canvas

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("matplotlib")

GROUND = (41, 41, 41)


@pytest.fixture
def cell(tmp_path):
    """Draw a line; `cell(line)(column)` is the picture of a character of it."""
    from rnncli.render import png

    def draw(line, width=12):
        with canvas(str(tmp_path / "view.png"), "a title", width) as console:
            console.print(line)
        image = Image.open(tmp_path / "view.png")
        column = (image.width - 2 * png.EDGE) // width
        top = png.EDGE + 2 * png.HEIGHT
        return lambda i: image.crop((png.EDGE + i * column, top, png.EDGE + (i + 1) * column, top + png.HEIGHT))

    return draw


def colours(picture):
    return {colour for _, colour in picture.getcolors(1 << 16)}


def part(picture):
    """How much of it is not the ground."""
    counts = picture.getcolors(1 << 16)
    return 1 - sum(count for count, colour in counts if colour == GROUND) / sum(count for count, _ in counts)


def test_blocks_fill_their_parts_of_the_cell(cell):
    at = cell(Text("█▄▀▌▐▁▘▟ "))
    parts = [part(at(i)) for i in range(9)]
    assert parts == pytest.approx([1, 1 / 2, 1 / 2, 1 / 2, 1 / 2, 1 / 8, 1 / 4, 3 / 4, 0], abs=0.03)
    upper = at(2).crop((0, 0, at(2).width, at(2).height // 2 - 1))
    assert part(upper) == 1


def test_shades_are_between_letter_and_ground(cell):
    at = cell(Text("░▒▓█", style="rgb(241,41,41)"))
    assert [colours(at(i)) for i in range(4)] == [{(91, 41, 41)}, {(141, 41, 41)}, {(191, 41, 41)}, {(241, 41, 41)}]


def test_letters_have_their_colours_and_stay_in_their_cells(cell):
    at = cell(Text.assemble(("M", "rgb(255,0,0)"), ("a", "default on rgb(0,100,0)"), " ", ("⟲", "rgb(0,0,255)"), " "))
    assert (255, 0, 0) in colours(at(0))
    assert (0, 100, 0) in colours(at(1))
    assert colours(at(2)) == {GROUND}
    assert 0.02 < part(at(3)) < 0.6
    assert colours(at(4)) == {GROUND}


def test_dots_of_braille_stand_where_they_belong(cell):
    at = cell(Text("⠁⣿⢀"))
    first, all_, last = at(0), at(1), at(2)
    w, h = first.width // 2, first.height // 4
    assert part(first.crop((0, 0, w, h))) * w * h == pytest.approx(part(first) * first.width * first.height)
    assert part(last.crop((w, 3 * h, 2 * w, last.height))) > 0
    assert part(last.crop((0, 0, 2 * w, 3 * h))) == 0
    assert part(all_) == pytest.approx(8 * part(first), rel=0.01)


def test_a_wide_character_takes_two_cells(cell):
    at = cell(Text("界x"))
    assert part(at(2)) > 0.05
    assert colours(at(3)) == {GROUND}
