#!/usr/bin/env python3
"""Writes quality.json: samples and their statistics by scikit-learn, scipy, statsmodels and numpy, for the tests of prediction quality.

Needs python3-numpy, python3-scipy, python3-sklearn and python3-statsmodels; the committed file was made with numpy 1.24.2, scipy 1.10.1,
scikit-learn 1.2.1 and statsmodels 0.13.5. The result does not depend on anything of this project.
Scores have two decimals, so that every score has a bin of its own and binned figures equal exact ones.
"""
import json
import math
import pathlib
import struct
import warnings
from fractions import Fraction

import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

rng = np.random.default_rng(20240614)
CLIP = 1e-7


def finite(value):
    """null where the figure does not exist."""
    return None if value is None or not math.isfinite(value) else float(value)


def as_float(scores):
    return np.asarray(scores, np.float32).astype(float)


# Exact sums ------------------------------------------------------------------------------------------------------------------------


def bits(value):
    return struct.pack("<d", value).hex()


def exact_sums():
    def case(name, values):
        values = [float(v) for v in values]
        exact = float(sum(map(Fraction, values), Fraction(0)))
        try:
            assert exact == math.fsum(values)
        except OverflowError:  # fsum cannot pass beyond the largest double on its way
            pass
        return {"name": name, "values": [bits(v) for v in values], "sum": bits(exact)}

    wide = [math.ldexp(rng.uniform(-1, 1), int(e)) for e in rng.integers(-1070, 1000, 400)]
    sixty = [math.ldexp(rng.uniform(-1, 1), int(e)) for e in rng.integers(-30, 30, 400)]
    return [
        case("nothing", []),
        case("one", [0.1]),
        case("ten tenths", [0.1] * 10),
        case("1e16, 1, -1e16", [1e16, 1.0, -1e16]),
        case("1e308 twice, less one", [1e308, 1e308, -1e308]),
        case("huge and tiny", [1e300, 5e-324, -1e300, 5e-324, 1e-300, -1e-300]),
        case("subnormal", [5e-324] * 7 + [-2.5e-310, 2.2250738585072014e-308]),
        case("cancels to nothing", wide + [-v for v in reversed(wide)]),
        case("all exponents", wide),
        case("sixty binary orders", sixty),
        case("half-way, to even", [1.0, 2.0**-53]),
        case("just above half-way", [1.0, 2.0**-53, 2.0**-1074]),
        case("half-way, odd", [1.0 + 2.0**-52, 2.0**-53]),
        case("just below half-way", [1.0 + 2.0**-52, 2.0**-53, -(2.0**-1074)]),
        case("negative half-way", [-1.0, -(2.0**-53), -(2.0**-300)]),
        case("largest", [1.7976931348623157e308]),
        case("normal values", rng.normal(1e6, 1, 500)),
        case("signed zeros", [0.0, -0.0]),
    ]


# Proportions -----------------------------------------------------------------------------------------------------------------------


def proportions():
    wilson = []
    for k, n in [(0, 1), (1, 1), (0, 10), (10, 10), (81, 263), (15, 148), (1, 29), (500, 1000), (999999, 1000000)]:
        low, high = proportion_confint(k, n, 0.05, "wilson")
        wilson.append({"k": k, "n": n, "low": low, "high": high})
    newcombe = []
    for k1, n1, k2, n2 in [(56, 70, 48, 80), (9, 10, 3, 10), (10, 10, 0, 20), (10, 10, 0, 10), (6, 7, 2, 7), (5, 56, 0, 29), (800, 1000, 780, 1000)]:
        low, high = confint_proportions_2indep(k1, n1, k2, n2, method="newcomb", compare="diff", alpha=0.05)
        newcombe.append({"k1": k1, "n1": n1, "k2": k2, "n2": n2, "low": low, "high": high})
    tail = [{"x": x, "degrees": d, "tail": stats.chi2.sf(x, d)} for x in (1e-3, 0.5, 3.84, 20, 300) for d in (1, 2, 7, 19, 200)]
    return {"wilson": wilson, "newcombe": newcombe, "chi_square": tail}


