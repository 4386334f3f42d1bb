"""The console as an application: its pages and actions by path, and how one is answered."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from emulator.core.origin import DEFAULT
from emulator.engine import real_time
from emulator.stores import StoreError
from emulator.web.console import (
    clock,
    coverage,
    faults,
    home,
    journal,
    new_orders,
    orders,
    receiver,
    requests,
    scenarios,
    settings,
    webhooks,
)
from emulator.web.console.assets import STATIC, console_headers, environment, find_asset
from emulator.web.console.life import KINDS, Life, read_life
from emulator.web.console.parts import PARTS, part_of
from emulator.web.console.visit import ROOT, Action, Shown, View, Visit, read_wanted
from emulator.web.console_cookie import COOKIE, cookie_value, has_cookie
from emulator.web.control.context import Context
from emulator.web.control.reading import read_body
from emulator.web.control.refusals import ControlError, log_failure, refusal_of, write_error
from emulator.web.control.streams import open_stream
from emulator.web.routes import serve_only

MAX_FORM_BYTES = 256 * 1024
"""How long a form may be."""
_SEE_OTHER, _UNAUTHORIZED, _NOT_FOUND = 303, 401, 404
_YEAR = "public, max-age=31536000, immutable"
_SANDBOX = f"{ROOT}/{{sandbox}}"
_ENTER = "/enter"

VIEWS: Mapping[str, View] = {
    "": home.show_home,
    "/access": home.show_access,
    "/new": new_orders.show_new,
    "/scenarios": scenarios.show_scenarios,
    "/faults": faults.show_faults,
    "/settings": settings.show_settings,
    "/orders/{order}": orders.show_order,
    "/webhooks/{webhook}": webhooks.show_webhook,
    "/receiver": receiver.show_receiver,
    "/journal": journal.show_journal,
    "/journal/{number}": journal.show_entry,
    "/coverage": coverage.show_coverage,
    "/requests/{number}": requests.show_request,
}
"""The pages, by their path below the sandbox's."""
ACTIONS: Mapping[str, tuple[Action, View]] = {
    "/clock": (clock.move_clock, home.show_home),
    "/receiver": (receiver.receive_here, receiver.show_receiver),
    "/new": (new_orders.make, new_orders.show_new),
    "/scenarios": (scenarios.choose, scenarios.show_scenarios),
    "/scenarios/edit": (scenarios.edit, scenarios.show_scenarios),
    "/faults": (faults.add, faults.show_faults),
    "/faults/remove": (faults.remove, faults.show_faults),
    "/settings": (settings.change, settings.show_settings),
    "/orders/{order}/fire": (orders.fire, orders.show_order),
    "/webhooks/{webhook}/resend": (webhooks.resend, webhooks.show_webhook),
    "/requests/{number}/resend": (requests.resend, requests.show_request),
}
"""What forms can do, and the page that is shown, with the reason, if it cannot be done."""


Endpoint = Callable[[Request], Awaitable[Response]]
"""What answers at a path."""


