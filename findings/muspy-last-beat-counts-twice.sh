#!/usr/bin/env bash
# muspy 0.5.0, metrics by beats and measures. A note that ends where a beat ends is taken to sound in the next beat too,
# as its end, the first step without it, counts: of notes on every second beat empty_beat_rate is 0.06 instead of 0.50;
# empty_measure_rate has the same. And a piece that ends with a full measure has one more, an empty one:
# groove_consistency of 2, 4 and 16 equal measures is 0.88, 0.94 and 0.98 instead of 1, and of measures that have no
# onset in common it is too high, the more so the shorter the piece. So pieces of different length do not compare, and
# repetition costs a short one. polyphony_rate counts steps with more than 2 pitches, so two voices throughout are 0.
# The pages: "beats (where no note is played)", "the mean hamming distance of the neighboring measures" of 1 to T, and
# "time steps where multiple pitches are on" at a threshold of 2. Issue 73 of salu133445/muspy, open since 2022, has
# 0.97 of two equal measures.
# Way out: NumPy, as below; polyphony_rate(music, threshold=1).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import muspy
import numpy as np

BEAT, MEASURE = 4, 16


def piece(notes):
    """Music of notes (start, pitch, length) in steps, and the same as a piano roll and as onsets, of whole measures."""
    track = muspy.Track(notes=[muspy.Note(time=t, pitch=p, duration=d, velocity=64) for t, p, d in notes])
    steps = -(-max(t + d for t, _, d in notes) // MEASURE) * MEASURE
    sounds, onsets = np.zeros((steps, 128), bool), np.zeros(steps, bool)
    for t, p, d in notes:
        sounds[t : t + d, p], onsets[t] = True, True
    return muspy.Music(resolution=BEAT, tracks=[track]), sounds, onsets


def empty(sounds, length):
    return 1 - sounds.reshape(-1, length * 128).any(1).mean()


for name, every, length in (("every beat", 1, 4), ("every second beat", 2, 4), ("the same, a step shorter", 2, 3)):
    music, sounds, _ = piece([(BEAT * i, 60, length) for i in range(every - 1, 16, every)])
    print(f"notes on {name}: empty beats {muspy.empty_beat_rate(music):.2f}, counted {empty(sounds, BEAT):.2f}")
music, sounds, _ = piece([(2 * MEASURE * i, 60, MEASURE) for i in range(4)])
rate = muspy.empty_measure_rate(music, MEASURE)
print(f"every second measure: empty {rate:.2f}, counted {empty(sounds, MEASURE):.2f}")
for name, shift in (("equal", 0), ("without a common onset", 2)):
    for measures in (2, 4, 16):
        starts = [MEASURE * m + p + shift * (m % 2 == 0) for m in range(measures) for p in (0, 4, 8, 12)]
        music, _, onsets = piece([(start, 60, 4) for start in starts])
        rows = onsets.reshape(-1, MEASURE)
        print(f"{measures} measures, {name}: groove {muspy.groove_consistency(music, MEASURE):.3f},",
              f"by the formula {1 - (rows[1:] != rows[:-1]).mean():.3f}")
music, sounds, _ = piece([(BEAT * i, p, 4) for i in range(8) for p in (60, 67)])
print(f"two voices: polyphony rate {muspy.polyphony_rate(music):.2f}, counted {(sounds.sum(1) > 1).mean():.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check muspy==0.5.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
notes on every beat: empty beats 0.00, counted 0.00
notes on every second beat: empty beats 0.06, counted 0.50
notes on the same, a step shorter: empty beats 0.50, counted 0.50
every second measure: empty 0.00, counted 0.43
2 measures, equal: groove 0.875, by the formula 1.000
4 measures, equal: groove 0.938, by the formula 1.000
16 measures, equal: groove 0.984, by the formula 1.000
2 measures, without a common onset: groove 0.625, by the formula 0.500
4 measures, without a common onset: groove 0.562, by the formula 0.500
16 measures, without a common onset: groove 0.516, by the formula 0.500
two voices: polyphony rate 0.00, counted 1.00
SEEN
