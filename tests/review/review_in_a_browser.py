#!/usr/bin/env python3
"""A person reviews proposed clicks, from the preliminary result to the final one: a running daemon, three visits of a phantom
patient, `dins review export`, the page in a headless Chromium (keep, move, reject, add, save) and `dins review accept`; then
the same by 3D Slicer's files. Exit status 77: no Chromium here."""
import argparse
import base64
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from page_browser import PageBrowser


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done.stdout


def refused(why, *words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert done.returncode != 0 and why in done.stderr + done.stdout, (words, done.stdout, done.stderr)


class Daemon:
    def __init__(self, programs, weights, folder):
        self.folder = folder
        for name in ("incoming", "results", "state"):
            (folder / name).mkdir()
        (folder / "dinsd.toml").write_text(f"""[daemon]
state_dir = "state"
results_dir = "results"
socket = "control.sock"
least_free_mib = 0
[[watch]]
name = "incoming"
path = "incoming"
ready = "rename-in"
rescan_seconds = 1
[[model]]
weights = "{weights}"
[interval]
runs = 0
[worker]
devices = ["cpu"]
threads = 1
""")
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen([programs / "dinsd", "--config", folder / "dinsd.toml"], stderr=self.log)

    def drop(self, study, name, human=False, without_clicks=False):
        part = self.folder / (name + ".part")
        shutil.copytree(study, part)
        sidecar = part / "image.nii.gz.prompts.json"
        if human:
            text = json.loads(sidecar.read_text())
            text["provenance"]["source"] = "human"
            sidecar.write_text(json.dumps(text))
        if without_clicks:
            sidecar.unlink()
        part.rename(self.folder / "incoming" / name)

    def wait_for(self, job, revision):
        file = self.folder / "results" / str(job) / f"r{revision}" / "report.json"
        end = time.monotonic() + 240
        while not file.exists():
            if time.monotonic() > end:
                raise SystemExit(f"{file} does not come:\n" + (self.folder / "log").read_text())
            time.sleep(0.3)
        return json.loads(file.read_text())


def centre(browser, script):
    box = browser.ask(f"(() => {{ const e = {script}; e.scrollIntoView({{block: 'center'}}); "
                      "const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()")
    return box[0] + box[2] / 2, box[1] + box[3] / 2, box


def review(browser, page, pictures):
    """Rejects the last lesion, moves a click of the first, adds a negative one to it; returns what the page saves."""
    browser.call("Page.navigate", url=page.as_uri())
    while browser.ask("document.readyState") != "complete":
        time.sleep(0.1)
    lesions = browser.ask("data.lesions.length")
    assert browser.ask("document.getElementById('save').disabled"), "nothing is decided yet"
    for number in range(1, lesions + 1):
        act = "reject" if number == lesions else "accept"
        browser.ask(f"document.querySelector('#lesion-{number} [data-act={act}]').click()")
    assert browser.ask("document.getElementById('save').disabled"), "nobody is named yet"
    x, y, _ = centre(browser, "document.querySelector('#lesion-1 svg:not(.then) .click')")
    browser.press(x, y, (x + 25, y + 12))
    browser.ask("document.getElementById('add-negative').click()")
    _, _, box = centre(browser, "document.querySelector('#lesion-1 svg:not(.then)')")
    browser.press(box[0] + 0.12 * box[2], box[1] + 0.15 * box[3])
    browser.ask("(() => { const e = document.getElementById('operator'); e.value = 'reader-7'; "
                "e.dispatchEvent(new Event('input')); })()")
    assert not browser.ask("document.getElementById('save').disabled"), browser.ask(
        "document.getElementById('state').textContent")
    browser.ask("window.scrollTo(0, 0)")
    picture = browser.call("Page.captureScreenshot", format="png")["data"]
    if pictures:
        (pictures / "review.png").write_bytes(base64.b64decode(picture))
    return json.loads(browser.ask("reviewed()"))


def check_saved(saved, proposal):
    first, before = saved["lesions"][0], proposal["lesions"][0]
    assert saved["provenance"]["source"] == "human" and saved["provenance"]["operator"] == "reader-7"
    moved = sum((a - b) ** 2 for a, b in zip(first["clicks"][0]["p"], before["clicks"][0]["p"])) ** 0.5
    assert moved > 2, f"the click moved by {moved} mm"
    assert first["clicks"][-1]["sign"] == "-" and len(first["clicks"]) == len(before["clicks"]) + 1
    assert first.get("trackingUID") == before.get("trackingUID")
    assert all(click["status"] == "rejected" for click in saved["lesions"][-1]["clicks"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, help="a folder for what the page looks like")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("skipped: there is no chromium")
        return 77
    dins = arguments.bin / "dins"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(dins, "phantom", "--preset", "small", "--seed", 1, "--timepoints", 3, "--out", folder / "p")
        daemon = Daemon(arguments.bin, arguments.weights, folder)
        browser = PageBrowser(chromium, folder)
        try:
            results = folder / "results"
            daemon.drop(folder / "p/t1/study", "t1", human=True)
            assert daemon.wait_for(1, 1)["state"] == "final"
            for job, study in ((2, "t2"), (3, "t3")):
                daemon.drop(folder / "p" / study / "study", study, without_clicks=True)
                assert daemon.wait_for(job, 1)["state"] == "preliminary"
                if job == 2:
                    by_page(dins, browser, daemon, folder, arguments.pictures)
                else:
                    by_slicer(dins, daemon, folder)
            assert "nothing waits" in run(dins, "review", "list", "--results", results)
        finally:
            browser.close()
            daemon.process.terminate()
            daemon.process.wait()
    print("from preliminary to final by the page and by 3D Slicer's files")
    return 0


def by_page(dins, browser, daemon, folder, pictures):
    results = folder / "results"
    assert "job 2 r1" in run(dins, "review", "list", "--results", results)
    run(dins, "review", "export", 2, "--results", results, "--out", folder / "review")
    saved = review(browser, folder / "review/review.html", pictures)
    check_saved(saved, json.loads((folder / "review/proposal.prompts.json").read_text()))
    (folder / "saved.prompts.json").write_text(json.dumps(saved))
    print(run(dins, "review", "accept", 2, folder / "saved.prompts.json", "--results", results).strip())
    report = daemon.wait_for(2, 2)
    assert report["state"] == "final", report["state"]
    assert report["prompts"]["operator"] == "reader-7" and report["prompts"]["imported_from"].startswith("proposal ")
    last = report["lesions"][-1]
    assert last["voxels"] == 0 and "clicks_rejected" in last["flags"]
    check_kept(report, daemon, saved)
    told = run(dins, "review", "show", 2, "--results", results)
    print(told.strip())
    assert "reviewed by reader-7 on " + saved["provenance"]["created"] in told and "1 moved" in told, told
    done = json.loads(run(dins, "review", "list", "--done", "--json", "--results", results))
    assert [row["job"] for row in done] == [2], done


def check_kept(report, daemon, saved):
    """What the registration had said is still there, beside who looked, when, and what changed."""
    proposed = json.loads((daemon.folder / "results/2/r1/report.json").read_text())
    then, now = proposed["follow_up"], report["follow_up"]
    for key in ("prior_job", "prior_revision", "prior_study_date", "registration"):
        assert now[key] == then[key], key
    for key in ("prior_ml", "registration_flags", "clicks"):
        assert [row[key] for row in now["lesions"]] == [row[key] for row in then["lesions"]], key
    assert (daemon.folder / "results/2/r2/prior_mask.nii.gz").exists()
    review = report["review"]
    assert review["operator"] == "reader-7" and review["created"] == saved["provenance"]["created"]
    first, last = review["lesions"][0], review["lesions"][-1]
    assert first["clicks"]["moved"] == 1 and first["clicks"]["added"] == 1, first
    assert first["decisions"][0]["decision"] == "moved" and first["decisions"][0]["moved_mm"] > 2, first
    assert first["decisions"][-1] == {**first["decisions"][-1], "decision": "added", "sign": "-"}, first
    assert all(click["decision"] == "rejected" for click in last["decisions"]), last
    row = next(row for row in now["lesions"] if row["tracking_id"] == last["tracking_id"])
    assert "rejected every click" in row["reason"], row


def by_slicer(dins, daemon, folder):
    results = folder / "results"
    run(dins, "review", "export", 3, "--results", results, "--out", folder / "review3")
    lists = sorted((folder / "review3/slicer").glob("*.mrk.json"))
    accept = (dins, "review", "accept", 3)
    of_others = sorted((folder / "review/slicer").glob("*.mrk.json"))
    who = ("--results", results, "--operator", "reader-8")
    refused("REVIEW_OTHER_PROPOSAL", *accept, *of_others, *who)
    refused("REVIEW_OTHER_PROPOSAL", *accept, lists[0], *of_others[1:], *who)
    refused("REVIEW_INCOMPLETE", *accept, *lists[:-1], *who)
    refused("", *accept, folder / "saved.prompts.json", *who)
    refused("cannot be read", dins, "review", "list", "--results", folder)
    far = json.loads(lists[0].read_text())
    far["markups"][0]["controlPoints"][0]["position"][0] = 9999
    (folder / "far.mrk.json").write_text(json.dumps(far))
    refused("PROMPT_OUTSIDE", *accept, folder / "far.mrk.json", *lists[1:], *who)
    moved = json.loads(lists[0].read_text())
    points = moved["markups"][0]["controlPoints"]
    points[0]["position"][2] += 1.5
    points.reverse()  # the list is in another order now: a click is the same one nevertheless
    (folder / "moved.mrk.json").write_text(json.dumps(moved))
    rejected = json.loads(lists[-1].read_text())["markups"][0]["name"]
    print(run(dins, "review", "accept", 3, folder / "moved.mrk.json", *lists[1:-1], *who, "--reject", rejected).strip())
    report = daemon.wait_for(3, 2)
    assert report["state"] == "final" and report["prompts"]["operator"] == "reader-8"
    first = report["review"]["lesions"][0]
    assert [click["decision"] for click in first["decisions"]] == ["moved"] + ["kept"] * (len(points) - 1), first
    assert abs(first["decisions"][0]["moved_mm"] - 1.5) < 0.01, first
    assert report["follow_up"]["prior_job"] == 2


if __name__ == "__main__":
    sys.exit(main())
