"""Make the pictures of the views, docs/VIEW.svg, from a real run: `python docs/make_pictures.py [VIEW]...`, all or
those that are named.
"""

import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from rnncli.commands.inspection import VIEWERS, Look, Subject
from rnncli.models.model_file import load_model
from rnncli.render.files import canvas
from rnncli.render.terminal import draw

ROOT = Path(__file__).parents[1]
TEXT = ROOT / "sample_data" / "tales.txt"
WIDTH = 92  # columns
BEGIN, LENGTH = 2000, 700  # characters of the text


def trained_model(folder: str):
    """A model of the tales, a minute's training."""
    path = f"{folder}/tales.safetensors"
    subprocess.run([sys.executable, "-m", "rnncli", "train", str(TEXT), "-o", path, "--minutes", "1"], check=True)
    return load_model(path)


def picture(data: dict, what: str, options: str = "") -> None:
    """docs/VIEW.svg, as the terminal shows it."""
    title = f"rnncli inspect {what} --view {data['view']}{options}"
    with canvas(str(ROOT / "docs" / f"{data['view']}.svg"), title, WIDTH) as console:
        draw(data, console)


def flip_flops(folder: str) -> None:
    """The fixed points of three flip-flops, a second's training; the options are those of docs/views.md."""
    path, data = f"{folder}/flipflop.safetensors", str(ROOT / "sample_data" / "flipflop.csv")
    options = "--task tag --tag bits --inputs in1,in2,in3 --group trial --no-bidirectional --hidden 16 --epochs 100"
    still = "--noise 0 --dropout 0 --weight-decay 0"
    command = [sys.executable, "-m", "rnncli", "train", data, "-o", path, *options.split(), *still.split()]
    subprocess.run(command, check=True)
    found = VIEWERS["dynamics"](Subject(load_model(path), "flipflop.safetensors", data), Look(hold="0,0,0"))
    picture(found, "flipflop.safetensors flipflop.csv", " --hold 0,0,0")


def trusted(subject: Subject, look: Look) -> dict:
    """The attribution at the first step of the second half that is to be trusted."""
    looks = (VIEWERS["attribution"](subject, replace(look, at=at)) for at in range(LENGTH // 2, LENGTH - 1))
    return next(data for data in looks if max(data["completeness_gap"], data["change"]) < 0.05)


#: view -> what makes it, and whether of all of the text or of a part; None: of the model alone
PICTURES = {
    "summary": (VIEWERS["summary"], None),
    "states": (VIEWERS["states"], False),
    "gradients": (VIEWERS["gradients"], True),
    "graph": (VIEWERS["graph"], False),
    "attribution": (trusted, False),
    "memory": (VIEWERS["memory"], True),
    "lengths": (VIEWERS["lengths"], True),
    "gradcheck": (VIEWERS["gradcheck"], None),
}


def main(views: list[str]) -> None:
    """Train, compute the views, draw them."""
    known = [*PICTURES, "dynamics"]
    unknown, views = set(views) - set(known), views or known
    if unknown:
        sys.exit(f"no picture of {', '.join(unknown)}: expected some of {', '.join(known)}")
    with tempfile.TemporaryDirectory() as folder:
        if "dynamics" in views:
            flip_flops(folder)
        of_text = [view for view in views if view in PICTURES]
        if not of_text:
            return
        model = trained_model(folder)
        text = TEXT.read_text()
        begin = text.index("\n\n", BEGIN) + 2
        part = Path(folder) / "part.txt"
        part.write_text(text[begin : begin + LENGTH])
        for view in of_text:
            make, whole = PICTURES[view]
            path = str(TEXT if whole else part)
            what = "tales.safetensors" + ("" if whole is None else " tales.txt")
            picture(make(Subject(model, "tales.safetensors", path), Look(lags=100, unfold=7)), what)


if __name__ == "__main__":
    main(sys.argv[1:])
