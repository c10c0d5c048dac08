"""The reference app: a constant body, on the same server as the proxy and with the same server settings.

`python -m bench.bare PORT SIZE MEDIA_TYPE`
"""

import sys

import uvicorn

if __name__ == "__main__":
    body = b"x" * int(sys.argv[2])
    headers = [(b"content-type", sys.argv[3].encode()), (b"content-length", b"%d" % len(body))]

    async def app(_scope, _receive, send):  # noqa: ANN001, ANN201, D103 - the reference is as small as possible
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    server = {"http": "httptools", "loop": "uvloop", "server_header": False}
    uvicorn.run(app, port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="warning", **server)
