"""Make docs/states.svg from a real run: `python docs/make_pictures.py`."""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from rnncli.model_file import load_model
from rnncli.render.terminal import draw
from rnncli.views.states import view

ROOT = Path(__file__).parents[1]
TEXT = ROOT / "sample_data" / "tales.txt"
BEGIN, LENGTH = 2000, 700  # characters of the text


def trained_model(folder: str):
    """A model of the tales, a minute's training."""
    path = f"{folder}/tales.safetensors"
    subprocess.run([sys.executable, "-m", "rnncli", "train", str(TEXT), "-o", path, "--minutes", "1"], check=True)
    return load_model(path)


def main() -> None:
    """Train, compute the view, draw it."""
    with tempfile.TemporaryDirectory() as folder:
        model = trained_model(folder)
    text = TEXT.read_text()
    begin = text.index("\n\n", BEGIN) + 2
    console = Console(record=True, width=92, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    draw(view(model, text[begin : begin + LENGTH]), console)
    svg = console.export_svg(title="rnncli inspect tales.safetensors tales.txt --view states")
    (ROOT / "docs" / "states.svg").write_text(svg)


if __name__ == "__main__":
    main()
