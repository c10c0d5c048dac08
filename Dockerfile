# Layers are mounted at /layers: docker run -p 8000:8000 -v ./layers:/layers:ro wfs-proxy
# Nothing is written but the log, to standard error, so it also runs with --read-only.

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
RUN useradd --uid 1001 --no-create-home --shell /usr/sbin/nologin wfs-proxy
COPY --from=build /opt/wfs-proxy /opt/wfs-proxy
ENV PATH=/opt/wfs-proxy/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 1001
WORKDIR /
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["wfs-proxy"]
CMD ["serve", "--layers", "/layers", "--host", "0.0.0.0", "--port", "8000"]
