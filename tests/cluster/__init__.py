"""A real kube-apiserver on a real etcd, on loopback, and a thin client for it.

    with Cluster() as cluster:
        namespace = cluster.namespace({"pod-security.kubernetes.io/enforce": "restricted"})
        status, answer = cluster.create(pod, namespace=namespace, dry_run=True)

There is no controller-manager, scheduler or node: objects are admitted, validated and stored, and
nothing happens to them. So a namespace never ends, and service accounts have to be made by hand;
`Cluster.namespace` makes the one called default.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from tests.cluster.control_plane import ControlPlane, StartError

__all__ = ["Cluster", "Json", "RefusedError", "StartError"]

Json = dict[str, Any]


class RefusedError(Exception):
    """The API server refused what a test needs as its ground; the text is its message."""


class Cluster:
    """A running control plane, for use in `with`; safe to share between threads.

    `flags` are more flags of kube-apiserver, such as `--emulated-version=kube=1.34` or
    `--runtime-config=admissionregistration.k8s.io/v1beta1=true`. To enter raises `UnavailableError`
    where a program cannot be had, and `StartError` with the end of its log where one ends.
    """

    def __init__(self, *flags: str) -> None:
        self._plane = ControlPlane(flags)
        self._local = threading.local()
        self._numbers = itertools.count(1)
        self._resources: dict[str, dict[str, Json]] = {}
        self._tls: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        self._plane.start()
        try:
            self._tls = ssl.create_default_context(cafile=str(self._plane.certificate))
            self._wait_until_ready()
        except BaseException:
            self._plane.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop_connection()
        self._plane.stop()

    def request(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        params: Mapping[str, str] | None = None,
        *,
        content_type: str = "application/json",
    ) -> tuple[int, Json]:
        """One request to the API: its HTTP status, and its body as JSON (text under `text`)."""
        query = f"?{urllib.parse.urlencode(params)}" if params else ""
        headers = {"Authorization": f"Bearer {self._plane.token}", "Content-Type": content_type}
        payload = None if body is None else json.dumps(body).encode()
        status, text = self._send(method, path + query, payload, headers)
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        return status, answer if isinstance(answer, dict) else {"text": text.decode()}

    def create(
        self, value: Json, *, namespace: str | None = None, dry_run: bool = False
    ) -> tuple[int, Json]:
        """Creates an object, in its own namespace or the one given; the status and the answer.

        With `dry_run` it passes decoding (unknown fields are refused), admission and validation,
        and is not stored.
        """
        params = {"fieldValidation": "Strict"}
        if dry_run:
            params["dryRun"] = "All"
        return self.request("POST", self.path(value, namespace), value, params)

    def apply(
        self, value: Json, *, namespace: str | None = None, dry_run: bool = False
    ) -> tuple[int, Json]:
        """Creates or changes an object by server-side apply; the status and the answer."""
        params = {"fieldManager": "portside-tests", "force": "true", "fieldValidation": "Strict"}
        if dry_run:
            params["dryRun"] = "All"
        path = f"{self.path(value, namespace)}/{value['metadata']['name']}"
        return self.request(
            "PATCH", path, value, params, content_type="application/apply-patch+yaml"
        )

    def delete(self, value: Json, *, namespace: str | None = None) -> tuple[int, Json]:
        """Deletes an object; the status and the answer."""
        path = f"{self.path(value, namespace)}/{value['metadata']['name']}"
        return self.request("DELETE", path)

    def path(self, value: Json, namespace: str | None = None) -> str:
        """The path of an object's collection, as discovery tells it.

        Raises `RefusedError` where the API server does not know the kind.
        """
        version = value["apiVersion"]
        resource = self._resource(version, value["kind"])
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if not resource["namespaced"]:
            return f"{root}/{resource['name']}"
        inside = namespace or value.get("metadata", {}).get("namespace") or "default"
        return f"{root}/namespaces/{inside}/{resource['name']}"

    def namespace(self, labels: Mapping[str, str] | None = None, name: str | None = None) -> str:
        """Makes a namespace with its default service account and returns its name."""
        name = name or f"test-{os.getpid()}-{next(self._numbers)}"
        metadata = {"name": name, "labels": dict(labels or {})}
        self._make({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        account = {"name": "default", "namespace": name}
        self._make({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
        return name

    def wait_until(self, holds: Callable[[], bool], *, patience: float = 30) -> None:
        """Waits until something holds, such as that a new policy refuses a probe.

        Raises `TimeoutError` after `patience` seconds. A policy takes a second or two to be in
        force after it is created.
        """
        end = time.monotonic() + patience
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"it did not come to hold within {patience} s")
            time.sleep(0.1)

    def _make(self, value: Json) -> None:
        status, answer = self.create(value)
        if status != http.HTTPStatus.CREATED:
            raise RefusedError(f"{value['kind']}: {answer.get('message', answer)}")

    def _resource(self, version: str, kind: str) -> Json:
        known = self._resources.get(version, {})
        if kind not in known:
            root = f"/apis/{version}" if "/" in version else f"/api/{version}"
            _, answer = self.request("GET", root)
            known = {
                resource["kind"]: resource
                for resource in answer.get("resources", [])
                if "/" not in resource["name"]
            }
            self._resources[version] = known
        if kind not in known:
            raise RefusedError(f"the API server knows no {kind} of {version}")
        return known[kind]

    def _wait_until_ready(self) -> None:
        def ready() -> bool:
            self._plane.check()
            return self._answers("/readyz") and self._answers("/api/v1/namespaces/default")

        self.wait_until(ready, patience=120)

    def _answers(self, path: str) -> bool:
        try:
            return self.request("GET", path)[0] == http.HTTPStatus.OK
        except OSError:
            return False

    def _send(
        self, method: str, target: str, payload: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        for last_try in (False, True):
            connection = self._connection()
            try:
                connection.request(method, target, payload, headers)
                response = connection.getresponse()
                return response.status, response.read()
            except (http.client.HTTPException, OSError) as error:
                # A kept connection may have been closed by the server meanwhile.
                self._drop_connection()
                if last_try:
                    raise OSError(f"{method} {target}: {error}") from error
        raise AssertionError("unreachable")

    def _connection(self) -> http.client.HTTPSConnection:
        kept: http.client.HTTPSConnection | None = getattr(self._local, "connection", None)
        if kept is None:
            kept = http.client.HTTPSConnection(
                "127.0.0.1", self._plane.port, timeout=60, context=self._tls
            )
            self._local.connection = kept
        return kept

    def _drop_connection(self) -> None:
        kept: http.client.HTTPSConnection | None = getattr(self._local, "connection", None)
        if kept is not None:
            kept.close()
            self._local.connection = None
