#!/usr/bin/env python3
"""Two visits of each of some phantom patients go through a running daemon: the first with its clicks, the second without. What it
measured is held against the truth of the phantoms: which lesions were followed to the right place, and the change of their volumes.

    tests/benchmarks/follow_up/phantom_patients.py --bin build/release/bin --weights model/weights/dins-w12.safetensors \\
        --patients 20 --work out/follow_up

What is done is not repeated: each patient leaves SEED.json in --work."""
import argparse
import array
import gzip
import json
import math
import shutil
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
            f'[worker]\ndevices = ["cpu"]\nthreads = {arguments.threads}\nstudy_limit_seconds = 7200\n')
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
        """The folder of a study's result, or why there will be none."""
        index = self.folder / "results" / "index.csv"
        for line in index.read_text().splitlines()[1:] if index.exists() else []:
            job, revision = line.split(",")[:2]
            if f",{name}," in line:
                return self.folder / "results" / job / f"r{revision}"
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
                                "--timepoints", "2", "--out", patient], check=True, stdout=subprocess.DEVNULL)
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


def share(part, whole):
    return f"{part} of {whole}" + (f" ({100 * part / whole:.0f} %)" if whole else "")


def slope(pairs):
    """Of the least-squares line of measured on true log change."""
    n = len(pairs)
    if n < 3:
        return float("nan")
    mx, my = sum(x for x, _ in pairs) / n, sum(y for _, y in pairs) / n
    return sum((x - mx) * (y - my) for x, y in pairs) / sum((x - mx) ** 2 for x, _ in pairs)


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
    print(f"slope of measured on true log change, {len(change)} measurable lesions: {slope([c[:2] for c in change]):.2f}\n")
    print("| true change | lesions | measured change of 20 % or more, same direction | within 20 % | opposite |\n|---|---|---|---|---|")
    bounds = [(-100, -50), (-50, -20), (-20, 20), (20, 50), (50, 10000)]
    for low, high in bounds:
        inside = [(t, m) for t, m, _ in change if low <= 100 * (math.exp(t) - 1) < high]
        same = sum(1 for t, m in inside if abs(math.exp(m) - 1) >= 0.2 and (m > 0) == (t > 0))
        small = sum(1 for _, m in inside if abs(math.exp(m) - 1) < 0.2)
        print(f"| {low} to {high} % | {len(inside)} | {share(same, len(inside))} | {share(small, len(inside))} | "
              f"{len(inside) - same - small} |")
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
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    run_patients(arguments)
    table(arguments)


if __name__ == "__main__":
    main()
