"""A language model as the start of a model that reads whole texts: its embedding and layers, and fresh outputs.

That needs the same tokens: characters and bytes. Words of a language model are others than those of the tasks on whole
texts, which are in lower case and have n-grams beside them.
"""

from dataclasses import replace

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.schema import Schema
from rnncli.errors import UsageError
from rnncli.models.model_file import Model
from rnncli.network.architecture import Architecture
from rnncli.network.network import Network
from rnncli.registry import meant_for


def reader_of(path: str, model: Model, task: str) -> Model:
    """The model without its outputs, as one that reads columns of texts."""
    vocabulary, a = model.vocabulary, model.network.architecture
    with_texts = [one for one in meant_for()["text"] if one in meant_for()["pool"]]
    if task not in with_texts:
        raise UsageError(
            f"--init {path}, a language model, and task {task} cannot be combined: it is a start for tasks "
            f"{', '.join(with_texts)} on texts"
        )
    if vocabulary.kind == "word":
        raise UsageError(
            f"--init {path}, a language model of words, and task {task} cannot be combined: its words are cut and "
            "written otherwise; one of characters (--tokens char) can be the start"
        )
    no_text = (vocabulary.unknown, vocabulary.end if vocabulary.of_records else None)
    values = {i: chr(key) for i, key in enumerate(vocabulary.keys()) if i not in no_text}
    E = model.network.theta["embedding.E"]
    unknown = np.zeros_like(E[:1]) if vocabulary.unknown is None else E[vocabulary.unknown][None]
    taken = model.network.theta | {"embedding.text.E": np.concatenate([unknown, E[list(values)]])}
    same = {name: getattr(a, name) for name in ("cell", "hidden", "layers", "cell_options")}
    categories = [("text", len(values) + 1, a.embed)]
    new = Network(Architecture(**same, embed=0, tokens=0, outputs=1, categories=categories))
    for name, array in new.theta.items():
        if not name.startswith("output."):
            array[...] = taken[name]
    config, schema = TrainConfig(task=task, tokens=vocabulary.kind), Schema(categories={"text": list(values.values())})
    return replace(model, network=new, config=config, vocabulary=None, schema=schema, form=None)