# Binary classification -------------------------------------------------------------------------------------------------------------


def delong_variance(positives, negatives):
    """Placements one by one (DeLong, DeLong and Clarke-Pearson 1988)."""
    if len(positives) < 2 or len(negatives) < 2:
        return None
    psi = (positives[:, None] > negatives[None, :]) + 0.5 * (positives[:, None] == negatives[None, :])
    return psi.mean(1).var(ddof=1) / len(positives) + psi.mean(0).var(ddof=1) / len(negatives)


def mean_interval(terms):
    if len(terms) < 2:
        return None
    half = stats.norm.ppf(0.975) * terms.std(ddof=1) / math.sqrt(len(terms))
    return [terms.mean() - half, terms.mean() + half]


def binary(name, label, score, predicted):
    """Lists of 0 and 1; None in `score` or `predicted`: absent; None in `label`: not yet labelled."""
    case = {"name": name, "label": label, "score": [None if s is None else round(float(s), 2) for s in score], "predicted": predicted}
    expected = dict.fromkeys(("accuracy", "precision", "recall", "f1", "specificity", "balanced_accuracy", "mcc", "auc", "pr_auc", "log_loss", "brier"))
    both = [(y, p) for y, p in zip(label, predicted) if y is not None and p is not None]
    if both:
        y, p = (np.array(column) for column in zip(*both))
        tn, fp, fn, tp = metrics.confusion_matrix(y, p, labels=[0, 1]).ravel()
        expected["accuracy"] = metrics.accuracy_score(y, p)
        if tp + fp:
            expected["precision"] = metrics.precision_score(y, p)
        if tp + fn:
            expected["recall"] = metrics.recall_score(y, p)
        if tp + fp + fn:
            expected["f1"] = metrics.f1_score(y, p)
        if tn + fp:
            expected["specificity"] = metrics.recall_score(y, p, pos_label=0)
        if tp + fn and tn + fp:
            expected["balanced_accuracy"] = metrics.balanced_accuracy_score(y, p)
            if tp + fp and tn + fn:
                expected["mcc"] = metrics.matthews_corrcoef(y, p)
    scored = [(y, s) for y, s in zip(label, case["score"]) if y is not None and s is not None]
    if scored:
        y, s = np.array([v for v, _ in scored]), as_float([v for _, v in scored])
        if 0 < y.sum() < len(y):
            expected["auc"] = metrics.roc_auc_score(y, s)
            case["auc_variance"] = delong_variance(s[y == 1], s[y == 0])
        if y.sum():
            expected["pr_auc"] = metrics.average_precision_score(y, s)
        expected["log_loss"] = metrics.log_loss(y, s, eps=CLIP, labels=[0, 1])
        expected["brier"] = metrics.brier_score_loss(y, s, pos_label=1)
        clipped = np.clip(s, CLIP, 1 - CLIP)
        case["log_loss_interval"] = mean_interval(-np.where(y == 1, np.log(clipped), np.log1p(-clipped)))
        case["brier_interval"] = mean_interval((s - y) ** 2)
    return case | {"expected": {key: None if value is None else finite(value) for key, value in expected.items()}}


