#!/usr/bin/env bash
# Takes pictures of our SEG and SR in OHIF (the build inside PyPI's monailabel) on Orthanc's DICOMweb, in a
# headless Chromium, and of the SR as dsr2html renders it; what OHIF has loaded is held against report.json. Makes the
# Python environment that it needs. Exit status 77: something is not to be had, the reason is printed.
# usage: viewer_screenshot.sh FOLDER_OF_DINS ENVIRONMENT FOLDER_FOR_PICTURES
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$1
environment=$2
pictures=$3
source "$here/../../evaluation/environment.sh"
for program in Orthanc chromium dsr2html; do
  command -v "$program" >/dev/null || skip "$program is not installed"
done

wheel=monailabel==0.8.5
pages=$environment/ohif/monailabel/endpoints/static/ohif
if [ ! -e "$pages/index.html" ]; then
  "$environment/bin/pip" download -q --disable-pip-version-check --retries 1 --timeout 30 --no-deps \
    -d "$environment/wheel" "$wheel" || skip "$wheel cannot be had"
  "$environment/bin/python" -m zipfile -e "$environment"/wheel/*.whl "$environment/ohif"
fi
exec "$environment/bin/python" "$here/viewer_screenshot.py" --bin "$bin" --ohif "$pages" --pictures "$pictures" \
  --weights "$here/../../../model/weights/dins-body.safetensors"
