"""Which URLs can be called at all. Where a request may go is tested with what sends it."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.urls import LONGEST_URL, url_problem

GOOD = [
    "http://localhost:9000/hook", "HTTP://LOCALHOST", "hTtPs://shop.example./a?b=c#d", "http://[::1]:8/", "http://a:/",
    "http://[1::2.3.4.5]:/", "http://a_b-c/", "http://a:b@localhost:9/#x", "http://zoë.test/", "http://127.0.0.1:65535",
    "http://127.1/", "https://a/" + "x" * (LONGEST_URL - 10),
]  # fmt: skip
BAD = [
    "", "nonsense", "//a", "a.test/x", "ftp://a/", "file:///etc/passwd", "javascript:alert(1)", "http:a", "http://",
    "http:///x", "http://?x", "http://:80", "http://user@", "http://[::1", "http://::1]/", "http://[]/", "http://[.]/",
    "http://[fe80::1%25eth0]/", "http://a:99999", "http://a:65536/", "http://a:0/", "http://a:-1/", "http://a:x/",
    "http://a b/", "http://a/b c", " http://a/", "http://a/\n", "http://a/\x00", "http://a\t.b/", "http://a/\u2028",
    "http://.", "http://..", "http://a..b/", "http://256.1.1.1/", "http://010.0.0.1/", "http://a%41/", "http://<a>/",
    "http://a\\@b/", "http://" + "a" * 64 + "/", "http://" + "a." * 127 + "a/", "https://a/" + "x" * LONGEST_URL,
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_a_url_that_can_be_called_is_accepted(url: str) -> None:
    assert url_problem(url) is None
    assert httpx.URL(url).host


@pytest.mark.parametrize("url", BAD)
def test_a_url_that_can_never_be_called_is_refused_with_what_to_write(url: str) -> None:
    problem = url_problem(url)
    assert problem is not None
    assert "http" in problem or "characters" in problem
    assert len(url) < 12 or url not in problem


def test_a_missing_url_is_accepted() -> None:
    assert url_problem(None) is None


@given(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["http://", "HTTPS://", "http:/", "ftp://", ""]),
        st.text("ab1.:@[]%-_/\\ \té?#0", max_size=12),
        st.sampled_from(["", ":80", ":", ":70000", "]"]),
        st.text("/?#&=ab \n", max_size=5),
    )
)
def test_the_http_library_reads_every_accepted_url_the_same_way(url: str) -> None:
    if url_problem(url) is None:
        read = httpx.URL(url)
        assert read.scheme in ("http", "https")
        assert read.host in url.lower()
