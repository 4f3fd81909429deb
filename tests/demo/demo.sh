#!/usr/bin/env bash
# Two whole-body phantom studies with clicks go through a running daemon: one as NIfTI, one as a DICOM folder. Ends with
# their reports and their DSC against the truth; exit status 1 when one is under 0.65. Everything lies in demo/.
set -euo pipefail
root=$1
bin=$root/build/release/bin
demo=$root/demo
least=0.65

say() { printf '\033[1m[%s] %s\033[0m\n' "$(date +%H:%M:%S)" "$*"; }
die() { printf 'demo: %s\n' "$*" >&2; exit 1; }

make_phantoms() {
  if [[ ! -e $demo/phantoms/.complete ]]; then
    say "two whole-body phantoms (20 x 1080 x 321 voxels) -> demo/phantoms"
    rm -rf "$demo/phantoms"
    "$bin/dins" phantom --preset wbmri-a --seed 1 --out "$demo/phantoms/nifti-study"
    "$bin/dins" phantom --preset wbmri-a --seed 2 --dicom --out "$demo/phantoms/dicom-study"
    touch "$demo/phantoms/.complete"
  fi
}

write_config() {
  cat >"$demo/dinsd.toml" <<TOML
# Made by \`./run demo\`; config/dinsd.example.toml explains every key.
[daemon]
state_dir = "state"
results_dir = "results"
socket = "control.sock"

[[watch]]
name = "incoming"
path = "incoming"
ready = "rename-in"
rescan_seconds = 2

[[model]]
weights = "$weights"

[worker]
devices = ["auto"]
TOML
}

start_daemon() {
  "$bin/dinsd" --config "$demo/dinsd.toml" >"$demo/dinsd.log" 2>&1 &
  daemon=$!
  trap 'kill "$daemon" 2>/dev/null || true; wait "$daemon" 2>/dev/null || true' EXIT
  for _ in $(seq 100); do
    [[ -S $demo/control.sock ]] && return
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.2
  done
  cat "$demo/dinsd.log" >&2
  die "dinsd did not start"
}

folder_of() { [[ $1 == dicom-study ]] && echo dicom || echo study; }  # of a phantom, what is dropped

drop_studies() {  # as a sender should: copied beside, then renamed in
  for study in nifti-study dicom-study; do
    cp -r "$demo/phantoms/$study/$(folder_of "$study")" "$demo/incoming/.$study.part"
    mv "$demo/incoming/.$study.part" "$demo/incoming/$study"
  done
}

queue() { "$bin/dins" queue "$@" --socket "$demo/control.sock"; }

wait_for_results() {
  for _ in $(seq 600); do
    [[ -z $(queue list --json --state received settling available running publishing retryable | grep '"job"') ]] &&
      [[ $(queue list --json | grep -c '"job"') == 2 ]] && break
    sleep 2
    printf '\r%s' "$(queue list | tail -n +2 | tr -s ' \n' ' ' | cut -c 1-100)"
  done
  printf '\n'
  queue list
}

result_of() {  # the folder of a study's newest revision
  local job
  job=$(queue list | awk -v study="$1" '$0 ~ study { print $1 }')
  ls -d "$demo/results/$job"/r* | tail -n 1
}

score_studies() {
  local failed=0
  for study in nifti-study dicom-study; do
    local folder
    folder=$(result_of "$study") && [[ -e $folder/mask.nii.gz ]] || die "no result of $study"
    say "$study"
    "$bin/dins" score "$folder/mask.nii.gz" --truth "$demo/phantoms/$study/truth/truth.nii.gz" --at-least "$least" || failed=1
    echo "report: $folder/report.html"
  done
  return "$failed"
}

weights=$(ls "$root"/model/weights/*.safetensors 2>/dev/null | head -n 1)
[[ -n $weights ]] || die "no weights in model/weights"
make_phantoms
rm -rf "$demo"/{incoming,results,state,control.sock,dinsd.log}
mkdir -p "$demo/incoming"
write_config
start_daemon
say "dinsd runs (log: demo/dinsd.log); two studies are dropped into demo/incoming"
drop_studies
wait_for_results
score_studies || die "a DSC is under $least"
say "open the two reports in a browser; inputs and results lie in demo/"
