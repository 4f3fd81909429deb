#!/usr/bin/env bash
# Makes weights of our own: prepare the cases, train (resumes where it was stopped), print the card's figures.
# DINSD_TEST_DATA names the data folder with sts_mr/, sts_pet/ and splits.csv; work goes to build/train/.
set -euo pipefail
root=$1
data=${DINSD_TEST_DATA:-$root/../shared/data}
[[ -d $data/sts_mr ]] || { echo "train: no sts_mr in '$data': set DINSD_TEST_DATA to the data folder" >&2; exit 1; }
bin=$root/build/release/bin
work=$root/build/train

# Five training patients are kept to choose the weights by; they are left out of both sets.
choose=(STS_005 STS_013 STS_021 STS_030 STS_040)
if [[ ! -e $work/cases/.complete ]]; then
  "$bin/dins" prepare "$data/sts_mr" --out "$work/cases" --choose "${choose[@]}"
  "$bin/dins" prepare "$data/sts_pet" --out "$work/cases" --leave-out "${choose[@]}"
  touch "$work/cases/.complete"
fi
"$bin/dins-train" --config "$root/model/weights/train.toml" --cases "$work/cases" --out "$work"
"$bin/dins" card "$data/sts_mr" --weights "$work/best.safetensors"
echo "weights: $work/best.safetensors"
