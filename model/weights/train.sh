#!/usr/bin/env bash
# Makes weights of our own: phantoms, cases, eleven stages of training (each resumes where it was stopped), figures.
# DINSD_TEST_DATA names the data folder with sts_mr/, sts_pet/ and splits.csv; work goes to build/train/.
set -euo pipefail
root=$1
data=${DINSD_TEST_DATA:-$root/../shared/data}
[[ -d $data/sts_mr ]] || { echo "train: no sts_mr in '$data': set DINSD_TEST_DATA to the data folder" >&2; exit 1; }
bin=$root/build/release/bin
work=$root/build/train
mkdir -p "$work"
# Threads that wait sleep (training shares the machine); freed memory is kept for the next step.
export OMP_WAIT_POLICY=passive MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592

# SET PRESET FIRST LAST: seeds from 1000 up are for training, 1 to 999 for tests, demo and evaluation. A phantom of another
# preset that lies there (earlier versions made wbmri-a for every set) is made again, and so are cases of it.
phantoms() {
  local seed folder
  for ((seed = $3; seed <= $4; ++seed)); do
    folder=$work/$1/s$seed
    grep -qsE "\"preset\": *\"$2\"" "$folder/truth/truth.json" && continue
    rm -rf "$folder" "$work"/cases*/"$1_s$seed.case"
    rm -f "$work"/cases*/.complete
    "$bin/dins" phantom --preset "$2" --seed "$seed" --out "$folder"
  done
}
phantoms wbmri-a wbmri-a 1000 1041
phantoms wbmri-b wbmri-b 1000 1019
phantoms wbmri-b wbmri-b 1030 1031
phantoms wbmri-b-more wbmri-b 1050 1079
phantoms unseen wbmri-a 101 110

# Five training patients and two phantoms are kept to choose the weights by, in stage 10 two of wbmri-b as well: stages 1 to 9
# saw no wbmri-b, and were not chosen by any.
choose=(STS_005 STS_013 STS_021 STS_030 STS_040)
if [[ ! -e $work/cases/.complete ]]; then
  "$bin/dins" prepare "$data/sts_mr" --out "$work/cases" --choose "${choose[@]}"
  "$bin/dins" prepare "$data/sts_pet" --out "$work/cases" --leave-out "${choose[@]}"
  "$bin/dins" prepare "$work/wbmri-a" --out "$work/cases" --choose s1024 s1025
  rm -f "$work"/cases/wbmri-b_*.case  # of earlier versions
  touch "$work/cases/.complete"
fi
if [[ ! -e $work/cases10/.complete ]]; then
  mkdir -p "$work/cases10"
  cp -lf "$work"/cases/*.case "$work/cases10/"
  "$bin/dins" prepare "$work/wbmri-b" --out "$work/cases10" --choose s1030 s1031
  touch "$work/cases10/.complete"
fi
if [[ ! -e $work/cases11/.complete ]]; then
  mkdir -p "$work/cases11"
  cp -lf "$work"/cases10/*.case "$work/cases11/"
  "$bin/dins" prepare "$work/wbmri-b-more" --out "$work/cases11"
  touch "$work/cases11/.complete"
fi
cd "$work"  # each stage names the weights of the one before from here
for stage in stage1 stage2 stage3 stage4 stage5 stage6 stage7 stage8 stage9; do
  "$bin/dins" train --config "$root/model/weights/$stage.toml" --cases cases --out "$stage"
done
"$bin/dins" train --config "$root/model/weights/stage10.toml" --cases cases10 --out stage10
for stage in stage11a stage11; do
  "$bin/dins" train --config "$root/model/weights/$stage.toml" --cases cases11 --out "$stage"
done
"$bin/dins" card "$data/sts_mr" --weights stage11/best.safetensors
"$bin/dins" card unseen --weights stage11/best.safetensors
echo "weights: $work/stage11/best.safetensors"
