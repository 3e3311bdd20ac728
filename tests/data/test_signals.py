"""The end of the program by a signal, whatever the main thread is at."""

import os
import signal
import subprocess
import sys
import time

import pytest

BEGIN = """
import hashlib, os, sys, time
from rnncli.process import signals
from rnncli.errors import Interrupted

class Work:
    breaks = False
    def stop(self, number):
        return STOP
    def abandon(self):
        return "given up"

def compiled():
    hashlib.pbkdf2_hmac("sha512", b"", b"", 10**9)

def swallowing():
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            pass

signals.catch()
"""
READY = "print('ready', flush=True)\n"


@pytest.fixture
def start():
    """`start(code)` is a process that has caught its signals and is ready."""
    started = []

    def begin(code, **streams):
        command = [sys.executable, "-c", BEGIN + code]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "bufsize": 0} | streams  # 0: no reading ahead
        process = subprocess.Popen(command, **streams)
        started.append(process)
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.05)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def ends(process, number):
    """Send it; the exit code, seconds and stderr."""
    begin = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - begin < 1
    return process.returncode, err


@pytest.mark.parametrize("work", ["compiled()", "swallowing()", "__import__('threading').Event().wait()"])
def test_it_ends_whatever_it_is_at(start, work):
    assert ends(start(READY + work), signal.SIGTERM) == (143, b"rnncli: terminated\n")
    assert ends(start(READY + work), signal.SIGINT) == (130, b"rnncli: interrupted\n")


def test_rows_that_are_made_go_out(start):
    process = start(READY + "sys.stdout.write('a row\\n'); os.write(2, b'!'); time.sleep(30)")
    assert process.stderr.read(1) == b"!"  # it is made now
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20)[0] == b"a row\n"


def test_nobody_has_to_read_what_it_says(start):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with open(reader, "rb"), open(writer, "wb", buffering=0) as full:
        while full.write(bytes(1 << 12)) is not None:
            pass
        process = start(READY + "swallowing()", stderr=full)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=1) == 130


def test_work_is_asked_to_stop_and_a_second_signal_ends_it_at_once(start):
    process = start("STOP = 'soon'\nwith signals.handed_to(Work()):\n " + READY + " compiled()")
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline() == b"soon\n"
    assert ends(process, signal.SIGTERM) == (143, b"rnncli: given up\n")


def test_work_that_stops_by_itself_may_take_its_time(start):
    code = "STOP = 'soon'\nwith signals.handed_to(Work()):\n " + READY + " time.sleep(1.2)\n"
    process = start(code)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert err.startswith(b"soon\n")
    assert b"rnncli.errors.Interrupted: interrupted" in err  # for the caller: a signal is never forgotten


def test_work_without_patience_is_ended(start):
    process = start("STOP = None\nwith signals.handed_to(Work()):\n " + READY + " compiled()")
    assert ends(process, signal.SIGTERM) == (143, b"rnncli: given up\n")


def test_work_with_nothing_to_save_ends_at_once_with_its_words(start):
    code = "def stop(number):\n raise Interrupted('nothing there', number)\nWork.stop = staticmethod(stop)\n"
    process = start(code + "with signals.handed_to(Work()):\n " + READY + " compiled()")
    assert ends(process, signal.SIGINT) == (130, b"rnncli: nothing there\n")


def test_one_signal_by_two_ways_is_one(start):
    process = start("STOP = 'soon'\nwith signals.handed_to(Work()):\n " + READY + " time.sleep(1.2)\nos._exit(7)")
    process.send_signal(signal.SIGINT)
    time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert b"given up" not in err and b"Interrupted" in err


def test_files_that_are_half_written_go(start, tmp_path):
    half = tmp_path / "half"
    half.write_text("..")
    process = start(f"signals.temporary.add({str(half)!r})\n" + READY + "compiled()")
    assert ends(process, signal.SIGINT)[0] == 130
    assert not half.exists()
