#!/usr/bin/env bash
# textdistance 4.6.3. MongeElkan is to be the mean, over the words of one text, of the similarity with the nearest word
# of the other (Monge and Elkan 1996). The code divides that mean by the number of words again: of two texts that differ
# in one letter it is 0.48 with two words and 0.12 with eight instead of 0.96 and 0.99, so longer texts are less alike,
# and names of two words and of three do not compare. By letters, the default, Niall and Neal have 0.16 instead of 0.80.
# Equal texts have 1, by a short cut; the package's own tests have one word, where the two agree. Tversky with a bias,
# which stands for the symmetric form (Jimenez et al. 2013), takes the sizes of the sets where the formula has those of
# their differences: 0.40 instead of 0.67 for {a, b, c} and {b, c, d}. Without a bias it is right. No error, no warning.
# Pull request 81 of life4/textdistance named the first, closed unmerged.
# Way out: multiply MongeElkan by the number of words; compute the symmetric form as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
from textdistance import JaroWinkler, MongeElkan, Tversky

near = JaroWinkler(external=False)


def monge_elkan(a, b, similarity):
    return sum(max(similarity(x, y) for y in b) for x in a) / len(a)


def symmetric_tversky(a, b, alpha, beta):
    common, only = len(a & b), sorted((len(a - b), len(b - a)))
    return common / (common + beta * (alpha * only[0] + (1 - alpha) * only[1]))


words = MongeElkan(qval=None, algorithm=near, external=False)
text = "maria elena de los angeles garcia lopez perez".split()
for n in (1, 2, 4, 8):
    a, b = text[:n], ["mario", *text[1:n]]
    seen = words(" ".join(a), " ".join(b))
    print(f"words {n}, a letter differs: textdistance {seen:.2f}, the mean {monge_elkan(a, b, near):.2f}")
a, b = "Niall", "Neal"
seen, right = MongeElkan(external=False)(a, b), monge_elkan(a, b, lambda x, y: float(x == y))
print(f"letters of {a} and {b}: textdistance {seen:.2f}, the mean {right:.2f}")
for a, b in (("abc", "bcd"), ("abc", "abcd"), ("abc", "abcdefgh"), ("abcdefgh", "efghijkl")):
    seen = Tversky(bias=0, ks=(0.5, 1), external=False)(a, b)
    print(f"Tversky of {a} and {b}: textdistance {seen:.2f}, the formula {symmetric_tversky(set(a), set(b), 0.5, 1):.2f};",
          f"without a bias {Tversky(ks=(0.5, 0.5), external=False)(a, b):.2f}")
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check textdistance==4.6.3 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
words 1, a letter differs: textdistance 0.92, the mean 0.92
words 2, a letter differs: textdistance 0.48, the mean 0.96
words 4, a letter differs: textdistance 0.24, the mean 0.98
words 8, a letter differs: textdistance 0.12, the mean 0.99
letters of Niall and Neal: textdistance 0.16, the mean 0.80
Tversky of abc and bcd: textdistance 0.40, the formula 0.67; without a bias 0.67
Tversky of abc and abcd: textdistance 0.46, the formula 0.86; without a bias 0.86
Tversky of abc and abcdefgh: textdistance 0.35, the formula 0.55; without a bias 0.55
Tversky of abcdefgh and efghijkl: textdistance 0.33, the formula 0.50; without a bias 0.50
SEEN
