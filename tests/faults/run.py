#!/usr/bin/env python3
"""Runs a command, and again with one system call of it made to fail or to be its last.

    run.py --bin FOLDER [--seconds N] SCENARIO.toml

First the command runs once under strace, which lists the system calls that concern its files. Then, for each of them:
kill -9 at that call, and every error that the call could return. After each the scenario's checks must hold. What a
scenario says: README.md. Exit codes: 0 all held, 1 something did not, 77 strace is not there or not permitted.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

# Errors that each call may return; EINTR must be survived without a trace where a handler may run. Of close() there
# are none: strace would leave the file open, with its locks, which no kernel does.
ERRORS = {
    "openat": ["EIO"],
    "openat to create": ["EIO", "ENOSPC", "EROFS"],
    "write": ["EIO", "ENOSPC", "EINTR"],
    "pwrite64": ["EIO", "ENOSPC", "EINTR"],
    "fsync": ["EIO"],
    "fdatasync": ["EIO"],
    "ftruncate": ["EIO", "EINTR"],
    "flock": ["EINTR", "ENOLCK"],
    "rename": ["EIO", "ENOSPC"],
    "renameat": ["EIO", "ENOSPC"],
    "renameat2": ["EIO", "ENOSPC"],
    "mkdir": ["ENOSPC", "EROFS"],
    "mkdirat": ["ENOSPC", "EROFS"],
    "link": ["EIO", "ENOSPC"],
    "linkat": ["EIO", "ENOSPC"],
    "unlink": ["EIO"],
    "unlinkat": ["EIO"],
    "rmdir": ["EIO"],
    "pread64": ["EIO"],
    "getdents64": ["EIO"],
    "close": [],
}
TRACED = ",".join(call for call in ERRORS if " " not in call)
STRACE = ["strace", "-f", "--seccomp-bpf"]
SECONDS_A_COMMAND = 60  # nothing here takes longer; a hang is a failure
SKIPPED = 77


@dataclass(frozen=True)
class Fault:
    call: str
    number: int  # of the calls of this name, from 1, as strace counts
    action: str  # "signal=KILL" or "error=EIO"

    def __str__(self):
        return f"{self.action} at {self.call} number {self.number}"


class Broken(Exception):
    """A promise that was not kept."""


class Scenario:
    def __init__(self, path, folder, binaries):
        with open(path, "rb") as file:
            told = tomllib.load(file)
        known = {"about", "setup", "command", "acknowledged", "intact", "again", "expect"}
        if unknown := set(told) - known:
            sys.exit(f"{path}: unknown: {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
        self.command = shlex.split(told["command"])
        self.setup = told.get("setup", [])
        self.acknowledged = told.get("acknowledged", [])
        self.intact = told["intact"]
        self.again = told.get("again", [told["command"]])
        self.expect_broken = told.get("expect", "kept") == "broken"
        self.prepared = folder / "prepared"
        self.work = folder / "work"
        self.log = folder / "strace"
        self.out = folder / "out"
        self.environment = {
            "PATH": f"{binaries}:/usr/bin:/bin", "HOME": str(self.work), "TMPDIR": str(self.work), "LC_ALL": "C.UTF-8",
            "OUT": str(self.out)}

    def prepare(self):
        self.work.mkdir()
        for line in self.setup:
            self.shell(line)
        self.work.rename(self.prepared)

    def start(self):
        """The folder as the setup left it, at the same path each time."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.prepared, self.work, symlinks=True)

    def shell(self, line):
        done = subprocess.run(["/bin/sh", "-c", line], cwd=self.work, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=SECONDS_A_COMMAND, check=False)
        if done.returncode != 0:
            raise Broken(f"`{line}` ended with {done.returncode}\n{done.stdout}{done.stderr}".rstrip())

    def traced(self, options):
        """The command under strace: its exit code (negative: signal) and what it said on standard error."""
        program = shutil.which(self.command[0], path=self.environment["PATH"])
        if program is None:
            sys.exit(f"{self.command[0]}: not found in {self.environment['PATH']}")
        with open(self.out, "wb") as out:
            done = subprocess.run([*STRACE, "-y", "-o", str(self.log), *options, program, *self.command[1:]],
                                  cwd=self.work, env=self.environment, stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.PIPE, text=True, errors="replace", timeout=SECONDS_A_COMMAND,
                                  check=False)
        return done.returncode, done.stderr

    def calls(self):
        """(name, number, creates a file) of every call that concerns the work folder or the standard output."""
        self.start()
        code, said = self.traced(["-e", f"trace={TRACED}"])
        if code != 0:
            raise Broken(f"without a fault the command ended with {code}\n{said}")
        counts, found = {}, []
        for line in self.log.read_text(errors="replace").splitlines():
            match = re.match(r"(\d+) +(\w+)\((.*)", line)
            if match is None or match[2] not in ERRORS:
                continue
            # strace counts for each thread on its own.
            key = (match[1], match[2])
            counts[key] = counts.get(key, 0) + 1
            relative = re.match(r'(AT_FDCWD(<[^>]*>)?, )?"(?!/)', match[3])
            ours = str(self.work) in match[3] or relative is not None or match[3].startswith("1<")
            call = (match[2], counts[key], match[2] == "openat" and "O_CREAT" in match[3])
            if ours and call not in found:
                found.append(call)
        return found

    def suffer(self, fault):
        self.start()
        code, said = self.traced(["-e", f"trace={fault.call}",
                                  "-e", f"inject={fault.call}:{fault.action}:when={fault.number}"])
        killed = fault.action == "signal=KILL"
        if not killed and (code < 0 or code > 3):
            raise Broken(f"the command ended with {code}\n{said}")
        printed = self.out.read_text(errors="replace")
        # A verdict (1, 2) is an answer, an error (3) is not.
        if not killed and code != 0 and not said.strip() and (code == 3 or not printed.strip()):
            raise Broken(f"the command ended with {code} and did not say why")
        # Who has read the answer relies on it, whatever became of the process.
        acknowledged = code == 0 or (killed and "\n" in printed)
        if fault.action == "error=EINTR" and code != 0:
            raise Broken(f"an interrupted call is to be repeated; the command ended with {code}\n{said}")
        try:
            for line in [*self.intact, *(self.acknowledged if acknowledged else []), *self.again, *self.intact]:
                self.shell(line)
        except Broken as broken:
            told = "acknowledged" if acknowledged else f"not acknowledged, exit code {code}"
            answer = (printed + said).strip() or "nothing"
            raise Broken(f"{broken}\nthe command ({told}) said: {answer}") from None


