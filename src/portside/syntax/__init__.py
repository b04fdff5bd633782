"""YAML and JSON in Kubernetes' dialect, with the place of every field. Knows nothing of Kubernetes.

`read` gives a `Document` or a `Broken` for each document of a stream. Source of the dialect:
sigs.k8s.io/yaml and k8s.io/apimachinery/pkg/util/yaml, asked through kubectl in the tests.
"""

from portside.syntax.document import DEFAULT, Broken, Document, Limits, Remark
from portside.syntax.read import TooLargeError, read

__all__ = ["DEFAULT", "Broken", "Document", "Limits", "Remark", "TooLargeError", "read"]
