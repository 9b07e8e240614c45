"""Times Bulwark and the peers that are installed: python3 measure.py BULWARK FOLDER [RUNS]. Standard library only.

Prints medians of wall time, CPU time and peak memory, and how many times longer a peer takes. All runs of one input follow
each other round robin, so that a slow minute of the machine hits every tool alike.
"""
import importlib.util
import os
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time

LONGEST = 300  # seconds for one run
CORPUS = os.path.join("..", "shared", "corpus")  # measured as one directory where it is there
# What every peer's pickle scan stands on: the bare loop over Python's own opcode parser, nothing judged. A lower bound
# for all of them, and it can be measured where none of them is installed.
OPCODE_LOOP = """import pickletools, sys
with open(sys.argv[1], "rb") as file:
    for _ in pickletools.genops(file):
        pass"""


def peer(module, command, *arguments):
    """The command line of a peer, by its script or by its module; None if it is not installed."""
    script = shutil.which(command)
    if script:
        return [script, *arguments]
    if importlib.util.find_spec(module.split(".")[0]):
        return [sys.executable, "-m", module, *arguments]
    return None


def run(command):
    """(wall, cpu, peak MiB, exit code); None for the code if the run was stopped."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # A blocking wait, because polling would add to runs of a millisecond; a timer stops what hangs.
    timer = threading.Timer(LONGEST, process.kill)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    stopped = process.returncode == -signal.SIGKILL
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, None if stopped else process.returncode


def main():
    bulwark, folder = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    tools = {"bulwark": [bulwark, "scan"]}
    for name, command in (
        ("picklescan", peer("picklescan.cli", "picklescan", "-p")),
        ("modelscan", peer("modelscan.cli", "modelscan", "-p")),
        ("fickling", peer("fickling", "fickling", "--check-safety")),
        ("modelaudit", peer("modelaudit.cli", "modelaudit", "scan")),
    ):
        if command:
            tools[name] = command
        else:
            print(f"{name}: not installed, left out")
    tools["pickletools"] = [sys.executable, "-c", OPCODE_LOOP]
    print(f"{'input':<20} {'tool':<12} {'wall ms':>10} {'cpu ms':>10} {'peak MiB':>9} {'exit':>5} {'x bulwark':>10}")
    inputs = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    if os.path.isdir(CORPUS):
        inputs.append(CORPUS)
    for path in inputs:
        file = os.path.basename(path)
        samples = {name: [] for name in tools if name != "pickletools" or file.endswith(".pkl")}
        for turn in range(rounds + 1):  # the first round warms the page cache
            for name in samples:
                command = tools[name]
                if turn > 1 and samples[name] and samples[name][0][0] > 20:
                    continue  # once is enough to see
                result = run([*command, path])
                if turn > 0 or result[0] > 20:
                    samples[name].append(result)
        ours = statistics.median(sample[0] for sample in samples["bulwark"])
        for name, results in samples.items():
            wall, cpu, peak = (statistics.median(sample[i] for sample in results) for i in range(3))
            code = "stop" if results[-1][3] is None else results[-1][3]
            print(f"{file:<20} {name:<12} {wall * 1000:10.1f} {cpu * 1000:10.1f} {peak:9.1f} {code:>5} {wall / ours:9.1f}x")


main()
