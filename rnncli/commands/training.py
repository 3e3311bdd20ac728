"""`train`: an experiment from its first report to the model file."""

import sys
from contextlib import nullcontext

from rnncli.errors import on_screen
from rnncli.render.escapes import shown
from rnncli.render.notes import collect_notes, hear_notes, note_compilation, print_notes, told_of
from rnncli.render.progress import screen
from rnncli.render.progress_lines import Lines
from rnncli.render.training_words import planned
from rnncli.training.comparison import Comparison
from rnncli.training.experiment import Experiment
from rnncli.training.log import Log
from rnncli.training.reports import Saved
from rnncli.training.verdict import of_model


def follow(experiment: Experiment | Comparison, quiet: bool, log_path: str | None, as_json: bool = False) -> dict:
    """Train, show each report on stderr, write the log; returns the result for --json."""
    note_compilation(quiet)
    log, notes = Log(log_path), collect_notes()
    with nullcontext() if quiet else told_of("reading"), Lines() if as_json else screen(quiet) as shown:
        try:
            for report in experiment.reports():
                log.write(report)
                if not (isinstance(report, Saved) and report.by_earlier_run):
                    shown.show(report)
                print_notes(notes)  # below the line that says what the file is
        finally:
            log.end()
            print_notes(notes)
    return _result(report)


def try_out(experiment: Experiment, as_json: bool, quiet: bool) -> None:
    """Say what would be trained, on stdout; nothing is written."""
    from rnncli.render.row_writer import print_json
    from rnncli.training.plan import plan

    note_compilation(quiet)
    hear_notes()
    found = plan(experiment)
    if as_json:
        print_json(found.to_json())
    else:
        for name, text in planned(found):
            print(on_screen(f"{name}  {shown(text)}", sys.stdout))


def _result(saved: Saved) -> dict:
    result, model = saved.result, saved.model
    return {
        "model": saved.path,
        "updates": result.step,
        "tokens": result.tokens,
        "elapsed_s": round(result.elapsed_s, 3),
        "best_update": result.best_step,
        "valid_loss": result.valid_loss,
        "metrics": model.summary.get("metrics"),
        "rivals": model.summary.get("rivals", {}),
        "rivals_measure": model.summary.get("rivals_measure", "nats"),
        "verdict": of_model(model).to_json(),
        "stopped": result.stopped,
        "parameters": int(model.network.theta.flat.size),
        "config": model.config.to_json(),
    } | {name: model.summary[name] for name in ("cells", "members", "tuned") if name in model.summary}
