"""What `inspect` does: a model, and for most views an input, to a picture, a file or plain data."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rnncli.config import LAGS
from rnncli.errors import RnncliError, UsageError
from rnncli.kernels.threads import Team, available_cpus
from rnncli.models.model_file import Model, load_model
from rnncli.readers.records import byte_texts, texts
from rnncli.readers.source import byte_lines, display, reopenable, text_lines
from rnncli.render.notes import note_compilation
from rnncli.render.plain import print_json
from rnncli.views.reading import MOST_STEPS, Reading, Text, of_columns, of_text

UNFOLDED = 7  # steps of the graph in a report
MOST_TOKENS = 1_000_000  # of a text, where all of it is asked for


@dataclass
class Look:
    """What of the network a view looks at, and in which form it is given."""

    layer: int | None = None
    unit: int | None = None
    units: list[int] | None = None
    lags: int = LAGS
    unfold: int | None = None
    at: int | None = None
    hold: str | None = None
    dt: float | None = None
    to: str = "text"
    save: str | None = None
    json: bool = False


@dataclass
class Subject:
    """The model and the input, as they were named; and of how many steps of the input how many were `read`, None if
    that is not known.
    """

    model: Model
    path: str
    input: str
    read: tuple[int, int | None] | None = None

    def reading(self, with_loss: bool) -> Reading:
        """The beginning of the input, of sequences the first; `with_loss`: with the answers to what is predicted."""
        if self.model.vocabulary is not None:
            return self.sequences(with_loss)
        return self._checked(of_columns(self.model, self.input).first_sequence(), with_loss)

    def sequences(
        self, with_loss: bool, most: int = MOST_STEPS, to_its_end: bool = False, whole: bool = False
    ) -> Reading:
        """So many steps of the input: its sequences, one after the other, and a text `to_its_end` if that is asked, or
        the `whole` of the first one, however long it is.
        """
        if self.model.vocabulary is not None:
            most = MOST_TOKENS if whole else most
            return of_text(self.model, self.text(most), most, to_its_end)
        reading = of_columns(self.model, self.input, most, whole)
        self.read = reading.steps, reading.of
        return self._checked(reading, with_loss)

    def _checked(self, reading: Reading, with_loss: bool) -> Reading:
        if with_loss and not reading.batch.targeted.any():
            raise RnncliError(f"{self.input}: no column to be predicted, so that there is no loss to follow")
        return reading

    def text(self, most: int = MOST_STEPS) -> Text:
        """The beginning of a text, of so many tokens if it has them; records one by one."""
        config, path = self.model.config, self.input
        as_bytes = config.tokens == "byte"
        lines, size = [], 0
        if form := self.model.form:
            source = (byte_texts if as_bytes else texts)(path, form, config.encoding, True)
        else:
            source = iter(byte_lines(path) if as_bytes else text_lines(path, config.encoding))
        for line in source:
            lines.append(line)
            size += len(self.model.vocabulary.encode(line)) + 1
            if size > most:
                break
        if not size - len(lines):
            raise RnncliError(f"{path}: empty, expected a text to read")
        self.read = min(most, size - 1), self._size(size, source) if size > most else size - 1
        return lines if form else (b"\n" if as_bytes else "\n").join(lines)

    def _size(self, size: int, source: Iterator[str | bytes]) -> int | None:
        """The tokens of a file of which so many have been read; None of a pipe, and if that would take long."""
        if not os.path.isfile(self.input):
            return None
        try:
            for line in source:
                size += len(self.model.vocabulary.encode(line)) + 1
                if size > MOST_TOKENS:
                    return None
        except RnncliError:  # behind what is looked at
            return None
        return size - 1


def inspect(path: str, input_path: str | None, view: str, look: Look) -> None:
    """A view of the model: drawn, written into a file, or as JSON."""
    if look.save is not None:
        from rnncli.render.files import check_form

        check_form(look.save)
    model = load_model(path)
    if view != "summary":
        note_compilation(False)
    data = _viewed(Subject(model, path, input_path or "-"), view, look)
    if look.json:
        print_json(data)
    elif look.to != "text":
        from rnncli.render.graph import FORMS

        print(FORMS[look.to](data))
    else:
        from rnncli.render.terminal import draw, save

        draw(data) if look.save is None else save(data, look.save)
    if not data.get("passed", True):
        raise RnncliError("the gradients are not those of the loss on this machine: please report it with the table")


def report(path: str, input_path: str | None, file: str, look: Look) -> None:
    """All views on one HTML page; a view that makes no sense for the model stands there with the reason."""
    from rnncli.render.page import write

    model = load_model(path)
    note_compilation(False)
    subject, look = Subject(model, path, reopenable(input_path or "-")), replace(look, unfold=look.unfold or UNFOLDED)
    subject.reading(with_loss=False)  # what is wrong with the input is said once
    views = []
    for view in VIEWERS:
        print(f"{view} ..", file=sys.stderr)
        try:
            views.append((view, _viewed(subject, view, look)))
        except RnncliError as error:
            views.append((view, str(error).removeprefix(f"--view {view}: {path}: ")))
    write(file, display(path), f"what the network does while it reads {display(subject.input)}", views)


def _viewed(subject: Subject, view: str, look: Look) -> dict:
    subject.read = None
    try:
        data = VIEWERS[view](subject, look)
        return data | ({"read": dict(zip(("steps", "of"), subject.read, strict=True))} if subject.read else {})
    except ValueError as error:  # what makes no sense for this network
        raise UsageError(f"--view {view}: {subject.path}: {error}") from None


def _summary(subject: Subject, look: Look) -> dict:
    from rnncli.views.summary import view

    return view(subject.model)


def _gradcheck(subject: Subject, look: Look) -> dict:
    from rnncli.views.gradcheck import view

    return view(subject.model)


def _states(subject: Subject, look: Look) -> dict:
    from rnncli.views.states import view

    network = subject.model.network
    a, layer = network.architecture, -1 if look.layer is None else look.layer
    for option, units in (("unit", [look.unit]), ("units", look.units or [])):
        for unit in units:
            if unit is not None and unit >= a.width:
                raise UsageError(f"--{option} {unit}: the layer has {a.width} units, from 0 on")
    if look.unit is not None and look.units and look.unit not in look.units:
        raise UsageError(f"--unit {look.unit} and --units without it do not go together: name it there too")
    if layer >= a.layers:
        raise UsageError(f"--layer {layer}: the model has {a.layers} layer(s), from 0 on")
    reading = subject.sequences(with_loss=False, to_its_end=True)
    return view(network, reading, Team(available_cpus()), layer, look.unit, look.units)


def _gradients(subject: Subject, look: Look) -> dict:
    from rnncli.views.gradients import view

    return view(subject.model.network, subject.sequences(with_loss=True), Team(available_cpus()), look.lags)


def _graph(subject: Subject, look: Look) -> dict:
    from rnncli.views.graph import folded, unfolded

    network = subject.model.network
    if look.unfold is None:
        return folded(network)
    reading = subject.reading(with_loss=True)
    subject.read = None  # so many steps as were asked for
    return unfolded(network, reading, look.unfold, Team(1))


def _dynamics(subject: Subject, look: Look) -> dict:
    from rnncli.views.dynamics import trajectory
    from rnncli.views.dynamics.view import view

    model, team = subject.model, Team(available_cpus())
    if model.vocabulary is not None:
        way = trajectory.course_of_text(model, subject.text(), look.hold, team)
    elif model.config.task == "forecast":
        way = trajectory.course_of_series(model, subject.input, look.hold, team)
    else:
        way = trajectory.course_of_examples(model, subject.input, look.hold, team)
    subject.read = subject.read or (way.steps, way.of)
    return view(way, look.dt)


def _attribution(subject: Subject, look: Look) -> dict:
    from rnncli.views.attribution import usual, view
    from rnncli.views.predicted import predicted

    reading = several = subject.sequences(with_loss=False, whole=True)
    if subject.model.vocabulary is None:
        reading = several.first_sequence()
        subject.read = reading.steps, several.of
    network, team = subject.model.network, Team(available_cpus())
    B = usual(network.architecture, network.theta, several.batch)
    what, index, output = predicted(subject.model, reading, team, look.at)
    data = view(network, reading.batch, team, reading.softmax, look.at, index, B, output)
    span = slice(data["first"], data["first"] + len(data["attribution"]))
    names = {"steps": reading.inputs[span], "predicts": reading.outputs[data["output"]], "what": what}
    return data | names | {"softmax": reading.softmax, "words": reading.words}


def _memory(subject: Subject, look: Look) -> dict:
    from rnncli.views.memory.view import STEPS, view

    numbers = subject.model.schema is not None and (subject.model.schema.numbers or subject.model.schema.outlook)
    reading = subject.sequences(False, STEPS["numbers" if numbers else "tokens"])
    return view(subject.model.network, reading, Team(available_cpus()), look.lags)


def _lengths(subject: Subject, look: Look) -> dict:
    from rnncli.views.lengths import most_steps, view

    model = subject.model
    reading = subject.sequences(True, most_steps(model.config))
    return view(model.network, reading, model.config, Team(available_cpus()))


VIEWERS = {
    "summary": _summary,
    "graph": _graph,
    "states": _states,
    "gradients": _gradients,
    "memory": _memory,
    "dynamics": _dynamics,
    "attribution": _attribution,
    "lengths": _lengths,
    "gradcheck": _gradcheck,
}
