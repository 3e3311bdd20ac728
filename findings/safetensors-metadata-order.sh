#!/usr/bin/env bash
# safetensors 0.8.0: save() and save_file() write the entries of the metadata in an order that is drawn anew for each
# call, also within one process. So the same tensors and the same dict give files of other bytes, whose hash differs,
# as soon as there are two entries. The tensors stand in a fixed order. Whoever caches, compares or signs files by their
# bytes meets this; files with one entry, such as "format", do not. load() gives the tensors in a drawn order too.
# Way out: one entry that holds all, as JSON with sorted keys.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import json

import numpy as np
from safetensors.numpy import load, save

tensors = {"b": np.zeros(3, np.float32), "a": np.ones(2, np.float32)}
several = {name: name for name in ("format", "author", "title", "date", "license", "hash")}
for what, metadata in (("six entries", several), ("one entry", {"all": json.dumps(several, sort_keys=True)})):
    files = [save(tensors, metadata) for _ in range(50)]
    print(f"{what}: 50 files, more than one content {len(set(files)) > 1}")
print("one file read 50 times, names in more than one order", len({tuple(load(files[0])) for _ in range(50)}) > 1)
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6 2> /dev/null
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
six entries: 50 files, more than one content True
one entry: 50 files, more than one content False
one file read 50 times, names in more than one order True
SEEN
