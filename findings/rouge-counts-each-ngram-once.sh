#!/usr/bin/env bash
# rouge 1.0.1, get_scores: every n-gram counts once, however often it stands in the text, and of ROUGE-L so does every word.
# Lin (2004), whom it follows, counts each as often as it is in both texts. So a model that repeats itself, the usual
# fault of a generated text, is not punished: four times `the cat sat` is a perfect answer to `the cat sat` once,
# and a text that has the words in true number loses by it. The README does not say so; the argument that does it,
# `exclusive`, is True by default and is not in it. rouge-score 0.1.2 and the counts below are those of the paper.
# Way out: Rouge(exclusive=False), which also brings ROUGE-L back, or rouge-score.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
from collections import Counter

from rouge import Rouge
from rouge_score.rouge_scorer import RougeScorer


def f1(hit, said, true):
    return 2 * hit / (said + true)


def paper(said, true, n):
    grams = [Counter(zip(*(text[i:] for i in range(n)))) for text in (said, true)]
    return f1((grams[0] & grams[1]).total(), grams[0].total(), grams[1].total())


def paper_l(said, true):
    row = [0] * (len(true) + 1)
    for word in said:
        last = row[:]
        for j, other in enumerate(true, 1):
            row[j] = last[j - 1] + 1 if word == other else max(row[j - 1], last[j])
    return f1(row[-1], len(said), len(true))


KINDS = {"rouge-1": "rouge1", "rouge-2": "rouge2", "rouge-l": "rougeL"}
for said, true in (("the cat sat", "the cat sat"), ("the cat sat the cat sat the cat sat the cat sat", "the cat sat"),
                   ("the old dog saw the cat and the bird", "the boy fed the dog and the cat")):
    words = said.split(), true.split()
    right = [paper(*words, 1), paper(*words, 2), paper_l(*words)]
    other = RougeScorer(list(KINDS.values())).score(true, said)
    assert all(abs(a - other[kind].fmeasure) < 1e-9 for a, kind in zip(right, KINDS.values()))
    print(f"{said!r} for {true!r}")
    for name, exclusive in (("default", {}), ("exclusive=False", {"exclusive": False})):
        seen = Rouge(**exclusive).get_scores(said, true)[0]
        print(f"  {name}:", *(f"{kind} {seen[kind]['f']:.3f}, paper {a:.3f};" for kind, a in zip(KINDS, right)))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check rouge==1.0.1 rouge-score==0.1.2 nltk==3.10.4 \
  numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
'the cat sat' for 'the cat sat'
  default: rouge-1 1.000, paper 1.000; rouge-2 1.000, paper 1.000; rouge-l 1.000, paper 1.000;
  exclusive=False: rouge-1 1.000, paper 1.000; rouge-2 1.000, paper 1.000; rouge-l 1.000, paper 1.000;
'the cat sat the cat sat the cat sat the cat sat' for 'the cat sat'
  default: rouge-1 1.000, paper 0.400; rouge-2 0.800, paper 0.308; rouge-l 1.000, paper 0.400;
  exclusive=False: rouge-1 0.400, paper 0.400; rouge-2 0.308, paper 0.308; rouge-l 0.400, paper 0.400;
'the old dog saw the cat and the bird' for 'the boy fed the dog and the cat'
  default: rouge-1 0.615, paper 0.706; rouge-2 0.267, paper 0.267; rouge-l 0.462, paper 0.471;
  exclusive=False: rouge-1 0.706, paper 0.706; rouge-2 0.267, paper 0.267; rouge-l 0.471, paper 0.471;
SEEN
