"""Write kept/formatN, files that later versions have to read: `python tests/models/make_kept.py RNNCLI FOLDER`.

RNNCLI is the command of the version whose files are to be kept. For each task: a MODEL, a checkpoint of a training that
was stopped by SIGINT, of streams a state, the input, and the rows that were predicted of it. Run it when the format
changes, before the change, into a new folder; the old folders stay.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "sample_data"
SMALL = ["--hidden", "4", "--seed", "3", "--threads", "1", "--quiet"]
#: name -> (sample, lines to train on, lines to predict, options of train, options of predict)
KEPT = {
    "language": ("tales.txt", 60, 6, ["--embed", "3"], ["--score"]),
    "lines": ("names.txt", 120, 6, ["--format", "lines", "--cell", "gru"], ["--score"]),
    "classify": ("messages.tsv", 90, 6, ["--text", "message", "--label", "topic", "--tokens", "char"], []),
    "multilabel": (
        *("messages.tsv", 90, 6),  # of the labels ca, go, be, th, help
        ["--text", "message", "--label", "topic", "--label-separator", "r", "--tokens", "char"],
        ["--proba"],
    ),
    "regress": (
        *("gauges.csv", 500, 90),
        ["--task", "regress", "--target", "peak", "--inputs", "level,wind", "--group", "gauge", "--cell", "rnn"],
        [],
    ),
    "tag": ("notices.txt", 1500, 40, ["--task", "tag", "--embed", "2"], []),
    "forecast": ("tides.csv", 400, 60, ["--time", "time", "--target", "level", "--horizon", "2"], []),
}
STREAMS = ("language", "forecast")


def make(command: str, folder: Path) -> None:
    """All files of all tasks."""
    folder = folder.resolve()
    folder.mkdir(parents=True)
    for name, (sample, lines, few, train, predict) in KEPT.items():
        with tempfile.TemporaryDirectory() as place:
            text = (SAMPLES / sample).read_text(encoding="utf-8").splitlines(keepends=True)
            Path(place, sample).write_text("".join(text[:lines]), encoding="utf-8")
            tail = text[:1] * sample.endswith((".csv", ".tsv")) + text[lines : lines + few]
            source = folder / f"{name}{Path(sample).suffix}"
            source.write_text("".join(tail), encoding="utf-8")
            model, checkpoint = folder / f"{name}.safetensors", folder / f"{name}-checkpoint.safetensors"
            subprocess.run(
                [command, "train", sample, "--epochs", "20", *SMALL, *train, "-o", model], cwd=place, check=True
            )
            interrupt([command, "train", sample, "--epochs", "9999", "--patience", "0", *SMALL, *train], place)
            shutil.copy(next(Path(place).glob("*.checkpoint")), checkpoint)
            for file in (model, checkpoint):
                rows = [command, "predict", file, source, *predict]
                file.with_suffix(".rows").write_bytes(subprocess.run(rows, capture_output=True, check=True).stdout)
            if name in STREAMS:
                state = folder / f"{name}.state"
                rows = [command, "predict", model, sample, *predict, "--state-file", state]
                subprocess.run(rows, cwd=place, capture_output=True, check=True)
                shutil.copy(state, Path(place, "state"))
                rows = [command, "predict", model, source, *predict, "--state-file", Path(place, "state")]
                state.with_suffix(".state.rows").write_bytes(
                    subprocess.run(rows, capture_output=True, check=True).stdout
                )


def interrupt(training: list[str], place: str) -> None:
    """Start a training, and stop it when it has made some updates."""
    process = subprocess.Popen([*training, "--log", "log"], cwd=place, stderr=subprocess.DEVNULL)
    while not Path(place, "log").exists():
        assert process.poll() is None, "it ended before its first report"
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
