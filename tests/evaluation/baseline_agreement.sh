#!/usr/bin/env bash
# Holds the classical baselines against scikit-image and PyMaxflow on random volumes. Makes the Python environment that
# it needs. Exit status 77: no environment, the reason is printed.
# usage: baseline_agreement.sh BASELINE_ANSWERS ENVIRONMENT [words for baseline_agreement.py]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
answers=$1
environment=$2
shift 2
source "$here/environment.sh"
exec "$environment/bin/python" "$here/baseline_agreement.py" --answers "$answers" "$@"
