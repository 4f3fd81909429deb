#!/usr/bin/env python3
"""Two visits of each of some phantom patients go through a running daemon: the first with its clicks, the second without. What it
measured is held against the truth of the phantoms: which lesions were followed to the right place, and the change of their volumes.

    tests/benchmarks/follow_up/phantom_patients.py --bin build/release/bin --weights model/weights/dins-body.safetensors \\
        --patients 20 --work out/follow_up

What is done is not repeated: each patient leaves SEED.json in --work.

    ... --guard-off 4    # then, for the first four patients, what a click loop against the prior's outline would have measured

That is what the program never does: the simulated person of the published test loop takes the prior's mask, brought over to today's
image, for the truth, clicks where the network differs from it, negative clicks too, and stops at a Dice of 0.85 or after 20 clicks."""
import argparse
import array
import gzip
import json
import math
import shutil
import statistics
import struct
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path


def labels_of(path):
    """The voxels of a NIfTI mask of 8 or 16 bits, in the file's order."""
    data = gzip.decompress(path.read_bytes())
    kind = struct.unpack_from("<h", data, 70)[0]
    begin = int(struct.unpack_from("<f", data, 108)[0])
    return array.array({2: "B", 4: "h", 512: "H"}[kind], data[begin:])


def overlaps(mask, truth):
    """How many voxels each pair of labels shares, as {(label, label of the truth): voxels}."""
    return Counter((a, b) for a, b in zip(labels_of(mask), labels_of(truth)) if a)


