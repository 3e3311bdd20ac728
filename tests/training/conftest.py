"""What trainings are tested with."""

import numpy as np
import pytest

from rnncli.training.reach import Reach


@pytest.fixture
def reaching_far(monkeypatch):
    """Much of the gradient is left at the far end of a window, which is made longer."""
    monkeypatch.setattr(Reach, "norms", lambda self, batch: np.linspace(1, 0.2, batch.steps))
