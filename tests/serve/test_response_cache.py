from __future__ import annotations

from wfs_proxy.serve.content_coding import ContentCoding
from wfs_proxy.serve.representation import EncodedBody
from wfs_proxy.serve.response_cache import ResponseCache


def answer(etag: str, size: int = 10) -> EncodedBody:
    return EncodedBody(etag=etag, body=b"x" * size, coding=ContentCoding.IDENTITY)


def ask(cache: ResponseCache, etag: str, size: int = 10) -> bool:
    """Whether the answer was kept; offers it when not, as the service does."""
    kept = cache.get(etag)
    if kept is None:
        cache.offer(answer(etag, size))
    return kept is not None


def test_an_answer_is_kept_from_the_second_time_that_it_is_asked_for():
    cache = ResponseCache()
    assert [ask(cache, "a") for _ in range(4)] == [False, False, True, True]
    assert not ask(cache, "b")


def test_what_was_not_used_lately_makes_room():
    cache = ResponseCache(size=30)
    for etag in "aabbcc":
        ask(cache, etag)
    assert cache.get("a") is not None
    for _ in range(2):
        ask(cache, "d")
    assert [etag for etag in "abcd" if cache.get(etag) is not None] == ["a", "c", "d"]


def test_an_answer_that_is_too_large_is_not_kept():
    cache = ResponseCache(size=100, largest=20)
    assert [ask(cache, "a", 21) for _ in range(3)] == [False, False, False]
    assert [ask(cache, "b", 20) for _ in range(3)] == [False, False, True]


def test_boxes_that_all_differ_take_no_more_than_their_etags():
    cache = ResponseCache(most_etags=3)
    assert not any(ask(cache, str(number)) for number in range(100))
    # 96 to 98 were forgotten when 99 came
    assert [ask(cache, etag) for etag in ("96", "99", "99")] == [False, False, True]
