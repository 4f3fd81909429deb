#!/usr/bin/env bash
# Holds the metrics of `dins evaluate` against MedPy, SimpleITK, surface-distance and panoptica on 200 random pairs of
# masks. Makes the Python environment that it needs. Exit status 77: no environment, the reason is printed.
# usage: agreement.sh DINS ENVIRONMENT [words for agreement.py]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dins=$1
environment=$2
shift 2
source "$here/environment.sh"
exec "$environment/bin/python" "$here/agreement.py" --dins "$dins" "$@"
