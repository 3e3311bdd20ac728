"""Signals at random moments: a small share of `python -m tests.cli.stress_signals`."""

import pytest

from tests.cli.stress_signals import COMMANDS, cases, prepare


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("signals")
    prepare(made)
    return made


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "train --tune"])
def test_a_signal_at_a_random_moment_ends_the_command(folder, name):
    found = list(cases(folder, 1, len(name), [name]))
    assert [(case.moments, case.problem, case.err) for case in found if case.problem] == []
