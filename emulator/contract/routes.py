"""Finds endpoints by path."""

from collections.abc import Iterable, Mapping
from typing import Generic, Protocol, TypeVar
from urllib.parse import unquote


class Routed(Protocol):
    """What can be found by method and path."""

    @property
    def method(self) -> str:
        """Such as `POST`."""

    @property
    def path(self) -> str:
        """Such as `/v1/order/{order_id}`; a parameter takes one segment."""


E = TypeVar("E", bound=Routed)


class Routes(Generic[E]):
    """Endpoints by path and method. If several paths fit, the one whose first parameter is furthest right wins."""

    def __init__(self, endpoints: Iterable[E], prefixes: Iterable[str] = ("",)) -> None:
        """Each path exists with each of `prefixes` in front. Raises ValueError for two endpoints at one place."""
        shapes: dict[tuple[str, ...], tuple[tuple[str, ...], dict[str, E]]] = {}
        listed = list(endpoints)
        for prefix in prefixes:
            for endpoint in listed:
                segments = tuple((prefix + endpoint.path).split("/"))
                shape = tuple("{}" if segment.startswith("{") else segment for segment in segments)
                names, methods = shapes.setdefault(shape, (segments, {}))
                if names != segments:
                    raise ValueError(
                        f"{'/'.join(names)} and {'/'.join(segments)} must give their parameters the same names"
                    )
                if endpoint.method in methods:
                    raise ValueError(f"{endpoint.method} {'/'.join(segments)} appears twice")
                methods[endpoint.method] = endpoint
        self._static = {"/".join(shape): methods for shape, (_, methods) in shapes.items() if "{}" not in shape}
        self._dynamic: dict[int, list[tuple[tuple[str, ...], dict[str, E]]]] = {}
        for shape, entry in shapes.items():
            if "{}" in shape:
                self._dynamic.setdefault(len(shape), []).append(entry)
        for entries in self._dynamic.values():
            entries.sort(key=lambda entry: [segment.startswith("{") for segment in entry[0]])

    def find(self, path: str) -> tuple[Mapping[str, E], Mapping[str, str]]:
        """The endpoints at this path by method, and the path's decoded parameters; both empty if nothing is there."""
        methods = self._static.get(path)
        if methods is not None:
            return methods, {}
        segments = path.split("/")
        for template, methods in self._dynamic.get(len(segments), ()):
            parameters: dict[str, str] = {}
            for expected, segment in zip(template, segments, strict=True):
                if expected.startswith("{"):
                    if not segment:
                        break
                    parameters[expected[1:-1]] = unquote(segment) if "%" in segment else segment
                elif expected != segment:
                    break
            else:
                return methods, parameters
        return {}, {}