def binary_cases():
    def sample(n, slope, prevalence_shift=0.0, threshold=0.5):
        z = rng.normal(0, 1, n)
        score = np.round(1 / (1 + np.exp(-slope * z)), 2)
        label = (rng.random(n) < 1 / (1 + np.exp(-(z + prevalence_shift)))).astype(int)
        return label.tolist(), score.tolist(), (score >= threshold).astype(int).tolist()

    def with_gaps(case_lists, share, *which):
        lists = [list(column) for column in case_lists]
        for index in which:
            lists[index] = [None if rng.random() < share else v for v in lists[index]]
        return lists

    few = [0, 1, 1, 0, 1], [0.2, 0.2, 0.9, 0.4, 0.4], [0, 0, 1, 0, 0]
    return [
        binary("calibrated", *sample(1500, 1)),
        binary("rare positives", *sample(2000, 1.5, -3.5)),
        binary("frequent positives", *sample(800, 1, 3)),
        binary("threshold 0.8", *sample(1000, 2, 0, 0.8)),
        binary("many ties", *(lambda t: (t[0], [round(s, 1) for s in t[1]], t[2]))(sample(700, 1))),
        binary("all scores equal", [0, 1] * 20, [0.5] * 40, [1] * 40),
        binary("some unlabelled", *with_gaps(sample(900, 1), 0.4, 0)),
        binary("some without class", *with_gaps(sample(600, 1), 0.3, 2)),
        binary("some without score", *with_gaps(sample(600, 1), 0.3, 1)),
        binary("all three", *with_gaps(sample(900, 1), 0.2, 0, 1, 2)),
        binary("scores 0 and 1", [1, 0, 1, 0, 1, 1], [1, 0, 0, 1, 1, 0.5], [1, 0, 0, 1, 1, 1]),
        binary("perfect", [0] * 30 + [1] * 20, [0.1] * 30 + [0.9] * 20, [0] * 30 + [1] * 20),
        binary("all wrong", [1] * 30 + [0] * 20, [0.1] * 30 + [0.9] * 20, [0] * 30 + [1] * 20),
        binary("five", *few),
        binary("one positive", [1], [0.7], [1]),
        binary("one negative", [0], [0.7], [1]),
        binary("positives only", [1] * 9, [0.1 * i for i in range(9)], [0, 1, 1] * 3),
        binary("negatives only", [0] * 9, [0.1 * i for i in range(9)], [0] * 9),
        binary("never predicted", [0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0]),
        binary("no labels", [None] * 5, [0.1, 0.2, 0.3, 0.4, 0.5], [0, 0, 1, 1, 1]),
        binary("nothing", [], [], []),
        binary("no scores", [0, 1, 1], [None] * 3, [0, 0, 1]),
        binary("no classes", [0, 1, 1], [0.1, 0.2, 0.3], [None] * 3),
    ]


# Several classes -------------------------------------------------------------------------------------------------------------------


