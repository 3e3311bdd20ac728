"""Which column tells related sequences apart, where nobody names one: its name is one of a person, a machine or a
session, and its values are of several sequences each.
"""

import re
from collections.abc import Collection, Iterable

import numpy as np

from rnncli.data.columns import Coded
from rnncli.data.folds import numbered, of_one_fold

PERSONS = (
    "subject person patient participant user speaker individual volunteer writer author singer signer actor driver "
    "rider player athlete customer client student"
)
MACHINES = "machine device engine vehicle robot turbine"
SESSIONS = "session recording"
KINDS = "|".join(f"{PERSONS} {MACHINES} {SESSIONS}".split())
ENDS = "id|ids|no|nr|num|number|name|code|key|index|idx"
#: subject, Subject_ID, subjectId, user-no, id_machine; not user_age or session_length
NAME = re.compile(rf"(id[\W_])?({KINDS})s?([\W_]*({ENDS}))?", re.IGNORECASE)

LEAST_FOLDS = 3
LEAST_SEQUENCES = 2  # of each, on average


def candidates(columns: Iterable[str], named: Collection[str]) -> list[str]:
    """The columns of such a name that the user has not named."""
    return [name for name in columns if name not in named and NAME.fullmatch(name.strip())]


def shows_folds(values: Coded, labels: Coded | None) -> bool:
    """Whether these values (sequences,) come again as those of folds do; not where each label is of one of them, which
    is never learnt where it is held out.
    """
    folds = numbered(values)
    count = int(folds.max(initial=-1)) + 1
    if count < LEAST_FOLDS or len(folds) < LEAST_SEQUENCES * count:
        return False
    if labels is None or len(labels.codes) != len(folds):
        return True
    return len(of_one_fold(labels.codes, folds)) < len(np.unique(labels.codes[labels.codes >= 0]))
