#!/usr/bin/env bash
# pretty_midi 0.2.11.post0 (the newest): get_piano_roll and get_chroma with times, the "times of the start of each column",
# leave the last column at 0, whatever sounds there: a note held for all of a piece of 8 beats is in 7 of the 8 columns by
# beat, and of two starts the second is silence. Without times the last column is right. The shape is that of the page,
# (128, times.shape[0]), so features by beat lack their end and say nothing.
# Way out: append the end of the piece to times and drop the last column.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pretty_midi


def by_hand(notes, times, end, pitch):
    """Mean velocity of a pitch from the start of each column to the next, or to the end."""
    edges = np.append(times, end)
    overlap = [sum(n.velocity * max(0, min(n.end, b) - max(n.start, a)) for n in notes if n.pitch == pitch) / (b - a)
               for a, b in zip(edges[:-1], edges[1:])]
    return [round(float(v)) for v in overlap]


piece, piano = pretty_midi.PrettyMIDI(initial_tempo=120), pretty_midi.Instrument(0)
piano.notes = [pretty_midi.Note(100, 60, 0, 4), pretty_midi.Note(90, 64, 3.5, 4)]
piece.instruments.append(piano)
beats = piece.get_beats()
for what, times in (("beats", beats), ("two starts", np.array([0.0, 2.0])), ("beats and the end", np.append(beats, 4.0))):
    roll, chroma = piece.get_piano_roll(times=times), piece.get_chroma(times=times)
    for pitch in (60, 64):
        right = by_hand(piano.notes, times[times < 4], 4.0, pitch)
        print(f"{what}, pitch {pitch}: roll {roll[pitch].round().astype(int).tolist()},",
              f"chroma {chroma[pitch % 12].round().astype(int).tolist()}, right {right}")
print("without times, the last column:", piece.get_piano_roll(fs=2)[[60, 64], -1].tolist())
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check numpy==2.4.6 mido==1.3.3 six==1.17.0 \
  importlib_resources==6.5.2 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-deps pretty_midi==0.2.11.post0 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
beats, pitch 60: roll [100, 100, 100, 100, 100, 100, 100, 0], chroma [100, 100, 100, 100, 100, 100, 100, 0], right [100, 100, 100, 100, 100, 100, 100, 100]
beats, pitch 64: roll [0, 0, 0, 0, 0, 0, 0, 0], chroma [0, 0, 0, 0, 0, 0, 0, 0], right [0, 0, 0, 0, 0, 0, 0, 90]
two starts, pitch 60: roll [100, 0], chroma [100, 0], right [100, 100]
two starts, pitch 64: roll [0, 0], chroma [0, 0], right [0, 22]
beats and the end, pitch 60: roll [100, 100, 100, 100, 100, 100, 100, 100, 0], chroma [100, 100, 100, 100, 100, 100, 100, 100, 0], right [100, 100, 100, 100, 100, 100, 100, 100]
beats and the end, pitch 64: roll [0, 0, 0, 0, 0, 0, 0, 90, 0], chroma [0, 0, 0, 0, 0, 0, 0, 90, 0], right [0, 0, 0, 0, 0, 0, 0, 90]
without times, the last column: [100.0, 90.0]
SEEN
