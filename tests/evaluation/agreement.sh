#!/usr/bin/env bash
# Holds the metrics of `dins evaluate` against MedPy, SimpleITK, surface-distance and panoptica on 200 random pairs of
# masks. Makes the Python environment that it needs. Exit status 77: no environment, the reason is printed.
# usage: agreement.sh DINS ENVIRONMENT [words for agreement.py]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dins=$1
environment=$2
shift 2

skip() { echo "skipped: $*"; exit 77; }

if ! cmp -s "$here/requirements.txt" "$environment/requirements.txt"; then
  rm -rf "$environment"
  python3 -m venv "$environment" || skip "python3 cannot make a virtual environment"
  "$environment/bin/pip" install -q --disable-pip-version-check --retries 1 --timeout 30 -r "$here/requirements.txt" ||
    skip "the Python packages of $here/requirements.txt cannot be had"
  cp "$here/requirements.txt" "$environment/"
fi
exec "$environment/bin/python" "$here/agreement.py" --dins "$dins" "$@"