def multiclass(name, label, predicted):
    expected = {"accuracy": metrics.accuracy_score(label, predicted)}
    present = sorted(set(label) | set(predicted))
    matrix = metrics.confusion_matrix(label, predicted, labels=present)
    by_label, by_prediction = matrix.sum(1), matrix.sum(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        precision, recall, f1, support = metrics.precision_recall_fscore_support(label, predicted, labels=present)
    has_precision, has_recall = by_prediction > 0, by_label > 0
    expected["balanced_accuracy"] = expected["macro_recall"] = float(recall[has_recall].mean())
    if has_recall.sum() < 2:
        expected["balanced_accuracy"] = None
    expected["macro_precision"] = float(precision[has_precision].mean())
    expected["macro_f1"] = float(f1.mean())
    weighted = has_precision & has_recall
    expected["weighted_precision"] = float(np.average(precision[weighted], weights=support[weighted])) if weighted.any() else None
    expected["weighted_recall"] = metrics.recall_score(label, predicted, average="weighted")
    expected["weighted_f1"] = metrics.f1_score(label, predicted, average="weighted")
    expected["mcc"] = metrics.matthews_corrcoef(label, predicted) if has_recall.sum() > 1 and has_precision.sum() > 1 else None
    if has_precision.all() and has_recall.all():
        with_sklearn = metrics.precision_recall_fscore_support(label, predicted, average="macro")
        assert np.allclose(with_sklearn[:3], [expected["macro_precision"], expected["macro_recall"], expected["macro_f1"]])
        assert np.isclose(expected["weighted_precision"], metrics.precision_score(label, predicted, average="weighted"))
    return {"name": name, "label": label, "predicted": predicted, "classes": present, "matrix": matrix.tolist(), "expected": expected}


def multiclass_cases():
    def sample(n, shares, correct):
        label = rng.choice(len(shares), n, p=shares)
        return label.tolist(), np.where(rng.random(n) < correct, label, rng.choice(len(shares), n, p=shares)).tolist()

    return [
        multiclass("three classes", *sample(600, [0.5, 0.3, 0.2], 0.7)),
        multiclass("ten classes", *sample(2000, [0.1] * 10, 0.8)),
        multiclass("rare class", *sample(1500, [0.9, 0.09, 0.01], 0.9)),
        multiclass("useless", *sample(500, [0.25] * 4, 0.0)),
        multiclass("perfect", [0, 1, 2, 1], [0, 1, 2, 1]),
        multiclass("class never predicted", [0, 0, 1, 2, 2], [0, 1, 1, 0, 1]),
        multiclass("class never a label", [0, 0, 1, 1, 1], [0, 2, 1, 0, 2]),
        multiclass("one label class", [1] * 6, [0, 1, 2, 1, 1, 0]),
        multiclass("one predicted class", [0, 1, 2, 1, 1, 0], [1] * 6),
        multiclass("one record", [3], [3]),
    ]


# Regression ------------------------------------------------------------------------------------------------------------------------


def regression(name, label, predicted):
    y, p = np.asarray(label, float), np.asarray(predicted, float)
    expected = {
        "mae": metrics.mean_absolute_error(y, p),
        "rmse": math.sqrt(metrics.mean_squared_error(y, p)),
        "bias": float((p - y).mean()),
        "wape": float(np.abs(p - y).sum() / np.abs(y).sum()) if np.abs(y).sum() else None,
        "r2": metrics.r2_score(y, p) if len(y) > 1 and y.min() != y.max() else None,
    }
    return {"name": name, "label": y.tolist(), "predicted": p.tolist(), "expected": expected}


def regression_cases():
    def sample(n, centre, spread, error):
        y = np.round(rng.normal(centre, spread, n), 6)
        return y, np.round(y + rng.normal(0, error, n), 6)

    skewed = np.round(rng.lognormal(12, 1, 600), 2)
    return [
        regression("normal", *sample(800, 5, 2, 1)),
        regression("far from zero", *sample(500, 1e9, 1, 0.5)),
        regression("skewed", skewed, np.round(skewed * rng.lognormal(0.05, 0.3, 600), 2)),
        regression("worse than the mean", *sample(300, 0, 1, 3)),
        regression("biased", *(lambda t: (t[0], t[1] + 1.5))(sample(300, 0, 1, 0.1))),
        regression("perfect", [1, 2, 3.5], [1, 2, 3.5]),
        regression("one record", [2.0], [3.0]),
        regression("equal labels", [2.0] * 5, [1, 2, 3, 4, 5]),
        regression("zero labels", [0.0] * 4, [1, -1, 0, 2]),
    ]


# Isotonic regression -------------------------------------------------------------------------------------------------------------------


def isotonic(name, positives, counts):
    positives, counts = np.asarray(positives, float), np.asarray(counts, float)
    fit = IsotonicRegression().fit(np.arange(len(counts)), positives / counts, sample_weight=counts)
    return {"name": name, "positives": positives.tolist(), "counts": counts.tolist(), "rates": fit.predict(np.arange(len(counts))).tolist()}


def isotonic_cases():
    counts = rng.integers(1, 60, 80)
    rising = rng.binomial(counts, np.linspace(0.02, 0.95, 80))
    flat = rng.binomial(counts, 0.3)
    falling = rng.binomial(counts, np.linspace(0.9, 0.1, 80))
    return [
        isotonic("rising", rising, counts),
        isotonic("flat", flat, counts),
        isotonic("falling", falling, counts),
        isotonic("one", [3], [7]),
        isotonic("violation at the end", [1, 2, 3, 0], [10, 10, 10, 1]),
        isotonic("ones", [1, 0, 1, 1, 0, 0, 1, 1], [1] * 8),
    ]


def main():
    sections = {
        "exact_sums": exact_sums(),
        "proportions": proportions(),
        "binary": binary_cases(),
        "multiclass": multiclass_cases(),
        "regression": regression_cases(),
        "isotonic": isotonic_cases(),
    }
    lines = []
    for name, cases in sections.items():
        body = json.dumps(cases) if isinstance(cases, dict) else "[\n" + ",\n".join(json.dumps(case) for case in cases) + "]"
        lines.append(f"{json.dumps(name)}: {body}")
    pathlib.Path(__file__).with_name("quality.json").write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
