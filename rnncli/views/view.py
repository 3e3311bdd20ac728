"""The view contract: a subject, which is a model at its input, becomes plain data.

A view's file declares it by a literal at its top, which the command line and the report read without importing it:

    rank      its place among the views
    help      what it is, in a few words
    caption   how to read its picture, in one sentence
    input     True if it reads INPUT; or the option that it does so with, and what is said if that is missing
    options   name -> declaration, see `rnncli/registry.py`; beside it "in_report", its default in a report
    forms     other forms than the picture, for --notation: FORMS of its picture's file
    frozen    True if the view has a meaning for a frozen network
    members   True if it is of all networks of a model of several, else of one
    unfit     what of a network's architecture leaves the view without a meaning -> why

The picture is drawn by `picture(data, width)` in the file of the view's name in `rnncli/render`; a view that has none
there is drawn as an outline of its data. `chart(data)` there is its chart for files and the report. Two views may take
the same option: they declare it in the same words.
"""

from typing import Any

from rnncli.views.subject import Subject


class View:
    """Base of the views."""

    def data(self, subject: Subject) -> dict[str, Any]:
        """What the view finds: names -> numbers, texts, lists and dictionaries of these.

        UsageError if the options do not fit the model, ValueError if the view has no meaning for it, RnncliError if the
        input does not do.
        """
        raise NotImplementedError

    def fault(self, data: dict[str, Any]) -> str | None:
        """What the data show to be wrong with the program on this machine: an error, once the picture is shown."""
        return None
