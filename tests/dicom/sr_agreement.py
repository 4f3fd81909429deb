#!/usr/bin/env python3
"""Makes results of 1, 17 and 300 lesions and reads their structured report with pydicom, highdicom, dcmqi and dsrdump:
each must give the volumes and the tracking that report.json has, and the segment that the segmentation has under that
tracking. Exit status 1 where one does not."""
import argparse
import json
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import highdicom as hd
import pydicom
from pydicom.sr.codedict import codes

TRACKING_ID, TRACKING_UID, GROUP, VOLUME = "112039", "112040", "125007", "118565006"
SEGMENT, DERIVATION, FINDING = "121191", "121401", "121071"


def run(*words):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]}: {(done.stdout + done.stderr).strip()[-600:]}")
    return done.stdout


def concept(item):
    return item.ConceptNameCodeSequence[0].CodeValue if "ConceptNameCodeSequence" in item else ""


def groups_in(item):
    for child in item.get("ContentSequence", []):
        if child.ValueType == "CONTAINER" and concept(child) == GROUP:
            yield child
        else:
            yield from groups_in(child)


def by_pydicom(path):
    """tracking UID -> (tracking ID, volume, segment or 0)."""
    found = {}
    for group in groups_in(pydicom.dcmread(path)):
        items = {concept(child): child for child in group.ContentSequence}
        value = items[VOLUME].MeasuredValueSequence[0]
        assert value.MeasurementUnitsCodeSequence[0].CodeValue == "mL"
        segment = items[SEGMENT].ReferencedSOPSequence[0].ReferencedSegmentNumber if SEGMENT in items else 0
        found[items[TRACKING_UID].UID] = (items[TRACKING_ID].TextValue, value.FloatingPointValue, segment)
        assert abs(float(value.NumericValue) - value.FloatingPointValue) <= 1e-9 * value.FloatingPointValue
    return found


def by_highdicom(path):
    """The same of the groups that have a segment; and how many others there are."""
    content = hd.sr.srread(path).content
    found = {}
    for group in content.get_volumetric_roi_measurement_groups():
        volumes = group.get_measurements(name=codes.SCT.Volume)
        assert len(volumes) == 1 and volumes[0].unit.value == "mL"
        segment = group.referenced_segment
        found[group.tracking_uid] = (group.tracking_identifier, volumes[0].value, segment.referenced_segment_numbers[0])
    return found


def by_dcmqi(path, folder, bin_folder):
    out = folder / "tid1500.json"
    run(bin_folder / "tid1500reader", "--inputDICOM", path, "--outputMetadata", out)
    found = {}
    for group in json.loads(out.read_text())["Measurements"]:
        if "ReferencedSegment" not in group:
            continue
        items = group["measurementItems"]
        assert len(items) == 1 and items[0]["quantity"]["CodeValue"] == VOLUME and items[0]["units"]["CodeValue"] == "mL"
        found[group["TrackingUniqueIdentifier"]] = (group["TrackingIdentifier"], float(items[0]["value"]),
                                                    int(group["ReferencedSegment"]))
    return found


def by_dsrdump(path):
    """Volumes in the order of the report."""
    return [float(value) for value in re.findall(r'NUM:\(118565006,SCT,"Volume"\)="([^"]+)"', run("dsrdump", "+Pc", path))]


def case(options, lesions, folder):
    run(options.made_result, lesions, folder)
    dicom = folder / "result" / "dicom"
    report = json.loads((folder / "result" / "report.json").read_text())
    segments = {}
    for path in sorted(dicom.glob("seg*.dcm")):
        for segment in pydicom.dcmread(path, stop_before_pixels=True).SegmentSequence:
            segments[segment.TrackingUID] = (segment.TrackingID, segment.SegmentNumber)
    ids = {lesion["tracking_id"]: lesion for lesion in report["lesions"]}
    answer = by_pydicom(dicom / "sr.dcm")
    total = [value for value in answer.values() if value[0] not in ids]
    lesions_read = {uid: value for uid, value in answer.items() if value[0] in ids}
    expected = {uid: (name, ids[name]["volume_ml"], number) for uid, (name, number) in segments.items()}
    close = lambda a, b: a[0] == b[0] and a[2] == b[2] and abs(a[1] - b[1]) <= 1e-9 * max(abs(b[1]), 1e-9)
    same = lambda found: found.keys() == expected.keys() and all(close(found[u], expected[u]) for u in expected)
    answers = {
        "pydicom": same({u: v for u, v in lesions_read.items() if v[2]})
        and all(v[1] == ids[v[0]]["volume_ml"] for v in lesions_read.values())
        and [v[1] for v in total] == [report["totals"]["volume_ml"]] and len(lesions_read) == len(ids),
        "report's tracking": all(lesion["tracking_uid"] in (None, uid) for uid, (name, _, _) in lesions_read.items()
                                 for lesion in [ids[name]]),
        "highdicom": same(by_highdicom(dicom / "sr.dcm")),
        "dcmqi": same(by_dcmqi(dicom / "sr.dcm", folder, options.bin)),
        "dsrdump": sorted(by_dsrdump(dicom / "sr.dcm")) == sorted(float(f"{v[1]:.15g}") for v in answer.values()),
    }
    wrong = [name for name, is_right in answers.items() if not is_right]
    print(f"{lesions:3} lesions in {len(list(dicom.glob('seg*.dcm')))} segmentations  "
          f"{'equal' if not wrong else 'DIFFERENT: ' + ', '.join(wrong)}")
    return len(wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--made-result", type=Path, required=True)
    options = parser.parse_args()
    options.bin = Path(sys.executable).parent
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as name:
        wrong = sum(case(options, lesions, Path(name) / str(lesions)) for lesions in (1, 17, 300))
    print(f"{wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
