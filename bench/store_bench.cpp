// The store: sealing, addressing, opening, reading at random. One thread; MB are 10^6 bytes per CPU-second.
//
//   build/release/bench/store_bench [FOLDER]      FOLDER: where the store lies (default /dev/shm)

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "crypto/seal.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/random.h"
#include "store/chunked.h"
#include "store/limits.h"
#include "store/local_storage.h"
#include "store/object_reader.h"
#include "store/put.h"

namespace {

using namespace bulwark;

constexpr std::size_t kSegment = store::StoreLimits::kSegmentBytes;
constexpr std::uint64_t kTotal = std::uint64_t{1} << 30;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Best of three: other processes share the machine.
void measure(const char* what, std::uint64_t bytes, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double start = cpu_seconds();
    work();
    best = std::min(best, cpu_seconds() - start);
  }
  std::printf("%-44s %8.0f MB per CPU-second\n", what, static_cast<double>(bytes) / 1e6 / best);
}

void check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "store_bench: %s failed\n", what);
  std::exit(1);
}

// Keeps nothing: what a put costs without the disk.
class Nowhere : public store::Storage {
 public:
  Result<bool> put(const std::string& name, Bytes content) override {
    (void)name;
    (void)content;
    return true;
  }
  Result<void> replace(const std::string& name, Bytes content) override {
    root.assign(content.begin(), content.end());
    (void)name;
    return {};
  }
  Result<std::unique_ptr<ReadableFile>> open(const std::string& name) override {
    return fail(Code::NotFound, name);
  }
  Result<void> remove(const std::string& name) override {
    (void)name;
    return {};
  }
  Result<void> list(const std::string& folder,
                    const std::function<Result<void>(const std::string& name)>& each) override {
    (void)folder;
    (void)each;
    return {};
  }
  Result<std::unique_ptr<store::StorageLock>> lock(const std::string& name) override {
    (void)name;
    return std::make_unique<store::StorageLock>();
  }
  Result<std::uint64_t> sweep() override { return std::uint64_t{0}; }
  std::string place() const override { return "nowhere"; }

 private:
  std::vector<std::uint8_t> root;
};

class OneKey : public crypto::KeyEncryption {
 public:
  Result<std::uint32_t> current() const override { return std::uint32_t{1}; }
  Result<std::vector<std::uint8_t>> wrap(std::uint32_t version, Bytes key) const override {
    (void)version;
    return crypto::wrap_key(kek_, key);
  }
  Result<crypto::Secret> unwrap(std::uint32_t version, Bytes wrapped) const override {
    (void)version;
    return crypto::unwrap_key(kek_, wrapped);
  }

 private:
  std::vector<std::uint8_t> kek_ = std::vector<std::uint8_t>(32, 7);
};

// 1 GiB of which no two segments are equal, from 8 MiB of random bytes.
store::Source endless(const std::vector<std::uint8_t>& random) {
  return [&random, left = kTotal](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
    const std::size_t count = std::min<std::uint64_t>(out.size(), left);
    std::copy_n(random.begin(), count, out.begin());
    for (std::size_t i = 0; i < 8 && i < count; ++i) out[i] = static_cast<std::uint8_t>(left >> (8 * i));
    left -= count;
    return count;
  };
}

void measure_messages(Random& random, const std::vector<std::uint8_t>& plain) {
  std::vector<std::uint8_t> key(32);
  random.fill(key);
  const store::Salt salt{};
  std::vector<std::uint8_t> sealed(store::sealed_size(plain.size()));
  const auto rounds = kTotal / plain.size();
  auto cipher = store::ChunkCipher::derive(store::Suite::Cobblestone256, key, {}, salt);
  check(cipher.has_value(), "derive");
  measure("seal (Cobblestone-256, 8 MiB messages)", kTotal, [&] {
    for (std::uint64_t i = 0; i < rounds; ++i) store::seal_message(*cipher, plain, sealed);
  });
  std::vector<std::uint8_t> opened(plain.size());
  measure("open", kTotal, [&] {
    for (std::uint64_t i = 0; i < rounds; ++i)
      check(store::open_message(*cipher, sealed, opened).has_value(), "open");
  });
  measure("SHA-256 alone", kTotal, [&] {
    crypto::Hasher hasher(crypto::HashAlgorithm::Sha256);
    for (std::uint64_t i = 0; i < rounds; ++i) hasher.update(plain);
    check(!hasher.finish().empty(), "hash");
  });
}

void measure_reads(const store::Store& store, const store::ObjectId& object) {
  auto reader = store::ObjectReader::open(store, object);
  check(reader.has_value(), "open of the object");
  std::vector<std::uint8_t> piece(std::size_t{1} << 20);
  measure("get (object on disk to memory)", kTotal, [&] {
    for (std::uint64_t at = 0; at < kTotal; at += piece.size())
      check(reader->read_at(at, piece).has_value(), "read");
  });
  std::vector<double> times;
  std::vector<std::uint8_t> small(16'384);
  std::uint64_t place = 12'345;
  for (int i = 0; i < 20'000; ++i) {
    place = place * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    const auto start = std::chrono::steady_clock::now();
    check(reader->read_at((place >> 16) % (kTotal - small.size()), small).has_value(), "random read");
    times.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::sort(times);
  std::printf("%-44s p50 %5.1f us, p99 %5.1f us\n", "random read of 16 KiB", times[times.size() / 2],
              times[times.size() * 99 / 100]);
}

}  // namespace

int main(int count, char** arguments) {
  os::RealFileSystem files;
  os::SystemRandom random;
  os::SystemWallClock clock;
  const OneKey keys;
  std::vector<std::uint8_t> plain(kSegment);
  random.fill(plain);
  measure_messages(random, plain);

  Nowhere nowhere;
  auto without_disk =
      store::Store::create({.storage = nowhere, .keys = keys, .random = random, .clock = clock}, "bench");
  check(without_disk.has_value(), "create");
  measure("seal + address (put, without the disk)", kTotal,
          [&] { check(store::put(*without_disk, endless(plain), {}).has_value(), "put"); });

  const std::string folder = std::string(count > 1 ? arguments[1] : "/dev/shm") + "/bulwark-store-bench";
  store::ObjectId object;
  for (int round = 0; round < 3; ++round) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    store::LocalStorage storage(files, random, folder);
    auto made =
        store::Store::create({.storage = storage, .keys = keys, .random = random, .clock = clock}, "bench");
    check(made.has_value(), "create");
    const double start = cpu_seconds();
    const auto result = store::put(*made, endless(plain), {});
    check(result.has_value(), "put");
    object = result->object;
    std::printf("%-44s %8.0f MB per CPU-second\n", "put (to files)",
                static_cast<double>(kTotal) / 1e6 / (cpu_seconds() - start));
    if (round == 2) measure_reads(*made, object);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
