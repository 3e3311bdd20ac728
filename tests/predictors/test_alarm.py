"""The rule of `--alarm`: its rate, whatever the scores are, and what it does not learn."""

import math

import numpy as np
import pytest

from rnncli.data.ranks import Ranks
from rnncli.errors import UsageError
from rnncli.predictors.alarm import Alarms, Place, Threshold, WithAlarms
from rnncli.stored import Damaged

ROWS = 5000
RNG = np.random.default_rng(0)
NORMAL = RNG.standard_normal(ROWS) ** 2 / 2  # the excess of a normal distribution
RAMP = np.linspace(1, 4, ROWS)
SCORES = {
    "calm": NORMAL,
    "rising": NORMAL * RAMP,
    "falling": NORMAL / RAMP,
    "seasonal": NORMAL * (1 + 0.6 * np.sin(np.arange(ROWS) / 8)),
    "few values": RNG.choice([0.5, 0.7, 1.0, 1.5, 3.0], ROWS, p=[0.4, 0.3, 0.2, 0.07, 0.03]),
    "nearly all the same": np.where(RNG.random(ROWS) < 0.005, 2.0, 0.5),
}


def threshold(scores, rate) -> Threshold:
    return Threshold.of(Ranks.of(np.asarray(scores)[:300]), rate)


def marked(alarms, scores, name="") -> np.ndarray:
    return np.array([alarms.of(name, float(score)) for score in scores])


def naive(scores, first, spread, rate) -> list[bool]:
    """The rule as docs/metrics.md has it, in plain steps."""
    out, balance, since, held = [], 0.0, 12, 0
    for score in scores:
        level = first * math.exp(spread * balance)
        if level < first / 16:
            level = first / 16 * (1 + spread * balance + math.log(16))
        out.append(score > level)
        far = score > max(level, first) * (1 + 12 * spread)
        if not (far and held < 24):
            balance += out[-1] - rate
        since = 0 if far else since + 1
        held = held + 1 if since < 12 else 0
    return out


@pytest.mark.parametrize("rate", [0.02, 0.05])
@pytest.mark.parametrize("kind", SCORES)
def test_the_rate_is_kept_while_the_level_drifts(kind, rate):
    alarms = Alarms(rate, Ranks.of(SCORES[kind][:300]))
    found = marked(alarms, SCORES[kind][300:])
    assert found.mean() == pytest.approx(rate, rel=0.2)
    first = threshold(SCORES[kind], rate)
    assert found.astype(bool).tolist() == naive(SCORES[kind][300:], first.start, first.spread, rate)


def test_the_threshold_starts_at_the_quantile_of_the_validation_part():
    scores = np.arange(1.0, 1001.0)
    first = Threshold.of(Ranks.of(scores), 0.05)
    assert first.at(0.0) == first.start == 950.0
    assert first.spread * first.start == pytest.approx(0.05 * 950)  # more than 25.5, the mean of those above it


def test_of_few_scores_the_tail_is_exponential():
    rng = np.random.default_rng(3)
    starts = [Threshold.of(Ranks.of(rng.exponential(size=240)), 0.005).start for _ in range(200)]
    assert np.mean(starts) == pytest.approx(math.log(200), abs=0.15)  # there is one row above it


def test_an_alarm_lifts_the_threshold_by_the_spread_and_calm_rows_lower_it():
    first = threshold(SCORES["calm"], 0.05)
    *_, after = first.judge(Place(), first.start * 1.001)
    assert first.at(after.balance) == pytest.approx(first.start * math.exp(0.95 * first.spread))
    *_, calm = first.judge(Place(), 0.0)
    assert first.at(calm.balance) == pytest.approx(first.start * math.exp(-0.05 * first.spread))


def test_faults_are_found_and_do_not_lift_the_threshold():
    scores, rate = SCORES["calm"][300:].copy(), 0.05
    starts = np.arange(100, len(scores), 235)
    for start in starts:
        scores[start : start + 6] = 80.0
    found = marked(Alarms(rate, Ranks.of(SCORES["calm"][:300])), scores)
    faulty = np.isin(np.arange(len(scores)), starts[:, None] + np.arange(6))
    assert found[faulty].all()
    assert found[~faulty].mean() == pytest.approx(rate, rel=0.2)


