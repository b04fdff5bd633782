"""Makes folders of real manifests to measure on: `python -m benchmarks.corpus DOCUMENTS FOLDER`.

The manifests are those of the shared inputs that people wrote or charts made; where they do not
suffice they are repeated, each copy with a comment of its own so that no two files are the same.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from portside.syntax import Document, read

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"
_GLOBS = ("realworld/**/*.yaml", "netpol-analyzer/**/*.yaml", "helm-golden/*/expected.*.yaml")

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-deployment
  labels:
    app: nginx
spec:
  replicas: 3
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      labels:
        app: nginx
    spec:
      containers:
        - name: nginx
          image: nginx:1.14.2
          ports:
            - containerPort: 80
"""


def manifests() -> list[tuple[bytes, int]]:
    """(text, documents) of every distinct real manifest, in a fixed order.

    Raises FileNotFoundError where the shared inputs are not beside the project.
    """
    if not CORPORA.exists():
        raise FileNotFoundError("the shared corpora are not beside the project: ../shared/corpora")
    found: dict[bytes, int] = {}
    for glob in _GLOBS:
        for path in sorted(CORPORA.glob(glob)):
            text = path.read_bytes()
            documents = list(read(text))
            whole = all(isinstance(it, Document) and _is_object(it.value) for it in documents)
            if documents and whole and text not in found:
                found[text] = len(documents)
    return list(found.items())


def _is_object(value: object) -> bool:
    return isinstance(value, dict) and "kind" in value and "apiVersion" in value


def files(documents: int) -> Iterator[tuple[str, bytes]]:
    """(name, text) of files that hold about `documents` documents."""
    left = documents
    real = manifests()
    for copy in itertools.count():
        for number, (text, count) in enumerate(real):
            if left <= 0:
                return
            left -= count
            mark = f"\n# copy {copy}\n".encode() if copy else b""
            yield f"{copy:03}/{number // 50:03}/{number:05}.yaml", text + mark


def make(documents: int, folder: Path) -> int:
    """Write such files below `folder`, which must not exist; gives how many."""
    folder.mkdir(parents=True)
    total = 0
    for name, text in files(documents):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        total += 1
    return total


if __name__ == "__main__":
    print(make(int(sys.argv[1]), Path(sys.argv[2])), "files")
