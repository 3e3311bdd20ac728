"""A loss that explodes: back to the best weights, at a lower rate; and when that does not help, an end with code 3."""

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.errors import DivergedError
from rnncli.training import loop
from rnncli.training.experiment import Experiment
from rnncli.training.reports import Progress, RolledBack, Saved, Validation

SMALL = {"epochs": 3, "hidden": 12, "batch": 16, "steps": 24}


def reports(folder, text, poison, **options):
    """The reports of a run whose weights become NaN before the updates in `poison`."""
    (folder / "text.txt").write_text(text)
    experiment = Experiment([str(folder / "text.txt")], TrainConfig(**SMALL | options), str(folder / "m.st"), 1)
    out = []
    for report in experiment.reports():
        out.append(report)
        if isinstance(report, Progress) and report.step in poison:
            experiment.training.network.theta.flat[:] = np.nan
            experiment.training.unfolded.pack()
    return out


@pytest.fixture(autouse=True)
def every_update_is_reported(monkeypatch):
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0)


@pytest.mark.parametrize("options", [{}, {"valid_fraction": 0.0}], ids=["validated", "without validation"])
def test_a_loss_that_is_no_number_rolls_back_and_training_goes_on(tmp_path, text, options):
    out = reports(tmp_path, text, (20, 40), **options)
    rolled = [report for report in out if isinstance(report, RolledBack)]
    assert [r.step for r in rolled] == [21, 41]
    assert [r.lr for r in rolled] == [0.002, 0.001]
    rates = {report.step: report.lr for report in out if isinstance(report, Progress)}
    assert rates[39] < 0.6 * rates[19]
    assert isinstance(out[-1], Saved)
    theta = out[-1].model.network.theta.flat
    assert np.isfinite(theta).all()
    losses = [report.loss for report in out if isinstance(report, Progress)]
    assert np.mean(losses[-9:]) < np.mean(losses[:9])


def test_poison_in_the_last_update_does_not_reach_the_model(tmp_path, text):
    out = reports(tmp_path, text, (), valid_fraction=0.0)
    last = max(report.step for report in out if isinstance(report, Progress))
    again = reports(tmp_path, text, (last,), valid_fraction=0.0)
    assert np.isfinite(again[-1].model.network.theta.flat).all()


def test_after_a_few_tries_it_gives_up(tmp_path, text):
    with pytest.raises(DivergedError, match="lower --lr") as caught:
        reports(tmp_path, text, range(10, 100))
    assert caught.value.exit_code == 3
    assert not (tmp_path / "m.st").exists()


def test_exploded_weights_are_never_the_best(tmp_path, text):
    """Finite, but far worse than where the run began."""
    with pytest.raises(DivergedError):
        reports(tmp_path, text, (), lr=1000.0, clip=0.0)


def test_validation_far_off_still_tells_which_weights_are_best(tmp_path, text):
    """The validation text is so unlike that its loss is far above any of training."""
    (tmp_path / "text.txt").write_text("ab" * 3000)
    (tmp_path / "valid.txt").write_text("b" * 300)
    paths = [str(tmp_path / name) for name in ("text.txt", "m.st", "valid.txt")]
    config = TrainConfig(epochs=2, hidden=8, batch=4, steps=24, min_count=1)
    out = list(Experiment([paths[0]], config, paths[1], 1, paths[2]).reports())
    best = [r.best for r in out if isinstance(r, Validation)]
    assert len(best) > 3
    losses = {r.step: r.valid_loss for r in out if isinstance(r, Validation)}
    assert out[-1].result.best_step in (0, min(losses, key=losses.get))


def test_single_losses_may_be_high_where_windows_are_tiny(tmp_path, text):
    out = reports(tmp_path, text[:1500], (), batch=1, steps=2, hidden=8, epochs=2)
    assert not [report for report in out if isinstance(report, RolledBack)]
