"""NumPy's side of the benchmark: large products in a child process, by the same protocol as torch_peer.py.

A request {"op": "product", "size": n, "times": k} is answered with {"seconds": s} for k products (n, n) · (n, n) in
float32.
"""

import json
import sys
from functools import lru_cache
from time import perf_counter

import numpy as np


@lru_cache(maxsize=1)
def matrices(size: int) -> list[np.ndarray]:
    """Two factors and the place of the product."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal((size, size), np.float32) for _ in range(3)]


def product(size: int, times: int) -> dict:
    a, b, out = matrices(size)
    start = perf_counter()
    for _ in range(times):
        np.matmul(a, b, out=out)
    return {"seconds": perf_counter() - start}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        request.pop("op")
        print(json.dumps(product(**request)), flush=True)


if __name__ == "__main__":
    main()
