#!/usr/bin/env python3
"""Several processes write to one store, or one ledger, at once and are killed at random moments.

    kill_writers.py --bin FOLDER [--seconds N] [--seed N] store|ledger

Whatever a process has acknowledged by ending with 0 must be there afterwards, whole and once; a check of everything
must find nothing that cannot be mended. Exit codes: 0 it held, 1 it did not.
"""

import argparse
import os
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

WRITERS = 4
SAMPLED = 40  # of the acknowledged, read back one by one


class Arena:
    def __init__(self, folder, binaries, seed):
        self.folder = folder
        self.environment = {"PATH": f"{binaries}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.running = set()
        self.acknowledged = {}  # name -> what the process printed
        self.killed = 0
        self.refused = []

    def start(self, *arguments):
        return subprocess.Popen([*arguments, "--home", "home"], cwd=self.folder, env=self.environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def must(self, *arguments):
        process = self.start(*arguments)
        printed, said = process.communicate()
        if process.returncode != 0:
            sys.exit(f"{shlex.join(arguments)} ended with {process.returncode}\n{printed}{said}")
        return printed

    def write(self, writer, command, end):
        """One writer: one process after the other until the time is over."""
        number = 0
        while time.monotonic() < end:
            name = f"w{writer}-{number}"
            number += 1
            process = self.start(*command(self, name))
            with self.lock:
                self.running.add(process)
            printed, said = process.communicate()
            with self.lock:
                self.running.discard(process)
                if process.returncode == 0:
                    self.acknowledged[name] = printed
                elif process.returncode != -signal.SIGKILL:
                    self.refused.append(f"{name}: {process.returncode}: {said.strip()}")

    def kill(self, end):
        while time.monotonic() < end:
            time.sleep(self.random.uniform(0.01, 0.15))
            with self.lock:
                if self.running:
                    self.random.choice(sorted(self.running, key=lambda process: process.pid)).kill()
                    self.killed += 1

    def fight(self, command, seconds):
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=self.write, args=(writer, command, end)) for writer in range(WRITERS)]
        for thread in threads:
            thread.start()
        self.kill(end)
        for thread in threads:
            thread.join()

    def sample(self):
        names = sorted(self.acknowledged)
        return self.random.sample(names, min(SAMPLED, len(names)))


def content_of(name):
    return (name + "\n") * (20 if name.endswith(("0", "5")) else 20_000)  # in the manifest, or in segments


def store(arena, seconds):
    arena.must("bulwark", "key", "create", "store", "--type", "kek", "--unsealed")
    arena.must("bulwark", "store", "init")

    def put(arena, name):
        (arena.folder / name).write_text(content_of(name))
        return "bulwark", "store", "put", name, "--name", name

    arena.fight(put, seconds)
    arena.must("bulwark", "store", "fsck", "--repair")
    arena.must("bulwark", "store", "gc")
    arena.must("bulwark", "store", "verify")
    listed = arena.must("bulwark", "store", "ls")
    missing = [name for name in arena.acknowledged if f"  {name}\n" not in listed]
    for name in arena.sample():
        if name not in missing and arena.must("bulwark", "store", "cat", name) != content_of(name):
            missing.append(name)
    return missing


def ledger(arena, seconds):
    arena.must("bulwark", "key", "create", "log", "--type", "ed25519", "--unsealed")
    vkey = arena.must("bulwark", "ledger", "init", "example.com/log", "--key", "log").strip()

    def append(_, name):
        return "bulwark", "ledger", "append", "--kind", "decision", "--subject", name, "--key", "log"

    arena.fight(append, seconds)
    arena.must("bulwark", "ledger", "fsck", "--repair")
    arena.must("bulwark", "ledger", "verify", "--vkey", vkey)
    subjects = [line.split()[-1] for line in arena.must("bulwark", "ledger", "tail", "-n", "100000").splitlines()]
    wrong = [name for name in arena.acknowledged if subjects.count(name) != 1]
    for name in arena.sample():
        (arena.folder / "receipt").write_text(arena.acknowledged[name])
        arena.must("bulwark", "ledger", "verify", "receipt", "--vkey", vkey)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["store", "ledger"])
    parser.add_argument("--bin", type=Path, required=True, help="folder with bulwark")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("BULWARK_FAULT_SECONDS", "10")))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bulwark-writers-") as folder:
        arena = Arena(Path(folder), options.bin.resolve(), options.seed)
        lost = {"store": store, "ledger": ledger}[options.what](arena, options.seconds)
    print(f"{options.what}: {WRITERS} writers, {len(arena.acknowledged)} acknowledged, {arena.killed} killed, "
          f"{len(arena.refused)} refused, {len(lost)} lost")
    for line in [*lost[:5], *arena.refused[:5]]:
        print(f"  {line}")
    return 1 if lost or not arena.acknowledged else 0


if __name__ == "__main__":
    sys.exit(main())
