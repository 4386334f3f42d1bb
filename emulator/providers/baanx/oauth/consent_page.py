"""Pages for people: the one on which a user signs in and lets an app in, and what is refused there.

Assumed: all of their looks. They work without scripts, load nothing from anywhere, and escape what came from a client.
"""

from html import escape

from emulator.contract.reply import Reply

ENDPOINTS = frozenset({"authorize-oauth2", "show-consent-page", "give-consent"})
"""Names of the calls whose refusals are pages, too."""
HTML = "text/html; charset=utf-8"
NEVER_KEPT = (("Cache-Control", "no-store"), ("X-Frame-Options", "DENY"))
"""Headers of every page."""

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:2rem 1rem;background:#f3f4f6;color:#111827}"
    "main{max-width:26rem;margin:auto;padding:1.5rem 2rem 2rem;background:#fff;border-radius:12px;"
    "box-shadow:0 1px 4px #0002}h1{font-size:1.25rem}p,label{overflow-wrap:anywhere}label{display:block;margin:1rem 0}"
    "input,button{font:inherit;padding:.5rem .75rem;border:1px solid #6b7280;border-radius:8px;background:#fff;"
    "color:#111827}input{display:block;box-sizing:border-box;width:100%}button{margin-right:.5rem}"
    "button[value=allow]{background:#1d4ed8;border-color:#1d4ed8;color:#fff}[role=alert]{color:#b91c1c}"
)


def write_consent_page(
    status: int,
    *,
    client: str,
    destination: str,
    token: str,
    message: str,
    email: str,
    asks_for_code: bool,
    form_action: str,
) -> Reply:
    """The form on which a user signs in and lets a client in, or does not.

    `destination`: where the browser goes afterwards, in words. `message`: what is wrong, or still needed.
    `form_action`: where the form goes, relative to the page.
    """
    told = f'<p role="{"alert" if status >= 400 else "status"}">{escape(message)}</p>' if message else ""
    code = (
        '<label>One-time code <input name="otpCode" inputmode="numeric" autocomplete="one-time-code"></label>'
        if asks_for_code
        else ""
    )
    content = (
        f"<p><strong>{escape(client)}</strong> asks for access to your card account. Afterwards you return to "
        f"<strong>{escape(destination)}</strong>.</p>{told}"
        f'<form method="post" action="{escape(form_action)}"><input type="hidden" name="token" value="{escape(token)}">'
        f'<label>Email <input name="email" type="email" autocomplete="username" value="{escape(email)}"></label>'
        '<label>Password <input name="password" type="password" autocomplete="current-password"></label>'
        f'{code}<button name="action" value="allow">Allow</button>'
        '<button name="action" value="deny" formnovalidate>Deny</button></form>'
    )
    return _page(status, "Sign in and allow access", content)


def write_refusal(status: int, message: str, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A page that says why there is nothing to be done on it."""
    return _page(status, "This did not work", f'<p role="alert">{escape(message)}</p>', headers)


def _page(status: int, title: str, content: str, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style><main><h1>{title}</h1>{content}</main></html>"
    )
    return Reply(status, text.encode(), HTML, (*headers, *NEVER_KEPT))
