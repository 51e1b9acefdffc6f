"""Computes the figures of src/statistics with other implementations: girth, scikit-learn, scipy and numpy.

Reads one JSON document from the standard input, and writes one of the same shape as `Second` in statistics.rs.
"""

import json
import sys

import numpy as np
from girth import classical_test_statistics
from girth.common import cronbach_alpha
from girth.utilities import INVALID_RESPONSE
from scipy import stats
from sklearn.metrics import cohen_kappa_score


def items(scores, maxima):
    """Of a table with a row for each attempt, and `null` for what an attempt was not asked."""
    table = np.array([[INVALID_RESPONSE if score is None else score for score in row] for row in scores]).T
    found = classical_test_statistics(table, 0, max(maxima))
    return {
        "n": found["Item Counts"].tolist(),
        "facility": (found["Mean"] / maxima).tolist(),
        "discrimination": found["Item-Score Correlation"].tolist(),
    }


def whole(slots, edges, score):
    table = np.array(slots)
    totals = table.sum(axis=1)
    alpha, deviation = cronbach_alpha(table.T), totals.std(ddof=1)
    return {
        "mean": totals.mean(),
        "standard_deviation": deviation,
        "alpha": alpha,
        "standard_error": deviation * np.sqrt(1 - alpha),
        "percentile_rank": stats.percentileofscore(totals, score, kind="mean"),
        "histogram": np.histogram(totals, edges)[0].tolist(),
    }


def times(seconds):
    return [np.quantile(of_item, [0.25, 0.5, 0.75]).tolist() for of_item in seconds]


def kappa(pairs):
    one, other = zip(*pairs)
    return {
        "cohen": cohen_kappa_score(one, other, weights="quadratic"),
        "both_orders": cohen_kappa_score(one + other, other + one, weights="quadratic"),
    }


asked = json.load(sys.stdin)
answer = {
    "items": items(asked["scores"], asked["maxima"]),
    "whole": whole(asked["slots"], asked["edges"], asked["score"]),
    "times": times(asked["seconds"]),
    "kappa": kappa(asked["pairs"]),
}
json.dump(answer, sys.stdout)
