#!/usr/bin/env bash
# Holds `dins plan` against the plan that nnU-Net's own program (PyPI nnunetv2) makes for the same cases of hippocampus
# and sts_mr. Makes the Python environment that it needs. Exit status 77: no environment or no data, the reason is
# printed.
# usage: nnunet_plan.sh DINS ENVIRONMENT [words for nnunet_plan.py]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dins=$1
environment=$2
shift 2

skip() { echo "skipped: $*"; exit 77; }

# The packages of nnU-Net without theirs: the planner counts feature maps and computes none, so that it needs no torch.
pip_install() { "$environment/bin/pip" install -q --disable-pip-version-check --retries 1 --timeout 30 "$@"; }
if ! cmp -s "$here/nnunet_requirements.txt" "$environment/nnunet_requirements.txt"; then
  rm -rf "$environment"
  python3 -m venv "$environment" || skip "python3 cannot make a virtual environment"
  pip_install --no-deps -r "$here/nnunet_requirements.txt" ||
    skip "the Python packages of $here/nnunet_requirements.txt cannot be had"
  cp "$here/nnunet_requirements.txt" "$environment/"
fi
exec "$environment/bin/python" "$here/nnunet_plan.py" --dins "$dins" "$@"