def errors_of(calls):
    for call, number, creates in calls:
        for error in ERRORS["openat to create" if creates else call]:
            yield Fault(call, number, f"error={error}")


def evenly(faults, count):
    """`count` of them, evenly over the run."""
    if count >= len(faults):
        return faults
    return [faults[i * len(faults) // count] for i in range(max(count, 0))]


def sample(kills, errors, count):
    """`count` of both, half of them kills if there are enough."""
    ends = evenly(kills, max(count // 2, count - len(errors)))
    return ends + evenly(errors, count - len(ends))


def strace_works():
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run([*STRACE, "-o", "/dev/null", "-e", "inject=close:error=EIO:when=1000", "true"],
                           capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()}"


def run(scenario, seconds):
    """How many faults there are, how many were tried, and what broke."""
    started = time.monotonic()
    scenario.prepare()
    calls = scenario.calls()
    kills = [Fault(call, number, "signal=KILL") for call, number, _ in calls]
    errors = list(errors_of(calls))
    if not kills:
        raise Broken("the command touches no file")
    before = time.monotonic()
    broken = list(try_fault(scenario, kills[0]))
    each = max(time.monotonic() - before, 0.01)
    fitting = int((seconds - (time.monotonic() - started)) / each)
    done = 1
    for fault in sample(kills[1:], errors, fitting):
        if time.monotonic() - started > 2 * seconds:
            break
        broken += try_fault(scenario, fault)
        done += 1
    return len(kills) + len(errors), done, broken


def try_fault(scenario, fault):
    try:
        scenario.suffer(fault)
    except Broken as why:
        yield fault, str(why)
    except subprocess.TimeoutExpired as why:
        yield fault, f"still running after {why.timeout} seconds"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--bin", type=Path, required=True, help="folder with the programs under test")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("BULWARK_FAULT_SECONDS", "20")),
                        help="if all faults take longer, a sample is taken (default: $BULWARK_FAULT_SECONDS or 20)")
    options = parser.parse_args()
    if why := strace_works():
        print(f"skipped: {why}")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="bulwark-faults-") as folder:
        scenario = Scenario(options.scenario, Path(folder), options.bin.resolve())
        try:
            count, done, broken = run(scenario, options.seconds)
        except Broken as why:
            print(f"{options.scenario.name}: {why}")
            return 1
    print(f"{options.scenario.name}: {done} of {count} faults were tried, {len(broken)} broke a promise")
    if scenario.expect_broken:
        return 0 if broken else 1
    for fault, why in broken[:5]:
        print(f"\n{fault}:\n{why}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
