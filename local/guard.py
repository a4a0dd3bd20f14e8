"""Runs a command for as long as standard input stays open: `python guard.py COMMAND …`.

The process that starts the guard holds the other end of the pipe. The operating system closes it when that process
ends, even by SIGKILL, so that no command outlives its starter. The command is in a session of its own, so that a
Ctrl-C in the terminal does not reach it: it is ended by one SIGTERM and has the time to save.
"""

import os
import signal
import subprocess
import sys
import threading

# ministack saves about ten thousand items a second at its end. If it is killed before it is done, nothing is saved.
SECONDS_TO_SAVE = 120


def main() -> int:
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    command = subprocess.Popen(
        sys.argv[1:],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_default_signals,
        # The command inherits the starter's lock on the data folder.
        close_fds=False,
    )
    threading.Thread(target=_end_with_stdin, args=(command,), daemon=True).start()
    return command.wait()


def _default_signals() -> None:
    for name in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)


def _end_with_stdin(command: subprocess.Popen[bytes]) -> None:
    # os.read, because Python cannot shut down while a thread reads sys.stdin.
    os.read(0, 1)
    command.terminate()
    try:
        command.wait(SECONDS_TO_SAVE)
    except subprocess.TimeoutExpired:
        print(f"It failed to save in {SECONDS_TO_SAVE} seconds and was killed.", file=sys.stderr, flush=True)
        command.kill()


if __name__ == "__main__":
    sys.exit(main())