class Console:
    """The console of one emulator."""

    def __init__(self, context: Context) -> None:
        self._context = context
        viewed = [Route(_SANDBOX + path, self._view(view), methods=["GET"]) for path, view in VIEWS.items()]
        done = [Route(_SANDBOX + path, self._act(*each), methods=["POST"]) for path, each in ACTIONS.items()]
        self.app = serve_only([
            Route("/", self._view(home.show_home), methods=["GET"]),
            Route(ROOT, self._choose_sandbox, methods=["GET"]),
            Route(_ENTER, self._enter, methods=["POST"]),
            Route(STATIC + "/{name}", _send_file, methods=["GET"]),
            Route(_SANDBOX + "/events", self._stream, methods=["GET"]),
            *viewed,
            *done,
        ])  # fmt: skip
        """What answers."""

    def _view(self, view: View) -> Endpoint:
        async def show(request: Request) -> Response:
            return await self._looked(self._visit(request, {}), view)

        return self._admitted(show)

    def _act(self, action: Action, view: View) -> Endpoint:
        async def act(request: Request) -> Response:
            return await self._acted(self._visit(request, await _read_form(request)), action, view)

        return self._admitted(act)

    def _admitted(self, answer: Endpoint) -> Endpoint:
        """The same for those who know the token; the sandbox is in memory meanwhile."""

        async def endpoint(request: Request) -> Response:
            if self._is_stranger(request):
                return self._ask_for_token(request)
            try:
                async with self._context.engine.using(request.path_params.setdefault("sandbox", DEFAULT)):
                    return await answer(request)
            except (ControlError, StoreError) as error:
                return self._write_lost(request, error)

        return endpoint

    async def _acted(self, visit: Visit, action: Action, view: View) -> Response:
        """Redirects if the action has worked; otherwise shows the same page with the reason."""
        try:
            return RedirectResponse(await action(visit), _SEE_OTHER)
        except Exception as failure:
            log_failure(visit.request, failure)
            problem = refusal_of(failure)
        try:
            return await self._looked(visit, view, problem)
        except ControlError:
            return self._write_lost(visit.request, problem)

    async def _looked(self, visit: Visit, view: View, problem: ControlError | None = None) -> Response:
        """The page of a view, once the store has kept what it shows."""

        async def look() -> Response:
            return self._write(visit, await self._shown(visit, view), problem)

        return await self._context.engine.read(look, visit.sandbox.name)

    async def _shown(self, visit: Visit, view: View) -> Shown:
        """What the view has to show. If only the list is refreshed, nobody looks at the rest."""
        if visit.request.headers.get("hx-target") in ("rows", "life"):
            return Shown("nothing.html", "", leads_back=False)
        return await view(visit)

    def _visit(self, request: Request, form: Mapping[str, str]) -> Visit:
        self._context.require_ready()
        return Visit(self._context, request, self._context.sandbox(request), read_wanted(request.query_params), form)

    def _write(self, visit: Visit, shown: Shown, problem: ControlError | None = None) -> Response:
        """The page. A list that was not asked for is not read."""
        refreshed = visit.request.headers.get("hx-target")
        wanted, journal = visit.wanted, visit.journal
        life = (
            Life(wanted, (), more=False, counts={})
            if refreshed == "chosen"
            else read_life(visit.sandbox, journal, visit.library, wanted)
        )
        here = _own_path(visit, shown)
        values = {
            "visit": visit,
            "life": life,
            "kinds": KINDS,
            "face": clock.read_clock(visit),
            "steps": clock.STEPS,
            "modes": clock.MODES,
            "parts": PARTS,
            "part": part_of(here.partition("?")[0].removeprefix(visit.home).strip("/")),
            "here": here,
            "sandboxes": list(visit.context.engine.sandboxes.names),
            "providers": [(name, each.title) for name, each in visit.providers.items()],
            "problem": problem.message if problem is not None else "",
            "shown": shown,
            **shown.values,
        }
        status = problem.status if problem is not None else shown.status
        return self._page(visit.request, "page.html", status, values)

    def _page(self, request: Request, template: str, status: int, values: Mapping[str, object]) -> Response:
        nonce = real_time.nonce()
        prefix = self._context.prefix(request)
        text = environment().get_template(template).render(nonce=nonce, prefix=prefix, root=ROOT, **values)
        return HTMLResponse(text, status, console_headers(nonce))

    def _write_lost(self, request: Request, failure: Exception) -> Response:
        """A page that only says what is wrong, and links back."""
        error = refusal_of(failure)
        return self._page(request, "lost.html", error.status, {"message": error.message, "error": error.error})

    # -- who may come in

    def _is_stranger(self, request: Request) -> bool:
        token = self._context.token
        return token is not None and not has_cookie(request.scope, token)

    def _ask_for_token(self, request: Request, problem: str = "") -> Response:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        values = {"problem": problem, "back": back if request.method == "GET" else "/"}
        answer = self._page(request, "token.html", _UNAUTHORIZED, values)
        answer.headers["HX-Refresh"] = "true"
        return answer

    async def _enter(self, request: Request) -> Response:
        """Takes the token once; from then on a cookie says that it is known."""
        try:
            form = await _read_form(request)
        except ControlError as error:
            return self._write_lost(request, error)
        token = self._context.token
        if token is not None and not hmac.compare_digest(form.get("token", "").strip().encode(), token.encode()):
            return self._ask_for_token(request, "This is not the token that was given to --control-token.")
        back = form.get("back", "/")
        local = back.startswith("/") and not back.startswith(("//", "/\\")) and not urlsplit(back).netloc
        answer = RedirectResponse(self._context.prefix(request) + (back if local else "/"), _SEE_OTHER)
        if token is not None:
            secure = request.url.scheme == "https"
            answer.set_cookie(COOKIE, cookie_value(token), httponly=True, samesite="strict", path="/", secure=secure)
        return answer

    async def _stream(self, request: Request) -> Response:
        """What happens in a sandbox, as it happens, for its pages."""
        if self._is_stranger(request):
            return self._ask_for_token(request)
        try:
            self._context.require_ready()
            async with self._context.engine.using(request.path_params["sandbox"]):
                return open_stream(self._context, request, named=False)
        except ControlError as error:
            return write_error(error)

    async def _choose_sandbox(self, request: Request) -> Response:
        """Redirects to the sandbox that was chosen in the top bar."""
        name = request.query_params.get("sandbox", DEFAULT)
        return RedirectResponse(f"{self._context.prefix(request)}{ROOT}/{quote(name, safe='')}", _SEE_OTHER)


def _own_path(visit: Visit, shown: Shown) -> str:
    """The address of what is shown: after a form that was refused, that of the page on which it was."""
    if visit.request.method == "GET":
        query = visit.request.url.query
        path = visit.context.prefix(visit.request) + quote(visit.request.url.path, safe="/%")
        return f"{path}?{query}" if query else path
    return visit.path(shown.path)


async def _read_form(request: Request) -> dict[str, str]:
    body = await read_body(request, MAX_FORM_BYTES, "a form")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def _send_file(request: Request) -> Response:
    asset = await asyncio.to_thread(find_asset, request.path_params["name"])
    if asset is None:
        raise HTTPException(_NOT_FOUND)
    return Response(asset.content, media_type=asset.media_type, headers={"cache-control": _YEAR})
