#!/bin/sh
# bulwark store beside age, restic, borg and openssl: the same random bytes, in memory, CPU seconds of one process.
# Usage: bench/store.sh [PATH-TO-BULWARK] [MiB]. Tools that are not installed are left out.
set -eu

bulwark=$(realpath "${1:-build/release/bulwark}")
mebibytes=${2:-1024}
work=$(mktemp -d /dev/shm/store-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
head -c "$((mebibytes * 1048576))" /dev/urandom > data
export HOME="$work" BULWARK_HOME="$work/home" RESTIC_PASSWORD=x BORG_PASSPHRASE=x
export RESTIC_CACHE_DIR="$work/cache" BORG_BASE_DIR="$work/borg-home" GOMAXPROCS=1

# measure NAME COMMAND…: user + system time, as MB (10^6 bytes) per CPU-second.
measure() {
  name=$1
  shift
  env time -o seconds -f '%U %S' "$@" > /dev/null 2> errors || { cat errors >&2; exit 1; }
  seconds=$(awk '{ print $1 + $2 }' seconds)
  awk -v name="$name" -v size="$mebibytes" -v seconds="$seconds" \
    'BEGIN { printf "%-34s %7.2f CPU-s %8.0f MB per CPU-second\n", name, seconds, size * 1.048576 / seconds }'
}

has() { command -v "$1" > /dev/null; }

measure 'openssl dgst -sha256' openssl dgst -sha256 data
head -c 32 /dev/urandom > kek
chmod 600 kek
"$bulwark" store init --kek file:kek > /dev/null
measure 'bulwark store put' "$bulwark" store put data --name data --quiet
measure 'bulwark store put (again: compare)' "$bulwark" store put data --name data --quiet
measure 'bulwark store cat' "$bulwark" store cat data
measure 'bulwark store get' "$bulwark" store get data -o out
cmp data out
rm out
measure 'bulwark store verify' "$bulwark" store verify --quiet
rm -rf home

if has age; then
  age-keygen -o age.key 2> /dev/null
  recipient=$(age-keygen -y age.key)
  measure 'age -r (no address, no names)' age -r "$recipient" -o data.age data
  measure 'age -d' age -d -i age.key -o out data.age
  rm -f out data.age
fi
if has restic; then
  restic init -q -r repo
  measure 'restic backup' restic -q -r repo backup data
  measure 'restic check --read-data' restic -q -r repo check --read-data
  measure 'restic dump latest' restic -q -r repo dump latest /data
  rm -rf repo cache
fi
if has borg; then
  borg init -e repokey repo
  measure 'borg create -C none' borg create -C none repo::one data
  measure 'borg extract --stdout' borg extract --stdout repo::one
fi
