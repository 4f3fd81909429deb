"""OHIF's built pages and Orthanc's DICOMweb behind one address, so that the browser sees one origin."""
import http.server
import json
import threading
import urllib.error
import urllib.request

CONFIG = {
    "routerBasename": "/ohif/", "showStudyList": True, "extensions": [], "modes": [],
    "strictZSpacingForVolumeViewport": True, "defaultDataSourceName": "dicomweb", "useSharedArrayBuffer": "FALSE",
    "investigationalUseDialog": {"option": "never"},
    "dataSources": [{
        "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb", "sourceName": "dicomweb",
        "configuration": {
            "friendlyName": "Orthanc", "name": "Orthanc", "wadoUriRoot": "/dicom-web", "qidoRoot": "/dicom-web",
            "wadoRoot": "/dicom-web", "qidoSupportsIncludeField": False, "supportsReject": False,
            "imageRendering": "wadors", "thumbnailRendering": "wadors", "enableStudyLazyLoad": True,
            "supportsFuzzyMatching": False, "supportsWildcard": True, "bulkDataURI": {"enabled": True}}}]}


def handler_for(folder, orthanc):
    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __init__(self, *words, **more):
            super().__init__(*words, directory=str(folder), **more)

        def log_message(self, *words):
            pass

        def do_GET(self):
            if self.path.startswith("/dicom-web/"):
                return self.pass_on()
            path = self.path.split("?")[0]
            if path == "/ohif/app-config.js":
                return self.give(200, "text/javascript", b"window.config = " + json.dumps(CONFIG).encode())
            if not path.startswith("/ohif/"):
                return self.give(404, "text/plain", b"")
            self.path = path[len("/ohif"):]
            if not (folder / self.path[1:]).is_file():
                self.path = "/index.html"
            return super().do_GET()

        def pass_on(self):
            headers = {"Host": self.headers["Host"], "Accept": self.headers.get("Accept", "*/*")}
            request = urllib.request.Request(orthanc + self.path, headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    self.give(answer.status, answer.headers["Content-Type"], answer.read())
            except urllib.error.HTTPError as error:
                self.give(error.code, "text/plain", error.read())

        def give(self, status, kind, body):
            self.send_response(status)
            self.send_header("Content-Type", kind or "application/octet-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def serve(folder, orthanc, port):
    """Serves until the server's shutdown() is called."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler_for(folder, orthanc))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
