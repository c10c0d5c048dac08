from __future__ import annotations

FEATURES = "/layers/masten/features"


def test_requests_are_counted_by_route_and_never_by_path(proxy):
    for path in (f"{FEATURES}?bbox=4,51,5,53", f"{FEATURES}/0001", "/layers/zzz", "/wp-admin", "/.env", "/healthz"):
        proxy.get(path)
    text = proxy.get("/metrics").text
    for line in (
        'wfs_proxy_http_requests_total{method="GET",route="/layers/{layer_id}/features",status="200"} 1.0',
        'wfs_proxy_http_requests_total{method="GET",route="/layers/{layer_id}/features/{feature_id}",status="200"} 1.0',
        'wfs_proxy_http_requests_total{method="GET",route="/layers/{layer_id}",status="404"} 1.0',
        'wfs_proxy_http_requests_total{method="GET",route="other",status="404"} 2.0',
        'wfs_proxy_cache_requests_total{layer="masten",result="absent"} 1.0',
        'wfs_proxy_cache_requests_total{layer="masten",result="fresh"} 1.0',
        'wfs_proxy_fills_total{layer="masten",outcome="stored"} 1.0',
        'wfs_proxy_layer_objects{layer="masten"} 3.0',
        'wfs_proxy_layer_complete{layer="masten"} 1.0',
    ):
        assert line in text
    assert "zzz" not in text
    assert "healthz" not in text