def test_a_new_level_is_no_fault_for_ever():
    scores = np.where(np.arange(2000) < 500, 1.0, 100.0) * np.random.default_rng(5).exponential(size=2000)
    found = marked(Alarms(0.05, Ranks.of(np.random.default_rng(6).exponential(size=300))), scores)
    assert found[500:520].mean() > 0.5
    assert found[700:].mean() == pytest.approx(0.05, rel=0.2)


def test_what_is_usual_in_the_validation_part_is_no_fault_after_a_calm_spell():
    first = threshold(SCORES["calm"], 0.02)
    place = Place(-200.0)
    assert first.at(place.balance) < first.start / 16
    assert not first.judge(place, first.start).fault
    assert first.judge(place, first.start * (1 + 12 * first.spread) * 1.001).fault


def test_alarms_that_are_no_faults_are_learnt_right_after_a_fault_too():
    first = threshold(SCORES["calm"], 0.02)
    after = first.judge(Place(), 1000.0)
    assert (after.alarm, after.fault, after.place) == (True, True, Place(0.0, 0, 1))
    assert first.judge(after.place, first.start * 1.001).place == Place(0.98, 1, 2)


def test_a_row_without_a_score_is_no_alarm_and_teaches_nothing():
    alarms = Alarms(0.05, Ranks.of(SCORES["calm"][:300]))
    assert math.isnan(alarms.of("a", math.nan))
    assert alarms.places == {}


def test_each_series_has_a_threshold_of_its_own():
    alarms = Alarms(0.05, Ranks.of(SCORES["calm"][:300]))
    marked(alarms, [50.0] * 60, "loud")
    assert alarms.of("quiet", 8.0) == 1
    assert alarms.of("loud", 8.0) == 0


def test_a_model_without_a_validation_part_has_no_alarms():
    with pytest.raises(UsageError, match="train it again, with a validation part"):
        Alarms(0.05, None)


class Held:
    """A holder without a state of its own."""

    def state(self):
        return None

    def set_state(self, state):
        assert state is None

    def to_tensors(self, state):
        return {}, {"own": 1}

    def from_tensors(self, tensors, entry):
        assert entry == {"own": 1}


def kept(alarms) -> dict:
    both = WithAlarms(Held(), alarms)
    return both.to_tensors(both.state())[1]


def test_a_run_that_is_cut_goes_on_as_it_was():
    ranks, scores = Ranks.of(SCORES["calm"][:300]), SCORES["rising"][2000:2400]
    whole = marked(Alarms(0.05, ranks), scores)
    first, second = Alarms(0.05, ranks), Alarms(0.05, ranks)
    before = marked(first, scores[:170])
    other = WithAlarms(Held(), second)
    entry = kept(first)
    entry["alarm"]["places"] = {name: list(place) for name, place in entry["alarm"]["places"].items()}  # as of JSON
    other.set_state(other.from_tensors({}, entry))
    assert np.concatenate([before, marked(second, scores[170:])]).tolist() == whole.tolist()
    without = WithAlarms(Held(), Alarms())  # a part that is scored without --alarm keeps them
    without.set_state(without.from_tensors({}, entry))
    assert kept(without.alarms)["alarm"]["places"] == first.places


@pytest.mark.parametrize(
    "alarm",
    [
        {"rate": 0.05, "places": {"": [math.nan, 12, 0]}},
        {"rate": 0.05, "places": {"": [0.0, 13, 0]}},
        {"rate": 0.05, "places": {"": [0.0, 12, -1]}},
        {"rate": 0.05, "places": {"": [0.0, 12]}},
        {"rate": 0.0, "places": {}},
        {"rate": 0.05},
    ],
)
def test_places_that_cannot_be_are_refused(alarm):
    with pytest.raises(Damaged):
        WithAlarms(Held(), Alarms(0.05, Ranks.of(NORMAL[:300]))).from_tensors({}, {"own": 1, "alarm": alarm})


def test_thresholds_of_another_rate_are_refused():
    other = WithAlarms(Held(), Alarms(0.02, Ranks.of(NORMAL[:300])))
    with pytest.raises(UsageError, match="those of --alarm 0.05"):
        other.from_tensors({}, {"own": 1, "alarm": {"rate": 0.05, "places": {}}})
