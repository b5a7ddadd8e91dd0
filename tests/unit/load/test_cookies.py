"""A user's cookies: which are kept, which are sent where, and that no header whatever does harm."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.load.cookies import LONGEST, MOST, Jar, default_path, parse_cookie, parse_date, path_matches, set_cookies

_NOW = 1_800_000_000.0


def _sent(*headers: str, host: str = "shop.test", path: str = "/a/b", asked: str = "/a/b", later: float = 0.0) -> str:
    jar = Jar(host, is_secure=False)
    for header in headers:
        jar.take(header, path, _NOW)
    return jar.header(asked, _NOW + later)


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ("a=b", "a=b"), (" a = b ; HttpOnly", "a=b"), ("a=", "a="), ("a=b=c", "a=b=c"), ('a="b"', 'a="b"'),
        ("=b", ""), ("a", ""), ("", ""), (";a=b", ""), ("a=b\x01", ""), ("a=" + "x" * LONGEST, ""),
        ("a=b; Secure", ""), ("a=b; Domain=shop.test", "a=b"), ("a=b; Domain=.test", "a=b"),
        ("a=b; Domain=other.test", ""), ("a=b; Domain=op.test", ""), ("a=b; Domain=", "a=b"),
        ("a=b; Path=/a", "a=b"), ("a=b; Path=/a/b/c", ""), ("a=b; Path=nonsense", "a=b"),
        ("a=b; Max-Age=0", ""), ("a=b; Max-Age=-5", ""), ("a=b; Max-Age=10", "a=b"), ("a=b; Max-Age=x", "a=b"),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ""), ("a=b; Expires=Wed, 09 Jun 2077 10:18:14 GMT", "a=b"),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=10", "a=b"), ("a=b; expires=never", "a=b"),
    ],
)  # fmt: skip
def test_a_cookie_is_kept_or_not(header: str, sent: str) -> None:
    assert _sent(header) == sent


def test_a_cookie_ends_when_it_said() -> None:
    assert _sent("a=b; Max-Age=10", later=9) == "a=b"
    assert _sent("a=b; Max-Age=10", later=10) == ""
    assert _sent("a=b; Expires=" + formatdate(_NOW + 10, usegmt=True), later=9) == "a=b"
    assert _sent("a=b; Expires=" + formatdate(_NOW + 10, usegmt=True), later=11) == ""


def test_a_cookie_is_replaced_by_name_and_path_and_taken_back_by_an_old_one() -> None:
    assert _sent("a=1", "a=2") == "a=2"
    assert _sent("a=1; Path=/", "a=2; Path=/a") == "a=2; a=1"
    assert _sent("a=1; Path=/", "a=; Path=/; Max-Age=0") == ""


def test_an_address_has_no_domains_above_it_and_a_secure_cookie_is_for_https() -> None:
    assert _sent("a=b; Domain=0.0.1", host="127.0.0.1") == ""
    assert _sent("a=b; Domain=127.0.0.1", host="127.0.0.1") == "a=b"
    jar = Jar("shop.test", is_secure=True)
    jar.take("a=b; Secure", "/", _NOW)
    assert jar.header("/", _NOW) == "a=b"


@pytest.mark.parametrize(
    ("asked", "path", "matches"),
    [("/a", "/a", True), ("/a/b", "/a", True), ("/ab", "/a", False), ("/", "/a", False), ("/a/b", "/a/", True)],
)
def test_a_path_matches_itself_and_what_lies_below(asked: str, path: str, matches: bool) -> None:
    assert path_matches(asked, path) is matches


def test_without_a_path_a_cookie_is_for_the_folder_of_its_request() -> None:
    assert [default_path(path) for path in ("/a/b?c=/d/e", "/a", "/", "x", "/a/")] == ["/a", "/", "/", "/", "/a"]


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "6 nov 1994 8:49:37",
    ],
)
def test_a_date_is_read_in_every_form(text: str) -> None:
    assert parse_date(text) == 784111777.0


@given(st.integers(0, 4_000_000_000))
def test_every_date_of_the_form_that_servers_write_is_read(moment: int) -> None:
    assert parse_date(formatdate(moment, usegmt=True)) == moment


@given(st.text())
def test_any_text_is_a_date_or_none(text: str) -> None:
    parse_date(text)


@given(st.text(), st.text())
def test_any_header_is_a_cookie_or_none_and_never_ends_a_line(header: str, path: str) -> None:
    cookie = parse_cookie(header, "shop.test", path, _NOW)
    if cookie is not None:
        assert cookie.path.startswith("/")
        assert not set("\r\n\0") & set(cookie.name + cookie.value)


def test_a_jar_is_bounded() -> None:
    sent = _sent(*(f"c{number}=1" for number in range(MOST + 5))).split("; ")

    assert len(sent) == MOST
    assert "c0=1" not in sent


def test_all_headers_that_set_cookies_are_found() -> None:
    head = b"HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nX: y\r\nSet-Cookie:b=2; Path=/\r\n\r\nSet-Cookie: c=3"

    assert set_cookies(head) == ["a=1", "b=2; Path=/"]
