"""Runs a command for just as long as standard input stays open: `python guard.py COMMAND …`.

Whoever starts the guard holds the other end of that pipe, and the system closes it when he dies, be it by SIGKILL: no
orphan is left, on any system with pipes. The terminal's Ctrl-C does not reach the command, which is in a session of
its own: it ends by SIGTERM, once, and has the time to save.
"""

import os
import signal
import subprocess
import sys
import threading

# ministack writes some ten thousand items a second, all of them at its end; what is killed before has saved none.
SECONDS_TO_SAVE = 120


def main() -> int:
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    command = subprocess.Popen(
        sys.argv[1:],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_default_signals,
        # The starter's lock comes along.
        close_fds=False,
    )
    threading.Thread(target=_end_with_stdin, args=(command,), daemon=True).start()
    return command.wait()


def _default_signals() -> None:
    for name in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)


def _end_with_stdin(command: subprocess.Popen[bytes]) -> None:
    # Not sys.stdin: Python could not shut down while this thread reads it.
    os.read(0, 1)
    command.terminate()
    try:
        command.wait(SECONDS_TO_SAVE)
    except subprocess.TimeoutExpired:
        print(f"It failed to save in {SECONDS_TO_SAVE} seconds and was killed.", file=sys.stderr, flush=True)
        command.kill()


if __name__ == "__main__":
    sys.exit(main())
