"""`train --explain`: what was found in the files, as the options that would have asked for it."""

from dataclasses import fields
from typing import Any

from rnncli.config import TrainConfig
from rnncli.errors import note
from rnncli.registry import meant_for
from rnncli.tasks.task import Material
from rnncli.training.window import corrects

OF_THE_NETWORK = ("Model", "Training")  # groups of options
OF_NUMBERS = ("table", "wide", "arrays", "ts", "arff", "tsf", "gluonts")  # forms without texts to cut


def found_options(asked: TrainConfig, material: Material) -> dict[str, Any]:
    """Option -> its value, of those that were left open and that the data settled."""
    found = material.config.having(**material.task.columns())
    stays_open = [] if asked.of_training() else sizes_left(material)
    if stays_open and found.learn != "readout":
        note("--hidden, --epochs and other options of the network stay open: training tries several and keeps the best")
    if corrects(asked, material):
        note("--steps stays open: training changes it once, if the reach says so")
        stays_open += ["steps"]
    stays_open += ["tokens"] if found.format in OF_NUMBERS else []
    return {
        one.name: getattr(found, one.name)
        for one in fields(TrainConfig)
        if getattr(asked, one.name) == one.default
        and getattr(found, one.name) not in (None, one.default)
        and material.task.name in meant_for().get(one.name, [material.task.name])
        and one.name not in stays_open
    }


def sizes_left(material: Material) -> list[str]:
    """The options of the network that are not settled before training: it tries several ways, or another read-out,
    where none of them is given.
    """
    task, c = material.task, material.config
    if c.learn != "readout" and len(task.ways()) < 2 and not task.fits_read_out():
        return []
    return [one.name for one in fields(c) if one.metadata.get("group") in OF_THE_NETWORK and one.name != "learn"]
