"""Holds `dins plan` against nnU-Net's own planner on the same cases; run by nnunet_plan.sh."""

import argparse
import contextlib
import importlib.abc
import importlib.machinery
import io
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types

SHARED = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data"


# A stand-in for torch: nnU-Net's planner builds its network only to add up the sizes of the feature maps, which needs
# the layers' settings and no arithmetic.

class Anything:
    """Any class or function of a stood-in module: can be made, called, subclassed and asked for more."""

    def __init__(self, *words, **named):
        pass

    def __call__(self, *words, **named):
        return words[0] if len(words) == 1 and callable(words[0]) else self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


class Listed(Anything, list):
    """Sequential and ModuleList."""

    def __init__(self, *modules):
        list.__init__(self, modules[0] if len(modules) == 1 and isinstance(modules[0], (list, tuple)) else modules)


class StoodIn(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        base = Listed if name in ("Sequential", "ModuleList") else Anything
        made = type(name, (base,), {"__module__": self.__name__})
        if name[0].islower() and name != "device":
            made = {"get_num_threads": lambda: 1}.get(name, Anything())
        setattr(self, name, made)
        return made


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    roots = ("torch", "timm", "batchgeneratorsv2", "imagecodecs", "tifffile", "seaborn", "blosc2", "matplotlib",
             "pandas", "sklearn", "requests", "einops", "cc3d", "yacs", "graphviz", "skimage", "nibabel", "fft_conv_pytorch")

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.roots and not name.split(".")[-1][0].isupper():
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return StoodIn(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, Finder())  # nnU-Net's own processes import this file too


def original_plan(data, cases, number):
    raw = pathlib.Path(os.environ["nnUNet_raw"]) / f"Dataset{number:03}_{data.name}"
    for name in ("imagesTr", "labelsTr"):
        (raw / name).mkdir(parents=True)
    for case in cases:
        (raw / "imagesTr" / f"{case}_0000.nii.gz").symlink_to((data / "images" / f"{case}.nii.gz").resolve())
        (raw / "labelsTr" / f"{case}.nii.gz").symlink_to((data / "masks" / f"{case}.nii.gz").resolve())
    (raw / "dataset.json").write_text(json.dumps({
        "channel_names": {"0": "MRI"}, "labels": {"background": 0, "lesion": 1}, "numTraining": len(cases),
        "file_ending": ".nii.gz", "overwrite_image_reader_writer": "SimpleITKIO"}))
    from nnunetv2.experiment_planning.dataset_fingerprint.fingerprint_extractor import DatasetFingerprintExtractor
    from nnunetv2.experiment_planning.experiment_planners.default_experiment_planner import ExperimentPlanner
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        DatasetFingerprintExtractor(number, num_processes=2).run(overwrite_existing=True)
        full = ExperimentPlanner(number).plan_experiment()["configurations"]["3d_fullres"]
    layers = full["architecture"]["arch_kwargs"]
    return {"spacing_mm": full["spacing"], "median_size": full["median_image_size_in_voxels"],
            "patch": full["patch_size"], "strides": layers["strides"], "kernels": layers["kernel_sizes"],
            "features": layers["features_per_stage"], "batch": full["batch_size"]}


def with_axes(plan, order):
    """The plan with its axes in another order."""
    def turned(value):
        return [value[axis] for axis in order]
    return {**plan, **{name: turned(plan[name]) for name in ("spacing_mm", "median_size", "patch")},
            **{name: [turned(stage) for stage in plan[name]] for name in ("strides", "kernels")}}


def is_close(ours, theirs, name):
    if name == "spacing_mm":
        return all(abs(a - b) < 1e-4 for a, b in zip(ours, theirs))
    if name == "median_size":  # a median of an even number of cases may lie between two
        return all(abs(a - b) < 1 for a, b in zip(ours, theirs))
    return json.dumps(ours) == json.dumps(theirs)


def compare(dins, data, number):
    ours = json.loads(subprocess.run([dins, "plan", data], check=True, capture_output=True, text=True).stdout)
    theirs = json.loads(json.dumps(original_plan(data, ours["cases"], number), default=float))
    # nnU-Net puts the coarsest axis first and keeps the file's order of the others; ours are slices, rows, columns.
    turned = [with_axes(ours, order) for order in itertools.permutations(range(3))]
    best = max(turned, key=lambda plan: sum(is_close(plan[name], theirs[name], name) for name in theirs))
    print(f"\n{data.name}, {len(ours['cases'])} cases\n\n| | ours | original |\n|---|---|---|")
    failures = []
    for name, value in theirs.items():
        shown = [json.dumps([round(v, 4) for v in x] if name == "spacing_mm" else x) for x in (best[name], value)]
        print(f"| {name} | {shown[0]} | {shown[1]} |")
        if not is_close(best[name], value, name):
            failures.append(f"{data.name}: {name}")
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dins", required=True)
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("DINSD_TEST_DATA", SHARED))
    parser.add_argument("--sets", nargs="+", default=["hippocampus", "sts_mr"])
    arguments = parser.parse_args()
    folders = [pathlib.Path(arguments.data) / name for name in arguments.sets]
    missing = [folder.name for folder in folders if not folder.is_dir()]
    if missing:
        print(f"skipped: no {', '.join(missing)} in the data folder (DINSD_TEST_DATA)")
        return 77
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("raw", "preprocessed", "results"):
            (pathlib.Path(folder) / name).mkdir()
            os.environ["nnUNet_" + name] = str(pathlib.Path(folder) / name)
        for number, data in enumerate(folders, start=1):
            failures += compare(arguments.dins, data, number)
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
