#!/usr/bin/env python3
"""Makes results of 1, 17 and 300 lesions, of one series and of stations, and reads their structured report with pydicom,
highdicom, dcmqi and dsrdump: each must give the volumes and the tracking that report.json has, and the segments that the
segmentations have under that tracking. highdicom must read each segmentation as the mask of its series. Beside a prior
study pydicom and highdicom must read the change that report.json has of each lesion. Exit status 1 where one does not."""
import argparse
import json
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import highdicom as hd
import nibabel as nib
import numpy as np
import pydicom
from pydicom.sr.codedict import codes

TRACKING_ID, TRACKING_UID, GROUP, VOLUME = "112039", "112040", "125007", "118565006"
CLASS = "CHANGECLASS"
CLASS_CODES = {"increase": "15454001", "decrease": "19776001"}  # of SNOMED CT; others are their own name
SEGMENT, SOURCE = "121191", "121112"  # Referenced Segment of a group, Source of Measurement of a number


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


def segments_in(items):
    """(SEG, number) of the image references among content items."""
    references = [item.ReferencedSOPSequence[0] for item in items if concept(item) in (SEGMENT, SOURCE)]
    return [(one.ReferencedSOPInstanceUID, one.ReferencedSegmentNumber) for one in references]


def by_pydicom(path):
    """tracking UID -> (tracking ID, volume, segments) of the groups that have a volume."""
    found = {}
    for group in groups_in(pydicom.dcmread(path)):
        items = {concept(child): child for child in group.ContentSequence}
        if VOLUME not in items:
            continue
        number = items[VOLUME]
        value = number.MeasuredValueSequence[0]
        assert value.MeasurementUnitsCodeSequence[0].CodeValue == "mL"
        segments = segments_in(group.ContentSequence) + segments_in(number.get("ContentSequence", []))
        found[items[TRACKING_UID].UID] = (items[TRACKING_ID].TextValue, value.FloatingPointValue, segments)
        assert abs(float(value.NumericValue) - value.FloatingPointValue) <= 1e-9 * value.FloatingPointValue
    return found


def figures_in(numbers):
    """concept -> value of (concept, value, unit) of a group that are not its volume."""
    for name, _, unit in numbers:
        assert unit == ("%" if name.startswith(("CHANGE", "VOLUMECHANGE")) else "mL"), (name, unit)
    return {name: value for name, value, _ in numbers if name != VOLUME}


def changes_by_pydicom(path):
    """tracking ID -> (class, figures) of the groups that have a class."""
    found = {}
    for group in groups_in(pydicom.dcmread(path)):
        items = {concept(child): child for child in group.ContentSequence}
        if CLASS not in items:
            continue
        values = [(concept(child), child.MeasuredValueSequence[0]) for child in group.ContentSequence
                  if child.ValueType == "NUM"]
        numbers = [(name, float(value.NumericValue), value.MeasurementUnitsCodeSequence[0].CodeValue)
                   for name, value in values]
        found[items[TRACKING_ID].TextValue] = (items[CLASS].ConceptCodeSequence[0].CodeValue, figures_in(numbers))
    return found


def changes_by_highdicom(path):
    content = hd.sr.srread(path).content
    groups = content.get_volumetric_roi_measurement_groups() + content.get_image_measurement_groups()
    found = {}
    for group in groups:
        classes = [word.value.value for word in group.get_qualitative_evaluations() if word.name.value == CLASS]
        if classes:
            numbers = [(one.name.value, float(one.value), one.unit.value) for one in group.get_measurements()]
            found[group.tracking_identifier] = (classes[0], figures_in(numbers))
    return found


