"""Holds the random walker against scikit-image and the graph cut against PyMaxflow; run by baseline_agreement.sh."""

import argparse
import json
import subprocess
import sys
import warnings

import maxflow
import numpy as np
from skimage.segmentation import random_walker

PROBABILITY_TOLERANCE = 1e-6
ENERGY_TOLERANCE = 1e-9  # relative


def walker_difference(case, mode):
    """Largest difference of the probability of foreground."""
    size = tuple(case["size"])
    labels = np.array(case["seeds"]).reshape(size)
    image = np.array(case["image"]).reshape(size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that 'bf' is slow
        theirs = random_walker(image, labels, beta=case["beta"], mode=mode, tol=1e-12, spacing=case["spacing"],
                               return_full_prob=True)[0]
    return float(np.abs(theirs - np.array(case["probability"]).reshape(size)).max())


def cut_with_pymaxflow(case):
    """Energy of the least cut, and what its mask costs by the capacities."""
    size = tuple(case["size"])
    graph = maxflow.Graph[float]()
    nodes = graph.add_grid_nodes(size)
    graph.add_grid_tedges(nodes, np.array(case["background_cost"], float).reshape(size),
                          np.array(case["foreground_cost"], float).reshape(size))
    for axis, costs in enumerate(case["neighbour_cost"]):
        costs = np.array(costs, float).reshape(size)
        first = [slice(None)] * 3
        second = [slice(None)] * 3
        first[axis], second[axis] = slice(None, -1), slice(1, None)
        for a, b, cost in zip(nodes[tuple(first)].ravel(), nodes[tuple(second)].ravel(), costs[tuple(first)].ravel()):
            graph.add_edge(int(a), int(b), cost, cost)
    return graph.maxflow(), ~graph.get_grid_segments(nodes)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--answers", required=True)
    parser.add_argument("--seed", type=int, default=20060828)
    parser.add_argument("--cases", type=int, default=50)
    arguments = parser.parse_args()
    answers = json.loads(subprocess.run([arguments.answers, str(arguments.seed), str(arguments.cases)], check=True,
                                        capture_output=True).stdout)
    assert len(answers) == arguments.cases
    walker = {mode: max(walker_difference(case, mode) for case in answers) for mode in ("bf", "cg_j")}
    energies, voxels = [], 0
    for case in answers:
        energy, mask = cut_with_pymaxflow(case)
        energies.append(abs(energy - case["energy"]) / max(1, energy))
        voxels += int((mask != np.array(case["foreground"], bool).reshape(mask.shape)).sum())
    print(f"seed {arguments.seed}, {arguments.cases} volumes of {min(len(c['image']) for c in answers)} to "
          f"{max(len(c['image']) for c in answers)} voxels")
    print("| what | other program | worst difference | tolerance |\n|---|---|---|---|")
    for mode, worst in walker.items():
        print(f"| random walker: probability | scikit-image `{mode}` | {worst:.2g} | {PROBABILITY_TOLERANCE:g} |")
    print(f"| graph cut: energy, relative | PyMaxflow | {max(energies):.2g} | {ENERGY_TOLERANCE:g} |")
    print(f"| graph cut: voxels of all masks | PyMaxflow | {voxels} | none: several cuts may be least |")
    failed = max(walker.values()) > PROBABILITY_TOLERANCE or max(energies) > ENERGY_TOLERANCE
    print("FAILED" if failed else "agreed")
    return 1 if failed else 0


sys.exit(main())
