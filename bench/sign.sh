#!/bin/sh
# Hashing a model for its signature, beside openssl and sha256sum: bench/sign.sh build/release/bulwark [FOLDER]
# Writes 1 GiB to FOLDER (default: /dev/shm, so that the disk is left out) and prints wall and CPU seconds.
set -eu
bulwark=$(realpath "${1:-build/release/bulwark}")
folder=$(mktemp -d "${2:-/dev/shm}/bulwark-sign-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir model
for i in 1 2 3 4; do head -c 268435456 /dev/urandom > "model/w$i.bin"; done
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem 2>/dev/null
chmod 600 key.pem
openssl pkey -in key.pem -pubout -out key.pub.pem
measure() {
  name=$1
  shift
  /usr/bin/env time -f "$name: %e s wall, %U s user, %S s system" "$@" > /dev/null
}
for round in 1 2 3; do
  for jobs in 1 2 4; do
    measure "sign, files, sha256, $jobs threads" "$bulwark" sign model --key ./key.pem -j $jobs -q
    measure "verify, files, sha256, $jobs threads" "$bulwark" verify model --key ./key.pub.pem -j $jobs -q
  done
  measure "sign, shards of 100 MB, 2 threads" "$bulwark" sign model --key ./key.pem -j 2 -q --method shards --shard-size 100000000
  measure "sign, files, blake2b, 1 thread" "$bulwark" sign model --key ./key.pem -j 1 -q --hash blake2b
  measure "openssl dgst -sha256" openssl dgst -sha256 model/w1.bin model/w2.bin model/w3.bin model/w4.bin
  measure "sha256sum" sha256sum model/w1.bin model/w2.bin model/w3.bin model/w4.bin
done
python3 - <<'PY'
import random
random.seed(1)
with open('train.csv', 'w') as out:
    out.write('id,text,label\n')
    for i in range(1000000):
        out.write(f'{i},"some text of sample {i} with a few words to fill {random.random()}",{i % 10}\n')
PY
mkdir data && mv train.csv data
measure "sign 1,000,001 records" "$bulwark" sign data --key ./key.pem --signature data.sig --records -q
measure "verify 1,000,001 records, unchanged" "$bulwark" verify data --key ./key.pub.pem --signature data.sig -q
sed -i '500s/sample/simple/; 1000d' data/train.csv
measure "verify 1,000,001 records, two of them not as signed" "$bulwark" verify data --key ./key.pub.pem --signature data.sig -q || true
