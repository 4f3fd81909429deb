#!/usr/bin/env python3
"""Fits how far volumes of a weights file are off on the rows that phantom_intervals.py has measured, and writes it into the file's
manifest, where `dins` and `dinsd` find it.

    tests/benchmarks/interval/calibrate.py --work out/intervals --seeds 1100-1114 \\
        --weights model/weights/dins-body.safetensors --out calibrated.safetensors

Without --out it only prints. With --held-out it says how well such a fit holds: each body is held against the fit on the others; with
--first-runs N as if there had been N re-runs. Rows that were measured with other tensors than those of --weights are refused. The fit: of all rules
sd = sqrt(floor^2 + (factor * known)^2 + (edge_mm * share_per_mm)^2) round bias + edge_bias_mm * share_per_mm that hold the stated
share of the lesions, the one whose intervals are narrowest (geometric mean); `known` is what the program knows of a lesion, spread of
the re-runs and sampling together, `share_per_mm` by what share its volume grows where its outline moves out by 1 mm. Volumes are fitted on all
lesions that were found, changes on those that span --least-slices at both visits; that number goes into the manifest too, and the
program gives no interval to the change of a thinner lesion. The tensors stay as they are; the file has another digest, so it is another
one to the queue."""
import argparse
import hashlib
import json
import math
import re
import statistics
import struct
import sys
from pathlib import Path

OF_90, OF_95 = 1.6448536269514722, 1.959963984540054  # standard deviations of a normal distribution


def seeds_from(text):
    """1100-1114,1120 as a list."""
    seeds = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return list(dict.fromkeys(seeds))


def seeds_in_words(seeds):
    """The seeds of a list as seeds_from reads them: 1100-1114,1120."""
    stretches = []
    for seed in sorted(set(seeds)):
        if stretches and seed == stretches[-1][1] + 1:
            stretches[-1][1] = seed
        else:
            stretches.append([seed, seed])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in stretches)


def seeds_fitted_on(calibration):
    """The seeds that a calibration says it was fitted on: `seeds 1100-1114,1120`, or, of an earlier one, `seeds 1100 to 1114`."""
    found = re.search(r"seeds (\d[\d,-]*)(?: to (\d+))?", calibration["fitted_on"])
    if not found:
        return None
    return seeds_from(f"{found[1]}-{found[2]}" if found[2] else found[1].rstrip(","))


def parts_of(weights):
    """A weights file's header, and its tensors as they lie there."""
    data = weights.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:8 + length]), data[8 + length:]


def tensors_of(weights):
    """The digest of the tensors alone: a calibration is written into the header."""
    return hashlib.sha256(parts_of(weights)[1]).hexdigest()


def calibration_of(weights):
    return json.loads(parts_of(weights)[0]["__metadata__"]["dinsd_manifest"]).get("interval")


def rows_file(work, seed):
    """What phantom_intervals.py has left of one body."""
    return json.loads((work / f"{seed}.json").read_text())


def with_runs(row, runs):
    """The row as if there had been `runs` re-runs (SpreadOf of pipeline/interval/volume_interval.h; 1 uL for a lesion that is lost)."""
    logs = [math.log(max(ml, 1e-3)) for ml in row["volumes_ml"][:runs]]
    return {**row, "volumes_ml": row["volumes_ml"][:runs], "run_log_sd": statistics.stdev(logs)}


def lesions_of(work, seeds):
    """The rows of all lesions that the network found and the truth holds, each with what the program knows of it."""
    rows = []
    for seed in seeds:
        rows += rows_file(work, seed)["lesions"]
    return [row for row in rows if row["measured_ml"] > 0 and row["true_ml"] > 0]


def known(row):
    return math.hypot(row["run_log_sd"], row["sampling_log_sd"])


def share_per_mm(row):
    """3 / radius of a ball of the measured volume (SharePerMm of model/interval_calibration.h)."""
    return 3 / (3000 * row["measured_ml"] / (4 * math.pi)) ** (1 / 3)


