#!/usr/bin/env bash
# nltk 3.10.4, KneserNeyInterpolated of order 3 and more: what may follow the start of a text has probabilities that sum to more than
# 1, so perplexities are too low. In the lower orders the share that is set aside for backing off has to be the discount
# times the number of words that have a continuation count, which the sum is divided by (Kneser and Ney 1995; Chen and
# Goodman 1998). nltk counts there the words that follow in the text. Both are the same but behind the padding: `<s>` follows
# `<s>` in the counts of bigrams and in no continuation. Short texts, names and lines by characters, have many first words.
# Order 2 is right, as is every other context. No page or warning says so.
# Way out: normalise the scores by their sum over the vocabulary, or use order 2.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
from collections import Counter

from nltk.lm import KneserNeyInterpolated
from nltk.lm.preprocessing import padded_everygram_pipeline

NAMES = ["anna", "bert", "carla", "dora", "emil", "fritz", "gerda", "hans", "ida", "jan"]


def by_formula(order, discount, context, word):
    """Interpolated Kneser-Ney: raw counts at the order, numbers of different words before it below."""
    grams = Counter()
    for name in NAMES:
        text = ["<s>"] * (order - 1) + list(name) + ["</s>"] * (order - 1)
        grams.update(tuple(text[i : i + order]) for i in range(len(text) - order + 1))
    levels = [grams]  # from the order down: n-gram -> count, then -> number of different words before it
    for size in range(order - 1, 0, -1):
        text_grams = {gram for name in NAMES for text in [["<s>"] * (order - 1) + list(name) + ["</s>"] * (order - 1)]
                      for gram in (tuple(text[i : i + size + 1]) for i in range(len(text) - size))}
        levels.append(Counter(gram[1:] for gram in text_grams))
    p = 0.0
    for counts in reversed(levels):
        size = len(next(iter(counts)))
        here = {gram[-1]: n for gram, n in counts.items() if gram[:-1] == tuple(context[len(context) - size + 1 :])}
        if size == 1:
            p = here.get(word, 0) / sum(here.values())
        elif here:
            p = (max(here.get(word, 0) - discount, 0) + discount * len(here) * p) / sum(here.values())
    return p


for order, discount in ((2, 0.75), (3, 0.1), (3, 0.75), (4, 0.75)):
    grams, words = padded_everygram_pipeline(order, [list(name) for name in NAMES])
    model = KneserNeyInterpolated(order, discount=discount)
    model.fit(grams, words)
    for what, context in (("start", ["<s>"] * (order - 1)), ("inside", list("ann")[1 - order :])):
        seen = sum(model.score(word, context) for word in model.vocab)
        right = sum(by_formula(order, discount, context, word) for word in model.vocab)
        print(f"order {order}, discount {discount}, {what}: sum {seen:.3f}, formula {right:.3f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nltk==3.10.4 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
order 2, discount 0.75, start: sum 1.000, formula 1.000
order 2, discount 0.75, inside: sum 1.000, formula 1.000
order 3, discount 0.1, start: sum 1.001, formula 1.000
order 3, discount 0.1, inside: sum 1.000, formula 1.000
order 3, discount 0.75, start: sum 1.056, formula 1.000
order 3, discount 0.75, inside: sum 1.000, formula 1.000
order 4, discount 0.75, start: sum 1.056, formula 1.000
order 4, discount 0.75, inside: sum 1.000, formula 1.000
SEEN