def changes_of(report):
    """The same as report.json has it, with the digits of lesions.csv."""
    lesions = {lesion["tracking_id"]: lesion for lesion in report["lesions"]}
    changes = {}
    for row in report["follow_up"]["lesions"] if "follow_up" in report else []:
        volume = (lesions.get(row["tracking_id"]) or {}).get("interval") or {}
        change = row["d_pct_prior_interval"] or {}
        figures = {"VOLUMELOW90": (volume.get("low_ml"), 4), "VOLUMEHIGH90": (volume.get("high_ml"), 4),
                   "PRIORVOLUME": (row["prior_ml"], 4), "VOLUMECHANGE": (row["d_pct_prior"], 2),
                   "CHANGELOW95": (change.get("low_pct"), 2), "CHANGEHIGH95": (change.get("high_pct"), 2)}
        code = CLASS_CODES.get(row["class"], row["class"].upper())
        changes[row["tracking_id"]] = (code, {name: float(f"{value:.{digits}f}") for name, (value, digits)
                                              in figures.items() if value is not None})
    return changes


def by_highdicom(path):
    """The same of the groups that have a segment, by highdicom's own sorting of groups: one of a volume has one segment,
    others name those of several series as images of the number."""
    content = hd.sr.srread(path).content
    found = {}
    for group in content.get_volumetric_roi_measurement_groups():
        volume, = group.get_measurements(name=codes.SCT.Volume)
        assert volume.unit.value == "mL"
        segment = group.referenced_segment
        found[group.tracking_uid] = (group.tracking_identifier, volume.value,
                                     [(segment.referenced_sop_instance_uid, segment.referenced_segment_numbers[0])])
    for group in content.get_image_measurement_groups():
        volumes = group.get_measurements(name=codes.SCT.Volume)
        if not volumes:
            continue
        volume, = volumes
        segments = segments_in(volume[0].get("ContentSequence", []))
        if segments:
            found[group.tracking_uid] = (group.tracking_identifier, volume.value, segments)
    return found


def by_dcmqi(path, folder, bin_folder):
    """The same of the groups that have one segment: dcmqi reads no others."""
    out = folder / "tid1500.json"
    run(bin_folder / "tid1500reader", "--inputDICOM", path, "--outputMetadata", out)
    found = {}
    for group in json.loads(out.read_text())["Measurements"]:
        if "ReferencedSegment" not in group:
            continue
        items = [item for item in group["measurementItems"] if item["quantity"]["CodeValue"] == VOLUME]
        assert len(items) == 1 and items[0]["units"]["CodeValue"] == "mL"
        segment = (group["segmentationSOPInstanceUID"], int(group["ReferencedSegment"]))
        found[group["TrackingUniqueIdentifier"]] = (group["TrackingIdentifier"], float(items[0]["value"]), [segment])
    return found


def by_dsrdump(path):
    """Volumes in the order of the report."""
    return [float(value) for value in re.findall(r'NUM:\(118565006,SCT,"Volume"\)="([^"]+)"', run("dsrdump", "+Pc", path))]


def mask_is_read(segs, series, mask):
    """Whether the segmentations of one series together are its mask, by highdicom and voxel by voxel. Arrays k, j, i."""
    images = sorted((d for d in series if d.SeriesInstanceUID == segs[0].ReferencedSeriesSequence[0].SeriesInstanceUID),
                    key=lambda d: d.ImagePositionPatient[1])  # coronal, k to the back
    expected = np.asarray(nib.load(mask).dataobj).transpose(2, 1, 0)
    read = np.zeros(expected.shape, np.uint16)
    for seg in segs:
        pixels = seg.get_pixels_by_source_instance([d.SOPInstanceUID for d in images], combine_segments=False,
                                                   assert_missing_frames_are_empty=True)
        for n, segment in enumerate(seg.SegmentSequence):
            label = int(segment.SegmentDescription.split()[1])  # "label 7 of the mask"
            assert not np.any(read[pixels[..., n] > 0])
            read[pixels[..., n] > 0] = label
    return np.array_equal(read, expected)


