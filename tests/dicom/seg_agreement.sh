#!/usr/bin/env bash
# Holds DICOM SEG as `dins convert` writes and reads it against highdicom, pydicom and dcmqi. Makes the Python
# environment that it needs. Exit status 77: no environment, the reason is printed.
# usage: seg_agreement.sh DINS ENVIRONMENT [words for seg_agreement.py]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dins=$1
environment=$2
shift 2
source "$here/../evaluation/environment.sh"
exec "$environment/bin/python" "$here/seg_agreement.py" --dins "$dins" "$@"
