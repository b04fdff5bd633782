"""The real parts that vendoring is held to, all on loopback: HTTP, Git over HTTP, a registry."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from tests.oracle import UnavailableError
from tests.oracle.toolchain import cache_folder, explain_failure, find_go, fingerprint, locked

LOOPBACK = "127.0.0.1"
CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
CHART_CONFIG = "application/vnd.cncf.helm.config.v1+json"
Page = bytes | Callable[[BaseHTTPRequestHandler], None]
_PERSON = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgSign=false")


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """A tar.gz of these files, the same for the same files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(made.getvalue(), mtime=0)


def chart(name: str, version: str, note: str = "") -> bytes:
    """A packed chart with one ConfigMap."""
    return packed(
        {
            f"{name}/Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n",
            f"{name}/values.yaml": "replicas: 1\n",
            f"{name}/templates/a.yaml": f"apiVersion: v1\nkind: ConfigMap\ndata: {{a: '{note}'}}\n",
        }
    )


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Server:
    """An HTTP server of pages that tests put there; it remembers what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.git: Path | None = None
        """The folder whose repositories are served below /git/."""
        self.asked: list[str] = []
        self.authorizations: list[str | None] = []
        self.http = ThreadingHTTPServer((LOOPBACK, 0), _handler(self))
        self.host = f"{LOOPBACK}:{self.http.server_address[1]}"
        self.url = f"http://{self.host}"

    def charts(self, below: str, *charts: tuple[str, str, bytes], digests: bool = True) -> str:
        """A chart repository of these (name, version, archive); its address."""
        entries: dict[str, list[dict[str, object]]] = {}
        for name, version, data in charts:
            file = f"{name}-{version}.tgz"
            self.pages[f"{below}/{file}"] = data
            entry: dict[str, object] = {"name": name, "version": version, "urls": [file]}
            if digests:
                entry["digest"] = sha256(data).removeprefix("sha256:")
            entries.setdefault(name, []).append(entry)
        index = {"apiVersion": "v1", "entries": entries}
        self.pages[f"{below}/index.yaml"] = json.dumps(index).encode()
        return f"{self.url}{below}"


@contextmanager
def served() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
            server.asked.append(self.path)
            server.authorizations.append(self.headers.get("Authorization"))
            page = server.pages.get(unquote(self.path.partition("?")[0]))
            with suppress(BrokenPipeError, ConnectionResetError):
                if page is None and server.git and self.path.startswith("/git/"):
                    _by_git(self, server.git)
                elif page is None:
                    answer(self, 404, b"not here")
                elif callable(page):
                    page(self)
                else:
                    answer(self, 200, page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


def answer(
    handler: BaseHTTPRequestHandler,
    code: int,
    body: bytes,
    headers: Mapping[str, str] | None = None,
) -> None:
    handler.send_response(code)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def redirect(to: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: answer(handler, 302, b"", {"Location": to})


def _by_git(handler: BaseHTTPRequestHandler, root: Path) -> None:
    """Answer as git http-backend does, the program behind git's own servers."""
    path, _, query = handler.path.partition("?")
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    if handler.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    done = subprocess.run(
        ["git", "http-backend"],
        input=body,
        capture_output=True,
        check=False,
        env={
            **os.environ,
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": handler.headers.get("Git-Protocol") or "",
            "PATH_INFO": path.removeprefix("/git"),
            "QUERY_STRING": query,
            "REQUEST_METHOD": handler.command,
            "CONTENT_TYPE": handler.headers.get("Content-Type") or "",
        },
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    code = int(headers.pop("Status", "200").split()[0])
    answer(handler, code, content, headers)


class Origin:
    """A repository of git with a work tree, and its bare twin that a server shows."""

    def __init__(self, folder: Path, name: str) -> None:
        self.work = folder / f"{name}-work"
        self.bare = folder / f"{name}.git"
        self.work.mkdir()
        self.run("init", "-q", "-b", "main")
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(self.bare)], check=True)

    def run(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *_PERSON, *words], cwd=self.work, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(
        self, files: Mapping[str, str], tag: str = "", links: Mapping[str, str] | None = None
    ) -> str:
        """A commit with these files, pushed; its name."""
        for name, text in files.items():
            place = self.work / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        for name, target in (links or {}).items():
            (self.work / name).parent.mkdir(parents=True, exist_ok=True)
            (self.work / name).symlink_to(target)
        self.run("add", "-A", "-f")
        self.run("commit", "-q", "--allow-empty", "-m", "a change")
        if tag:
            self.run("tag", "-a", "-m", tag, tag)
        self.push()
        return self.run("rev-parse", "HEAD")

    def push(self) -> None:
        self.run("push", "-q", "--force", "--mirror", str(self.bare))


