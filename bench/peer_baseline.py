"""One library makes what it has for a baseline of a CSV file: peer_baseline.py LIBRARY FILE OUT; prints a line of JSON.

`seconds` and `cpu` are of the work alone, from the file to the result in OUT, after the library was imported.
`peer_baseline.py agree FILE REPORT` compares our baseline, as `baseline build --json` prints it, with Polars' exact counts of the same file.
"""
import json
import os
import pathlib
import pickle
import sys
import time
import warnings

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"  # read when nannyml is imported
QUANTILES = [k / 240 for k in range(241)]
# Rank error of the sketch, of which baselines/build/value_spread.h says 0.07 % at 99 %; doubled, since there are hundreds of ranks.
RANK_ERROR = 2 * 2.296 / 4096**0.9723


def polars_exact(file, out):
    import polars

    yield
    frame = polars.read_csv(file)
    numbers = [name for name, kind in frame.schema.items() if kind.is_numeric()]
    ranks = polars.Series(QUANTILES)
    sorted_ = [polars.col(n).drop_nulls().sort().gather((polars.lit(ranks) * (polars.col(n).count() - 1)).cast(polars.UInt32)).alias(n)
               for n in numbers]
    quantiles = frame.select(sorted_)
    counts = {n: frame[n].value_counts() for n in frame.columns if n not in numbers}
    pickle.dump((quantiles.to_dict(as_series=False), {n: c.to_dict(as_series=False) for n, c in counts.items()}), open(out, "wb"))


def duckdb_summarize(file, out):
    import duckdb

    yield
    rows = duckdb.sql(f"SUMMARIZE SELECT * FROM read_csv('{file}')").fetchall()
    pickle.dump(rows, open(out, "wb"))


def pandas_quantiles(file, out):
    import pandas

    yield
    frame = pandas.read_csv(file)
    numbers = frame.select_dtypes("number")
    counts = {n: frame[n].value_counts() for n in frame.columns if n not in numbers}
    pickle.dump((numbers.quantile(QUANTILES), counts), open(out, "wb"))


def whylogs_profile(file, out):
    import pandas
    import whylogs

    yield
    whylogs.log(pandas.read_csv(file)).view().write(out)


def nannyml_fit(file, out):
    import nannyml
    import pandas

    yield
    frame = pandas.read_csv(file)
    calculator = nannyml.UnivariateDriftCalculator(column_names=list(frame.columns), chunk_size=100_000)
    calculator.fit(frame)
    pickle.dump(calculator, open(out, "wb"))


def agree(file, report):
    import polars

    frame = polars.read_csv(file)
    baseline = json.loads(pathlib.Path(report).read_text())
    check("rows", baseline["rows"], len(frame))
    worst, quantiles, categories = 0.0, 0, 0
    for column in [*baseline["features"], baseline["label"]]:
        values = frame[column["name"]].drop_nulls()
        check("missing of " + column["name"], column["missing"], len(frame) - len(values))
        if column["type"] != "numeric":
            counts = dict(values.value_counts().iter_rows())
            for top in column["top"]:
                check(f"count of {column['name']} {top['name']}", top["count"], counts[top["name"]])
                categories += 1
            continue
        check("range of " + column["name"], (column["min"], column["max"]), (values.min(), values.max()))
        if abs(column["mean"] - values.mean()) > 1e-9 * max(1, abs(values.mean())):
            raise AssertionError(f"mean of {column['name']}: {column['mean']}, Polars has {values.mean()}")
        cuts = column["histogram"]["cuts"]
        bounds = [None, *cuts, None]
        for low, high, count in zip(bounds, bounds[1:], column["histogram"]["counts"]):
            inside = values if low is None else values.filter(values > low)
            check(f"values of {column['name']} in ({low}, {high}]", count, len(inside if high is None else inside.filter(inside <= high)))
        for share, value in column["quantiles"].items():
            below, upto = (values < value).sum() / len(values), (values <= value).sum() / len(values)
            worst = max(worst, below - float(share), float(share) - upto)
            quantiles += 1
    if worst > RANK_ERROR:
        raise AssertionError(f"a quantile is off by {worst:.5f} of the ranks, more than {RANK_ERROR:.5f}")
    print(json.dumps({"quantiles": quantiles, "largest_rank_error": worst, "categories": categories}))


def check(what, found, expected):
    if found != expected:
        raise AssertionError(f"{what}: {found}, Polars counts {expected}")


def main():
    library, file, out = sys.argv[1:]
    warnings.simplefilter("ignore")
    if library == "agree":
        return agree(file, out)
    work = {"polars": polars_exact, "duckdb": duckdb_summarize, "pandas": pandas_quantiles, "whylogs": whylogs_profile, "nannyml": nannyml_fit}[library](file, out)
    next(work)  # imports
    began, cpu = time.monotonic(), time.process_time()
    for _ in work:
        pass
    print(json.dumps({"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu, "result_bytes": pathlib.Path(out).stat().st_size}))


main()
