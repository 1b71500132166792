"""Forwards the replies of a server on 127.0.0.1 with a delay.

    delaying-proxy.py PORT SERVER-PORT [SECONDS:MILLISECONDS ...]

Each pair delays replies by MILLISECONDS for SECONDS. After the last pair there is no delay.
"""
import asyncio
import contextlib
import sys
import time

port, server_port = map(int, sys.argv[1:3])
timetable = [tuple(map(float, pair.split(":"))) for pair in sys.argv[3:]]
start = time.monotonic()


def delay():
    elapsed = time.monotonic() - start
    for seconds, milliseconds in timetable:
        if elapsed < seconds:
            return milliseconds / 1000
        elapsed -= seconds
    return 0


async def serve(from_client, to_client):
    from_server, to_server = await asyncio.open_connection("127.0.0.1", server_port)
    replies = asyncio.Queue()

    async def ask():
        while data := await from_client.read(1 << 16):
            to_server.write(data)
        to_server.close()

    async def take():
        while data := await from_server.read(1 << 16):
            replies.put_nowait((time.monotonic() + delay(), data))
        replies.put_nowait((time.monotonic(), b""))

    async def give():
        while True:
            moment, data = await replies.get()
            await asyncio.sleep(max(0, moment - time.monotonic()))
            if not data:
                return to_client.close()
            to_client.write(data)

    with contextlib.suppress(ConnectionError):
        await asyncio.gather(ask(), take(), give())


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", port) as server:
        await server.serve_forever()


asyncio.run(main())
