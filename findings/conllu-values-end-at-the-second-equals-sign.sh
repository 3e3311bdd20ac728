#!/usr/bin/env bash
# conllu 6.0.0: of a value in the columns FEATS and MISC of a CoNLL-U file all is lost from its second equals sign on: `Gloss=say=3SG`
# is read as `say`. The equals sign is how interlinear glosses mark a clitic (Leipzig rules), so treebanks with glosses
# have such values. Of a key that stands twice in MISC, or twice in the comments, the last one is kept, and comments without
# a value are dropped. All this is valid: the format leaves MISC and comments free. Read and written again, the file lacks
# what was lost, without a word. pyconll 3.3.1 keeps the values and the comments, not the keys that stand twice.
# Way out: field_parsers={"misc": lambda line, i: line[i]} keeps the text of the column; a metadata_parsers of
# {"__fallback__": ..} keeps the comments.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import conllu
import pyconll

COMMENTS = ["# text = wa-z", "# a free comment", "# note = first", "# note = second"]
MISC = {"1": "Gloss=say=3SG|SpaceAfter=No", "2": "Gloss=I|Ref=a=b=c", "3": "Note=x|Note=y"}
TEXT = "\n".join(COMMENTS + ["\t".join([key, "a", "a", "X", "_", "_", "0", "root", "_", misc]) for key, misc in MISC.items()]) + "\n\n"
by_hand = [line.split("\t")[9] for line in TEXT.splitlines() if "\t" in line]
assert by_hand == list(MISC.values())
kept = {"misc": lambda line, i: line[i]}
for name, written in (("conllu", conllu.parse(TEXT)[0].serialize()), ("pyconll", pyconll.load_from_string(TEXT)[0].conll()),
                      ("conllu with a parser", conllu.parse(TEXT, field_parsers=kept)[0].serialize())):
    lines = written.split("\n")
    print(f"{name}: comments", [line for line in lines if line.startswith("#")])
    for was, line in zip(MISC.values(), (line for line in lines if "\t" in line)):
        is_now = line.split("\t")[9]
        print(f"  {was}:", "kept" if is_now == was else is_now)
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check conllu==6.0.0 pyconll==3.3.1 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
conllu: comments ['# text = wa-z', '# note = second']
  Gloss=say=3SG|SpaceAfter=No: Gloss=say|SpaceAfter=No
  Gloss=I|Ref=a=b=c: Gloss=I|Ref=a
  Note=x|Note=y: Note=y
pyconll: comments ['# text = wa-z', '# a free comment', '# note = second']
  Gloss=say=3SG|SpaceAfter=No: kept
  Gloss=I|Ref=a=b=c: kept
  Note=x|Note=y: Note=y
conllu with a parser: comments ['# text = wa-z', '# note = second']
  Gloss=say=3SG|SpaceAfter=No: kept
  Gloss=I|Ref=a=b=c: kept
  Note=x|Note=y: kept
SEEN
