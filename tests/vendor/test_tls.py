"""https: to whom a certificate that the user trusts was given, and to nobody else."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vendor.conftest import Tree
from tests.vendor.parts import Origin, Server, chart, redirect, served
from tests.vendor.test_charts import CHART


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody knows, with its key."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl, which makes a certificate")
    place = tmp_path / "tls.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(tmp_path / "key.pem"), "-out", str(place)),
        ],
        check=True,
        capture_output=True,
    )
    return place


@pytest.fixture
def secure(authority: Path) -> Iterator[Server]:
    with served() as running:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority, authority.parent / "key.pem")
        running.http.socket = context.wrap_socket(running.http.socket, server_side=True)
        running.url = running.url.replace("http://", "https://")
        yield running


def test_a_certificate_that_is_not_trusted_is_refused_and_one_that_is_serves(
    tree: Tree, secure: Server, authority: Path
) -> None:
    url = secure.charts("", ("redis", "1.2.0", chart("redis", "1.2.0")))
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.run("vendor")
    assert ran.code == 3
    assert "certificate verify failed" in ran.out
    assert secure.asked == []
    # Nor does naming the host as insecure make a certificate of nobody a good one.
    assert tree.vendor().code == 3
    ran = tree.run("vendor", SSL_CERT_FILE=str(authority))
    assert ran.code == 0, ran


def test_https_leads_to_http_only_where_the_host_is_named(
    tree: Tree, secure: Server, server: Server, authority: Path
) -> None:
    data = chart("redis", "1.2.0")
    url = secure.charts("", ("redis", "1.2.0", data))
    server.pages["/plain.tgz"] = data
    secure.pages["/redis-1.2.0.tgz"] = redirect(f"{server.url}/plain.tgz")
    tree.write("Chart.yaml", CHART.format(url=url))
    ran = tree.run("vendor", SSL_CERT_FILE=str(authority))
    assert ran.code == 3
    assert "http is not encrypted" in ran.out
    assert server.asked == []


def test_git_is_asked_over_https_with_the_same_care(
    tree: Tree, secure: Server, server: Server, authority: Path, tmp_path: Path
) -> None:
    secure.git = tmp_path / "origins"
    secure.git.mkdir()
    Origin(secure.git, "base").commit({"kustomization.yaml": "resources: []\n"})
    tree.write("kustomization.yaml", f"resources: ['{secure.url}/git/base.git?ref=main']\n")
    ran = tree.run("vendor")
    assert ran.code == 3
    assert "certificate" in ran.out
    assert tree.run("vendor", GIT_SSL_CAINFO=str(authority)).code == 0
    # From https git is not led to http either.
    secure.pages["/moved.git/info/refs"] = redirect(f"{server.url}/git/base.git/info/refs")
    tree.write("kustomization.yaml", f"resources: ['{secure.url}/moved.git?ref=main']\n")
    assert tree.run("vendor", GIT_SSL_CAINFO=str(authority)).code == 3
    assert server.asked == []
