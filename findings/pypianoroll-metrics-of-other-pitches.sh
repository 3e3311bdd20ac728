#!/usr/bin/env bash
# pypianoroll 1.0.4, metrics of generated music. empty_beat_rate counts the beats in which something sounds: of eight
# beats with two empty ones it is 0.75. Pitch classes are pitch // 10 in place of pitch % 12: one C in five octaves has
# five, the scale of C major two, and in_scale_rate says that a quarter of that scale is in C major (root 3 is C).
# qualified_note_rate measures a note in cells of the whole roll, 128 in a step, so every note is longer than any usual
# threshold. No error, no warning. The page: "beats (where no note is played)", "unique pitch classes", "notes longer
# than threshold, in time steps". (Pull request 9, merged in 2020, mended the axis of the sum, not the classes.)
# Way out: NumPy, as below; n_pitches_used and pitch_range are right.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
import pypianoroll as pr

SCALE = [60, 62, 64, 65, 67, 69, 71, 72]  # C major


def roll(notes, steps, length=1):
    """Piano roll (steps, 128) of notes (start, pitch), each of them ``length`` steps long."""
    x = np.zeros((steps, 128), int)
    for start, pitch in notes:
        x[start : start + length, pitch] = 1
    return x


beats = roll([(4 * i, p) for i, p in enumerate(SCALE[:6])], 32, 4)  # 8 beats of 4 steps, the last two empty
print(f"empty beats: pypianoroll {pr.empty_beat_rate(beats, 4):.2f}, counted {1 - beats.reshape(8, -1).any(1).mean():.2f}")
for name, pitches in (("C in five octaves", [36, 48, 60, 72, 84]), ("C major", SCALE), ("ten keys from C", range(60, 70))):
    x = roll(enumerate(pitches), len(pitches))
    inside = np.mean([p % 12 in {s % 12 for s in SCALE} for p in pitches])
    print(f"{name}: pitch classes {pr.n_pitch_classes_used(x)}, counted {len({p % 12 for p in pitches})};",
          f"in C major {pr.in_scale_rate(x, 3, 'major'):.2f}, counted {inside:.2f}")
for length in (1, 4):
    x = roll([(4 * i, p) for i, p in enumerate(SCALE)], 32, length)
    rates = ", ".join(f"{pr.qualified_note_rate(x, t):.0f} at {t} (counted {length >= t:d})" for t in (2, 5, 100))
    print(f"qualified notes of {length} step{'s'[:length - 1]}: {rates}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pypianoroll==1.0.4 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
empty beats: pypianoroll 0.75, counted 0.25
C in five octaves: pitch classes 5, counted 1; in C major 0.40, counted 1.00
C major: pitch classes 2, counted 7; in C major 0.25, counted 1.00
ten keys from C: pitch classes 1, counted 10; in C major 0.00, counted 0.60
qualified notes of 1 step: 1 at 2 (counted 0), 1 at 5 (counted 0), 1 at 100 (counted 0)
qualified notes of 4 steps: 1 at 2 (counted 1), 1 at 5 (counted 0), 1 at 100 (counted 0)
SEEN