class Daemon:
    def __init__(self, arguments):
        self.folder = arguments.work / "daemon"
        for name in ("incoming", "results", "state"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "dinsd.toml").write_text(
            '[daemon]\nstate_dir = "state"\nresults_dir = "results"\nsocket = "control.sock"\nleast_free_mib = 0\n'
            '[[watch]]\nname = "incoming"\npath = "incoming"\nready = "rename-in"\nrescan_seconds = 2\n'
            f'[[model]]\nweights = "{arguments.weights.resolve()}"\n'
            f'[interval]\nruns = {arguments.interval_runs}\n[worker]\ndevices = ["cpu"]\nthreads = {arguments.threads}\nstudy_limit_seconds = 7200\n')
        self.log = open(self.folder / "log", "a")
        self.process = subprocess.Popen([arguments.bin / "dinsd", "--config", self.folder / "dinsd.toml"], stderr=self.log)

    def drop(self, study, name, without_clicks):
        if (self.folder / "incoming" / name).exists():
            return
        part = self.folder / (name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(study, part)
        if without_clicks:
            (part / "image.nii.gz.prompts.json").unlink()
        part.rename(self.folder / "incoming" / name)

    def result(self, name):
        return self.result_in(self.folder, name)

    @staticmethod
    def result_in(folder, name):
        """The folder of a study's result; nothing where there is none yet."""
        index = folder / "results" / "index.csv"
        for line in index.read_text().splitlines()[1:] if index.exists() else []:
            job, revision = line.split(",")[:2]
            if f",{name}," in line:
                return folder / "results" / job / f"r{revision}"
        return None


def measure(seed, first, second, patient):
    """Each lesion that is there at both visits, and what else was found."""
    truths = [json.loads((patient / visit / "truth/truth.json").read_text()) for visit in ("t1", "t2")]
    report = json.loads((second / "report.json").read_text())
    shared = overlaps(second / "mask.nii.gz", patient / "t2/truth/truth.nii.gz")
    labels = {lesion["tracking_id"]: lesion["label"] for lesion in report["lesions"]}
    before = {lesion["id"]: lesion for lesion in truths[0]["lesions"]}
    now = {lesion["id"]: lesion for lesion in truths[1]["lesions"]}
    rows = []
    for row in report["follow_up"]["lesions"]:
        name = row["tracking_id"]
        label = labels.get(name)
        of = {b: n for (a, b), n in shared.items() if a == label}
        best = max((b for b in of if b), key=lambda b: of[b], default=0)
        rows.append({"seed": seed, "lesion": name, "is_there": name in now,
                     "followed": label is not None and sum(of.values()) > 0,
                     "right_place": name in now and best == now[name]["label"],
                     "true_before_ml": before[name]["voxelMl"], "true_now_ml": now[name]["voxelMl"] if name in now else 0,
                     "change_factor": now[name]["changeFactor"] if name in now else 0,
                     "before_ml": row["prior_ml"], "now_ml": row["volume_ml"], "prior_slices": row["prior_slices"],
                     "class": row["class"], "flags": row["flags"]})
    return {"seed": seed, "registration": report["follow_up"]["registration"], "lesions": rows,
            "new": sorted(set(now) - set(before))}


def run_patients(arguments):
    seeds = [s for s in range(arguments.first_seed, arguments.first_seed + arguments.patients)
             if not (arguments.work / f"{s}.json").exists()]
    if not seeds:
        return
    daemon = Daemon(arguments)
    try:
        for seed in seeds:
            patient = arguments.work / "phantoms" / str(seed)
            if not patient.exists():
                subprocess.run([arguments.bin / "dins", "phantom", "--preset", arguments.preset, "--seed", str(seed),
                                "--timepoints", "2", "--wide-changes", "--out", patient], check=True,
                               stdout=subprocess.DEVNULL)
            daemon.drop(patient / "t1/study", f"{seed}-t1", False)
            daemon.drop(patient / "t2/study", f"{seed}-t2", True)
        begin, done = time.monotonic(), 0
        while seeds:
            for seed in list(seeds):
                first, second = daemon.result(f"{seed}-t1"), daemon.result(f"{seed}-t2")
                if first is None or second is None:
                    continue
                patient = arguments.work / "phantoms" / str(seed)
                (arguments.work / f"{seed}.json").write_text(json.dumps(measure(seed, first, second, patient)))
                seeds.remove(seed)
                done += 1
                left = (time.monotonic() - begin) / done * len(seeds)
                print(f"patient {seed} done, {len(seeds)} to go, about {left / 60:.0f} min", flush=True)
            time.sleep(1)
            if daemon.process.poll() is not None:
                sys.exit("the daemon has ended: " + str(daemon.folder / "log"))
    finally:
        daemon.process.terminate()
        daemon.process.wait()


def guard_off(arguments, seed):
    """Volumes of a patient's lesions, as (true before, true now, ours, by the loop against the prior's outline), mL. The loop's
    mask has no lesions, so of both masks what lies in the lesion's outline before or now is counted."""
    kept = arguments.work / f"{seed}-guard-off.json"
    if kept.exists():
        return json.loads(kept.read_text())
    patient = arguments.work / "phantoms" / str(seed)
    second = Daemon.result_in(arguments.work / "daemon", f"{seed}-t2")
    loop = arguments.work / f"{seed}-guard-off.nii.gz"
    subprocess.run([arguments.bin / "dins", "simulate", patient / "t2/study/image.nii.gz", "--truth", second / "prior_mask.nii.gz",
                    "--weights", arguments.weights, "--clicks", "20", "--threads", str(arguments.threads or 2), "--mask", loop],
                   check=True, stdout=subprocess.DEVNULL)
    truths = [{lesion["id"]: lesion for lesion in json.loads((patient / visit / "truth/truth.json").read_text())["lesions"]}
              for visit in ("t1", "t2")]
    prior_labels = {row["tracking_id"]: row["prior_label"]
                    for row in json.loads((second / "report.json").read_text())["follow_up"]["lesions"]}
    masks = zip(labels_of(second / "prior_mask.nii.gz"), labels_of(patient / "t2/truth/truth.nii.gz"),
                labels_of(second / "mask.nii.gz"), labels_of(loop))
    voxels = Counter((prior, now, ours != 0, theirs != 0) for prior, now, ours, theirs in masks if prior or now)
    rows = []
    for name, lesion in truths[1].items():
        if name not in prior_labels or name not in truths[0]:
            continue
        inside = {key: n for key, n in voxels.items() if prior_labels[name] == key[0] or lesion["label"] == key[1]}
        counts = [sum(n for key, n in inside.items() if key[k]) for k in (2, 3)]
        true_voxels = sum(n for key, n in inside.items() if key[1] == lesion["label"])
        ml = lesion["voxelMl"] / true_voxels if true_voxels else 0
        rows.append([truths[0][name]["voxelMl"], lesion["voxelMl"], counts[0] * ml, counts[1] * ml])
    kept.write_text(json.dumps(rows))
    return rows


def print_guard_off(arguments):
    rows = []
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.guard_off):
        rows += guard_off(arguments, seed)
        print(f"guard off: patient {seed} done", flush=True)
    # Against the true volume before: the first visit is the same for both.
    rows = [row for row in rows if row[0] >= 1 and row[2] > 0 and row[3] > 0]
    for name, k in (("as the program does it", 2), ("loop against the prior's outline", 3)):
        pairs = [(math.log(row[1] / row[0]), math.log(row[k] / row[0])) for row in rows]
        print(f"{name}: slope {slope(pairs):.2f} over {len(pairs)} lesions of 1 mL or more")


def share(part, whole, decimals=0):
    return f"{part} of {whole}" + (f" ({100 * part / whole:.{decimals}f} %)" if whole else "")


