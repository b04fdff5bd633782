"""What kind of chart a chart is."""

from __future__ import annotations

from portside.model.resource import FileResource


def is_application(it: FileResource) -> bool:
    """Whether it is the Chart.yaml of a chart that can be installed: libraries cannot."""
    return it.file.rpartition("/")[2] == "Chart.yaml" and it.value.get("type") != "library"
