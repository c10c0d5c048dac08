# Layers are mounted at /layers, a volume for fetched data at /cache:
#   docker run -p 8000:8000 -v ./layers:/layers:ro -v wfs-proxy-cache:/cache wfs-proxy
# The demo needs neither: docker run --network host wfs-proxy demo
# The extra `files` is installed: GDAL reads and writes GeoPackage and FlatGeobuf, and reads Shapefile.
# It writes nothing elsewhere, so --read-only works; without the volume it then keeps data in memory only.
# There is no VOLUME instruction, because it would create an anonymous volume for each container.

FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /build/tools && /build/tools/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock
RUN python -m venv /opt/wfs-proxy && /opt/wfs-proxy/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY wfs_proxy ./wfs_proxy
RUN /build/tools/bin/python -m hatchling build -t wheel -d /build/wheel
RUN /opt/wfs-proxy/bin/pip install --no-cache-dir --no-index --no-deps /build/wheel/*.whl

FROM python:3.13-slim-bookworm
RUN useradd --uid 1001 --no-create-home --shell /usr/sbin/nologin wfs-proxy && install -d -o 1001 -g 1001 -m 0700 /cache
COPY --from=build /opt/wfs-proxy /opt/wfs-proxy
ENV PATH=/opt/wfs-proxy/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 WFS_PROXY_CACHE_DIR=/cache
USER 1001
WORKDIR /
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["wfs-proxy"]
CMD ["serve", "--layers", "/layers", "--host", "0.0.0.0", "--port", "8000"]
