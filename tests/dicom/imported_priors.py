#!/usr/bin/env python3
"""A patient's first visit comes to a running dinsd with a mask of its images and no clicks: a SEG that dinsd wrote
elsewhere, one that highdicom wrote, an RT Structure Set, each in a daemon of its own. It becomes a final result without a
network, and the second visit, which comes with nothing but images, is followed from it: its new SEG and SR have the
tracking identifiers of the first. Exit status 1 where one is not so."""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import highdicom as hd
import nibabel as nib
import numpy as np
import pydicom
from pydicom.sr.codedict import codes

PATIENCE = 240  # seconds


def run(*words):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(str(w) for w in words)}: {done.stdout}{done.stderr}")
    return done.stdout


class Dinsd:
    def __init__(self, folder, options):
        self.folder = folder
        self.dins = options.bin / "dins"
        for name in ("incoming", "results", "state"):
            (folder / name).mkdir(parents=True)
        (folder / "dinsd.toml").write_text(f"""
[daemon]
state_dir = "state"
results_dir = "results"
socket = "control.sock"
log_format = "text"
least_free_mib = 0
[[watch]]
name = "incoming"
path = "incoming"
ready = "rename-in"
rescan_seconds = 1
[[model]]
weights = "{options.weights}"
[worker]
devices = ["cpu"]
threads = 1
""")
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen([options.bin / "dinsd", "--config", folder / "dinsd.toml"],
                                        stdout=self.log, stderr=subprocess.STDOUT)

    def drop(self, name, images, *more):
        part = self.folder / f"{name}.part"
        part.mkdir()
        for file in [*sorted(images.glob("*.dcm")), *more]:
            shutil.copy(file, part)
        part.rename(self.folder / "incoming" / name)

    def job(self, name):
        try:
            jobs = json.loads(run(self.dins, "queue", "list", "--socket", self.folder / "control.sock", "--json"))
        except RuntimeError:
            return None
        return next((job for job in jobs["jobs"] if job["study"] == name), None)

    def result(self, name):
        """The folder of the study's first result, once it is there."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            job = self.job(name)
            if job and job["state"] == "done":
                return self.folder / "results" / str(job["job"]) / "r1"
            if job and job["state"] in ("rejected", "quarantined", "failed", "needs_prompts"):
                break
            time.sleep(0.3)
        raise RuntimeError(f"{name}: {job}\n" + (self.folder / "log").read_text()[-3000:])

    def stop(self):
        self.process.terminate()
        self.process.wait(120)
        self.log.close()


def labels_on(series, truth):
    """The truth as an array k, j, i over the series' own slices."""
    image = nib.load(truth)
    found = np.asarray(image.dataobj)
    mask = np.zeros((len(series), series[0].Rows, series[0].Columns), np.uint8)
    to_index = np.linalg.inv(image.affine)
    for k, data in enumerate(series):
        row, column = np.array(data.ImageOrientationPatient[:3]), np.array(data.ImageOrientationPatient[3:])
        jj, ii = np.mgrid[0:data.Rows, 0:data.Columns]
        lps = (np.array(data.ImagePositionPatient) + ii[..., None] * row * data.PixelSpacing[1] +
               jj[..., None] * column * data.PixelSpacing[0])
        at = np.rint(lps * [-1, -1, 1] @ to_index[:3, :3].T + to_index[:3, 3]).astype(int)
        mask[k] = found[at[..., 0], at[..., 1], at[..., 2]]
    return mask


def write_highdicom(visit, out):
    series = sorted((pydicom.dcmread(f) for f in (visit / "dicom").glob("*.dcm")),
                    key=lambda d: [float(v) for v in d.ImagePositionPatient])
    mask = labels_on(series, visit / "truth" / "truth.nii.gz")
    descriptions = [
        hd.seg.SegmentDescription(n, f"tumour {n}", codes.SCT.MorphologicallyAbnormalStructure, codes.SCT.Neoplasm,
                                  "MANUAL", tracking_id=f"PN-{n}", tracking_uid=f"1.2.826.0.1.3680043.8.498.{n}")
        for n in range(1, int(mask.max()) + 1)]
    seg = hd.seg.Segmentation(series, mask, "BINARY", descriptions, hd.UID(), 9, hd.UID(), 1, "somebody", "hand", "1", "0")
    seg.save_as(out)


def write_ours(options, visit, folder):
    """SEG and RTSTRUCT of a result of dinsd from a person's clicks."""
    sidecar, = (visit / "dicom").glob("*.prompts.json")
    clicks = json.loads(sidecar.read_text())
    clicks["provenance"]["source"] = "human"
    (folder / "clicks.prompts.json").write_text(json.dumps(clicks))
    study = folder / "study"
    study.mkdir()
    for file in (visit / "dicom").glob("*.dcm"):
        shutil.copy(file, study)
    run(options.bin / "dins", "segment", study, "--prompts", folder / "clicks.prompts.json", "--weights",
        options.weights, "--device", "cpu", "--out", folder / "elsewhere", "--objects", "seg,rtstruct")
    return folder / "elsewhere" / "dicom"


