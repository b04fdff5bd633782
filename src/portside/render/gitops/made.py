"""Objects that a chart or a kustomization makes, with the places that they are edited in."""

from __future__ import annotations

from collections.abc import Sequence

from portside.model.place import FieldPath
from portside.model.resource import Resource
from portside.render.places import Places


class MadeResource(Resource):
    """An object of rendered text: where its fields are led back is worked out when it is asked."""

    __slots__ = ("labels", "places")

    def __init__(self, made: Resource, places: Places, labels: Sequence[str] = ()) -> None:
        super().__init__(made.value, made.text, made.file, made.prefix)
        self.places = places
        self.labels = tuple(labels)
        """What tells it from an object of the same name: the environments that it is made in."""


def placed(resource: Resource, at: FieldPath) -> tuple[str, int, int]:
    """The file, line and column of the field at `at` of an object, as somebody wrote it."""
    if isinstance(resource, MadeResource):
        led = resource.places.place(resource.line, at)
        return led.file, led.line, led.column
    return (resource.file, *resource.place(at))