def pairs_of(rows):
    """The same lesion at two visits, as (before, after)."""
    at = {(row["seed"], row["visit"], row["lesion"]): row for row in rows}
    return [(at[seed, visit - 1, lesion], row) for (seed, visit, lesion), row in at.items()
            if (seed, visit - 1, lesion) in at]


def line(errors, shares, reaches):
    """(bias, edge_bias_mm) of the least-squares line of errors over shares, weighted by how far they reach."""
    weights = [1 / r ** 2 for r in reaches]
    total = sum(weights)
    ms, me = (sum(w * v for w, v in zip(weights, values)) / total for values in (shares, errors))
    spread = sum(w * (x - ms) ** 2 for w, x in zip(weights, shares))
    edge = sum(w * (x - ms) * (y - me) for w, x, y in zip(weights, shares, errors)) / spread if spread > 0 else 0
    return me - edge * ms, edge


def quantile(values, share):
    """The value that `share` of the next ones stay below, on the safe side: rank ceil((n + 1) * share)."""
    ranked = sorted(values)
    return ranked[min(len(ranked), math.ceil((len(ranked) + 1) * share)) - 1]


def narrowest(errors, reaches, share, of_share, shares=None):
    """(bias, edge bias, rule) for log `errors` and, for ratios floor / factor and edge / factor, the `reaches` of the lesions; round a
    line over `shares`, where they are given."""
    steps = [0] + [0.02 * 1.25 ** n for n in range(26)]  # up to 5.3
    best = None
    for floor, edge in ((floor, edge) for floor in steps for edge in steps):
        reach = reaches(floor, edge)
        if min(reach) <= 0:
            continue
        bias, edge_bias = line(errors, shares, reach) if shares else (0, 0)
        middles = [bias + edge_bias * x for x in shares] if shares else [0] * len(errors)
        factor = quantile([abs(e - m) / r for e, m, r in zip(errors, middles, reach)], share) / of_share
        width = sum(math.log(factor * r) for r in reach)
        if best is None or width < best[0]:
            best = (width, bias, edge_bias, {"factor": factor, "floor": floor * factor, "edge_mm": edge * factor})
    return best[1:]


def reach(row, floor, edge):
    return math.hypot(floor, known(row), edge * share_per_mm(row))


def fit(rows, least_slices):
    """The calibration, but for how the runs were made."""
    errors = [math.log(row["true_ml"] / row["measured_ml"]) for row in rows]
    bias, edge_bias, volume = narrowest(errors, lambda floor, edge: [reach(r, floor, edge) for r in rows], 0.9, OF_90,
                                        [share_per_mm(row) for row in rows])
    # What is below measurable gets no class, so that its changes need not be held.
    pairs = [(a, b) for a, b in pairs_of(rows) if a["slices"] >= least_slices and b["slices"] >= least_slices]
    if len(pairs) < 19:
        sys.exit(f"{len(pairs)} measurable lesions at two visits are too few for a share of 95 %")
    changes = [math.log(b["measured_ml"] / a["measured_ml"]) - math.log(b["true_ml"] / a["true_ml"]) for a, b in pairs]
    _, _, change = narrowest(changes, lambda floor, edge: [math.hypot(reach(a, floor, edge), reach(b, floor, edge)) for a, b in pairs],
                             0.95, OF_95)
    return {"volume_bias": bias, "edge_bias_mm": edge_bias, "volume": volume, "change": change}, len(rows), len(pairs)


def held_out(rows, least_slices):
    """Prints what share of each body's lesions lies in the intervals of the fit on the others."""
    inside, widths, large = 0, [], []
    for seed in sorted({row["seed"] for row in rows}):
        calibration, _, _ = fit([row for row in rows if row["seed"] != seed], least_slices)
        for row in (row for row in rows if row["seed"] == seed):
            low, high = interval_ml(calibration, row)
            inside += low <= row["true_ml"] <= high
            widths.append(high / low)
            if row["measured_ml"] >= 10:
                large.append(high / low)
    print(f"each body held against the fit on the others: {inside} of {len(rows)} lesions ({100 * inside / len(rows):.0f} %) in their 90 % "
          f"interval; factor between its bounds, middle one: {statistics.median(widths):.2f}, of lesions measured as 10 mL and more "
          f"{statistics.median(large):.2f}")


