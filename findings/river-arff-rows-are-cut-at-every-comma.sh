#!/usr/bin/env bash
# river 0.26.1, stream.iter_arff: the rows of an ARFF file are cut at every comma, and what is between is taken as it stands. A
# comma inside quotes moves all values behind it one attribute on, and the last one, mostly the class, is lost: the class
# of `2,'Paris, Rue A',food,yes` is food. Quotes stay in the value (`'Bern'` is another value than `Bern`), and so do blanks
# after a comma, with which ` ?` is a value, not a missing one. Of sparse rows (sparse=True) numbers are texts, and what
# is left out is missing, where the format of Weka, which the page cites, has it as 0, of a nominal attribute as its first
# value: a row whose class is the first of the list has no class. No error, no warning. liac-arff 2.5.0 reads both forms as
# defined, SciPy 1.17.1 all but `?`. (Blank lines are issue 925 of online-ml/river, open.)
# Way out: liac-arff, which reads both forms; or rows without quotes, blanks and zeros.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import sys

import arff
import scipy.io.arff
from river import stream

HEAD = """@relation shops
@attribute sales real
@attribute place {'Paris, Rue A',Lyon,Bern}
@attribute kind {food,books,shoes}
@attribute open {yes,no}
@data
"""


def read(path, sparse):
    yield "river", *({**x, "open": y} for x, y in stream.iter_arff(path, target="open", sparse=sparse))
    with open(path) as file:
        table = arff.load(file)
    names = [name for name, _ in table["attributes"]]
    yield "liac-arff", *(dict(zip(names, row)) for row in table["data"])
    for row in [] if sparse else scipy.io.arff.loadarff(path)[0]:  # SciPy refuses sparse rows
        yield "SciPy", {name: x.decode() if isinstance(x, bytes) else float(x) for name, x in zip(names, row)}


for row in ("2,'Paris, Rue A',food,yes", "2,'Bern',food,yes", "2, Bern, ?, yes", "{0 2,1 Bern,3 no}", "{0 2,1 Bern}"):
    with open(sys.argv[1], "w") as file:
        file.write(f"{HEAD}{row}\n")
    print(row)
    for name, values in read(sys.argv[1], row.startswith("{")):
        print(f"  {name:9}", ", ".join(f"{key} {values[key]!r}" for key in ("sales", "place", "kind", "open") if key in values))
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
  river==0.26.1 liac-arff==2.5.0 scipy==1.17.1 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" -W ignore "$folder/try.py" "$folder/shops.arff" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
2,'Paris, Rue A',food,yes
  river     sales 2.0, place "'Paris", kind " Rue A'", open 'food'
  liac-arff sales 2.0, place 'Paris, Rue A', kind 'food', open 'yes'
  SciPy     sales 2.0, place 'Paris, Rue A', kind 'food', open 'yes'
2,'Bern',food,yes
  river     sales 2.0, place "'Bern'", kind 'food', open 'yes'
  liac-arff sales 2.0, place 'Bern', kind 'food', open 'yes'
  SciPy     sales 2.0, place 'Bern', kind 'food', open 'yes'
2, Bern, ?, yes
  river     sales 2.0, place ' Bern', kind ' ?', open ' yes'
  liac-arff sales 2.0, place 'Bern', kind None, open 'yes'
  SciPy     sales 2.0, place 'Bern', kind '?', open 'yes'
{0 2,1 Bern,3 no}
  river     sales '2', place 'Bern', open 'no'
  liac-arff sales 2.0, place 'Bern', kind 'food', open 'no'
{0 2,1 Bern}
  river     sales '2', place 'Bern', open None
  liac-arff sales 2.0, place 'Bern', kind 'food', open 'yes'
SEEN
