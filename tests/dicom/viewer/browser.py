"""A headless Chromium, led by its DevTools protocol: opens a page, looks for things by JavaScript, clicks and takes
pictures."""
import base64
import json
import subprocess
import time
import urllib.request

import websocket


class Browser:
    def __init__(self, program, folder, port, size):
        width, height = size
        self.log = open(folder / "chromium.log", "w")
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run",
             "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
             f"--user-data-dir={folder / 'profile'}", f"--remote-debugging-port={port}",
             f"--remote-allow-origins=http://127.0.0.1:{port}", f"--window-size={width},{height}", "about:blank"],
            stdout=self.log, stderr=subprocess.STDOUT)
        self.count = 0
        self.console = []
        self.socket = websocket.create_connection(self._page(port), timeout=120,
                                                  origin=f"http://127.0.0.1:{port}")
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def _page(self, port):
        end = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=5) as answer:
                    return next(p for p in json.load(answer) if p["type"] == "page")["webSocketDebuggerUrl"]
            except (OSError, StopIteration):
                if time.monotonic() > end:
                    raise RuntimeError("Chromium does not answer") from None
                time.sleep(0.3)

    def call(self, method, **parameters):
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.count:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self._note(message)

    def _note(self, message):
        """What the page says on its console: kept for the reader of a failure."""
        what = message.get("params", {})
        if message.get("method") == "Runtime.consoleAPICalled":
            self.console.append(what["type"] + ": " + " ".join(
                str(a.get("value", a.get("description", ""))) for a in what["args"]))
        elif message.get("method") == "Runtime.exceptionThrown":
            self.console.append("exception: " + json.dumps(what["exceptionDetails"])[:600])
        elif message.get("method") == "Log.entryAdded":
            self.console.append(f"{what['entry']['level']}: {what['entry']['text']} {what['entry'].get('url', '')}")

    def open(self, url):
        self.call("Page.navigate", url=url)

    def ask(self, script):
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, what, script, patience=120):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            value = self.ask(script)
            if value:
                return value
            time.sleep(0.5)
        raise RuntimeError(f"never in the page: {what}")

    def click(self, x, y, times=1):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for n in range(1, times + 1):
            for kind in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=n)

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def stop(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(30)
        self.log.close()
