"""Runs a program with a time limit, and keeps what it printed in the log."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass


@dataclass
class Run:
    """A program that has ended; status None: it was stopped at its limit."""

    status: int | None
    out: str
    err: str
    seconds: float

    def complaint(self):
        """Why it did not do what it should, in a line."""
        if self.status is None:
            return f"not finished after {self.seconds:.0f} s"
        lines = [line for line in (self.err + "\n" + self.out).splitlines() if line.strip()]
        return f"status {self.status}: {lines[-1].strip() if lines else 'no output'}"


class Runner:
    """Runs programs, each with its output in the log; usable from several threads."""

    def __init__(self, log_path):
        self._log = open(log_path, "a", encoding="utf-8", errors="replace")
        self._lock = threading.Lock()

    def run(self, command, limit, environment=None):
        """`command` for at most `limit` seconds; then it and its children are killed."""
        start = time.monotonic()
        command = [str(word) for word in command]
        try:
            process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                       errors="replace", start_new_session=True)
        except OSError as error:
            return Run(127, "", str(error), 0.0)
        try:
            out, err = process.communicate(timeout=max(limit, 0.1))
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            status = None
        run = Run(status, out, err, time.monotonic() - start)
        with self._lock:
            self._log.write(f"$ {' '.join(command)}\n{out}{err}"
                            f"[status {status}, {run.seconds:.1f} s]\n\n")
            self._log.flush()
        return run
