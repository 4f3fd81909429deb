#!/usr/bin/env python3
"""How far the volumes of some weights are off on phantom bodies, by size, and whether a change is measured as large as it is: two
visits of each body are segmented from their clicks, without re-runs.

    tests/benchmarks/interval/phantom_volumes.py --bin build/release/bin --weights model/weights/dins-body.safetensors \\
        --seeds 1040-1043 --work out/volumes        # resumes

--manifest '{"click_reach_mm": 5}' tries other settings of the weights' manifest; take another --work for each."""
import argparse
import json
import math
import shutil
import statistics
import subprocess
from pathlib import Path

from calibrate import pairs_of, parts_of, seeds_from, write_header


def dins(arguments, *words):
    subprocess.run([arguments.bin / "dins", *map(str, words)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def with_manifest(arguments):
    """The weights with the settings that are tried, and without their calibration: nothing is run again."""
    header, tensors = parts_of(arguments.weights)
    manifest = json.loads(header["__metadata__"]["dinsd_manifest"])
    manifest.pop("interval", None)
    manifest.update(json.loads(arguments.manifest))
    header["__metadata__"]["dinsd_manifest"] = json.dumps(manifest, separators=(",", ":"))
    tried = arguments.work / "tried.safetensors"
    write_header(tried, header, tensors)
    return tried


def rows_of(arguments, seed, weights):
    body = arguments.phantoms / f"{arguments.preset}-{seed}"
    if not body.exists():
        dins(arguments, "phantom", "--preset", arguments.preset, "--seed", seed, "--timepoints", 2, "--wide-changes", "--out", body)
    rows = []
    for visit in (1, 2):
        out = arguments.work / f"{seed}-t{visit}"
        if not (out / "report.json").exists():
            shutil.rmtree(out, ignore_errors=True)
            dins(arguments, "segment", body / f"t{visit}/study", "--weights", weights, "--device", "cpu", "--threads",
                 arguments.threads, "--out", out)
        true = {lesion["id"]: lesion for lesion in json.loads((body / f"t{visit}/truth/truth.json").read_text())["lesions"]}
        rows += [{"seed": seed, "visit": visit, "lesion": lesion["tracking_id"], "true_ml": true[lesion["tracking_id"]]["voxelMl"],
                  "measured_ml": lesion["volume_ml"], "slices": lesion["slices_spanned"]}
                 for lesion in json.loads((out / "report.json").read_text())["lesions"]]
    return [row for row in rows if row["measured_ml"] > 0 and row["true_ml"] > 0]


def size_table(rows):
    print("| true volume | lesions | measured / true, middle one | middle half | off by more than a factor of 2 |\n|---|---|---|---|---|")
    for low, high in [(0, 0.5), (0.5, 1), (1, 3), (3, 10), (10, 30), (30, 1e9)]:
        errors = sorted(math.log(row["measured_ml"] / row["true_ml"]) for row in rows if low <= row["true_ml"] < high)
        if len(errors) < 2:
            continue
        quarter, middle, three = (math.exp(e) for e in statistics.quantiles(errors, n=4, method="inclusive"))
        far = sum(abs(e) > math.log(2) for e in errors)
        name = f"{low:g} to {high:g} mL" if high < 1e9 else f"{low} mL and more"
        print(f"| {name} | {len(errors)} | {middle:.2f} | {quarter:.2f} to {three:.2f} | {far} |")


def changes(rows, name, is_in):
    pairs = [(math.log(b["true_ml"] / a["true_ml"]), math.log(b["measured_ml"] / a["measured_ml"]))
             for a, b in pairs_of(rows) if is_in(a, b)]
    if len(pairs) < 3:
        return
    slope = statistics.linear_regression(*zip(*pairs)).slope
    off = statistics.stdev(measured - true for true, measured in pairs)
    print(f"{name}: {len(pairs)} lesions, slope of measured on true log change {slope:.2f}, standard deviation of their difference {off:.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--phantoms", type=Path, help="where bodies are made and kept; --work/phantoms unless given")
    parser.add_argument("--seeds", type=seeds_from, default=seeds_from("1040-1043"))
    parser.add_argument("--preset", default="wbmri-b")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--manifest", default="{}")
    arguments = parser.parse_args()
    arguments.phantoms = arguments.phantoms or arguments.work / "phantoms"
    arguments.work.mkdir(parents=True, exist_ok=True)
    weights = with_manifest(arguments)
    rows = []
    for seed in arguments.seeds:
        rows += rows_of(arguments, seed, weights)
        print(f"body {seed} done", flush=True)
    size_table(rows)
    changes(rows, "three slices or more at both visits", lambda a, b: min(a["slices"], b["slices"]) >= 3)
    changes(rows, "and 1 mL or more in truth at the first", lambda a, b: min(a["slices"], b["slices"]) >= 3 and a["true_ml"] >= 1)


if __name__ == "__main__":
    main()
