"""Whether data are those that a model was made from, and if they are not, what of them the model has seen.

The files are read and split as in the training, and the hashes of both parts are compared with those that the model
keeps. Where they differ, all sequences are looked up among those that it has seen (`rnncli/data/seen.py`).
"""

import os
from hashlib import sha256
from typing import Any, Literal

import numpy as np

from rnncli.config import OF_READOUTS, TrainConfig
from rnncli.data.seen import Known
from rnncli.data.seen_text import STRETCH
from rnncli.errors import RnncliError, UsageError
from rnncli.models.model_file import Model
from rnncli.models.summary import MadeOf
from rnncli.readers.answer_files import names_file
from rnncli.readers.source import display, open_bytes, reopenable
from rnncli.registry import learns
from rnncli.stored import read
from rnncli.tasks import task_class
from rnncli.tasks.task import Material

PARTS: tuple[Literal["trained", "validated"], ...] = ("trained", "validated")


def origin(model: Model, path: str, files: list[str]) -> dict[str, Any]:
    """As plain data:

    `same`, whether the training part and, unless it was a file of its own, the validation part are those of the model;
    `trained` and `validated`, whether each of the two is, None where that is not known; `apart`, whether the validation
    part was a file of its own; `seen`, where `same` is false: how many of all sequences, of the `units` named, the
    model was trained on, see `Known.figures`; `missing`, the share of those that it has seen which are not there; both
    are None if the model knows no sequences again.

    RnncliError if the files cannot be read as the data were, or if the model keeps too little to tell.
    """
    data = ", ".join(map(display, files))
    files = [reopenable(file) for file in files]
    for file in files:
        with open_bytes(file):
            pass  # what cannot be read is another error
    _refuse_without_answers(model, data)
    found: dict[str, Any] = {"model": path, "data": data, "same": False, "trained": None, "validated": None}
    try:
        found |= _compared(model, path, files)
        return found if found["same"] else found | _looked_up(model, files)
    except (UsageError, Unfit) as error:  # options of the training have no meaning for these files
        why = str(error).removeprefix(f"{data}: ")
        raise RnncliError(f"{data}: not the data that {path} was made from: {why}") from None


class Unfit(RnncliError):
    """Nothing can be trained on these files as the model was."""


def _refuse_without_answers(model: Model, data: str) -> None:
    """RnncliError if the answers were in a file of their own that is not here."""
    for name in ("label", "target", "tag"):
        file = getattr(model.config, name)
        if model.form and model.form.name == "arrays" and names_file(file) and not os.path.isfile(file):
            raise RnncliError(f"{data}: cannot be told: {file}, the --{name} of the training, is not here")


def _compared(model: Model, path: str, files: list[str]) -> dict[str, Any]:
    """Whether both parts are the same. A model of before has one hash of both, of data as they were read then."""
    if "made_of" in model.summary:
        made = read(MadeOf, model.summary["made_of"], "made_of")
        here = _prepared(model, files, made["warm"], made["apart"]).made_of(made["warm"], made["apart"])
        trained, validated = ((here[part], here["meaning"]) == (made[part], made["meaning"]) for part in PARTS)
        parts = {"trained": trained, "validated": None if made["apart"] else validated}
        return parts | {"same": trained and (validated or made["apart"]), "apart": made["apart"]}
    if "valid_loss" not in model.summary:
        raise RnncliError(f"{path}: a training under way, expected a finished model")
    digests = "".join(_prepared(model, files, warm=False, apart=False).digests)
    if model.data_hash != sha256(digests.encode()).hexdigest():
        raise RnncliError(f"{path}: of an earlier version, which kept too little to tell its data: train it again")
    return {"same": True, "trained": True, "validated": True, "apart": False}


def _prepared(model: Model, files: list[str], warm: bool, apart: bool) -> Material:
    """The data in the two parts of the training; `warm`: read with the tokens and columns of the model; `apart`: all of
    them in the first part.
    """
    config = model.config.having(valid_fraction=0.0) if apart else model.config
    if config.learn == "readout":  # which takes no options of a training, though the model names all
        plain = TrainConfig()
        config = config.having(**{name: getattr(plain, name) for name in config.of_training(OF_READOUTS)})
    try:
        return task_class(config.task).prepare(files, config, None, model if warm else None)
    except UsageError:
        raise
    except RnncliError as error:
        raise Unfit(str(error)) from None


def _looked_up(model: Model, files: list[str]) -> dict[str, Any]:
    """`seen`, `missing` and `units`: of all sequences, read with the tokens and columns of the model."""
    known = Known.of(model.summary)
    if known is None:
        return {"seen": None, "missing": None, "units": None}
    kept = np.unique(np.concatenate(known.samples))
    kept = kept[kept <= known.bound]
    there = np.zeros(len(kept), bool)
    everything = _prepared(model, files, warm=True, apart=True)
    for hashes in everything.task.hashes(everything.train) or ():
        known.look_at(hashes)
        there |= np.isin(kept, hashes)
    missing = 1 - float(there.mean()) if len(kept) else None
    return {"seen": known.figures(), "missing": missing, "units": _units(model)}


def _units(model: Model) -> list[str]:
    """What one and several of what is looked up are called."""
    if learns(model.config.task) == "series":
        return ["step", "steps"]
    if model.vocabulary is None:
        return ["sequence", "sequences"]
    if model.config.of_records:
        return ["record", "records"] if model.form else ["line", "lines"]
    of = f"of {STRETCH[model.vocabulary.kind]} {model.vocabulary.unit}"
    return [f"stretch {of}", f"stretches {of}"]
