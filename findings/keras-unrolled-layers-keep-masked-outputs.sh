#!/usr/bin/env bash
# Keras 3.15.1, backends jax and numpy: with unroll=True zero_output_for_mask has no effect; the output at a masked step
# is that of the step before, not 0. Bidirectional sets it by itself where sequences are returned, so after padding a
# layer that reads both ways has zeros or copies, by a switch that is to change the speed alone. A mean, a sum or an
# attention over time that counts on the zeros has another value: below, the mean of a row that is half padding more
# than doubles. The torch backend heeds it (both ways, unrolled and masked, it raises), so the same model has other
# outputs from one backend to the next; no error, no warning. The page of RNN: "Whether the output should use zeros for
# the masked timesteps"; of unroll: "Unrolling can speed-up a RNN". No issue on it was found (17596 of keras-team/keras
# is on the last output alone).
# Way out: unroll=False, or multiply the outputs by the mask.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import keras
import numpy as np
from keras import layers

x = np.random.default_rng(0).normal(size=(1, 6, 2)).astype("float32")
mask = np.array([[True, True, True, False, False, False]])


def outputs(layer):
    layer.build(x.shape)
    layer.set_weights([np.full(weight.shape, 0.3, "float32") for weight in layer.get_weights()])
    return keras.ops.convert_to_numpy(layer(keras.ops.convert_to_tensor(x), mask=keras.ops.convert_to_tensor(mask)))[0]


for kind in (layers.LSTM, layers.GRU, layers.SimpleRNN):
    for name, both in (("one way", False), ("both ways", True)):
        said = []
        for unroll in (False, True):
            layer = kind(3, return_sequences=True, unroll=unroll, zero_output_for_mask=True)
            y = outputs(layers.Bidirectional(layer) if both else layer)
            said.append(f"unroll {unroll}: {'zeros' if not y[3:].any() else 'no zeros'} behind the row, mean {y[:, 0].mean():.3f}")
        print(f"{keras.config.backend()} {kind.__name__} {name}: {'; '.join(said)}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 numpy==2.4.6 2> /dev/null
for backend in numpy jax; do
  HOME="$folder" KERAS_BACKEND=$backend "$folder/venv/bin/python" -W ignore "$folder/try.py" 2> /dev/null
done | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
numpy LSTM one way: unroll False: zeros behind the row, mean 0.116; unroll True: no zeros behind the row, mean 0.277
numpy LSTM both ways: unroll False: zeros behind the row, mean 0.116; unroll True: no zeros behind the row, mean 0.277
numpy GRU one way: unroll False: zeros behind the row, mean 0.143; unroll True: no zeros behind the row, mean 0.336
numpy GRU both ways: unroll False: zeros behind the row, mean 0.143; unroll True: no zeros behind the row, mean 0.336
numpy SimpleRNN one way: unroll False: zeros behind the row, mean 0.272; unroll True: no zeros behind the row, mean 0.614
numpy SimpleRNN both ways: unroll False: zeros behind the row, mean 0.272; unroll True: no zeros behind the row, mean 0.614
jax LSTM one way: unroll False: zeros behind the row, mean 0.116; unroll True: no zeros behind the row, mean 0.277
jax LSTM both ways: unroll False: zeros behind the row, mean 0.116; unroll True: no zeros behind the row, mean 0.277
jax GRU one way: unroll False: zeros behind the row, mean 0.143; unroll True: no zeros behind the row, mean 0.336
jax GRU both ways: unroll False: zeros behind the row, mean 0.143; unroll True: no zeros behind the row, mean 0.336
jax SimpleRNN one way: unroll False: zeros behind the row, mean 0.272; unroll True: no zeros behind the row, mean 0.614
jax SimpleRNN both ways: unroll False: zeros behind the row, mean 0.272; unroll True: no zeros behind the row, mean 0.614
SEEN
