"""A switch that holds every frame: `python wire.py MILLISECONDS DEVICE..`, until it is killed. Linux, root only.

A frame that comes in at a device goes out, after the delay, where its destination was last heard, or everywhere. Frames
pass with what the kernel knows of them (a virtio_net_hdr), so that those that a network card would still have to cut up
and sign pass as they are: 64 KB at a time.
"""

import contextlib
import select
import socket
import sys
import time
from collections import deque

ALL = 0x0003  # protocols
SOL_PACKET, VNET_HDR, IGNORE_OUTGOING = 263, 15, 23
HEADER = 10  # bytes of a virtio_net_hdr
MOST = HEADER + 18 + (1 << 16)
SO_RCVBUFFORCE, BUFFER = 33, 64 << 20


def plugged(device: str) -> socket.socket:
    """All that comes in at a device."""
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    port.setsockopt(SOL_PACKET, VNET_HDR, 1)
    port.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
    port.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    port.bind((device, ALL))
    port.setblocking(False)
    return port


def relay(delay: float, devices: list[str]) -> None:
    """For ever."""
    ports = {port.fileno(): port for port in map(plugged, devices)}
    poll, held, heard = select.epoll(), deque(), {}
    for number in ports:
        poll.register(number, select.EPOLLIN)
    print("ready", flush=True)
    while True:
        wait = max(0.0, held[0][0] - time.monotonic()) if held else -1
        for number, _ in poll.poll(wait):
            while frame := received(ports[number]):
                heard[frame[HEADER + 6 : HEADER + 12]] = number
                held.append((time.monotonic() + delay, number, frame))
        while held and held[0][0] <= time.monotonic():
            _, source, frame = held.popleft()
            there = heard.get(frame[HEADER : HEADER + 6])
            for number, port in ports.items():
                if number != source and there in (number, None):
                    sent(port, frame)


def received(port: socket.socket) -> bytes:
    """The next frame, if there is one."""
    try:
        return port.recv(MOST)
    except BlockingIOError:
        return b""


def sent(port: socket.socket, frame: bytes) -> None:
    """Or lost, as where a queue is full."""
    with contextlib.suppress(OSError):
        port.send(frame)


if __name__ == "__main__":
    relay(float(sys.argv[1]) / 1000, sys.argv[2:])