def slope(pairs):
    """Of the least-squares line of measured on true log change."""
    n = len(pairs)
    if n < 3:
        return float("nan")
    mx, my = sum(x for x, _ in pairs) / n, sum(y for _, y in pairs) / n
    return sum((x - mx) * (y - my) for x, y in pairs) / sum((x - mx) ** 2 for x, _ in pairs)


def percent(log_change):
    return 100 * (math.exp(log_change) - 1)


def print_row(name, inside):
    """Of lesions as (true log change, measured one, row). Called is what the report calls increase or decrease."""
    called = [(t, 1 if row["class"] == "increase" else -1) for t, _, row in inside if row["class"] in ("increase", "decrease")]
    right = sum(1 for t, sign in called if t * sign > 0)
    same = sum(1 for t, m, _ in inside if abs(percent(m)) >= 20 and (m > 0) == (t > 0))
    small = sum(1 for _, m, _ in inside if abs(percent(m)) < 20)
    middle = " and ".join(f"{percent(statistics.median(c[k] for c in inside)):+.0f} %" for k in (1, 0)) if inside else "-"
    print(f"| {name} | {len(inside)} | {share(right, len(inside))} | {len(called) - right} | {share(same, len(inside))} | "
          f"{share(small, len(inside))} | {middle} |")


def table(arguments):
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.patients)
    patients = [json.loads((arguments.work / f"{s}.json").read_text()) for s in seeds
                if (arguments.work / f"{s}.json").exists()]
    rows = [row for patient in patients for row in patient["lesions"]]
    there = [row for row in rows if row["is_there"]]
    right = [row for row in there if row["right_place"]]
    wrong = [row for row in rows if row["followed"] and not row["right_place"]]
    missed = len(there) - len(right)
    f1 = 2 * len(right) / (2 * len(right) + len(wrong) + missed) if rows else float("nan")
    print(f"\n{len(patients)} patients ({arguments.preset}), {len(there)} lesions at both visits: {len(right)} followed to "
          f"the right place, {missed} not found, {len(wrong)} followed to a wrong one or to where none is: F1 {f1:.2f}")
    measurable = [row for row in right if row["prior_slices"] >= 3 and row["before_ml"] > 0 and row["now_ml"]]
    change = [(math.log(row["true_now_ml"] / row["true_before_ml"]), math.log(row["now_ml"] / row["before_ml"]), row)
              for row in measurable]
    print(f"slope of measured on true log change, {len(change)} measurable lesions: {slope([c[:2] for c in change]):.2f}; of true volumes before "
          + ", ".join(f"of {low} mL or more {slope([c[:2] for c in change if c[2]['true_before_ml'] >= low]):.2f}" for low in (1, 3, 10)) + "\n")
    print("| true change | lesions | called, right direction | called, wrong direction | measured by 20 % or more, right direction "
          "| within 20 % | median of measured and true change |\n|---|---|---|---|---|---|---|")
    for low, high in [(-100, -50), (-50, -30), (-30, -10), (-10, 10), (10, 30), (30, 50), (50, 10000)]:
        print_row(f"{low} to {high} %", [c for c in change if low <= percent(c[0]) < high])
    for low, high in [(0, 1), (1, 3), (3, 10), (10, 10000)]:
        print_row(f"{low} to {high} mL before, true change over 50 %",
                  [c for c in change if low <= c[2]["true_before_ml"] < high and abs(percent(c[0])) > 50])
    large = [c for c in change if abs(percent(c[0])) > 50]
    right_call = sum(row["class"] == ("increase" if t > 0 else "decrease") for t, _, row in large)
    same = [row for _, _, row in change if row["change_factor"] == 1]
    quiet = sum(row["class"] not in ("increase", "decrease") for row in same)
    print(f"\ntrue change over 50 %: {share(right_call, len(large), 1)} called in the right direction (80 % wanted); made without a change: "
          f"{share(quiet, len(same), 1)} not called (95 % wanted)\n")
    for patient in patients:
        registration = patient["registration"]
        print(f"seed {patient['seed']}: correlation {registration['correlation_before']:.2f} to "
              f"{registration['correlation_after']:.2f}, {registration['seconds']:.0f} s, flags {registration['flags']}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--patients", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=901)
    parser.add_argument("--preset", default="wbmri-b")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--guard-off", type=int, default=0)
    parser.add_argument("--interval-runs", type=int, default=4, help="0: no volume has an interval, and no change a class")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    run_patients(arguments)
    table(arguments)
    if arguments.guard_off:
        print_guard_off(arguments)


if __name__ == "__main__":
    main()
