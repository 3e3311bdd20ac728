"""Make the pictures of the views, docs/VIEW.svg, from a real run: `python docs/make_pictures.py`."""

import subprocess
import sys
import tempfile
from pathlib import Path

from rnncli.inspection import VIEWERS, Look, Subject
from rnncli.model_file import load_model
from rnncli.render.files import canvas
from rnncli.render.terminal import draw
from rnncli.views.attribution import GAP

ROOT = Path(__file__).parents[1]
TEXT = ROOT / "sample_data" / "tales.txt"
WIDTH = 92  # columns
BEGIN, LENGTH = 2000, 700  # characters of the text


def trained_model(folder: str):
    """A model of the tales, a minute's training."""
    path = f"{folder}/tales.safetensors"
    subprocess.run([sys.executable, "-m", "rnncli", "train", str(TEXT), "-o", path, "--minutes", "1"], check=True)
    return load_model(path)


def picture(data: dict) -> None:
    """docs/VIEW.svg, as the terminal shows it."""
    title = f"rnncli inspect tales.safetensors tales.txt --view {data['view']}"
    with canvas(str(ROOT / "docs" / f"{data['view']}.svg"), title, WIDTH) as console:
        draw(data, console)


def trusted(subject: Subject) -> dict:
    """The attribution at the first step of the second half whose integral is complete to a hundredth."""
    looks = (VIEWERS["attribution"](subject, Look(at=at)) for at in range(LENGTH // 2, LENGTH - 1))
    return next(data for data in looks if data["completeness_gap"] <= GAP)


def main() -> None:
    """Train, compute the views, draw them."""
    with tempfile.TemporaryDirectory() as folder:
        model = trained_model(folder)
        text = TEXT.read_text()
        begin = text.index("\n\n", BEGIN) + 2
        part = Path(folder) / "part.txt"
        part.write_text(text[begin : begin + LENGTH])
        for view, path in (("states", part), ("gradients", TEXT), ("graph", part)):
            picture(VIEWERS[view](Subject(model, "tales.safetensors", str(path)), Look(lags=100, unfold=7)))
        picture(trusted(Subject(model, "tales.safetensors", str(part))))


if __name__ == "__main__":
    main()
