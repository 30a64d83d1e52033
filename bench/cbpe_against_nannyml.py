#!/usr/bin/env python3
"""Compares our estimate of quality without labels with NannyML's CBPE, chunk by chunk, and both with the labels.

    cbpe_against_nannyml.py <build>/estimate_chunks <folder with reference.csv, analysis.csv, analysis_labels.csv>

Needs nannyml (0.13.1 was used) in the Python that runs it. Columns: y_pred_proba, y_pred, clf_target; chunks of 500 records.
Prints a table and exits with 1 if one of our figures is further than 0.0005 from NannyML's. Chunks without positive predictions have
no precision with us and a precision of 0 with NannyML; they are left out.
"""
import math
import os
import pathlib
import subprocess
import sys

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"  # read when nannyml is imported

import nannyml
import pandas
from sklearn import metrics as sk

CHUNK = 500
NAMES = {"accuracy": "accuracy", "precision": "precision", "recall": "recall", "f1": "f1", "roc_auc": "auc"}
LIMIT = 0.0005


def ours(program, reference, analysis):
    lines = [f"reference {r.y_pred_proba!r} {r.y_pred} {r.clf_target}" for r in reference.itertuples()]
    lines += [f"{i // CHUNK} {r.y_pred_proba!r} {r.y_pred}" for i, r in enumerate(analysis.itertuples())]
    done = subprocess.run([program], input="\n".join(lines) + "\n", text=True, capture_output=True, check=True)
    print(done.stderr.strip())
    rows = (line.split() for line in done.stdout.splitlines())
    return {(int(chunk), name): tuple(map(float, figures)) for chunk, name, *figures in rows}


def theirs(reference, analysis):
    estimator = nannyml.CBPE(
        problem_type="classification_binary", y_pred_proba="y_pred_proba", y_pred="y_pred", y_true="clf_target",
        metrics=list(NAMES), chunk_size=CHUNK)
    estimator.fit(reference)
    print("NannyML calibrates:", estimator.needs_calibration)
    frame = estimator.estimate(analysis).filter(period="analysis").to_df()
    return {(i, ours_name): float(row[name]["value"])
            for i, (_, row) in enumerate(frame.iterrows()) for name, ours_name in NAMES.items()}


def realised(analysis, labels):
    joined = analysis.merge(labels, on="id")
    assert len(joined) == len(analysis)
    figures = {}
    for i in range(0, len(joined), CHUNK):
        part = joined.iloc[i:i + CHUNK]
        y, p, s = part.clf_target, part.y_pred, part.y_pred_proba
        figures |= {(i // CHUNK, "accuracy"): sk.accuracy_score(y, p), (i // CHUNK, "precision"): sk.precision_score(y, p, zero_division=0),
                    (i // CHUNK, "recall"): sk.recall_score(y, p), (i // CHUNK, "f1"): sk.f1_score(y, p), (i // CHUNK, "auc"): sk.roc_auc_score(y, s)}
    return figures


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    reference, analysis, labels = (pandas.read_csv(folder / name) for name in ("reference.csv", "analysis.csv", "analysis_labels.csv"))
    mine, nanny, truth = ours(program, reference, analysis), theirs(reference, analysis), realised(analysis, labels)
    worst = 0.0
    for name in NAMES.values():
        print(f"\n{name}: chunk, ours (interval), NannyML, difference, realised")
        rows = [(key[0], mine[key], nanny[key], truth[key]) for key in sorted(nanny)
                if key[1] == name and not math.isnan(mine[key][0])]
        for chunk, (value, low, high), other, real in rows:
            print(f"{chunk:4d}  {value:.4f} ({low:.4f}..{high:.4f})  {other:.4f}  {value - other:+.4f}  {real:.4f}")
        differences = [abs(value - other) for _, (value, _, _), other, _ in rows]
        print(f"{len(rows)} chunks, largest difference {max(differences):.1e}; mean distance to realised: ours "
              f"{sum(abs(v[0] - real) for _, v, _, real in rows) / len(rows):.4f}, "
              f"NannyML {sum(abs(other - real) for _, _, other, real in rows) / len(rows):.4f}; "
              f"realised within our interval {sum(v[1] <= real <= v[2] for _, v, _, real in rows)} of {len(rows)}")
        worst = max(worst, *differences)
    return 1 if worst > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
