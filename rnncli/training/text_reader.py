"""A language model as the start of a model that reads whole texts: its embedding and layers, and fresh outputs.

That needs the same tokens: characters and bytes. Words of a language model are others than those of the tasks on whole
texts, which are in lower case and have n-grams beside them.
"""

from dataclasses import replace

from rnncli.config import TrainConfig, meant_for
from rnncli.data.schema import Schema
from rnncli.data.vocabulary import Vocabulary
from rnncli.errors import UsageError
from rnncli.models.model_file import Model
from rnncli.network.architecture import Architecture
from rnncli.network.network import Network


def reader_of(path: str, model: Model, task: str) -> Model:
    """The model without its outputs, as one that reads columns of texts."""
    vocabulary, a = model.vocabulary, model.network.architecture
    with_texts = [one for one in meant_for()["text"] if one in meant_for()["pool"]]
    if task not in with_texts:
        raise UsageError(
            f"--init {path}, a language model, and task {task} cannot be combined: it can be the start of "
            f"{', '.join(with_texts)} on whole texts"
        )
    if vocabulary.kind == "word":
        raise UsageError(
            f"--init {path}, a language model of words, and task {task} cannot be combined: its words are cut and "
            "written otherwise; one of characters (--tokens char) can be the start"
        )
    values, rows = _values(vocabulary)
    same = {name: getattr(a, name) for name in ("cell", "hidden", "layers", "cell_options")}
    categories = [["text", len(values) + 1, a.embed]]
    new = Network(Architecture(**same, embed=0, tokens=0, outputs=1, categories=categories))
    for name, array in new.theta.items():
        if name == "embedding.text.E":
            array[...] = 0
            array[1:] = model.network.theta["embedding.E"][rows]
            if vocabulary.unknown is not None:
                array[0] = model.network.theta["embedding.E"][vocabulary.unknown]
        elif not name.startswith("output."):
            array[...] = model.network.theta[name]
    config = replace(TrainConfig(), task=task, tokens=vocabulary.kind)
    return replace(
        model, network=new, config=config, vocabulary=None, schema=Schema(categories={"text": values}), form=None
    )


def _values(vocabulary: Vocabulary) -> tuple[list[str], list[int]]:
    """What ids stand for, as texts have it, and which these are: all but the unknown one and the end of a record."""
    no_text = (vocabulary.unknown, vocabulary.end if vocabulary.of_records else None)
    pairs = [(chr(key), i) for i, key in enumerate(vocabulary.keys()) if i not in no_text]
    return [value for value, _ in pairs], [i for _, i in pairs]
