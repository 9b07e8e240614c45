#!/bin/bash
# Bulwark beside picklescan, modelscan, fickling and modelaudit, as far as they are installed.
#   bench/compare.sh [BULWARK] [RUNS]      inputs are kept in build/bench
set -euo pipefail
cd "$(dirname "$0")/.."
bulwark=$(realpath "${1:-build/release/bulwark}")
runs=${2:-5}
inputs=build/bench/inputs
if [ ! -e "$inputs/torch_1gib.pt" ]; then
  python3 bench/make_inputs.py "$inputs"
fi
echo "$("$bulwark" version 2>/dev/null | head -1), $(nproc) CPUs, load $(cut -d' ' -f1-3 /proc/loadavg)"
python3 bench/measure.py "$bulwark" "$inputs" "$runs"