def registry_program() -> Path:
    """The registry of the distribution project, built once. Raises UnavailableError."""
    module = Path(__file__).parent / "registry"
    files = [module / it for it in ("main.go", "go.mod", "go.sum")]
    folder = cache_folder() / f"registry-{fingerprint(files)}"
    program = folder / "registry"
    with locked(folder):
        if not program.exists():
            _build(find_go(), files, program)
    return program


def _build(go: str, files: list[Path], program: Path) -> None:
    # Built from a copy, so that Go never writes into the repository.
    workplace = program.parent / "source"
    shutil.rmtree(workplace, ignore_errors=True)
    workplace.mkdir()
    for file in files:
        shutil.copy(file, workplace / file.name)
    fresh = program.with_name("registry.new")
    done = subprocess.run(
        ["nice", "-n", "10", go, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(fresh), "."],
        cwd=workplace,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod -buildvcs=false"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        explain_failure("registry", done.stderr)
    fresh.rename(program)
    shutil.rmtree(workplace)


class Registry:
    """A running registry; `password` is that of ann, where it asks for one."""

    def __init__(self, folder: Path, port: int, password: str = "") -> None:
        self.host = f"{LOOPBACK}:{port}"
        self.url = f"oci://{self.host}"
        self.folder = folder
        self.password = password

    def push(self, name: str, tag: str, data: bytes, layer: str = CHART_LAYER) -> str:
        """Push an artifact of one layer; the digest of its manifest."""
        config = b"{}"
        for blob in (data, config):
            self._upload(name, blob)
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {
                    "mediaType": CHART_CONFIG,
                    "digest": sha256(config),
                    "size": len(config),
                },
                "layers": [{"mediaType": layer, "digest": sha256(data), "size": len(data)}],
            }
        ).encode()
        self._ask(
            "PUT", f"/v2/{name}/manifests/{tag}", manifest,
            "application/vnd.oci.image.manifest.v1+json",
        )  # fmt: skip
        return sha256(manifest)

    def _upload(self, name: str, blob: bytes) -> None:
        place = self._ask("POST", f"/v2/{name}/blobs/uploads/", b"")["Location"]
        joint = "&" if "?" in place else "?"
        self._ask("PUT", f"{place}{joint}digest={sha256(blob)}", blob, "application/octet-stream")

    def _ask(self, method: str, path: str, data: bytes, kind: str = "") -> Mapping[str, str]:
        url = path if path.startswith("http") else f"http://{self.host}{path}"
        request = urllib.request.Request(url, data=data, method=method)  # noqa: S310 - loopback
        if kind:
            request.add_header("Content-Type", kind)
        if self.password:
            told = base64.b64encode(f"ann:{self.password}".encode()).decode()
            request.add_header("Authorization", f"Basic {told}")
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
            response.read()
            return dict(response.headers)


@contextmanager
def running_registry(
    program: Path, folder: Path, htpasswd: str = "", password: str = ""
) -> Iterator[Registry]:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    auth = ""
    if htpasswd:
        (folder / "htpasswd").write_text(htpasswd)
        auth = f"auth: {{htpasswd: {{realm: tests, path: '{folder}/htpasswd'}}}}\n"
    config = folder / "config.yml"
    config.write_text(
        "version: 0.1\nlog: {level: error}\n"
        f"storage: {{filesystem: {{rootdirectory: '{folder}/data'}}}}\n"
        f"http: {{addr: '{LOOPBACK}:{port}'}}\n{auth}"
    )
    with open(folder / "log", "w") as log:
        process = subprocess.Popen([program, "serve", config], stdout=log, stderr=log)
    try:
        _wait(f"http://{LOOPBACK}:{port}/v2/", process)
        yield Registry(folder, port, password)
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise UnavailableError("the registry ended as soon as it started")
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310
            return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.05)
    raise UnavailableError("the registry does not answer")
