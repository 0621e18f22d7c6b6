"""Serves localstripe on the loopback alone, and keeps what it knows in memory.

As a program it listens on every address and writes its state to a fixed file of the machine.
"""

import asyncio
import socket
import sys

from aiohttp import web
from localstripe import resources, server

resources.Store.dump_to_disk = lambda store: None


async def serve():
    runner = web.AppRunner(server.app)
    await runner.setup()
    door = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, door).start()
    print('{"port": %d}' % door.getsockname()[1], flush=True)
    # Whoever started it holds its input open; when that ends, so does this.
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


asyncio.run(serve())
