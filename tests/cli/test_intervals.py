"""Intervals of forecasts on the command line: coverage, quantiles of counts, holes in a season."""

import numpy as np
import pytest


def test_each_quantile_covers_its_share_and_says_where_the_validation_part_is_too_small(here):
    """Of noise around a season, which the rows that were not trained on have too."""
    rng = np.random.default_rng(5)
    y = 5 * np.sin(np.arange(3600) / 4) + rng.gumbel(size=3600)
    here.write("s.csv", "y\n" + "".join(f"{v:.4f}\n" for v in y))
    asked = ("--quantiles", "0.6,0.75,0.999", "--until", "2600", "--hidden", "16", "--epochs", "4", "-o", "s.st")
    done = here("train", "s.csv", "--target", "y", *asked)
    assert done.code == 0
    assert "quantiles  0.999: the validation part has 260 values of the last step ahead, 999 are needed" in done.err
    rows = here("predict", "s.st", "s.csv", "--from", "2600", "--stride", "1").out.decode().splitlines()
    found = np.array([row.split("\t")[:-2] for row in rows], float)
    found = found[found[:, 0] < 3600]
    shares = (y[found[:, 0].astype(int), None] <= found[:, 1:]).mean(axis=0)
    assert shares[[0, 1, 2]] == pytest.approx([0.6, 0.6, 0.75], abs=0.05)
    assert shares[3] > 0.98
    assert (np.diff(found[:, 1:]) >= 0).all()


@pytest.mark.parametrize("loss", ["negbin", "poisson"])
def test_counts_have_whole_quantiles_that_cover_their_share(here, loss):
    counts = np.random.default_rng(2).poisson(2.5, size=900)
    here.write("c.csv", "n\n" + "".join(f"{n}\n" for n in counts))
    asked = ("--loss", loss, "--quantiles", "0.05,0.5,0.95", "--until", "600", "--hidden", "8", "--epochs", "3")
    assert here("train", "c.csv", "--target", "n", *asked, "--quiet", "-o", "c.st").code == 0
    done = here("predict", "c.st", "c.csv", "--from", "600", "--stride", "1", "--to", "csv").out.decode().splitlines()
    assert done[0] == "step,n,n_q0.05,n_q0.5,n_q0.95,origin,ahead"
    rows = np.array([row.split(",") for row in done[1:-1]], float)
    q = rows[:, 2:-2]
    assert (q == np.round(q)).all() and (q >= 0).all() and (np.diff(q) >= 0).all()
    true = counts[rows[:, 0].astype(int), None]
    assert (true <= q).mean(axis=0)[[1, 2]] == pytest.approx([0.54, 0.958], abs=0.09)  # 2 and 5 of this distribution
    assert ((true < q).mean(axis=0) <= np.array([0.05, 0.5, 0.95]) + 0.05).all()


def test_a_loss_without_quantiles_refuses_them(here):
    here.write("c.csv", "n\n" + "".join(f"{n}\n" for n in range(40)))
    for loss in ("mse", "mae", "bernoulli"):
        done = here("train", "c.csv", "--target", "n", "--loss", loss, "--quantiles", "0.1,0.9")
        assert (done.code, f"--quantiles and --loss {loss} cannot be combined" in done.err) == (2, True)
    here.write("b.csv", "a,b\n" + "".join(f"{n % 2},{n % 3 % 2}\n" for n in range(40)))
    assert here("train", "b.csv", "--task", "forecast", "--quantiles", "0.1,0.9").code == 2


@pytest.mark.parametrize("missing", [[199], [198, 194], [199, 195, 191]])
def test_a_hole_in_the_last_season_takes_the_value_of_the_season_before(here, missing):
    pattern = [1.5, 4.0, 7.5, 3.0]
    rows = ["" if t + 1 in missing else pattern[t % 4] for t in range(200)]
    here.write("s.csv", "t,v\n" + "".join(f"{t + 1},{v}\n" for t, v in enumerate(rows)))
    asked = ("--time", "t", "--target", "v", "--horizon", "4", "--season", "4", "--level", "season", "--epochs", "20")
    assert here("train", "s.csv", *asked, "--hidden", "16", "--quiet", "-o", "s.st").code == 0
    found = np.array([row.split("\t")[1:] for row in here("predict", "s.st", "s.csv").out.decode().splitlines()], float)
    assert found[:, 0] == pytest.approx(pattern, abs=0.2)
    widths = found[:, 2] - found[:, 1]
    hole = (missing[0] - 1) % 4
    assert widths[hole] >= np.delete(widths, hole).max() * 0.99
