#!/usr/bin/env bash
# Masks of others as priors in the running daemon: see imported_priors.py. Makes the Python environment that it needs.
# Exit status 77: no environment, the reason is printed.
# usage: imported_priors.sh BIN WEIGHTS ENVIRONMENT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$1
weights=$2
environment=$3
source "$here/../evaluation/environment.sh"
exec "$environment/bin/python" "$here/imported_priors.py" --bin "$bin" --weights "$weights"
