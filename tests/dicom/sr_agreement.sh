#!/usr/bin/env bash
# Holds the structured report of a result against pydicom, highdicom, dcmqi and DCMTK's dsrdump: each must read the
# volumes and the tracking of report.json. Makes the Python environment that it needs. Exit status 77: no environment,
# the reason is printed.
# usage: sr_agreement.sh MADE_RESULT ENVIRONMENT [words for sr_agreement.py]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
made_result=$1
environment=$2
shift 2
source "$here/../evaluation/environment.sh"
exec "$environment/bin/python" "$here/sr_agreement.py" --made-result "$made_result" "$@"
