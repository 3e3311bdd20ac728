"""What views declare is what they, their pictures and the command line have."""

import inspect
import sys
from importlib import import_module

import pytest

from rnncli import registry
from rnncli.cli import inspection
from rnncli.network.architecture import Architecture
from rnncli.views import view_class
from rnncli.views.reading import LAGS
from rnncli.views.view import View

VIEWS = registry.declared("views")
every_view = pytest.mark.parametrize("view", VIEWS)


@every_view
def test_a_view_is_the_one_class_of_its_file_and_declares_itself_there(view):
    looked = view_class(view)
    assert issubclass(looked, View)
    assert looked.__name__.lower() == view
    assert VIEWS[view] == sys.modules[looked.__module__].VIEW
    assert VIEWS[view].keys() >= {"rank", "help", "caption"}
    assert VIEWS[view].keys() <= {"rank", "help", "caption", "input", "options", "forms", "frozen", "members", "unfit"}


@every_view
def test_a_view_of_ours_is_drawn_in_every_form_that_it_declares(view):
    module = import_module(f"rnncli.render.{view}")
    assert callable(module.picture)
    assert tuple(getattr(module, "FORMS", ())) == VIEWS[view].get("forms", ())


@every_view
def test_an_option_is_declared_in_the_same_words_by_all_that_take_it(view):
    for name, said in VIEWS[view].get("options", {}).items():
        declared = inspection.OPTIONS[name]
        assert said == {key: value for key, value in declared.items() if key != "group"}  # which names the views
        words = {"type", "help", "default", "unset", "values", "joined", "min", "max", "above", "below", "metavar"}
        assert said.keys() <= words | {"repeated", "in_report", "former"}


def test_the_default_of_lags_is_that_of_the_functions():
    assert inspection.OPTIONS["lags"]["default"] == LAGS


@every_view
def test_what_leaves_a_view_without_a_meaning_is_a_fact_of_the_architecture(view):
    for what in VIEWS[view].get("unfit", {}):
        assert hasattr(Architecture, what) or what in Architecture.__dataclass_fields__


def test_the_command_line_has_the_options_of_the_views_beside_its_own():
    own = {
        "context",
        "model",
        "member",
        "input",
        "view",
        "notation",
        "export",
        "save",
        "report",
        "json",
        "longest_line",
    }
    own |= {"compare", "similar", "verify"}
    assert set(inspect.signature(inspection.look_inside).parameters) == own | set(inspection.OPTIONS)


def test_the_command_line_reads_no_view():
    assert "rnncli.views.dynamics" not in str(inspect.getsource(inspection))
    with pytest.raises(KeyError):
        view_class("reading")