def log_sd(rule, row):
    return math.hypot(rule["floor"], rule["factor"] * known(row), rule["edge_mm"] * share_per_mm(row))


def interval_ml(calibration, row):
    """The 90 % interval of a row's volume, as the program makes it."""
    mid, far = calibration["volume_bias"] + calibration["edge_bias_mm"] * share_per_mm(row), OF_90 * log_sd(calibration["volume"], row)
    return row["measured_ml"] * math.exp(mid - far), row["measured_ml"] * math.exp(mid + far)


def interval_of_change(calibration, before, after):
    """The 95 % interval of the logarithm of a change."""
    change = math.log(after["measured_ml"] / before["measured_ml"])
    far = OF_95 * math.hypot(log_sd(calibration["change"], before), log_sd(calibration["change"], after))
    return change - far, change + far


def write_header(out, header, tensors):
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    out.write_bytes(struct.pack("<Q", len(text)) + text + tensors)


def write(weights, out, calibration):
    header, tensors = parts_of(weights)
    manifest = json.loads(header["__metadata__"]["dinsd_manifest"])
    manifest["interval"] = calibration
    header["__metadata__"]["dinsd_manifest"] = json.dumps(manifest, separators=(",", ":"))
    write_header(out, header, tensors)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="where phantom_intervals.py left its rows")
    parser.add_argument("--seeds", type=seeds_from, required=True)
    parser.add_argument("--least-slices", type=int, default=3)
    parser.add_argument("--slice-mm", type=float, help="slice spacing of the studies; with --out")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--first-runs", type=int, help="3 or more; with --held-out")
    parser.add_argument("--held-out", action="store_true", help="print how well fits hold instead")
    arguments = parser.parse_args()
    if arguments.out and not arguments.weights:
        parser.error("--out needs --weights: the file that is to be calibrated")
    if arguments.out and not arguments.slice_mm:
        parser.error("--out needs --slice-mm: the calibration holds for slices about as far apart")
    made = dict(rows_file(arguments.work, arguments.seeds[0])["made"])
    for seed in arguments.seeds:
        if rows_file(arguments.work, seed)["made"] != made:
            sys.exit(f"{seed}.json was not made as the others were")
    if arguments.weights and tensors_of(arguments.weights) != made["weights_sha256"]:
        sys.exit(f"{arguments.weights}: the rows were measured with other weights (SHA-256 of the tensors "
                 f"{made['weights_sha256']}, these have {tensors_of(arguments.weights)})")
    if arguments.held_out:
        rows = lesions_of(arguments.work, arguments.seeds)
        held_out([with_runs(row, arguments.first_runs) for row in rows] if arguments.first_runs else rows, arguments.least_slices)
        return
    calibration, lesions, pairs = fit(lesions_of(arguments.work, arguments.seeds), arguments.least_slices)
    calibration["least_slices"] = arguments.least_slices
    calibration["slice_mm"] = arguments.slice_mm or 0
    calibration["runs"] = made.pop("runs")
    made.pop("seed")
    preset, weights = made.pop("preset"), made.pop("weights_sha256")
    calibration["variation"] = made
    calibration["fitted_on"] = (f"{lesions} lesions of synthetic {preset} studies of {len(arguments.seeds)} bodies, seeds "
                                f"{seeds_in_words(arguments.seeds)}; changes on {pairs} lesions that span {arguments.least_slices} "
                                "slices or more at both of two visits")
    print(json.dumps(calibration, indent=1))
    if arguments.out:
        write(arguments.weights, arguments.out, calibration)
        print(f"{arguments.out} (the rows were measured with weights {weights})")


if __name__ == "__main__":
    main()