def write_structures(ours, out):
    """The same outlines by somebody, as gross tumour volumes."""
    data = pydicom.dcmread(ours)
    data.Manufacturer, data.ManufacturerModelName, data.StructureSetLabel = "somebody", "contours", "plan"
    for item in data.RTROIObservationsSequence:
        item.RTROIInterpretedType = "GTV"
    data.save_as(out)


def concept(item):
    return item.ConceptNameCodeSequence[0].CodeValue if "ConceptNameCodeSequence" in item else ""


def tracking_in_sr(item):
    found = {}
    for child in item.get("ContentSequence", []):
        inner = {concept(one): one for one in child.get("ContentSequence", [])}
        if concept(child) == "125007" and "121191" in inner:
            found[inner["112040"].UID] = inner["112039"].TextValue
        else:
            found |= tracking_in_sr(child)
    return found



def check(is_so, what, failures):
    print(f"{'ok ' if is_so else 'NOT'}  {what}")
    if not is_so:
        failures.append(what)


def one_kind(kind, mask, options, visits, folder, failures):
    explained = folder / "explained"
    explained.mkdir(parents=True)
    for file in [*(visits / "t1" / "dicom").glob("*.dcm"), mask]:
        shutil.copy(file, explained)
    words = run(options.bin / "dins", "explain", explained, "--weights", options.weights, "--device", "cpu")
    check("mask TAKEN" in words and mask.name in words, f"{kind}: dins explain says that it is taken", failures)
    dinsd = Dinsd(folder / "dinsd", options)
    try:
        dinsd.drop("t1", visits / "t1" / "dicom", mask)
        first = json.loads((dinsd.result("t1") / "report.json").read_text())
        check(first["state"] == "final" and first["run"]["mode"] == "imported", f"{kind}: imported, final", failures)
        dinsd.drop("t2", visits / "t2" / "dicom")
        result = dinsd.result("t2")
        report = json.loads((result / "report.json").read_text())
        check(report["follow_up"]["prior_job"] == dinsd.job("t1")["job"], f"{kind}: is the prior", failures)
        check(all("model_mismatch" in row["flags"] for row in report["follow_up"]["lesions"]),
              f"{kind}: each change says that methods differ", failures)
        seg = pydicom.dcmread(result / "dicom" / "seg.dcm")
        in_seg = {str(s.TrackingUID): str(s.TrackingID) for s in seg.SegmentSequence}
        in_sr = {str(uid): str(name) for uid, name in tracking_in_sr(pydicom.dcmread(result / "dicom" / "sr.dcm")).items()}
        prior = {row["tracking_uid"]: row["tracking_id"] for row in report["follow_up"]["lesions"]}
        check(bool(in_seg) and in_seg == in_sr, f"{kind}: {len(in_seg)} lesions have one tracking in SEG and SR", failures)
        check(in_seg.items() <= prior.items(), f"{kind}: it is that of the prior's lesions", failures)
        return prior
    finally:
        dinsd.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=lambda text: Path(text).resolve(), required=True, help="folder of dinsd and dins")
    parser.add_argument("--weights", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    failures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        visits = folder / "visits"
        run(options.bin / "dins", "phantom", "--preset", "small", "--seed", options.seed, "--timepoints", "2", "--dicom",
            "--out", visits)
        ours = write_ours(options, visits / "t1", folder)
        write_highdicom(visits / "t1", folder / "highdicom.dcm")
        write_structures(ours / "rtstruct.dcm", folder / "structures.dcm")
        by_us = one_kind("SEG by dinsd", ours / "seg.dcm", options, visits, folder / "a", failures)
        tracking = {str(s.TrackingUID): str(s.TrackingID) for s in pydicom.dcmread(ours / "seg.dcm").SegmentSequence}
        check(by_us == tracking, "SEG by dinsd: the tracking is the one that it was written with", failures)
        by_hd = one_kind("SEG by highdicom", folder / "highdicom.dcm", options, visits, folder / "b", failures)
        check(all(uid.startswith("1.2.826.0.1.3680043.8.498.") for uid in by_hd), "and so is highdicom's", failures)
        by_rt = one_kind("RT Structure Set", folder / "structures.dcm", options, visits, folder / "c", failures)
        again = one_kind("RT Structure Set again", folder / "structures.dcm", options, visits, folder / "d", failures)
        check(by_rt == again, "RT Structure Set: the tracking that is made for it is always the same", failures)
    print("masks of others as priors: " + ("all is well" if not failures else f"{len(failures)} faults"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
