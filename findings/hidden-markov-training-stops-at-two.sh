#!/usr/bin/env bash
# hidden-markov 0.3.2, train_hmm(sequences, iterations, quantities): training goes on where the log probability has
# fallen by more than 1e-7, and stops where it has risen, as it does in each step of Baum-Welch. So 2 iterations are
# made, however many are asked for ("Maximum number of iterations", 1000 in the example of its page): -191.1 of 300
# symbols, where 24 steps, or calls in a loop, reach -169.6. Besides, the estimates of several sequences are averaged
# after each was scaled to a sum of 1, so a sequence of 10 symbols weighs as much as one of 290: the same symbols in two
# such parts reach -190.6, where counts that are added up reach -169.6. No error, no warning.
# Way out: call train_hmm with one long sequence until log_prob is constant.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import numpy as np
from hidden_markov import hmm

rng = np.random.default_rng(0)
tp, ep = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.9, 0.1], [0.2, 0.8]])
state, seen = 0, []
for _ in range(300):
    seen.append("ab"[rng.choice(2, p=ep[state])])
    state = rng.choice(2, p=tp[state])


def start():
    return hmm(["x", "y"], ["a", "b"], np.matrix([0.5, 0.5]), np.matrix([[0.6, 0.4], [0.4, 0.6]]),
               np.matrix([[0.6, 0.4], [0.4, 0.6]]))


def step(model, sequences):
    """One step of Baum-Welch over all sequences: counts are added up, then scaled."""
    pi, tp, ep = (np.array(x) for x in (model.start_prob[0], model.trans_prob, model.em_prob))
    pi, starts, pairs, symbols = pi.ravel(), np.zeros(2), np.zeros((2, 2)), np.zeros((2, 2))
    for sequence in sequences:
        k = np.array([model.obs_map[s] for s in sequence])
        n = len(k)
        forward, backward = np.zeros((n, 2)), np.ones((n, 2))
        forward[0] = pi * ep[:, k[0]]
        for t in range(1, n):
            forward[t] = forward[t - 1] / forward[t - 1].sum() @ tp * ep[:, k[t]]
        for t in range(n - 2, -1, -1):
            backward[t] = tp @ (ep[:, k[t + 1]] * backward[t + 1])
            backward[t] /= backward[t].sum()
        states = forward * backward / (forward * backward).sum(axis=1, keepdims=True)
        two = forward[:-1, :, None] * tp * (ep[:, k[1:]].T * backward[1:])[:, None]
        pairs += (two / two.sum(axis=(1, 2), keepdims=True)).sum(axis=0)
        starts += states[0]
        symbols += np.array([states[k == s].sum(axis=0) for s in range(2)]).T
    model.start_prob = np.matrix(starts / starts.sum())
    model.trans_prob = np.matrix(pairs / pairs.sum(axis=1, keepdims=True))
    model.em_prob = np.matrix(symbols / symbols.sum(axis=1, keepdims=True))


def told(model):
    return f"log probability {model.log_prob([seen], [1]):.3f}"


print(f"start: {told(start())}")
for iterations in (1, 2, 3, 1000):
    model = start()
    model.train_hmm([seen], iterations, [1])
    print(f"{iterations} iterations: {told(model)}")
model = start()
for _ in range(12):
    model.train_hmm([seen], 1000, [1])
print(f"12 calls: {told(model)}")
for count in (1, 2, 24):
    model = start()
    for _ in range(count):
        step(model, [seen])
    print(f"{count} steps by hand: {told(model)}")
parts = [seen[:290], seen[290:]]
averaged, pooled = start(), start()
for _ in range(12):
    averaged.train_hmm(parts, 1000, [1, 1])
for _ in range(24):
    step(pooled, parts)
print(f"two parts: 12 calls {told(averaged)}, 24 steps by hand {told(pooled)}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  numpy==1.26.4 setuptools==80.9.0 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps hidden-markov==0.3.2 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
start: log probability -206.821
1 iterations: log probability -191.738
2 iterations: log probability -191.122
3 iterations: log probability -191.122
1000 iterations: log probability -191.122
12 calls: log probability -169.593
1 steps by hand: log probability -191.738
2 steps by hand: log probability -191.122
24 steps by hand: log probability -169.593
two parts: 12 calls log probability -190.572, 24 steps by hand log probability -169.602
SEEN
