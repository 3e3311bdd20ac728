"""Files of earlier versions are read to the rows that they predicted then, or refused by their number.

`kept/formatN` is made by make_kept.py with the last version that wrote format N, before it changed.
"""

import json
import shutil
from pathlib import Path

import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from rnncli.models import model_file, state_file
from tests.models.make_kept import KEPT, STREAMS

FORMATS = sorted((Path(__file__).parent / "kept").iterdir(), key=lambda folder: int(folder.name.removeprefix("format")))
#: files: name of the task, end of the file's name
FILES = [(task, end) for task in KEPT for end in (".safetensors", "-checkpoint.safetensors")]
FILES += [(task, ".state") for task in STREAMS]

every_format = pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)


def fields(rows: bytes) -> list[str | float]:
    """Fields of all rows, numbers as such."""
    return [as_number(field) for field in rows.decode().replace("\n", "\t\n\t").split("\t")]


def as_number(field: str) -> str | float:
    try:
        return float(field or "NaN")  # a missing number was an empty field
    except ValueError:
        return field


@every_format
@pytest.mark.parametrize(("task", "end"), FILES)
def test_an_old_file_predicts_the_rows_that_it_predicted_then(folder, task, end, here):
    source = next(
        folder / f"{task}{suffix}" for suffix in (".txt", ".csv", ".tsv") if (folder / f"{task}{suffix}").exists()
    )
    arguments = [*KEPT[task][4]]
    if end == ".state":
        shutil.copy(folder / f"{task}.state", here.folder / "s.state")
        arguments += ["--state-file", "s.state"]
        model, expected = folder / f"{task}.safetensors", folder / f"{task}.state.rows"
    else:
        model, expected = folder / f"{task}{end}", (folder / f"{task}{end}").with_suffix(".rows")
    done = here("predict", str(model), str(source), *arguments)
    assert (done.code, done.err) == (0, "")
    assert len(expected.read_bytes()) > 40
    for found, right in zip(fields(done.out), fields(expected.read_bytes()), strict=True):
        # the last digits may be rounded otherwise on another CPU
        assert found == (pytest.approx(right, rel=1e-3, abs=1e-3, nan_ok=True) if isinstance(right, float) else right)


@pytest.mark.parametrize("task", KEPT)
def test_what_is_written_now_is_of_the_newest_format_that_is_kept(task):
    with safe_open(FORMATS[-1] / f"{task}.safetensors", "numpy") as file:
        assert json.loads(file.metadata()["rnncli"])["format"] == model_file.FORMAT, "keep files of the format before"
    assert state_file.FORMAT == 1


def test_a_model_of_a_later_format_is_refused_by_its_number(here):
    path = FORMATS[0] / "regress.safetensors"
    with safe_open(path, "numpy") as file:
        entries = file.metadata()
    meta = json.loads(entries["rnncli"]) | {"format": model_file.FORMAT + 1}
    save_file(load_file(path), here.folder / "m", {"rnncli": json.dumps(meta)})
    message = here("predict", "m", str(FORMATS[0] / "regress.csv")).message()
    assert f"format {model_file.FORMAT + 1}, expected at most {model_file.FORMAT}: upgrade rnncli" in message


def test_a_state_of_a_later_format_is_refused_by_its_number(here):
    path = FORMATS[0] / "language.state"
    with safe_open(path, "numpy") as file:
        entry = json.loads(file.metadata()["rnncli-state"]) | {"format": state_file.FORMAT + 1}
    save_file(load_file(path), here.folder / "s", {"rnncli-state": json.dumps(entry)})
    arguments = ("predict", str(FORMATS[0] / "language.safetensors"), "--score", "--state-file", "s")
    message = here(*arguments, str(FORMATS[0] / "language.txt")).message()
    assert f"format {state_file.FORMAT + 1}, expected at most {state_file.FORMAT}" in message
