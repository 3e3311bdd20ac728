"""What `inspect` does: a model, and for most views an input, to a picture, a file or plain data."""

import sys
from dataclasses import replace
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

from rnncli import registry
from rnncli.errors import RnncliError, UsageError
from rnncli.models.member import alone
from rnncli.models.model_file import Model
from rnncli.models.output import write_whole
from rnncli.render.notes import hear_notes, note_compilation, patience, say
from rnncli.render.row_writer import print_json
from rnncli.tasks.trained import load_model
from rnncli.views import view_class
from rnncli.views.subject import Subject
from rnncli.views.view import View

ENDS = {"onnx": ".onnx", "torch": ".safetensors"}  # form of --export -> of its files


def inspect(
    path: str,
    member: int | None,
    input: str | None,
    view: str,
    options: dict[str, Any],
    to: str,
    save: str | None,
    json: bool,
) -> None:
    """A view of the model with its options: drawn, in the form `to`, written into a file, or as JSON."""
    if save is not None:
        from rnncli.render.files import check_form

        check_form(save)
    with patience(view):
        model = load_model(path)
        note_compilation(False)
        looked = view_class(view)()
        if member is not None or not registry.declared("views")[view].get("members"):
            model = of_member(model, path, member)
        data = viewed(looked, view, Subject(model, path, input or "-", SimpleNamespace(**options)))
    if json:
        print_json(data)
    else:
        from rnncli.render import saved, terminal

        if to != "text":
            print(terminal.form(to, data))
        else:
            saved.show(data, save)
    if fault := looked.fault(data):
        raise RnncliError(fault)


def compare(paths: list[str], save: str | None, json: bool) -> None:
    """A table of the models: drawn, written into a file, or as JSON."""
    from rnncli.render import comparison, files
    from rnncli.render.saved import save as write
    from rnncli.render.screen import Screen
    from rnncli.views.comparison import compared

    if save is not None:
        files.check_form(save)
    data = compared(paths, load_model)
    if json:
        print_json(data)
    elif save is not None:
        write({"view": "comparison", "title": "rnncli inspect --compare"} | data, save)
    else:
        console = Screen(highlight=False)
        console.print(comparison.picture(data, console.width))


def similar(paths: list[str], input: str, save: str | None, json: bool) -> None:
    """How like two networks are while they read the input: drawn, written into a file, or as JSON."""
    from rnncli.readers.source import reopenable
    from rnncli.views.similar import similar as found

    if save is not None:
        from rnncli.render.files import check_form

        check_form(save)
    note_compilation(False)
    hear_notes()
    input = reopenable(input)  # which is read twice
    models = [of_member(load_model(path), path, None) for path in paths]
    data = found(*(Subject(model, path, input, SimpleNamespace()) for model, path in zip(models, paths, strict=True)))
    if json:
        print_json(data)
    else:
        from rnncli.render import saved

        saved.show(data | {"title": f"rnncli inspect {paths[0]} --similar {paths[1]}"}, save)


def verify(path: str, files: list[str], json: bool) -> None:
    """Whether the model was made from these files: a line or an object. RnncliError if it was not."""
    from rnncli.render.origin import sentence
    from rnncli.views.origin import origin

    data = origin(load_model(path), path, files)
    if json:
        print_json(data)
    if not data["same"]:
        raise RnncliError(sentence(data))
    if not json:
        print(sentence(data))


def export(path: str, form: str, member: int | None, save: str | None) -> None:
    """The network in the form of another program: a binary file, or stdout. UsageError for a terminal, another ending
    of the file, and a library that is not there.
    """
    if save is not None and not save.endswith(ENDS[form]):
        raise UsageError(f"--save {save}: expected a file name that ends in {ENDS[form]}")
    if save is None and sys.stdout.isatty():
        raise UsageError(
            f"--export {form} writes binary data: redirect it to a file or a pipe, or name a file by --save"
        )
    if form == "onnx" and find_spec("onnx") is None:
        raise UsageError(f"--export {form} needs the package onnx: run pip install 'rnncli[onnx]'")
    hear_notes()
    model = load_model(path)
    if form == "onnx":
        from rnncli.exports.onnx_file import to_onnx

        data = to_onnx(model if member is None else of_member(model, path, member), path)
    else:
        from rnncli.exports.torch_file import to_state_dict

        data = to_state_dict(of_member(model, path, member), path)
    if save is None:
        sys.stdout.buffer.write(data)
    else:
        write_whole(save, data)
        say(f"{save} is written")


def of_member(model: Model, path: str, member: int | None) -> Model:
    """One network of a model of several, by default the first, which is said; UsageError if there are not so many."""
    networks = [model.network] if model.network.architecture.frozen else model.network.members
    if member is None and len(networks) > 1:
        say(f"{path}: member 0 of {len(networks)}, counted from 0: --member chooses another")
    if (member or 0) >= len(networks):
        raise UsageError(f"--member {member}: {path} has {len(networks)} network(s), counted from 0")
    return alone(model, member or 0) if len(networks) > 1 else replace(model, network=networks[0])


def viewed(looked: View, view: str, subject: Subject) -> dict[str, Any]:
    """What a view finds, with its name, and how much of the input it has read. UsageError if the view has no meaning
    for the network.
    """
    subject.read = None
    try:
        if subject.network.architecture.frozen and not registry.declared("views")[view].get("frozen"):
            raise ValueError("the network is frozen, it has no hidden states; --view summary shows what it reads")
        for what, why in registry.declared("views")[view].get("unfit", {}).items():
            if getattr(subject.network.architecture, what):
                raise ValueError(why)
        data = {"view": view} | looked.data(subject)
    except ValueError as error:
        raise UsageError(f"--view {view}: {subject.path}: {error}") from None
    return data | ({"read": dict(zip(("steps", "of"), subject.read, strict=True))} if subject.read else {})
