"""Holds the metrics of `dins evaluate` against other programs, on random pairs of masks; run by agreement.sh."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["PANOPTICA_CITATION_REMINDER"] = "false"

import medpy.metric.binary as medpy  # noqa: E402
import numpy as np  # noqa: E402
import panoptica  # noqa: E402
import SimpleITK as sitk  # noqa: E402
import surface_distance  # noqa: E402
from scipy import ndimage  # noqa: E402

TOLERANCE = 1e-6
SHARED = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"
medpy_distances = getattr(medpy, "__surface_distances")


# Random pairs

def random_truth(rng, shape):
    """A few ellipsoids with a rough border."""
    mask = np.zeros(shape, bool)
    grid = np.indices(shape).astype(float)
    for _ in range(rng.integers(1, 6)):
        centre = [rng.uniform(0, n) for n in shape]
        radius = [rng.uniform(1, max(2.0, n / 4)) for n in shape]
        reach = sum(((grid[d] - centre[d]) / radius[d]) ** 2 for d in range(3))
        mask |= reach + rng.normal(0, 0.15, shape) < 1
    return mask


def random_prediction(rng, truth):
    """The truth moved, grown or shrunk, with pieces lost and invented."""
    mask = np.roll(truth, tuple(rng.integers(-1, 2, 3)), (0, 1, 2))
    change = rng.choice([ndimage.binary_dilation, ndimage.binary_erosion, ndimage.binary_closing, np.copy])
    mask = change(mask)
    labels, count = ndimage.label(mask)
    for label in range(1, count + 1):
        if rng.random() < 0.25:
            mask[labels == label] = False
    if rng.random() < 0.5:
        mask |= random_truth(rng, truth.shape)
    return mask


def random_pair(rng):
    shape = tuple(int(n) for n in (rng.integers(4, 20), rng.integers(16, 48), rng.integers(16, 48)))
    spacing = (float(rng.uniform(2, 8)), float(rng.uniform(0.5, 2)), float(rng.uniform(0.5, 2)))
    while True:
        truth = random_truth(rng, shape)
        prediction = random_prediction(rng, truth)
        if truth.any() and prediction.any():
            return prediction, truth, spacing


def write(path, mask, spacing):
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing(spacing[::-1])
    sitk.WriteImage(image, str(path))
    return image


# What the other programs say

def surface(mask, connectivity):
    return mask ^ ndimage.binary_erosion(mask, ndimage.generate_binary_structure(3, connectivity))


def itk_hausdorff(a, b, spacing):
    images = []
    for mask in (a, b):
        images.append(sitk.GetImageFromArray(mask.astype(np.uint8)))
        images[-1].SetSpacing(spacing[::-1])
    measure = sitk.HausdorffDistanceImageFilter()
    measure.Execute(*images)
    return measure.GetHausdorffDistance()


def from_medpy(p, q, spacing, connectivity):
    voxel_ml = float(np.prod(spacing)) / 1000
    pooled = np.concatenate([medpy_distances(p, q, spacing, connectivity), medpy_distances(q, p, spacing, connectivity)])
    counts = int(p.sum()), int(q.sum())
    return {
        "dsc": medpy.dc(p, q), "voe": 1 - medpy.jc(p, q), "arvd": abs(medpy.ravd(p, q)),
        "vd_ml": (counts[0] - counts[1]) * voxel_ml, "rvd": 2 * (counts[0] - counts[1]) / sum(counts),
        "msd_mm": medpy.hd(p, q, spacing, connectivity), "msd_voxels": medpy.hd(p, q, None, connectivity),
        "assd_mm": medpy.assd(p, q, spacing, connectivity), "assd_voxels": medpy.assd(p, q, None, connectivity),
        "hd95_mm": medpy.hd95(p, q, spacing, connectivity), "hd95_voxels": medpy.hd95(p, q, None, connectivity),
        "rmsd_mm": float(np.sqrt((pooled ** 2).mean())),
    }


def from_simpleitk(p, q, spacing, connectivity):
    images = [sitk.GetImageFromArray(m.astype(np.uint8)) for m in (p, q)]
    for image in images:
        image.SetSpacing(spacing[::-1])
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*images)
    shapes = []
    for image in images:
        shape = sitk.LabelShapeStatisticsImageFilter()
        shape.Execute(image)
        shapes.append(shape.GetPhysicalSize(1) / 1000)
    return {
        "dsc": overlap.GetDiceCoefficient(), "voe": 1 - overlap.GetJaccardCoefficient(),
        "rvd": overlap.GetVolumeSimilarity(), "vd_ml": shapes[0] - shapes[1], "prediction_ml": shapes[0],
        "truth_ml": shapes[1], "arvd": abs(shapes[0] - shapes[1]) / shapes[1],
        "hd_of_masks_mm": itk_hausdorff(p, q, spacing),
        "msd_mm": itk_hausdorff(surface(p, connectivity), surface(q, connectivity), spacing),
    }


def from_panoptica(p, q, kind, threshold):
    pieces = panoptica.ConnectedComponentsInstanceApproximator()
    evaluator = panoptica.Panoptica_Evaluator(
        expected_input=kind, instance_approximator=pieces if kind == panoptica.InputType.SEMANTIC else None,
        instance_matcher=panoptica.NaiveThresholdMatching(matching_threshold=threshold))
    result = evaluator.evaluate(p.astype(np.uint32), q.astype(np.uint32), verbose=False)["ungrouped"]
    found = {"matched": result.tp, "lesions_prediction": result.tp + result.fp, "lesions_truth": result.tp + result.fn}
    if result.tp + result.fn > 0:
        found["sensitivity"] = result.tp / (result.tp + result.fn)
    if result.tp + result.fp > 0:
        found["precision"] = result.tp / (result.tp + result.fp)
    found["f1"] = result.rq
    if result.tp > 0:
        found["sq"] = result.sq
        found["pq"] = result.pq
    name = "_iou" + format(threshold, "g")
    return {key if key.startswith("lesions") else key + name: float(value) for key, value in found.items()}


def from_surface_distance(p, q, spacing):
    distances = surface_distance.compute_surface_distances(q, p, spacing)
    areas = np.concatenate([distances["surfel_areas_gt"], distances["surfel_areas_pred"]])
    pooled = np.concatenate([distances["distances_gt_to_pred"], distances["distances_pred_to_gt"]])
    return {
        "assd_mm": float((areas * pooled).sum() / areas.sum()),
        "hd95_of_directions_mm": surface_distance.compute_robust_hausdorff(distances, 95),
        "msd_mm": surface_distance.compute_robust_hausdorff(distances, 100),
    }


# Comparison

class Table:
    """The worst difference of each metric to each program."""

    def __init__(self):
        self.rows = {}

    def add(self, program, ours, theirs):
        for metric, value in theirs.items():
            difference = abs(ours[metric] - value) if ours[metric] is not None else float("inf")
            self.rows.setdefault((program, metric), []).append(difference)

    def worst(self):
        """One line a metric, one column a program: the worst difference."""
        programs = list(dict.fromkeys(program for program, _ in self.rows))
        lines = ["| metric | " + " | ".join(programs) + " |", "|---" * (len(programs) + 1) + "|"]
        for metric in dict.fromkeys(metric for _, metric in self.rows):
            found = [self.rows.get((program, metric)) for program in programs]
            lines.append(f"| {metric} | " + " | ".join(f"{max(f):.2g}" if f else "" for f in found) + " |")
        return "\n".join(lines)

    def spread(self):
        lines = ["| program | metric | median difference | mean | worst |", "|---|---|---|---|---|"]
        for (program, metric), values in self.rows.items():
            lines.append(f"| {program} | {metric} | {np.median(values):.2g} | {np.mean(values):.2g} "
                         f"| {max(values):.2g} |")
        return "\n".join(lines)

    def failures(self):
        return [f"{program} {metric}: {max(values):.3g}" for (program, metric), values in self.rows.items()
                if not max(values) <= TOLERANCE]


def evaluate(dins, predictions, truths, out, *words):
    subprocess.run([dins, "evaluate", predictions, truths, "--out", out, "--iou", "0.1", "0.5", *words], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    cases = json.loads((pathlib.Path(out) / "evaluation.json").read_text())["cases"]
    return {case["case"]: case["values"] for case in cases}


def compare_random_pairs(dins, folder, seed, pairs, equal, other):
    rng = np.random.default_rng(seed)
    masks = {}
    for name in ("predictions", "truths"):
        (folder / name).mkdir()
    for number in range(pairs):
        name = f"pair{number:03}"
        masks[name] = random_pair(rng)
        write(folder / "predictions" / f"{name}.nii.gz", masks[name][0], masks[name][2])
        image = write(folder / "truths" / f"{name}.nii.gz", masks[name][1], masks[name][2])
        # A file holds spacings as float32: everybody takes those.
        stored = sitk.ReadImage(str(folder / "truths" / f"{name}.nii.gz")).GetSpacing()
        assert np.allclose(stored, image.GetSpacing())
        masks[name] = (*masks[name][:2], tuple(stored[::-1]))
    for neighbours, connectivity in (("6", 1), ("18", 2)):
        ours = evaluate(dins, folder / "predictions", folder / "truths", folder / f"out{neighbours}", "--surface",
                        neighbours)
        assert len(ours) == pairs
        for name, (p, q, spacing) in masks.items():
            equal.add(f"MedPy, {neighbours} neighbours", ours[name], from_medpy(p, q, spacing, connectivity))
            equal.add(f"SimpleITK, {neighbours} neighbours", ours[name], from_simpleitk(p, q, spacing, connectivity))
            if neighbours == "18":
                other.add("surface-distance", ours[name], from_surface_distance(p, q, spacing))
                for threshold in (0.1, 0.5):
                    equal.add("panoptica, pieces", ours[name],
                              from_panoptica(p, q, panoptica.InputType.SEMANTIC, threshold))


def compare_shared_case(dins, folder, data, equal):
    case = data / "small" / "panoptica" / "examples" / "spine_seg" / "unmatched_instance"
    if not case.is_dir():
        print("skipped: the shared case of panoptica is not there (DINSD_TEST_DATA)")
        return
    masks = []
    for name, file in (("shared_p", "pred.nii.gz"), ("shared_q", "ref.nii.gz")):
        (folder / name).mkdir()
        (folder / name / "spine.nii.gz").symlink_to((case / file).resolve())
        masks.append(sitk.GetArrayFromImage(sitk.ReadImage(str(case / file))))
    ours = evaluate(dins, folder / "shared_p", folder / "shared_q", folder / "shared_out", "--lesions", "labels")
    for threshold in (0.1, 0.5):
        equal.add("panoptica, shared case", ours["spine"],
                  from_panoptica(*masks, panoptica.InputType.UNMATCHED_INSTANCE, threshold))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dins", required=True)
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("DINSD_TEST_DATA", SHARED))
    parser.add_argument("--seed", type=int, default=20220207)
    parser.add_argument("--pairs", type=int, default=200)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.pairs} pairs")
    equal, other = Table(), Table()
    with tempfile.TemporaryDirectory() as folder:
        compare_random_pairs(arguments.dins, pathlib.Path(folder), arguments.seed, arguments.pairs, equal, other)
        compare_shared_case(arguments.dins, pathlib.Path(folder), arguments.data, equal)
    print(equal.worst() + "\n\nAnother definition (areas of surface elements as weights), not a test:\n\n" + other.spread())
    for failure in equal.failures():
        print(f"FAILED (tolerance {TOLERANCE}): {failure}")
    return 1 if equal.failures() else 0


sys.exit(main())
