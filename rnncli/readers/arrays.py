"""Arrays of NumPy: .npy with (steps, D) or (sequences, steps, D); .npz with `x`, `lengths` or `offsets`, `y`."""

import io
import zipfile
import zlib

import numpy as np

from rnncli.columns import Coded, Columns
from rnncli.errors import RnncliError, describe_os_error
from rnncli.readers.coding import offsets_of
from rnncli.readers.source import display, open_bytes
from rnncli.readers.spool import RowSpool

BLOCK = 1 << 18  # rows made float32 at a time
SHAPES = "(steps, columns) or (sequences, steps, columns)"


def read_arrays(path: str, task: str) -> Columns:
    """One file. `y` are labels for classify and tag, numbers for regress; for auto by their type."""
    arrays = _load(path)
    x = _find_x(path, arrays)
    rows, offsets = _rows(path, x, arrays)
    numbers = _float_rows(path, rows)
    columns = Columns(offsets, _numbered(numbers.shape[1]), numbers)
    columns.keys = [str(i) for i in range(1, len(columns) + 1)]
    if "y" in arrays and task != "forecast":
        _answer(path, columns, arrays["y"], task)
    return columns


def _numbered(width: int) -> list[str]:
    return [str(i) for i in range(1, width + 1)]


def _load(path: str) -> dict[str, np.ndarray]:
    """The arrays of the file by name; objects that would have to be run to be read are refused."""
    with open_bytes(path) as stream:
        content = stream.read()
    try:
        loaded = np.load(io.BytesIO(content))
        return {"x": loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
    except OSError as error:
        raise describe_os_error(display(path), error) from None
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        reason = str(error).partition("\n")[0]
        if "Object arrays" in reason:
            reason = "it holds Python objects"
        raise RnncliError(
            f"{display(path)}: not arrays of numbers ({reason}): write them by numpy.save or numpy.savez"
        ) from None


def _find_x(path: str, arrays: dict[str, np.ndarray]) -> np.ndarray:
    if "x" in arrays:
        return arrays["x"]
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    raise RnncliError(f"{display(path)}: no array x, expected one with the sequences: there are {', '.join(arrays)}")


def _rows(path: str, x: np.ndarray, arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """All steps of all sequences, and where each starts."""
    if x.ndim not in (1, 2, 3) or 0 in x.shape or x.dtype.kind not in "biuf":
        raise RnncliError(f"{display(path)}: x is {_shape(x)}, expected numbers, {SHAPES}, none of them 0")
    if "lengths" not in arrays and "offsets" not in arrays:
        if x.ndim < 3:
            return x.reshape(len(x), -1), np.array([0, len(x)], np.int64)
        return x.reshape(-1, x.shape[2]), offsets_of(np.full(len(x), x.shape[1]))
    offsets = _ragged(path, x, arrays)
    if x.ndim < 3:
        return x.reshape(len(x), -1), offsets
    kept = np.arange(x.shape[1]) < np.diff(offsets)[:, None]
    return x[kept], offsets


def _ragged(path: str, x: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Offsets from `offsets` or `lengths`, which must fit x."""
    name = "lengths" if "lengths" in arrays else "offsets"
    given = arrays[name]
    if given.ndim != 1 or given.dtype.kind not in "iu" or not len(given):
        raise RnncliError(f"{display(path)}: {name} is {_shape(given)}, expected whole numbers in one row")
    offsets = offsets_of(given) if name == "lengths" else given.astype(np.int64)
    if name == "offsets" and offsets[-1] != len(x):  # starts only
        offsets = np.append(offsets, len(x))
    lengths = np.diff(offsets)
    fits = len(lengths) == len(x) if x.ndim == 3 else offsets[-1] == len(x)
    most = x.shape[1] if x.ndim == 3 else len(x)
    if offsets[0] != 0 or not fits or not len(lengths) or lengths.min() < 1 or lengths.max() > most:
        raise RnncliError(
            f"{display(path)}: {name} does not fit x, which is {_shape(x)}: "
            f"expected sequences of at least 1 step, {len(x)} {'sequences' if x.ndim == 3 else 'steps'} in all"
        )
    return offsets


def _float_rows(path: str, rows: np.ndarray) -> np.ndarray:
    spool = RowSpool(np.float32, rows.shape[1:])
    with np.errstate(over="ignore"):
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK].astype(np.float32)
            if np.isinf(block).any():
                at = start + int(np.argmax(np.isinf(block).any(axis=1)))
                raise RnncliError(f"{display(path)}: an infinite number in step {at + 1} of x, expected finite ones")
            spool.append(block)
    return spool.array()


def _answer(path: str, columns: Columns, y: np.ndarray, task: str) -> None:
    """Put y where it belongs."""
    if task == "auto":
        task = "regress" if y.dtype.kind == "f" else "classify"
    rows = int(columns.offsets[-1]) if task == "tag" else len(columns)
    width = y.ndim == 1 or (y.ndim == 2 and task == "regress" and y.shape[1])
    if not width or len(y) != rows or y.dtype.kind not in ("biuf" if task == "regress" else "biufU"):
        kind = "numbers" if task == "regress" else "labels"
        raise RnncliError(f"{display(path)}: y is {_shape(y)}, expected {rows} {kind}")
    if task != "regress":
        columns.labels = Coded.of(list(map(_text, y.tolist())))
        return
    columns.targets = y.reshape(rows, -1).astype(np.float32)
    if not np.isfinite(columns.targets).all():
        at = int(np.argmin(np.isfinite(columns.targets).all(axis=1)))
        raise RnncliError(f"{display(path)}: y of sequence {at + 1} is no finite number: fill it in")


def _text(label) -> str:
    """A label as text: 1 and 1.0 are `1`."""
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def _shape(array: np.ndarray) -> str:
    return f"{array.dtype} of shape {array.shape}"
