#!/usr/bin/env bash
# pytorch-partial-crf 0.2.1 with torch 2.13.0, PartialCRF of a batch of one sentence: the loss leaves out the tags that the labels
# exclude, in both of its sums, so it is far too small (0.128 instead of 2.592 below) and its gradient is another one: that
# of words whose tag is known is cut off. The numerator writes -100 over the scores of excluded tags, in what is a copy
# of `emissions` if the batch has two sentences or more, and the caller's own tensor if it has one, as a transposed axis
# of length 1 needs no copy. The denominator, the sum over all tags, comes after it and reads the -100; so does whoever
# uses the tensor later. restricted_viterbi_decode does the same: viterbi_decode after it obeys the restriction. A tagger
# that is trained by single sentences learns something else than the same in batches. Tsuboi et al. (2008) define the
# loss; it is summed over all paths below. The page does not say that emissions are changed. (The package asks for torch
# below 2, and is installed without that here: on 2.13.0 batches of two are right.)
# Way out: put the sentence twice into the batch and halve the loss; emissions.clone() helps the caller alone.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import itertools

import torch
from pytorch_partial_crf import PartialCRF

torch.manual_seed(0)
TAGS, WORDS = 3, 4
crf = PartialCRF(TAGS)


def by_sum(scores, labels):
    """log of the sum over all paths less that over the paths that the labels allow; -1 is a word without a label."""
    every, allowed = [], []
    for path in itertools.product(range(TAGS), repeat=WORDS):
        score = crf.start_transitions[path[0]] + crf.end_transitions[path[-1]]
        score = score + sum(scores[i, tag] for i, tag in enumerate(path))
        every.append(score + sum(crf.transitions[a, b] for a, b in zip(path, path[1:])))
        if all(label in (-1, tag) for label, tag in zip(labels, path)):
            allowed.append(every[-1])
    return torch.stack(every).logsumexp(0) - torch.stack(allowed).logsumexp(0)


labels = torch.tensor([[0, -1, 2, 1], [1, 1, -1, 0]])
emissions = torch.randn(2, WORDS, TAGS)
before = emissions.clone()


def gradient(loss):
    """Loss, and the gradient of the emissions of the first word."""
    scores = emissions[:1].clone().requires_grad_()
    out = loss(scores * 1.0)
    return [round(x, 3) for x in (out.item(), *torch.autograd.grad(out, scores)[0][0, 0].tolist())]


with torch.no_grad():
    print(f"two sentences: {crf(emissions, labels):.3f}, by the sum over paths {sum(map(by_sum, emissions, labels)):.3f}")
    print("their emissions are as before:", torch.equal(emissions, before))
print("one sentence, loss and gradient of its first word:", gradient(lambda scores: crf(scores, labels[:1])))
print("the same twice, halved:", gradient(lambda scores: crf(scores.repeat(2, 1, 1), labels[:1].repeat(2, 1)) / 2))
print("by the sum over paths:", gradient(lambda scores: by_sum(scores[0], labels[0])))
with torch.no_grad():
    one, allowed = emissions[:1].clone(), torch.ones(1, WORDS, TAGS)
    allowed[0, 1] = torch.tensor([0.0, 1.0, 0.0])
    first = crf.viterbi_decode(one)
    restricted = crf.restricted_viterbi_decode(one, allowed)
    print("best path", first, "restricted", restricted, "best path again", crf.viterbi_decode(one))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps pytorch-partial-crf==0.2.1 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
two sentences: 7.721, by the sum over paths 7.721
their emissions are as before: True
one sentence, loss and gradient of its first word: [0.128, -0.12, 0.094, 0.027]
the same twice, halved: [2.592, -0.155, 0.137, 0.018]
by the sum over paths: [2.592, -0.155, 0.137, 0.018]
best path [[0, 0, 0, 0]] restricted [[0, 1, 0, 0]] best path again [[0, 1, 0, 0]]
SEEN
