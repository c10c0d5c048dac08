from __future__ import annotations

import logging

FEATURES = "/layers/masten/features"


def test_the_access_log_has_the_route_but_neither_the_query_nor_the_client(proxy, caplog):
    with caplog.at_level(logging.INFO, "wfs_proxy"):
        proxy.get(f"{FEATURES}?bbox=4.123,51,5,53")
        proxy.get(f"{FEATURES}/geheim")
        proxy.get("/layers/zzz?q=4.123")
        proxy.get("/healthz")
    lines = [record.getMessage() for record in caplog.records if record.name == "wfs_proxy.access"]
    assert [line.rsplit(" ", 2)[0] for line in lines] == [
        "GET /layers/{layer_id}/features masten 200",
        "GET /layers/{layer_id}/features/{feature_id} masten 404",
        "GET /layers/{layer_id} - 404",
    ]
    assert not any(secret in caplog.text for secret in ("4.123", "127.0.0.1", "geheim", "zzz"))


def test_the_access_log_can_be_off(start, caplog):
    proxy = start(access_log=False)
    with caplog.at_level(logging.INFO, "wfs_proxy"):
        proxy.get(FEATURES)
    assert not [record for record in caplog.records if record.name == "wfs_proxy.access"]