def masks_are_read(folder, paths, stations):
    series = [pydicom.dcmread(path, stop_before_pixels=True) for path in (folder / "series").glob("*.dcm")]
    answers = []
    for n in range(1, stations + 1):
        stem, mask = ("seg", "mask") if stations == 1 else (f"seg-station-{n}", f"mask_station_{n}")
        segs = [hd.seg.segread(path) for path in paths if path.stem == stem or path.stem.startswith(stem + "-")]
        path = folder / "result" / f"{mask}.nii.gz"
        answers.append(mask_is_read(segs, series, path) if segs else not np.any(nib.load(path).dataobj))
    return all(answers)


def case(options, lesions, stations, is_followed, folder):
    run(options.made_result, lesions, stations, folder, *(["followed"] if is_followed else []))
    dicom = folder / "result" / "dicom"
    report = json.loads((folder / "result" / "report.json").read_text())
    paths = sorted(dicom.glob("seg*.dcm"))
    segments = {}
    for path in paths:
        seg = pydicom.dcmread(path, stop_before_pixels=True)
        for segment in seg.SegmentSequence:
            name, places = segments.setdefault(segment.TrackingUID, (segment.TrackingID, []))
            assert name == segment.TrackingID
            places.append((seg.SOPInstanceUID, segment.SegmentNumber))
    ids = {lesion["tracking_id"]: lesion for lesion in report["lesions"]}
    answer = by_pydicom(dicom / "sr.dcm")
    total = [value for value in answer.values() if value[0] not in ids]
    lesions_read = {uid: value for uid, value in answer.items() if value[0] in ids}
    expected = {uid: (name, ids[name]["volume_ml"], places) for uid, (name, places) in segments.items()}
    single = {uid: value for uid, value in expected.items() if len(value[2]) == 1}
    close = lambda a, b: a[0] == b[0] and a[2] == b[2] and abs(a[1] - b[1]) <= 1e-9 * max(abs(b[1]), 1e-9)
    same = lambda found, wanted: found.keys() == wanted.keys() and all(close(found[u], wanted[u]) for u in wanted)
    answers = {
        "pydicom": same({u: v for u, v in lesions_read.items() if v[2]}, expected)
        and all(v[1] == ids[v[0]]["volume_ml"] for v in lesions_read.values())
        and [v[1] for v in total] == [report["totals"]["volume_ml"]] and len(lesions_read) == len(ids),
        "report's tracking": all(lesion["tracking_uid"] in (None, uid) for uid, (name, _, _) in lesions_read.items()
                                 for lesion in [ids[name]]),
        "highdicom": same(by_highdicom(dicom / "sr.dcm"), expected),
        "dcmqi": same(by_dcmqi(dicom / "sr.dcm", folder, options.bin), single),
        "dsrdump": sorted(by_dsrdump(dicom / "sr.dcm")) == sorted(float(f"{v[1]:.15g}") for v in answer.values()),
        "the changes by pydicom": changes_by_pydicom(dicom / "sr.dcm") == changes_of(report),
        "the changes by highdicom": changes_by_highdicom(dicom / "sr.dcm") == changes_of(report),
        "highdicom's masks": masks_are_read(folder, paths, stations),
    }
    wrong = [name for name, is_right in answers.items() if not is_right]
    print(f"{lesions:3} lesions of {stations} series in {len(paths)} segmentations, {len(expected) - len(single)} in two"
          f"{', followed' if is_followed else ''}  {'equal' if not wrong else 'DIFFERENT: ' + ', '.join(wrong)}")
    return len(wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--made-result", type=Path, required=True)
    options = parser.parse_args()
    options.bin = Path(sys.executable).parent
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as name:
        wrong = sum(case(options, lesions, stations, is_followed, Path(name) / f"{lesions}-{stations}-{is_followed}")
                    for stations in (1, 3) for lesions, is_followed
                    in ((1, False), (17, False), (17, True), (300, False)))
    print(f"{wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
