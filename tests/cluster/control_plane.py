"""Starts etcd and kube-apiserver on free loopback ports, and stops them by their process ids."""

from __future__ import annotations

import base64
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.cluster import programs


class StartError(Exception):
    """etcd or kube-apiserver ended or did not come up; the text holds the end of its log."""


class ControlPlane:
    """The two processes and the folder that holds their data, keys and logs.

    After `start` there are `port`, `token` (of a member of system:masters) and `certificate`.
    """

    port: int
    token: str
    certificate: Path

    def __init__(self, flags: Sequence[str] = ()) -> None:
        self._flags = list(flags)
        self._folder: Path | None = None
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, attempts: int = 3) -> None:
        """Starts both; again with other ports where somebody took one in the meantime."""
        server, store = programs.api_server(), programs.etcd()
        for left in reversed(range(attempts)):
            try:
                self._start(server, store)
            except StartError as error:
                self.stop()
                if not left or "address already in use" not in str(error):
                    raise
            except BaseException:
                self.stop()
                raise
            else:
                return

    def check(self) -> None:
        """Raises `StartError` where one of the processes has ended."""
        for name, process in self._running:
            if process.poll() is not None:
                status = process.returncode
                raise StartError(f"{name} ended with status {status}:\n{self._log(name)}")

    def stop(self) -> None:
        """Ends what runs, the server before its store, and removes the folder."""
        while self._running:
            _, process = self._running.pop()
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _start(self, server: Path, store: Path) -> None:
        folder = self._folder = Path(tempfile.mkdtemp(prefix="portside-cluster-"))
        self.port, client_port, peer_port = _free_ports(3)
        self.token = secrets.token_hex(16)
        (folder / "tokens.csv").write_text(f'{self.token},admin,1,"system:masters"\n')
        (folder / "sa.key").write_text(_signing_key())
        client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
        self._run("etcd", [str(store), *_store_flags(folder, client, peer)])
        self._run("kube-apiserver", [str(server), *_server_flags(folder, client, self.port)])
        self.certificate = folder / "certificates" / "apiserver.crt"
        self._wait_for_certificate()

    def _run(self, name: str, command: list[str]) -> None:
        assert self._folder is not None
        more = self._flags if name == "kube-apiserver" else []
        with open(self._folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen([*command, *more], stdout=log, stderr=log)
        self._running.append((name, process))

    def _wait_for_certificate(self) -> None:
        end = time.monotonic() + 60
        while not self.certificate.exists() or not self.certificate.stat().st_size:
            self.check()
            if time.monotonic() > end:
                raise StartError(f"kube-apiserver is silent:\n{self._log('kube-apiserver')}")
            time.sleep(0.05)

    def _log(self, name: str) -> str:
        assert self._folder is not None
        return (self._folder / f"{name}.log").read_text(errors="replace")[-4000:]


def _store_flags(folder: Path, client: str, peer: str) -> list[str]:
    return [
        f"--data-dir={folder / 'etcd'}",
        "--unsafe-no-fsync",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    ]


def _server_flags(folder: Path, store: str, port: int) -> list[str]:
    return [
        f"--etcd-servers={store}",
        f"--secure-port={port}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--cert-dir={folder / 'certificates'}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={folder / 'sa.key'}",
        f"--service-account-signing-key-file={folder / 'sa.key'}",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--allow-privileged=true",
        # Tests ask as fast as they can.
        "--enable-priority-and-fairness=false",
    ]


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return ports


def _signing_key() -> str:
    """A new P-256 key as PEM: RFC 5915's ECPrivateKey without the public half, which is optional.

    Any 31 random bytes are below the curve's order.
    """
    version, named_curve = b"\x02\x01\x01", bytes.fromhex("a00a06082a8648ce3d030107")
    secret = b"\x04\x20\x00" + secrets.token_bytes(31)
    body = version + secret + named_curve
    text = base64.encodebytes(b"\x30" + bytes([len(body)]) + body).decode()
    return f"-----BEGIN EC PRIVATE KEY-----\n{text}-----END EC PRIVATE KEY-----\n"
