#!/usr/bin/env bash
# flax 0.12.8: the docstring of nnx.GRUCell has n = tanh(W_in x + b_in + r * (W_hn h + b_hn)), as that of linen.GRUCell and
# torch.nn.GRU, but the cell has no b_hn: its product with h has no bias at all. linen.GRUCell has one (hn.bias). So a GRU
# moved from linen, PyTorch or Keras to nnx loses b_hn, which no other parameter can stand for, as r multiplies it. Moved
# weight by weight nothing complains: there is no place for the bias. Here it is the one parameter that is not zero.
# Way out: write the cell by hand; from nnx to the others b_hn is 0.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import jax
import jax.numpy as jnp
from flax import linen, nnx
D, H = 3, 2
x, h = jnp.ones((1, D)), jnp.zeros((1, H))
cell = linen.GRUCell(H)
zero = jax.tree.map(jnp.zeros_like, cell.init(jax.random.key(0), h, x))
zero["params"]["hn"]["bias"] = jnp.full(H, 2.0)  # n = tanh(r * 2) with r = 1/2; h' = n / 2
print("linen", sorted(name for name, part in zero["params"].items() if "bias" in part), round(float(cell.apply(zero, h, x)[0][0, 0]), 4))
other = nnx.GRUCell(D, H, rngs=nnx.Rngs(0))
names = sorted(".".join(path) for path, _ in nnx.to_flat_state(nnx.state(other, nnx.Param)))
print("nnx", names, "b_{hn}" in nnx.GRUCell.__doc__, other.dense_h.bias)
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check flax==0.12.8 jax==0.10.2 2> /dev/null
JAX_PLATFORMS=cpu "$folder/venv/bin/python" "$folder/try.py" 2> /dev/null | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
linen ['hn', 'in', 'ir', 'iz'] 0.3808
nnx ['dense_h.kernel', 'dense_i.bias', 'dense_i.kernel'] True None
SEEN
