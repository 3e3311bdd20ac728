"""`inspect --verify` in one line."""

from typing import Any


def sentence(data: dict[str, Any]) -> str:
    """Whether these are the data of the model, else what differs."""
    model, name = data["model"], data["data"]
    if data["same"]:
        part = "trained on; its validation part was another file" if data["apart"] else "made from"
        return f"{name}: the data that {model} was {part}"
    return f"{name}: not the data that {model} was made from: {_difference(data)}"


def _difference(data: dict[str, Any]) -> str:
    seen, missing = data["seen"], data["missing"]
    if seen is None:
        return "their hashes differ"
    n, trained, validated = seen["n"], seen["trained"], seen["validated"]
    what = f"{n:,} {data['units'][n != 1]}"
    if trained is None or missing is None:
        return f"their hashes differ, and its {what} cannot be looked up"
    if not trained and not validated:
        return f"it has seen none of the {what}"
    if trained + validated == n and not missing:
        return f"it has seen all of the {what}, and no others: their order, the answers or the validation part differ"
    about, new = "" if seen["checked"] == n else "about ", n - trained - validated
    counts = ((trained, "trained on"), (validated, "for its validation part"), (new, "new"))
    parts = ", ".join(f"{about}{count:,} {word}" for count, word in counts if count)
    lacking = f"; {100 * missing:.2g} % of what it has seen is missing" if missing > 0 else ""
    return f"of the {what} {parts}{lacking}"
