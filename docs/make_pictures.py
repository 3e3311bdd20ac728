"""Make the pictures of the views, docs/VIEW.svg, from a real run: `python docs/make_pictures.py [VIEW]...`, all or
those that are named.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

from rnncli.cli.inspection import OPTIONS
from rnncli.commands.inspection import viewed
from rnncli.render.saved import save
from rnncli.tasks.trained import load_model
from rnncli.views import view_class
from rnncli.views.subject import Subject

ROOT = Path(__file__).parents[1]
TEXT = ROOT / "sample_data" / "tales.txt"
BEGIN, LENGTH = 2000, 700  # characters of the text


def trained_model(folder: str):
    """A model of the tales, a minute's training."""
    path = f"{folder}/tales.safetensors"
    subprocess.run([sys.executable, "-m", "rnncli", "train", str(TEXT), "-o", path, "--minutes", "1"], check=True)
    return load_model(path)


def picture(data: dict) -> None:
    """docs/VIEW.svg, as --save writes it."""
    save(data, str(ROOT / "docs" / f"{data['view']}.svg"))


def flip_flops(folder: str) -> None:
    """The fixed points of three flip-flops, a second's training; the options are those of docs/views.md."""
    path, data = f"{folder}/flipflop.safetensors", str(ROOT / "sample_data" / "flipflop.csv")
    options = "--task tag --tag bits --inputs in1,in2,in3 --group trial --no-bidirectional --hidden 16 --epochs 100"
    still = "--noise 0 --dropout 0 --weight-decay 0"
    command = [sys.executable, "-m", "rnncli", "train", data, "-o", path, *options.split(), *still.split()]
    subprocess.run(command, check=True)
    picture(seen("dynamics", load_model(path), "flipflop.safetensors", data, hold="0,0,0"))


def seen(view: str, model, name: str, path: str, **options) -> dict:
    """What a view finds, by its own defaults beside these options."""
    defaults = {option: said.get("default") for option, said in OPTIONS.items()}
    return viewed(view_class(view)(), view, Subject(model, name, path, SimpleNamespace(**defaults | options)))


def trusted(*subject) -> dict:
    """The attribution at the first step of the second half that is to be trusted."""
    looks = (seen("attribution", *subject, at=at) for at in range(LENGTH // 2, LENGTH - 1))
    return next(data for data in looks if max(data["completeness_gap"], data["change"]) < 0.05)


#: view -> whether of all of the text or of a part; None: of the model alone
PICTURES = {
    "summary": None,
    "states": False,
    "gradients": True,
    "graph": False,
    "attribution": False,
    "memory": True,
    "lengths": True,
    "gradcheck": None,
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
            subject = model, "tales.safetensors", str(TEXT if PICTURES[view] else part)
            found = trusted(*subject) if view == "attribution" else seen(view, *subject, lags=100, unfold=7)
            picture(found)


if __name__ == "__main__":
    main(sys.argv[1:])
