#!/usr/bin/env python3
"""A study goes from Orthanc by C-STORE to a running dinsd, and its SEG, SR and RTSTRUCT come back: they are found by
Orthanc's REST interface and DICOMweb, in the study and linked to the series, and Orthanc commits itself to them. As a
destination that is asked for no commitment the same Orthanc answers a query instead. With --stations the study is an
examination in so many stations, and SEG and RTSTRUCT are of one each. Needs nothing but Python's own library. Exit
status 77: Orthanc is not installed."""
import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE = 240  # seconds
DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
WANTED = {"SEG", "SR", "RTSTRUCT"}


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def run(*words):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(str(w) for w in words)}: {done.stdout}{done.stderr}")
    return done.stdout


class Orthanc:
    """A PACS with folders of its own, for this machine alone."""

    def __init__(self, folder, http, dicom, dinsd):
        self.url = f"http://127.0.0.1:{http}"
        folder.mkdir()
        config = {"Name": "test", "StorageDirectory": str(folder / "db"), "IndexDirectory": str(folder / "db"),
                  "HttpPort": http, "DicomPort": dicom, "DicomAet": "ORTHANC", "RemoteAccessAllowed": False,
                  "AuthenticationEnabled": False, "DicomCheckCalledAet": True, "StableAge": 1,
                  "DicomModalities": {"dinsd": ["DINSD", "127.0.0.1", dinsd]},
                  "Plugins": [str(DICOMWEB)] if DICOMWEB.exists() else [],
                  "DicomWeb": {"Enable": True, "Root": "/dicom-web/"}}
        (folder / "orthanc.json").write_text(json.dumps(config))
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen([shutil.which("Orthanc"), str(folder / "orthanc.json")], stdout=self.log,
                                        stderr=subprocess.STDOUT)

    def ask(self, path, data=None, mime="application/json"):
        request = urllib.request.Request(self.url + path, data=data, headers={"Accept": "application/json"})
        if data is not None:
            request.add_header("Content-Type", mime)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def answers(self):
        try:
            return bool(self.ask("/system"))
        except (urllib.error.URLError, ConnectionError):
            return False

    def instances_by_modality(self, study):
        """SOPInstanceUIDs, and Orthanc's own numbers."""
        found = {}
        for series in self.ask(f"/studies/{study}/series"):
            for instance in series["Instances"]:
                uid = self.ask(f"/instances/{instance}")["MainDicomTags"]["SOPInstanceUID"]
                found.setdefault(series["MainDicomTags"]["Modality"], {})[uid] = instance
        return found

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


