"""The page on which a user signs in and gives an app access, and the one that says why that cannot be.

Assumed: all that is on them. They work without scripts and load nothing from anywhere.
"""

from emulator.contract.reply import Reply
from emulator.pages.page import Page, make_message, write_page

_NEVER_FRAMED = (("X-Frame-Options", "DENY"),)
_NAME, _HUE = "Baanx", "violet"


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
    """The form with which a user signs in and gives a client access or denies it.

    `destination`: where the browser goes afterwards, in words. `message`: what is wrong, or still needed.
    `form_action`: where the form goes, relative to the page.
    """
    is_wrong = status >= 400
    page = Page(
        template="baanx/oauth/consent.html",
        title="Sign in and allow access",
        language="en",
        provider=_NAME,
        hue=_HUE,
        values={
            "client": client,
            "destination": destination,
            "token": token,
            "problem": message if is_wrong else "",
            "notice": "" if is_wrong else message,
            "email": email,
            "asks_for_code": asks_for_code,
            "form_action": form_action,
        },
    )
    return write_page(page, status, _NEVER_FRAMED)


def write_refusal(status: int, message: str, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A page that says why there is no form on it."""
    page = make_message(_NAME, _HUE, "This did not work", message, kind="bad", id="refused")
    return write_page(page, status, (*headers, *_NEVER_FRAMED))
