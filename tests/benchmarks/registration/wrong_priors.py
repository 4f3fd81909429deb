#!/usr/bin/env python3
"""What `dins register` says of priors that are wrong in one way each, of fresh phantoms: the table "Wrong priors" of
RESULTS.md. Phantom `small`, seed N at its second visit, and as its prior: the right one; another patient (seed N + 1000);
the right one mirrored with its mask; another part of a body (cut from `wbmri-a`, seed FIRST); the right image with its
mask moved by 10 cm; an empty mask. One line of JSON a prior is kept in --out, and what is there is not made again. Needs
numpy and nibabel."""
import argparse
import collections
import json
import os
import shutil
import subprocess
from pathlib import Path

import nibabel as nib
import numpy as np

KINDS = ["right", "empty mask", "mask 10 cm off", "mirrored", "other patient", "other station"]


def run(*words):
    return subprocess.run([str(w) for w in words], capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "1"})


def phantom(options, preset, seed, timepoints):
    """The folder of a phantom, made once."""
    folder = options.work / f"{preset}-{seed}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        made = run(options.dins, "phantom", "--preset", preset, "--seed", seed, "--timepoints", timepoints, "--out", folder)
        if made.returncode != 0:
            raise RuntimeError(made.stderr)
        (folder / "done").touch()
    return folder


def load(folder):
    """Image and mask of the first visit: data and affine."""
    image = nib.load(folder / "t1/study/image.nii.gz")
    mask = nib.load(folder / "t1/truth/truth.nii.gz")
    return np.asarray(image.dataobj), np.asarray(mask.dataobj), image.affine


def prior_of(options, kind, seed):
    image, mask, affine = load(phantom(options, "small", seed + 1000 if kind == "other patient" else seed, 2))
    if kind == "empty mask":
        mask = np.zeros_like(mask)
    elif kind == "mask 10 cm off":  # along the thigh; what leaves the image comes in on the other side
        rows = round(100 / abs(affine[2, 1]))
        mask = np.roll(mask.ravel(order="F"), -rows * mask.shape[0]).reshape(mask.shape, order="F")
    elif kind == "mirrored":
        image, mask = image[::-1], mask[::-1]
    elif kind == "other station":
        image, mask, affine = load(phantom(options, "wbmri-a", options.first, 1))
        spacing = np.linalg.norm(affine[:3, :3], axis=0)
        low = np.array([image.shape[0] // 2, int((60 + 37 * (seed % 20)) / spacing[1]), 6])
        at = tuple(slice(a, a + n) for a, n in zip(low, (102, 150, 8)))
        image, mask, affine = image[at], mask[at].copy(), affine @ nib.affines.from_matvec(np.eye(3), low)
        if not mask.any():
            mask[tuple(n // 2 for n in mask.shape)] = 1
    return image, mask, affine


def judge(options, kind, seed):
    today = phantom(options, "small", seed, 2) / "t2/study/image.nii.gz"
    folder = options.work / "prior"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    image, mask, affine = prior_of(options, kind, seed)
    nib.save(nib.Nifti1Image(np.ascontiguousarray(image), affine), folder / "image.nii.gz")
    nib.save(nib.Nifti1Image(np.ascontiguousarray(mask), affine), folder / "mask.nii.gz")
    # A mask that is off lies on an image that is right: it is looked at without the mirror image.
    more = ["--no-mirror"] if kind == "mask 10 cm off" else []
    done = run(options.dins, "register", folder / "image.nii.gz", today, "--mask", folder / "mask.nii.gz", "--out",
               folder / "out", "--no-round-trip", *more)
    written = folder / "out/registration.json"
    row = {"seed": seed, "kind": kind, "status": done.returncode}
    words = [w for w in ("usable", "flagged", "refused") if f"the prior is {w}" in done.stdout]
    row["verdict"] = words[0] if words else "refused" if done.returncode != 0 else "unknown"
    row["said"] = (done.stdout + done.stderr).strip().splitlines()[-6:]
    if written.exists():
        row["check"] = json.loads(written.read_text()).get("check")
    return row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dins", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder; rows.jsonl in it grows")
    parser.add_argument("--first", type=int, default=201)
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    options.work = options.out / "work"
    options.work.mkdir(parents=True, exist_ok=True)
    file = options.out / "rows.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    known = {(row["seed"], row["kind"]) for row in rows}
    for seed in range(options.first, options.first + options.count):
        for kind in KINDS:
            if (seed, kind) in known:
                continue
            rows.append(judge(options, kind, seed))
            with open(file, "a") as out:
                out.write(json.dumps(rows[-1]) + "\n")
            print(seed, kind, rows[-1]["verdict"], flush=True)
    table = collections.Counter((row["kind"], row["verdict"]) for row in rows)
    for kind in KINDS:
        print(f"{kind:15}", {word: table[kind, word] for word in ("usable", "flagged", "refused", "unknown")})


if __name__ == "__main__":
    main()
