"""From the options of `train` to MODEL: read, split, build, train, write. Yields reports; never prints.

MODEL appears once, whole, at the end. Until then everything is in MODEL.checkpoint.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from rnncli.config import TrainConfig, option_name, refuse_for_others
from rnncli.data.seen import seen_parts
from rnncli.errors import Interrupted, RnncliError, UsageError, note
from rnncli.kernels.cpus import usable_cpus
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model, damage_in
from rnncli.models.summary import History
from rnncli.network.cost import best_threads
from rnncli.network.network import Network
from rnncli.process.phases import under_way
from rnncli.readers.folders import files_of, note_trained
from rnncli.readers.naming import NoColumn
from rnncli.readers.source import display
from rnncli.stored import expect
from rnncli.tasks import task_class
from rnncli.tasks.task import Material, Rivals
from rnncli.tasks.trained import load_checkpoint
from rnncli.training import search
from rnncli.training.asked_task import asked_task
from rnncli.training.checkpoint import Checkpoint
from rnncli.training.choice import has_choice
from rnncli.training.chosen import AUTOMATIC, BUDGET, Chosen
from rnncli.training.fitting import fit
from rnncli.training.loop import Training, drawn
from rnncli.training.members import MembersTraining, updates_in
from rnncli.training.ranks import Ranks
from rnncli.training.reports import CheckpointDue, Finished, Prepared, Progress, Saved, State
from rnncli.training.rotations import start_orthogonal
from rnncli.training.starts import start_from
from rnncli.training.tuning import refuse_untuned
from rnncli.training.window import corrects, say_few_updates

MOST_NAMES = 4  # of files on the screen
NEEDED = ("batch", "clip", "dropout", "hidden", "layers", "lr")  # to go on: they were chosen when the training began
#: entry of the model's summary -> what `Finished` calls it
SUMMARY = {"updates": "step", "best_update": "best_step"} | {n: n for n in ("tokens", "valid_loss", "stopped", "reach")}


class Experiment:
    """One call of `train`."""

    breaks = False  # a signal raises nothing in it, see process/signals.py

    def __init__(
        self,
        paths: list[str],
        config: TrainConfig,
        output: str,
        threads: int | None,
        valid: str | None = None,
        resume: bool = False,
        init: str | None = None,
        given: Iterable[str] = (),
    ):
        """`threads` None: as many as pay. `given` are the options that the user wrote; with `init` others may be the
        model's.
        """
        self.data, self.paths, self.output, self.threads = paths, files_of(paths), output, threads
        self.valid_path, self.resume = valid, resume
        self.init = start_from(init, config, set(given), self.paths[0]) if init else None
        self.asked = self.init.config if self.init else config
        self.ranks = Ranks.here  # that train together
        self.checkpoint = Checkpoint(output, self.ranks.leads)
        self.training: Training | MembersTraining | None = None
        self.rivals: Rivals | None = None  # until they are computed
        self.hashed: tuple[Any, dict[str, Any] | None] | None = None  # a training part, and what is known it again by
        self.stop_signal: int | None = None
        self.paused = False  # whether to stop after the next update, see process/signals.py
        self.updated = self.written = False  # whether there has been an update, and MODEL

    def stop(self, signal_number: int) -> str | None:
        """End after the current update, with a checkpoint; None where that may take long, and the state before it was
        kept. Interrupted if there is nothing yet to save.
        """
        if self.written:
            raise Interrupted(f"stopped after {self.output} was written", signal_number)
        if not self.updated:
            raise Interrupted("stopped before training began; nothing was written", signal_number)
        self.stop_signal = signal_number
        self.training.stop = True
        if self.training.is_kept:
            return None
        return "stopping after this update, with a checkpoint; a second signal stops at once, without it"

    def pause(self) -> str:
        """End after the current update, or the first one, with a checkpoint."""
        self.paused = True
        if self.training:
            self.training.stop = True
        return f"stopping after {'this' if self.updated else 'the first'} update, with a checkpoint"

    def abandon(self) -> str:
        """Keep what can be kept, for the process ends now; what is left, in words."""
        before = self.training.hold() if self.training else None
        return f"stopped at once; {self.checkpoint.abandon(before, self._model_before)}"

    def _model_before(self, before: State) -> Model:
        """The model of a state that was kept, while the network itself is being changed."""
        return self._model(self.training.network_of(before[0]), self.training.history)

    def reports(self) -> Iterator:
        """`Prepared`, then the reports of the run, then `Saved`."""
        self.checkpoint.check()
        read = self.material  # of which the rivals are, whatever is chosen then
        checkpoint, note, finished = self._resume_point()
        m = self.material
        self.ranks.refuse_others("the data or options", f"{self.data_hash} {m.config}".encode())
        if self.asked.tune and not finished:
            refuse_untuned(m, self.asked, display(self.paths[0]))
        yield self.prepared(note)
        if finished:
            self.checkpoint.touch_model()
            yield saved_before(self.output, finished)
            return
        if self.rivals is None:
            self.rivals = read.task.rivals(read.train, read.valid) if read.valid else Rivals({})
            yield self.rivals
        m.task.meet(self.rivals)
        if m.config.learn == "readout":
            yield self._written(*fit(self._architecture(), m, self._threads()), [])
            return
        if not (checkpoint or self.init):
            yield from self._choose()
        if not self.init:
            self.chosen.try_read_out(self._threads())
        self._seen()  # takes long of large data: before the minutes of a training begin
        self.training = self._training()
        if self.paused:  # before there was one
            self.training.stop = True
        if checkpoint:
            with damage_in(self.checkpoint.path):
                self.training.restore(*checkpoint)
        for report in self.training.reports():
            if isinstance(report, CheckpointDue):
                self._save_checkpoint()
            elif isinstance(report, Progress):
                self.updated = True
            yield report
            if isinstance(report, Finished):
                yield self._saved(report)

    def _choose(self) -> Iterator:
        """Whatever was left to be chosen by trying it."""
        if has_choice(self.material, self.asked, self.rivals):
            yield from self.chosen.choose_way(self.rivals, self._threads(), self.ranks)
            yield replace(self.prepared(None), again=True)
        if self.asked.tune:
            yield from self.chosen.tune(self.rivals, self._threads(), self.ranks)
            yield replace(self.prepared(None), again=True)

    def _training(self) -> Training | MembersTraining:
        m, threads = self.chosen.to_train(), self._threads()
        say_few_updates(m.config)
        if m.config.members > 1:
            return MembersTraining(self.fresh, m, threads, ranks=self.ranks)
        return Training(self.fresh(0), m, threads, ranks=self.ranks, corrects=corrects(self.asked, m))

    def fresh(self, member: int) -> Network:
        """A network to be trained."""
        m = self.material
        network = drawn(m, self._architecture(), member)
        if self.init:
            self.init.copy(network, m.task, member)
            start_orthogonal(network, self.init.path)
        return network

    def _saved(self, report: Finished) -> Saved:
        """MODEL is written at the end, after a signal the checkpoint."""
        if report.stopped == "interrupted":
            raise Interrupted(f"stopped at update {report.step:,}; {self._checkpointed()}", self.stop_signal or 2)
        if report.window:
            self.material.config = self.material.config.having(steps=report.window)
        network: Any = self.training.network
        history = self.training.history
        if r := self.chosen.read_out:
            c, o = self.material.config, r.material.config
            kind = f"{o.cell} {o.layers} x {o.hidden}" if o.cell else "frozen features"
            tried = {f"{c.cell} {c.layers} x {c.hidden}": report.valid_loss, f"{kind}, read-out": r.loss}
            if r.loss < report.valid_loss:
                self.chosen.material, network, history = r.material, r.network, []
                report = replace(r.found, elapsed_s=r.found.elapsed_s + report.elapsed_s)
            report.found["tried"] = tried
        return self._written(network, report, history)

    def _written(self, network: Any, report: Finished, history: History) -> Saved:
        under_way(f"writing {self.output}")
        model = self._model(network, history, report)
        try:
            self.checkpoint.save_as_model(model)
        except RnncliError as error:
            raise RnncliError(f"{error}; {self._checkpointed()}") from None
        self.written = True
        self.checkpoint.remove()
        return Saved(self.output, report, model, warm=self.init.path if self.init else None)

    # -- data ---------------------------------------------------------------------------------------------------

    def with_cell(self, output: str, asked: TrainConfig, material: Material) -> "Experiment":
        """The same with another cell: it has its own MODEL, options and task, and shares what was read."""
        other = copy(self)
        other.output, other.checkpoint, other.asked = output, Checkpoint(output, self.ranks.leads), asked
        other.training, other.updated, other.written = None, False, False
        other.train_on(material, self.data_hash)
        return other

    def train_on(self, material: Material, data_hash: str = "") -> None:
        """Take this material in place of what the files hold."""
        self.chosen, self.data_hash = Chosen(self.asked, self._reread, material), data_hash

    @property
    def material(self) -> Material:
        """The data, read once, with every option that was left to be chosen."""
        return self.chosen.material

    def _reread(self, options: dict[str, Any], task: str) -> Material:
        """The data as these options have them read."""
        return search.sized(task_class(task).prepare(self.paths, self.asked.having(**options), self.valid_path, None))

    @cached_property
    def chosen(self) -> Chosen:
        """What the options and the data say, until something is tried."""
        task, self.paths = asked_task(self.data, self.asked)
        if self.init:
            self.init.check(task, self.paths[0])
        refuse_for_others(self.asked, task)
        if self.init and self.asked.learn == "readout":
            raise UsageError(
                "--init and --learn readout cannot be combined: --init goes on training what it starts from"
            )
        base = self.init.model if self.init else None
        note_trained(self.paths, self.valid_path)
        try:
            material = search.sized(task_class(task).prepare(self.paths, self.asked, self.valid_path, base))
        except NoColumn as error:
            raise (self.init.explained(error, display(self.paths[0])) if self.init else error) from None
        found = material.task.name
        if found != task:  # the answers are of another one
            refuse_for_others(self.asked, found)
            if self.asked.task == task:
                note(f"{display(self.paths[0])}: several labels per sequence, read as --task {found}")
        chosen = Chosen(self.asked, self._reread, material)
        if self.asked.tune and material.config.learn == "readout":
            chosen.try_network()
            material = chosen.material
        digests = material.digests + ([self.init.fingerprint()] if self.init else [])
        self.data_hash = sha256("".join(digests).encode()).hexdigest()
        return chosen

    def prepared(self, resumed: str | None) -> Prepared:
        """What is about to be trained; `resumed` says what came of --resume."""
        under_way("preparing the network")
        m = self.material
        parameters = sum(int(np.prod(shape)) for shape in self._architecture().shapes().values())
        notes = [("--init", self.init.note(m))] if self.init else []
        notes += [("--resume", resumed)] if resumed else []
        return Prepared(self._source(), m, parameters, self._threads(), notes)

    def _source(self) -> str:
        """The names of the files, or those of folders and of the first and last of many, with their number."""
        names, count = [display(path) for path in self.data], len(self.paths)
        if len(names) > MOST_NAMES:
            names = [f"{names[0]} .. {names[-1]}"]
        return ", ".join(names) + (f" ({count:,} files)" if len(names) < count else "")

    def _threads(self) -> int:
        """Those asked for, or as many as pay for this network."""
        c, cpus = self.material.config, Ranks.here.cpus(usable_cpus())
        if c.learn == "readout":
            return self.threads or cpus
        return self.threads or best_threads(self._architecture(), c.batch, c.window or search.WINDOW, cpus)

    def _architecture(self) -> Any:
        fresh = self.material.task.architecture(self.material.config)
        return self.init.architecture(fresh) if self.init else fresh

    # -- files --------------------------------------------------------------------------------------------------

    def _resume_point(self) -> tuple[tuple | None, str | None, Model | None]:
        """(arrays and values of the checkpoint, a note, MODEL if it is finished already)."""
        if not self.resume:
            return None, None, None
        path = self.checkpoint.path
        if self.checkpoint.is_there:
            model, arrays, values = load_checkpoint(path)
            if not values:
                raise RnncliError(f"{path}: a finished model, not a checkpoint: rename or remove it")
            self._refuse_difference(model, path)
            with damage_in(path):
                step = updates_in(values)
                for name in NEEDED:
                    expect(getattr(model.config, name) is not None, f"config.{name}", None, "a number")
            self.chosen.adopt(model)
            return (arrays, values), f"continuing from update {step:,} of {path}", None
        if self.checkpoint.model_is_there:
            model, _, _ = load_checkpoint(self.output)
            self._refuse_difference(model, self.output)
            found = copy(self.chosen)
            self.chosen.adopt(model)
            if all(getattr(model.config, name) == getattr(self.material.config, name) for name in BUDGET):
                return None, f"{self.output} is finished: nothing to do", model
            self.chosen = found
            return None, f"{self.output} was trained to the end of another budget: starting afresh", None
        return None, f"no {path}: starting afresh", None

    def _refuse_difference(self, model: Model, path: str) -> None:
        """The options that were given, and the data, are those of the file."""
        for name, asked in self.asked.to_json().items():
            theirs, value = getattr(model.config, name), getattr(self.material.config, name)
            left = asked in AUTOMATIC and name != "vocabulary"  # no limit is a choice too
            if not left and value != theirs and name not in BUDGET:
                raise UsageError(
                    f"--resume: {path} was made with {option_name(name)} {theirs}, found {value} now: "
                    "use the same options, or --restart in place of --resume"
                )
        if model.data_hash != self.data_hash:
            raise UsageError(
                f"--resume: {path} was made from other data or another --init: use the same, or --restart in its place"
            )

    def _model(self, network: Any, history: History, result: Finished | None = None) -> Model:
        summary = self.chosen.summary()
        if result is not None:
            summary |= {name: getattr(result, field) for name, field in SUMMARY.items()}
            rivals = self.rivals or Rivals({})
            summary |= {"rivals": rivals.figures, "rivals_measure": rivals.measure, "rivals_batches": rivals.batches}
            summary |= self.init.calibration() if self.init and not result.found else {}
            summary |= result.found
            summary |= self._unheld(network, summary)
            summary |= self._seen()
            summary["made_of"] = self.material.made_of(warm=bool(self.init), apart=bool(self.valid_path))
        t = self.material.task
        return Model(network, self.material.config, t.vocabulary, history, self.data_hash, summary, t.schema, t.form)

    def _unheld(self, network: Any, summary: dict[str, Any]) -> dict[str, Any]:
        """What the training part says of its quantiles, where no validation part does, nor that of the model before."""
        m = self.material
        if m.valid is not None or summary.get("shifts") or summary.get("spread"):
            return {}
        return m.task.unheld(network, m.train, Team(self._threads()))

    def _seen(self) -> dict[str, Any]:
        m, before = self.material, self.init.seen() if self.init else None
        if self.hashed is None or self.hashed[0] is not m.train:
            trained, validated = (None if part is None else m.task.hashes(part) for part in (m.train, m.valid))
            related = m.task.related(m.train, m.valid)
            self.hashed = m.train, seen_parts(trained, validated or (), before, related) if trained else None
        return {"seen": self.hashed[1]} if self.hashed[1] else {}

    def _checkpointed(self) -> str:
        """Write a last checkpoint, if there is something to continue; where it is."""
        whole = self.training is not None and self._save_checkpoint(last=True)
        return self.checkpoint.left("everything" if whole else "all up to the last checkpoint")

    def _save_checkpoint(self, last: bool = False) -> bool:
        model = self._model(self.training.network, self.training.history)
        return self.checkpoint.save(model, self.training.checkpoint(), last)


def saved_before(path: str, model: Model) -> Saved:
    """What the training that ended before had to say."""
    found = {field: model.summary.get(name) for name, field in SUMMARY.items()}
    return Saved(path, Finished(elapsed_s=0.0, found={}, **found), model, by_earlier_run=True)
