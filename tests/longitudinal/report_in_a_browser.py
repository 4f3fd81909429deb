#!/usr/bin/env python3
"""The report over all timepoints of a phantom patient in a headless Chromium of 1280x800: the first screen holds totals, classes
and what to look at, nothing in it needs scrolling or is cut off, and no picture is empty. --picture FILE keeps the first screen as
PNG, --page FILE the whole page. Exit status 77: no Chromium here."""
import argparse
import base64
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "review"))
from page_browser import PageBrowser  # noqa: E402


def keep(browser, file, whole):
    clip = {}
    if whole:
        size = browser.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"captureBeyondViewport": True,
                "clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}
    shot = browser.call("Page.captureScreenshot", format="png", **clip)
    Path(file).write_bytes(base64.b64decode(shot["data"]))


def check(browser):
    ask = browser.ask
    first = ask("(() => { const r = document.getElementById('first').getBoundingClientRect(); return [r.top, r.bottom, r.right] })()")
    print("first screen: from %.0f to %.0f, %.0f wide" % tuple(first))
    assert first[0] >= 0 and first[1] <= 800 and first[2] <= 1280, first
    assert ask("document.documentElement.scrollWidth") <= 1280, "the page scrolls sideways"
    cut = ask("[...document.querySelectorAll('#first *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 "
              "&& getComputedStyle(e).display != 'inline' && !e.closest('svg')).map(e => e.tagName + ' ' + e.textContent.slice(0, 40))")
    assert not cut, cut
    text = ask("document.getElementById('first').innerText")
    for words in ("Totals of", "Lesions by change since", "increase", "uncertain", "not_found", "Look at first"):
        assert words in text, words
    assert ask("document.querySelectorAll('.lesion').length") == 5
    assert ask("document.querySelectorAll('.lesion svg.plot').length") == 5
    assert ask("document.querySelectorAll('.over-time svg.slice').length") >= 15
    assert ask("document.querySelectorAll('.projection svg path.contour, .projection svg path.unprompted').length") >= 2
    assert ask("document.scripts.length") == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--made", required=True, help="the program made_longitudinal")
    parser.add_argument("--picture")
    parser.add_argument("--page")
    asked = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        print("no Chromium here")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([asked.made, str(folder / "made")], check=True)
        browser = PageBrowser(chromium, folder)
        try:
            browser.call("Emulation.setDeviceMetricsOverride", width=1280, height=800, deviceScaleFactor=1, mobile=False)
            browser.call("Page.navigate", url=(folder / "made/report/longitudinal.html").as_uri())
            browser.ask("new Promise(done => document.readyState == 'complete' ? done() : addEventListener('load', done))")
            if asked.picture:
                keep(browser, asked.picture, False)
            if asked.page:
                keep(browser, asked.page, True)
            check(browser)
        finally:
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