class Dinsd:
    def __init__(self, folder, options, port, orthanc_port):
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
[[model]]
weights = "{options.weights}"
[interval]
runs = 0
[worker]
devices = ["cpu"]
[receiver]
enabled = true
address = "127.0.0.1"
port = {port}
spool_dir = "spool"
quiet_seconds = 2
least_free_mib = 0
calling_ae_titles = ["ORTHANC"]
peers = ["127.0.0.1"]
[sender]
spool_dir = "outgoing"
[[destination]]
name = "pacs"
kind = "cstore"
host = "127.0.0.1"
port = {orthanc_port}
called_ae_title = "ORTHANC"
commitment = true
backoff_seconds = 1
[[destination]]
name = "asked"
kind = "cstore"
host = "127.0.0.1"
port = {orthanc_port}
called_ae_title = "ORTHANC"
query = true
commitment_seconds = 5
backoff_seconds = 1
""")
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen([options.bin / "dinsd", "--config", folder / "dinsd.toml"],
                                        stdout=self.log, stderr=subprocess.STDOUT)

    def ask(self, *words):
        return json.loads(run(self.dins, *words, "--socket", self.folder / "control.sock", "--json"))

    def jobs(self):
        try:
            return self.ask("queue", "list")["jobs"]
        except RuntimeError:
            return []

    def stop(self):
        self.process.terminate()
        self.process.wait(120)
        self.log.close()


def wait(what, is_so, dinsd):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = is_so()
        if answer:
            return answer
        time.sleep(0.3)
    raise RuntimeError(f"never: {what}\n" + (dinsd.folder / "log").read_text()[-4000:])


def uids_in(tags):
    """Every value of any attribute, however deep."""
    if isinstance(tags, dict):
        return set().union(*(uids_in(value) for value in tags.values())) if tags else set()
    if isinstance(tags, list):
        return set().union(*(uids_in(value) for value in tags)) if tags else set()
    return {tags}


def check(is_so, what, failures):
    print(f"{'ok ' if is_so else 'NOT'}  {what}")
    if not is_so:
        failures.append(what)


def send_study(orthanc, phantom):
    for file in sorted((phantom / "dicom").glob("*.dcm")):
        orthanc.ask("/instances", file.read_bytes(), "application/dicom")
    study, = orthanc.ask("/studies")
    orthanc.ask("/modalities/dinsd/store", json.dumps({"Resources": [study], "Synchronous": True}).encode())
    return study


def click(dinsd, phantom):
    """Puts the clicks beside what came."""
    job = wait("the study waits for clicks",
               lambda: next((j for j in dinsd.jobs() if j["state"] == "needs_prompts"), None), dinsd)
    sidecar, = (phantom / "dicom").glob("*.prompts.json")
    part = Path(job["path"]) / ".part"
    part.write_bytes(sidecar.read_bytes())
    part.rename(Path(job["path"]) / sidecar.name)
    return job["job"]


def check_objects(orthanc, study, found, failures):
    tags = orthanc.ask(f"/studies/{study}")
    study_uid = tags["MainDicomTags"]["StudyInstanceUID"]
    series = [s for s in orthanc.ask(f"/studies/{study}/series") if s["MainDicomTags"]["Modality"] == "MR"]
    series_uids = {one["MainDicomTags"]["SeriesInstanceUID"] for one in series}
    images = set(found["MR"])
    segmented = {"SEG": set(), "RTSTRUCT": set()}
    for modality in sorted(WANTED):
        for uid, number in found[modality].items():
            tags = orthanc.ask(f"/instances/{number}/simplified-tags")
            named = uids_in(tags)
            check(tags["StudyInstanceUID"] == study_uid, f"{modality} is in the study", failures)
            check(bool(named & images), f"{modality} names images of the series", failures)
            if modality != "SR":
                check(len(named & series_uids) == 1, f"{modality} names one series", failures)
                segmented[modality] |= named & series_uids
            else:
                check(images <= named, "SR names every image", failures)
                check(set(found["SEG"]) <= named, "SR names every SEG", failures)
    check(len(found["SR"]) == 1, "there is one report", failures)
    for modality, named in segmented.items():
        check(len(found[modality]) == len(named), f"{modality}: one for each of {len(named)} of {len(series)} series",
              failures)
    if DICOMWEB.exists():
        answer = orthanc.ask(f"/dicom-web/studies/{study_uid}/series")
        seen = {row["00080060"]["Value"][0] for row in answer}
        check(WANTED | {"MR"} <= seen, f"DICOMweb lists {' '.join(sorted(seen))}", failures)
    return study_uid


def check_query(dinsd, port, study_uid, found, failures):
    peer = ["127.0.0.1", port, "--called", "ORTHANC", "--calling", "DINSD", "--json"]
    studies = json.loads(run(dinsd.dins, "dicom", "query", *peer, "--study", study_uid))
    check([row["study"] for row in studies] == [study_uid], "dins dicom query finds the study", failures)
    listed = json.loads(run(dinsd.dins, "dicom", "query", *peer, "--level", "series", "--study", study_uid))
    images = []
    for seg in (row["series"] for row in listed if row["modality"] == "SEG"):
        images += json.loads(run(dinsd.dins, "dicom", "query", *peer, "--level", "image", "--study", study_uid,
                                 "--series", seg))
    check({row["instance"] for row in images} == set(found["SEG"]), "and the SEG at the level of images", failures)


def round_trip(options, folder):
    failures = []
    http, dicom, receiver = free_ports(3)
    phantom = folder / "phantom"
    cut = ["--stations", options.stations, "--overlap", "20"] if options.stations > 1 else []
    run(options.bin / "dins", "phantom", "--preset", "small", "--seed", "5", "--dicom", *cut, "--out", phantom)
    orthanc = Orthanc(folder / "orthanc", http, dicom, receiver)
    dinsd = Dinsd(folder / "dinsd", options, receiver, dicom)
    try:
        wait("Orthanc answers", orthanc.answers, dinsd)
        wait("a receiver listens", lambda: "receiver listens" in (dinsd.folder / "log").read_text(), dinsd)
        study = send_study(orthanc, phantom)
        job = click(dinsd, phantom)
        entry = wait("Orthanc has committed itself", lambda: next(
            (e for e in dinsd.ask("outbox", "list")["entries"] if e["state"] == "committed"), None), dinsd)
        found = orthanc.instances_by_modality(study)
        check(WANTED <= set(found), "SEG, SR and RTSTRUCT are back", failures)
        check(len(orthanc.ask("/studies")) == 1, "Orthanc has one study", failures)
        study_uid = check_objects(orthanc, study, found, failures)
        check(entry["job"] == job, "the outbox says committed", failures)
        sent = {o["sop_instance"] for o in entry["objects"]}
        back = set().union(*(found[modality] for modality in WANTED))
        check(sent == back, f"{len(sent)} objects: those that were sent are those that are there", failures)
        asked = wait("Orthanc has been asked for them", lambda: next(
            (e for e in dinsd.ask("outbox", "list")["entries"]
             if e["destination"] == "asked" and e["state"] in ("sent", "failed")), None), dinsd)
        check((asked["state"], asked["code"]) == ("sent", "FOUND_BY_QUERY"), "and has found them by a query", failures)
        check_query(dinsd, dicom, study_uid, found, failures)
    finally:
        dinsd.stop()
        orthanc.stop()
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True, help="folder of dinsd and dins")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--stations", type=int, default=1)
    options = parser.parse_args()
    if shutil.which("Orthanc") is None:
        print("skipped: Orthanc is not installed")
        return 77
    with tempfile.TemporaryDirectory() as name:
        failures = round_trip(options, Path(name))
    print("Orthanc -> dinsd -> Orthanc: " + ("all is well" if not failures else f"{len(failures)} faults"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
