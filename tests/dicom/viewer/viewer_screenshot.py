"""Segments a phantom, puts images and objects into Orthanc, opens the study in OHIF and takes pictures; see
viewer_screenshot.sh. Exit status 1: OHIF has loaded other voxels or volumes than report.json has."""
import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import ohif_site
from browser import Browser
from orthanc_round_trip import Orthanc, check, free_ports, run

SIZE = (1200, 800)
SLICE = 13  # by instance number: five of the ten lesions

# Voxels of each segment in the labelmap that OHIF has made of the SEG.
VOXELS = """(() => {
  const found = {};
  for (const segmentation of services.segmentationService.getSegmentations())
    for (const id of segmentation.representationData.Labelmap.imageIds)
      for (const value of cornerstone.cache.getImage(id).voxelManager.getScalarData())
        if (value) found[value] = (found[value] || 0) + 1;
  return found; })()"""
# [tracking identifier, first value] of each measurement that OHIF has read from the SR.
MEASUREMENTS = """services.displaySetService.getActiveDisplaySets().filter(set => set.Modality === 'SR')
  .flatMap(set => set.measurements || []).map(one => [one.TrackingIdentifier, one.labels[0].value])"""
SHOWN = "document.querySelector('[data-cy=viewport-overlay-bottom-right]')?.innerText"
YES = "[...document.querySelectorAll('button')].find(one => one.innerText.trim() === 'Yes')"
PANEL = "document.querySelector('[data-cy=panelSegmentation-btn]')"


def thumbnail(modality):
    return ("[...document.querySelectorAll('[data-cy^=study-browser-thumbnail]')]"
            f".find(one => one.innerText.startsWith('{modality}'))")


class Ohif:
    """The study in the viewer, opened anew."""

    def __init__(self, browser, url):
        self.browser = browser
        browser.open("about:blank")
        browser.open(url)
        browser.wait("an image", SHOWN)
        self.rest()

    def rest(self):
        time.sleep(4)  # the page has no sign for "drawn"

    def press(self, element, times=1):
        where = self.browser.wait(element, f"""(() => {{
          const found = {element};
          if (!found) return null;
          const box = found.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2]; }})()""")
        self.browser.click(*where, times)
        self.rest()

    def load(self, modality):
        self.press(thumbnail(modality), 2)
        self.press(YES)
        self.press(PANEL)

    def turn_to(self, number):
        self.browser.ask("services.cornerstoneViewportService.getCornerstoneViewport("
                         f"services.viewportGridService.getState().activeViewportId).setImageIdIndex({number - 1})"
                         ".then(() => true)")
        self.browser.wait(f"slice {number}", f"({SHOWN} || '').startsWith('I:{number} ')")
        self.rest()


def expected_volumes(report):
    """As OHIF writes them: two decimals."""
    return {lesion["tracking_id"]: f"{lesion['volume_ml']:.2f} mL" for lesion in report["lesions"]}


def look(browser, url, report, pictures):
    failures = []
    ohif = Ohif(browser, url)
    ohif.load("SEG")
    ohif.turn_to(SLICE)
    browser.picture(pictures / "ohif_seg.png")
    wanted = {str(lesion["label"]): lesion["voxels"] for lesion in report["lesions"]}
    seen = browser.ask(VOXELS)
    check(seen == wanted, f"SEG: OHIF's labelmap has the voxels of report.json: {seen}", failures)
    ohif.press(thumbnail("SR"), 2)
    browser.picture(pictures / "ohif_sr.png")
    seen = dict(browser.ask(MEASUREMENTS))
    wanted = expected_volumes(report)
    check({name: seen.get(name) for name in wanted} == wanted, f"SR: OHIF has read {seen}", failures)
    return failures


def look_at_report(browser, html, pictures):
    browser.open(html.as_uri())
    browser.wait("the measurements", """(() => {
      const found = [...document.querySelectorAll('h2')].find(one => one.innerText.includes('Imaging Measurements'));
      found?.scrollIntoView();
      return !!found; })()""")
    browser.picture(pictures / "dsr2html_sr.png")


def fill(orthanc, *folders):
    while not orthanc.answers():
        if orthanc.process.poll() is not None:
            raise RuntimeError("Orthanc does not start")
        time.sleep(0.3)
    for folder in folders:
        for file in sorted(folder.glob("*.dcm")):
            orthanc.ask("/instances", file.read_bytes(), "application/dicom")
    study, = orthanc.ask("/studies")
    return orthanc.ask(f"/studies/{study}")["MainDicomTags"]["StudyInstanceUID"]


def take(options, folder):
    phantom, result, html = folder / "phantom", folder / "result", folder / "sr.html"
    run(options.bin / "dins", "phantom", "--preset", "wbmri-a", "--seed", 3, "--dicom", "--out", phantom)
    run(options.bin / "dins", "segment", phantom / "dicom", "--out", result, "--device", "cpu", "--weights",
        options.weights)
    run("dsr2html", result / "dicom" / "sr.dcm", html)
    report = json.loads((result / "report.json").read_text())
    http, dicom, unused, pages, devtools = free_ports(5)
    orthanc = Orthanc(folder / "orthanc", http, dicom, unused)
    browser = None
    try:
        study = fill(orthanc, phantom / "dicom", result / "dicom")
        ohif_site.serve(options.ohif, orthanc.url, pages)
        browser = Browser(shutil.which("chromium"), folder, devtools, SIZE)
        failures = look(browser, f"http://127.0.0.1:{pages}/ohif/viewer?StudyInstanceUIDs={study}", report,
                        options.pictures)
        look_at_report(browser, html, options.pictures)
        print(*sorted({line for line in browser.console if "rehydratable" in line}), sep="\n")
    finally:
        if browser:
            browser.stop()
        orthanc.stop()
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True, help="folder of dins")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--ohif", type=Path, required=True, help="folder of OHIF's built pages")
    parser.add_argument("--pictures", type=Path, required=True, help="folder for the pictures")
    options = parser.parse_args()
    options.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        failures = take(options, Path(name))
    print("the viewer has what was written" if not failures else f"{len(failures)} faults")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
