"""What the options of `predict` have a meaning for: task of the model -> kind of prediction -> options.

The first kind of each task is what it does by default. Options that stand nowhere here, such as --threads, are for all.
"""

from itertools import product

from rnncli.config import option_name, without_effect
from rnncli.errors import UsageError

ROWS = ("to", "header", "json")
STREAM = ("follow", "state")
SPAN = ("begin", "until")
WHOLE = {
    "--evaluate": ("json",),
    "--states": ("to",),
}
MEANINGS = {
    "language": {
        "generation": (
            *("prompt", "length", "temperature", "top_k", "top_p", "samples", "stop", "echo", "seed"),
            *("to", "json"),
        ),
        "--score": (*ROWS, *STREAM, "carry"),
        "--per-token": (*ROWS, *STREAM, "carry"),
        "--next": (*ROWS, "prompt", "carry"),
        "--evaluate": ("json", "state", "carry"),
        "--states": ("to", "carry"),
    },
    "classify": {"labels": (*ROWS, "top", "proba"), **WHOLE},
    "multilabel": {
        "labels": (*ROWS, "top", "threshold", "proba"),
        "--evaluate": ("json", "top", "threshold"),
        "--states": ("to",),
    },
    "regress": {"numbers": ROWS, **WHOLE},
    "tag": {"tags": ROWS, **WHOLE},
    "forecast": {
        "forecasts": (*ROWS, *STREAM, *SPAN, "horizon", "stride", "free_run", "hold_known", "plot", "save"),
        "--score": (*ROWS, *STREAM, *SPAN),
        "--evaluate": ("json", "state", *SPAN, "horizon", "stride", "free_run", "starts", "answers", "hold_known"),
    },
}
#: task -> why it has no use for the beginning of a sequence
NO_STREAM = {
    "multilabel": "it has its labels from a whole sequence",
    "classify": "it has its label from a whole sequence",
    "regress": "it has its numbers from a whole sequence",
    "tag": "what follows a word has a part in its tag",
}
#: task and kind of prediction (none: the first) -> pairs of options of which one leaves the other without effect
BESIDE = {
    ("classify",): [("proba", "top")],
    ("multilabel",): list(product(("proba",), ("top", "threshold"))),
    ("forecast",): list(product(("plot", "save"), ROWS)),
    ("forecast", "--evaluate"): [
        *product(("answers",), ("begin", "stride", "free_run", "starts", "state")),
        *product(("free_run",), ("horizon", "stride")),
    ],
}
OPTIONS = list(dict.fromkeys(option for kinds in MEANINGS.values() for options in kinds.values() for option in options))


def refuse_without_effect(task: str, chosen: list[str], given: list[str]) -> None:
    """UsageError if a model of the task has no use for a kind of prediction, or the kind none for an option."""
    kinds = MEANINGS[task]
    for kind in chosen:
        if kind not in kinds:
            raise _for_others(kind, task, lambda others, kind=kind: kind in others)
    kind = chosen[0] if chosen else next(iter(kinds))
    for option in given:
        if option not in kinds[kind]:
            raise _without_effect(option, task, kind)


def refuse_beside(task: str, chosen: list[str], given: list[str]) -> None:
    """UsageError for options that another one leaves without effect."""
    for one, other in BESIDE.get((task, *chosen), ()):
        if one in given and other in given:
            raise UsageError(f"{option_name(one)} and {option_name(other)} do not go together: give one of them")
    if task != "forecast" or chosen != ["--evaluate"]:
        return
    for one, needed in (("starts", "free_run"), ("hold_known", "answers")):
        if one in given and needed not in given:
            raise UsageError(f"{option_name(one)} with --evaluate is for {option_name(needed)}: give both or none")


def _without_effect(option: str, task: str, kind: str) -> UsageError:
    meant_for = [other for other, options in MEANINGS[task].items() if option in options]
    if meant_for:
        return without_effect(option, kind, meant_for)
    name = option_name(option)
    if option in STREAM:
        return UsageError(f"{name} and a model trained to {task} do not go together: {NO_STREAM[task]}")
    return _for_others(name, task, lambda others: any(option in options for options in others.values()))


def _for_others(name: str, task: str, understands) -> UsageError:
    tasks = ", ".join(other for other, kinds in MEANINGS.items() if understands(kinds))
    return UsageError(f"{name} is for models of --task {tasks}, and this one was trained with --task {task}")
