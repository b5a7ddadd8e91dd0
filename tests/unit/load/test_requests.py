"""Templates and the requests that are made of them: nothing that a variable holds makes a second request of one."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.redirects import Origin, onward, place
from perftui.load.requests import (
    MissingValueError,
    UnsafeValueError,
    bytes_of,
    parse_request,
    parse_template,
    path_of,
    safe_path,
)

_NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,10}", fullmatch=True)
_ORIGIN = Origin("http", "shop.test", 8080)


class _Read:
    """What a server's parser makes of bytes."""

    def __init__(self, data: bytes) -> None:
        self.url, self.body, self.messages = b"", b"", 0
        self.headers: list[tuple[bytes, bytes]] = []
        httptools.HttpRequestParser(self).feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.messages += 1


@given(st.text())
def test_a_template_is_understood_or_refused_in_words(text: str) -> None:
    try:
        template = parse_template(text)
    except ValueError:
        assert "${" in text
    else:
        assert len(template.texts) == len(template.names) + 1


@given(st.lists(st.tuples(st.text(st.characters(exclude_characters="$")), _NAMES)), st.data())
def test_every_variable_is_filled_in_and_everything_else_stays(
    parts: list[tuple[str, str]], data: st.DataObject
) -> None:
    values = {name: data.draw(st.text()) for _, name in parts}
    template = parse_template("".join(f"{text}${{{name}}}" for text, name in parts))

    assert template.fill(values) == "".join(text + values[name] for text, name in parts)


def test_a_dollar_before_it_makes_a_variable_plain_text() -> None:
    assert parse_template("$${a} costs $5").fill({}) == "${a} costs $5"
    with pytest.raises(MissingValueError):
        parse_template("${a}").fill({})


@given(st.text(), st.text(), st.text())
def test_whatever_variables_hold_it_is_one_request_or_none(path: str, header: str, body: str) -> None:
    request = parse_request("POST", "/${path}", [("Host", "a"), ("X-It", "${header}")], "${body}")
    values = {"path": path, "header": header, "body": body}
    try:
        data = bytes_of(request, path_of(request, values), values)
    except UnsafeValueError:
        return
    read = _Read(data)

    assert read.messages == 1
    assert [name for name, _ in read.headers] == [b"Host", b"X-It", b"Content-Length"]
    assert read.body == body.encode()
    assert read.url.startswith(b"/")


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "a\x00b", "\x7f", "\r"])
def test_control_characters_are_refused_in_paths_and_headers(value: str) -> None:
    for request in (parse_request("GET", "/${v}", [], ""), parse_request("GET", "/", [("A", "${v}")], "")):
        with pytest.raises(UnsafeValueError):
            bytes_of(request, path_of(request, {"v": value}), {"v": value})


def test_what_can_not_stand_in_a_path_is_written_with_percent() -> None:
    assert safe_path("/a b/ä#c?d=e&f=%20") == "/a%20b/%C3%A4%23c?d=e&f=%20"
    with pytest.raises(UnsafeValueError):
        safe_path("http://elsewhere/")


def test_cookies_join_those_that_the_plan_sends() -> None:
    plain, own = parse_request("GET", "/", [], ""), parse_request("GET", "/", [("Cookie", "a=1")], "")

    assert b"\r\nCookie: b=2\r\n" in bytes_of(plain, "/", {}, "b=2")
    assert b"\r\nCookie: a=1; b=2\r\n" in bytes_of(own, "/", {}, "b=2")


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/b?c=d", "/b?c=d"), ("next", "/a/next"), ("?x", "/a/here?x"), ("http://shop.test:8080", "/"),
        ("http://SHOP.test:8080/b", "/b"), ("//shop.test:8080/b", "/b"), ("/b#there", "/b"), ("/ä", "/%C3%A4"),
    ],
)  # fmt: skip
def test_a_redirect_on_the_same_origin_leads_to_a_path(location: str, path: str) -> None:
    assert place(location, _ORIGIN, "/a/here") == path


@pytest.mark.parametrize(
    "location",
    [
        "http://203.0.113.1/", "//203.0.113.1:8080/", "https://shop.test:8080/", "http://shop.test/", "javascript:1",
        "http://shop.test:8080@203.0.113.1/", "http://a@shop.test:8080/", "http://[::1", "http://shop.test:99999/",
        "/a\r\nb", "http://shop.test.evil:8080/", "http://127.0.0.1:8080/",
    ],
)  # fmt: skip
def test_a_redirect_to_anything_else_leads_nowhere(location: str) -> None:
    assert place(location, _ORIGIN, "/a") is None


@given(st.text())
def test_a_redirect_never_leads_to_what_is_no_path(location: str) -> None:
    path = place(location, _ORIGIN, "/a")

    assert path is None or path == safe_path(path)


def test_only_307_and_308_send_a_body_again() -> None:
    request = parse_request("POST", "/a", [("Content-Type", "text/plain"), ("X", "y")], "body")
    again, other = onward(request, 307, "/b"), onward(request, 303, "/b")

    assert (again.method, again.body, again.path.fill({})) == ("POST", request.body, "/b")
    assert (other.method, [name for name, _ in other.headers], other.body.fill({})) == ("GET", ["X"], "")
    assert onward(request._replace(method="HEAD"), 302, "/b").method == "HEAD"
