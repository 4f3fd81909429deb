#!/usr/bin/env python3
"""What calibrate.py and phantom_intervals.py refuse, and that they read what they write: on rows that are made up here, without a
program of dinsd.

    tests/benchmarks/interval/scripts_test.py"""
import json
import math
import random
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))
import calibrate  # noqa: E402

VARIATION = {"jitter_mm": 5.0, "drop": 0.25, "exchange": 0.25, "shift": 0.5, "flips": True}


def write_weights(file, tensors):
    header = json.dumps({"__metadata__": {"dinsd_manifest": json.dumps({"architecture": "dins"})}}).encode()
    file.write_bytes(struct.pack("<Q", len(header)) + header + tensors)


def write_rows(work, seed, tensors_sha256, preset="small"):
    """Six lesions at two visits, whose volumes are off by about as much as their spread says; the last one is thin."""
    drawn = random.Random(seed)
    lesions = []
    for visit in (1, 2):
        for n in range(6):
            spread = drawn.uniform(0.05, 0.3)
            lesions.append({"seed": seed, "visit": visit, "lesion": f"L{n}", "true_ml": 2.0 + n, "change_factor": 1.0,
                            "is_new": False, "measured_ml": (2.0 + n) * 2 ** drawn.gauss(0, spread), "slices": 2 if n == 5 else 4,
                            "flags": [], "interval": None, "no_interval": "uncalibrated", "volumes_ml": [],
                            "run_log_sd": spread, "sampling_log_sd": 0.05})
    made = {"preset": preset, "weights_sha256": tensors_sha256, "runs": 6, "seed": 1, **VARIATION}
    (work / f"{seed}.json").write_text(json.dumps({"seed": seed, "made": made, "seconds": 1, "lesions": lesions}))


class ScriptsTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.work = Path(kept.name)
        self.weights, self.other, self.out = (self.work / f"{name}.safetensors" for name in ("weights", "other", "out"))
        write_weights(self.weights, b"tensors!")
        write_weights(self.other, b"others..")
        for seed in range(1, 13):
            write_rows(self.work, seed, calibrate.tensors_of(self.weights))

    def call(self, script, *arguments):
        return subprocess.run([sys.executable, FOLDER / script, "--work", self.work, *map(str, arguments)],
                              capture_output=True, text=True, check=False)

    def calibrated(self, seeds):
        ran = self.call("calibrate.py", "--seeds", seeds, "--slice-mm", "10", "--weights", self.weights, "--out", self.out)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return calibrate.calibration_of(self.out)

    def table(self, seeds, *more):
        return self.call("phantom_intervals.py", "--weights", self.out, "--preset", "small", "--seeds", seeds, "--table", *more)

    def test_writes_what_was_fitted_beside_the_same_tensors(self):
        calibration = self.calibrated("1-5,7")
        self.assertEqual(calibration["least_slices"], 3)
        self.assertEqual(calibration["runs"], 6)
        self.assertEqual(calibration["variation"], VARIATION)
        self.assertIn("72 lesions of synthetic small studies of 6 bodies, seeds 1-5,7;", calibration["fitted_on"])
        self.assertIn("changes on 30 lesions that span 3 slices or more", calibration["fitted_on"])
        self.assertEqual(calibrate.seeds_fitted_on(calibration), [1, 2, 3, 4, 5, 7])
        self.assertEqual(calibrate.tensors_of(self.out), calibrate.tensors_of(self.weights))

    def test_finds_an_outline_that_lies_too_far_out(self):
        drawn = random.Random(7)
        rows = []
        for n in range(300):
            visit, name = 1 + n % 2, f"L{n // 2}"
            measured = 10 ** drawn.uniform(-1, 2)
            share = 3 / (measured * 1000 * 3 / 4 / math.pi) ** (1 / 3)
            true = measured * math.exp((drawn.gauss(0, 0.5) - 1.5) * share)
            rows.append({"seed": 1, "visit": visit, "lesion": name, "true_ml": true, "measured_ml": measured, "slices": 4,
                         "run_log_sd": 0.01, "sampling_log_sd": 0.01})
        calibration, _, _ = calibrate.fit(rows, 3)
        self.assertAlmostEqual(calibration["edge_bias_mm"], -1.5, delta=0.15)
        self.assertAlmostEqual(calibration["volume_bias"], 0, delta=0.03)
        self.assertAlmostEqual(calibration["volume"]["edge_mm"], 0.5, delta=0.1)
        inside = [low <= row["true_ml"] <= high for row in rows for low, high in [calibrate.interval_ml(calibration, row)]]
        self.assertAlmostEqual(sum(inside) / len(inside), 0.9, delta=0.01)

    def test_refuses_weights_that_the_rows_are_not_of(self):
        ran = self.call("calibrate.py", "--seeds", "1-6", "--slice-mm", "10", "--weights", self.other, "--out", self.out)
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn("measured with other weights", ran.stderr)
        self.assertFalse(self.out.exists())
        self.assertNotEqual(self.call("calibrate.py", "--seeds", "1-6", "--out", self.out).returncode, 0)

    def test_refuses_a_table_of_what_was_fitted(self):
        self.calibrated("1-6")
        good = self.table("7-12")
        self.assertEqual(good.returncode, 0, good.stderr)
        self.assertIn("6 bodies (small), seeds 7-12", good.stdout)
        bad = self.table("6-12")
        self.assertNotEqual(bad.returncode, 0)
        self.assertIn("fitted on seeds 6 of small", bad.stderr)

    def test_reads_the_seeds_of_earlier_calibrations(self):
        earlier = {"fitted_on": "251 lesions of synthetic small studies of 3 bodies, seeds 1100 to 1102; changes on 20 lesions"}
        self.assertEqual(calibrate.seeds_fitted_on(earlier), [1100, 1101, 1102])
        self.assertIsNone(calibrate.seeds_fitted_on({"fitted_on": "my own eyes"}))

    def test_refuses_a_table_of_rows_that_the_calibration_does_not_hold_for(self):
        self.calibrated("1-6")
        write_rows(self.work, 8, "0" * 64)
        ran = self.table("7-9")
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn("8.json was measured with other weights_sha256", ran.stderr)

    def test_measures_no_mixture(self):
        ran = self.call("phantom_intervals.py", "--weights", self.other, "--preset", "small", "--seeds", "1-3", "--bin", self.work)
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn("of other weights", ran.stderr)


if __name__ == "__main__":
    unittest.main()
