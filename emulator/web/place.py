"""Where the emulator is reached from outside, according to its options: for every URL that it hands out."""

from msgspec import Struct
from starlette.types import Scope

from emulator.contract.request import Request
from emulator.core.forwarded import Reached, read_forwarded, read_origin

REACHED = "emulator.reached"
"""Where the scope of a request has the URL that the client used."""


class Place(Struct, frozen=True):
    """What the options say."""

    trust_proxy: bool = False
    """Whether the headers of a proxy say which URL the client used."""
    public_url: str = ""
    """The front door's base URL for everybody, without a slash at its end; empty: the one that each request used."""

    def put(self, request: Request, provider: str, server: str) -> None:
        """Notes in a request to a provider which URL the client used."""
        if self.trust_proxy:
            scheme = request.origin.partition("://")[0]
            reached = read_forwarded(request.headers, scheme, server)
            request.origin, request.prefix = reached.origin, reached.prefix
        if self.public_url:
            request.public_url = f"{self.public_url}/{provider}"

    def put_on_scope(self, scope: Scope) -> None:
        """The same for a request to the control API or a page, which then looks as if it had come without a proxy."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"][::-1]}
        host, port = scope.get("server") or ("localhost", None)
        server = f"{host}:{port}" if port else host
        if not self.trust_proxy:
            scope[REACHED] = Reached(read_origin(scope["scheme"], headers.get("host", ""), server))
            return
        scope[REACHED] = reached = read_forwarded(headers, scope["scheme"], server)
        scope["scheme"], _, host = reached.origin.partition("://")
        others = [pair for pair in scope["headers"] if pair[0].lower() != b"host"]
        scope["headers"] = [*others, (b"host", host.encode("latin-1"))]


PLACE = Place()
"""What holds without options."""
