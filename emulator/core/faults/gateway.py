"""An answer that comes not from the provider, but from a proxy or something else in front of it."""

from emulator.contract.reply import Reply
from emulator.core.faults.fault import AnswerFault, Rule

_TEXTS = {
    502: ("502 Bad Gateway", "The server behind this one gave no valid answer"),
    503: ("503 Service Temporarily Unavailable", "No server behind this one can answer now"),
    504: ("504 Gateway Time-out", "The server behind this one took too long"),
    200: ("Please wait", "We will be back in a moment"),
    403: ("403 Forbidden", "A firewall has kept this request out"),
    404: ("404 Not Found", "There is no server behind this one for such a request"),
    429: ("429 Too Many Requests", "This server takes no more requests from you for now"),
}


def _answer_instead(rule: Rule, reply: Reply, fraction: float) -> Reply:
    status = rule.get("status", 502)
    title, text = _TEXTS[status]
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        f"<hr><center>{text}</center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status, rule.get("body", page).encode(), rule.get("content_type", "text/html"))


FAULT = AnswerFault(
    "gateway",
    "something in front of the provider answers, like a proxy that cannot reach it",
    {
        "status": {"enum": list(_TEXTS), "description": "HTTP status of the answer"},
        "content_type": {"type": "string", "pattern": "^[!-~]([ -~]{0,198}[!-~])?$"},
        "body": {"type": "string", "maxLength": 65_536, "description": "instead of the usual page"},
    },
    on_reply=_answer_instead,
)
