#!/usr/bin/env python3
"""Two visits of each of some phantom bodies are segmented from their clicks with re-runs; the intervals of volumes and of changes are
held against the truth of the phantoms.

    tests/benchmarks/interval/phantom_intervals.py --bin build/release/bin --weights model/weights/dins-body.safetensors \\
        --seeds 1100-1129 --work out/intervals                       # segments, and leaves SEED.json in --work
    tests/benchmarks/interval/calibrate.py ...                       # fits on some of the seeds
    tests/benchmarks/interval/phantom_intervals.py ... --seeds 1115-1129 --weights calibrated.safetensors --table

--table segments nothing and prints what the calibration of --weights makes of the rows of --seeds: seeds that it was fitted on are
refused, and so are rows of other tensors or otherwise made. What is done is not repeated. The weights need not be calibrated to be
measured: --interval-runs, given by name, makes re-runs with any."""
import argparse
import json
import math
import shutil
import subprocess
import sys
import time
from pathlib import Path

from calibrate import (calibration_of, interval_ml, interval_of_change, lesions_of, pairs_of, rows_file, seeds_fitted_on,
                       seeds_from, seeds_in_words, tensors_of)


def segment(arguments, seed, visit, patient):
    """report.json of one visit."""
    out = arguments.work / f"{seed}-t{visit}"
    shutil.rmtree(out, ignore_errors=True)
    subprocess.run([arguments.bin / "dins", "segment", patient / f"t{visit}/study", "--weights", arguments.weights, "--device", "cpu",
                    "--threads", str(arguments.threads), "--interval-runs", str(arguments.runs), "--out", out],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    report = json.loads((out / "report.json").read_text())
    if report["run"]["interval"]["runs"] != arguments.runs:
        sys.exit(f"{patient}: visit {visit} was not run again: {'; '.join(report['warnings'])}")
    if not arguments.keep:
        shutil.rmtree(out)
    return report


def rows_of(seed, visit, report, truth):
    true = {lesion["id"]: lesion for lesion in truth["lesions"]}
    rows = []
    for lesion in report["lesions"]:
        of = true[lesion["tracking_id"]]
        spread = lesion["spread"] or {"run_log_sd": None, "sampling_log_sd": None, "volumes_ml": []}
        rows.append({"seed": seed, "visit": visit, "lesion": lesion["tracking_id"], "true_ml": of["voxelMl"],
                     "change_factor": of["changeFactor"], "is_new": of["isNew"], "measured_ml": lesion["volume_ml"],
                     "slices": lesion["slices_spanned"], "flags": lesion["flags"], "interval": lesion["interval"],
                     "no_interval": lesion["no_interval"], **spread})
    return rows


def made_of(arguments, report):
    """How the rows were made: rows of one fit must agree in it."""
    return {"preset": arguments.preset, "weights_sha256": tensors_of(arguments.weights), **report["run"]["interval"]}


def measure(arguments, seed):
    patient = arguments.work / "phantoms" / str(seed)
    if not patient.exists():
        subprocess.run([arguments.bin / "dins", "phantom", "--preset", arguments.preset, "--seed", str(seed), "--timepoints", "2", "--wide-changes",
                        "--out", patient], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rows, seconds, made = [], 0, None
    for visit in (1, 2):
        report = segment(arguments, seed, visit, patient)
        rows += rows_of(seed, visit, report, json.loads((patient / f"t{visit}/truth/truth.json").read_text()))
        seconds += sum(timing["seconds"] for timing in report["run"]["timings"])
        made = made_of(arguments, report)
    if not arguments.keep:
        shutil.rmtree(patient)
    (arguments.work / f"{seed}.json").write_text(json.dumps({"seed": seed, "made": made, "seconds": seconds, "lesions": rows}))


def refuse_mixture(arguments):
    """Rows that lie there already, of another preset or other weights: seeds are not measured twice, so they would be mixed."""
    tensors = tensors_of(arguments.weights)
    for seed in arguments.seeds:
        if not (arguments.work / f"{seed}.json").exists():
            continue
        made = rows_file(arguments.work, seed)["made"]
        if made["preset"] != arguments.preset or made["weights_sha256"] != tensors:
            sys.exit(f"{arguments.work / str(seed)}.json is of another preset or of other weights: take another --work")


def run(arguments):
    refuse_mixture(arguments)
    left = [seed for seed in arguments.seeds if not (arguments.work / f"{seed}.json").exists()]
    begin = time.monotonic()
    for done, seed in enumerate(left, 1):
        measure(arguments, seed)
        each = (time.monotonic() - begin) / done
        print(f"body {seed} done, {len(left) - done} to go, about {each * (len(left) - done) / 60:.0f} min", flush=True)


def share(part, whole):
    return f"{part} of {whole}" + (f" ({100 * part / whole:.0f} %)" if whole else "")


def middle_of(values):
    ranked = sorted(values)
    return ranked[len(ranked) // 2] if ranked else float("nan")


def volume_table(calibration, rows):
    print("| true volume | lesions | in their 90 % interval | below it | above it | factor between the bounds, middle one |\n"
          "|---|---|---|---|---|---|")
    bins = [(0, 1), (1, 3), (3, 10), (10, 30), (30, 1e9), (0, 1e9)]
    for low, high in bins:
        inside = [row for row in rows if low <= row["true_ml"] < high]
        bounds = [interval_ml(calibration, row) for row in inside]
        under = sum(row["true_ml"] < b[0] for row, b in zip(inside, bounds))
        over = sum(row["true_ml"] > b[1] for row, b in zip(inside, bounds))
        name = "all" if high - low > 1e8 and low == 0 else f"{low} to {high:g} mL" if high < 1e9 else f"{low} mL and more"
        print(f"| {name} | {len(inside)} | {share(len(inside) - under - over, len(inside))} | {under} | {over} | "
              f"{middle_of([b[1] / b[0] for b in bounds]):.2f} |")
    least = calibration.get("least_slices", 3)
    measurable = [row for row in rows if row["slices"] >= least]
    inside = sum(low <= row["true_ml"] <= high for row in measurable for low, high in [interval_ml(calibration, row)])
    print(f"measurable ({least} slices or more): {share(inside, len(measurable))} in their interval")


def called(calibration, before, after):
    """+1 increase, -1 decrease, 0 neither: 20 % or more, and the interval excludes 0."""
    change = after["measured_ml"] / before["measured_ml"] - 1
    low, high = interval_of_change(calibration, before, after)
    if change >= 0.2 and low > 0:
        return 1
    return -1 if change <= -0.2 and high < 0 else 0


def change_table(calibration, rows):
    least = calibration.get("least_slices", 3)
    pairs = [(a, b) for a, b in pairs_of(rows) if a["slices"] >= least and b["slices"] >= least]
    held = sum(low <= math.log(b["true_ml"] / a["true_ml"]) <= high
               for a, b in pairs for low, high in [interval_of_change(calibration, a, b)])
    print(f"\nchanges of {len(pairs)} lesions that are measurable at both visits: {share(held, len(pairs))} in their 95 % interval; "
          f"of an unchanged one its bounds are {100 * middle_of([math.expm1((i[1] - i[0]) / 2) for i in [interval_of_change(calibration, a, b) for a, b in pairs]]):.0f} % "
          "above it (the middle one)\n")
    print("| true change (made) | lesions | called increase | called decrease | 20 % or more, not called |\n|---|---|---|---|---|")
    bins = [("unchanged", lambda f: f == 1), ("decrease of 30 % or more", lambda f: f <= 0.7),
            ("decrease of less", lambda f: 0.7 < f < 1), ("increase of less than 50 %", lambda f: 1 < f < 1.5),
            ("increase of 50 % or more", lambda f: f >= 1.5)]
    for name, is_in in bins:
        inside = [(a, b) for a, b in pairs if is_in(b["change_factor"])]
        calls = [called(calibration, a, b) for a, b in inside]
        large = sum(abs(b["measured_ml"] / a["measured_ml"] - 1) >= 0.2 for a, b in inside)
        print(f"| {name} | {len(inside)} | {share(calls.count(1), len(inside))} | {share(calls.count(-1), len(inside))} | "
              f"{large - calls.count(1) - calls.count(-1)} |")


def refuse_fitted(calibration, seeds, preset):
    """What a calibration was fitted on says nothing of how well it holds."""
    fitted = seeds_fitted_on(calibration)
    if fitted is None:
        sys.exit(f"the calibration does not say which seeds it was fitted on: {calibration['fitted_on']}")
    both = sorted(set(fitted) & set(seeds))
    if both and f" {preset} " in calibration["fitted_on"]:
        sys.exit(f"the calibration was fitted on seeds {seeds_in_words(both)} of {preset}: take others")


def refuse_others(arguments, calibration, seeds):
    """Rows that the calibration does not hold for."""
    wanted = {"preset": arguments.preset, "weights_sha256": tensors_of(arguments.weights), **calibration["variation"]}
    for seed in seeds:
        made = rows_file(arguments.work, seed)["made"]
        other = [key for key, value in wanted.items() if made[key] != value]
        if made["runs"] < calibration["runs"]:
            other.append("runs")
        if other:
            sys.exit(f"{seed}.json was measured with other {', '.join(other)} than the calibration holds for")


def table(arguments):
    seeds = [seed for seed in arguments.seeds if (arguments.work / f"{seed}.json").exists()]
    calibration = calibration_of(arguments.weights)
    if calibration is None:
        sys.exit(f"{arguments.weights} is not calibrated: no table")
    if not seeds:
        sys.exit(f"{arguments.work} has rows of none of these seeds")
    refuse_fitted(calibration, seeds, arguments.preset)
    refuse_others(arguments, calibration, seeds)
    rows = lesions_of(arguments.work, seeds)
    every = sum(len(rows_file(arguments.work, seed)["lesions"]) for seed in seeds)
    print(f"{len(seeds)} bodies ({arguments.preset}), seeds {seeds_in_words(seeds)}, two visits each, {every} lesions, "
          f"{every - len(rows)} of them not found; calibrated on {calibration['fitted_on']}\n")
    volume_table(calibration, rows)
    change_table(calibration, rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", type=seeds_from, default=seeds_from("1100-1129"))
    parser.add_argument("--preset", default="wbmri-b")
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--keep", action="store_true", help="phantoms and results (15 MB and more each)")
    parser.add_argument("--table", action="store_true", help="only the tables")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    if not arguments.table:
        run(arguments)
    if calibration_of(arguments.weights) or arguments.table:
        table(arguments)


if __name__ == "__main__":
    main()
