// The ledger on a real disk: one append after the other, 64 writers at once, proofs, and ten million entries.
// usage: ledger_bench FOLDER [single|writers|proof|many [ENTRIES]]   (writes FOLDER/ledger-bench, removes it)

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "crypto/signing.h"
#include "ledger/log.h"
#include "ledger/statement.h"
#include "ledger/tile_reader.h"
#include "os/file_system.h"

namespace bulwark {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSingle = 500;
constexpr int kWriters = 64;
constexpr auto kWritersRun = std::chrono::seconds(10);
constexpr int kProofs = 20'000;

double microseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

// Counts what waits for the disk.
class Counting : public os::RealFileSystem {
 public:
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    auto file = TRY(os::RealFileSystem::create(path));
    return std::make_unique<File>(std::move(file), syncs);
  }
  Result<std::unique_ptr<WritableFile>> append_to(const std::string& path) override {
    auto file = TRY(os::RealFileSystem::append_to(path));
    return std::make_unique<File>(std::move(file), syncs);
  }
  Result<void> truncate(const std::string& path, std::uint64_t size) override {
    ++syncs;
    return os::RealFileSystem::truncate(path, size);
  }
  Result<void> sync_directory(const std::string& path) override {
    ++syncs;
    return os::RealFileSystem::sync_directory(path);
  }

  std::atomic<std::uint64_t> syncs{0};

 private:
  class File : public WritableFile {
   public:
    File(std::unique_ptr<WritableFile> file, std::atomic<std::uint64_t>& syncs)
        : file_(std::move(file)), syncs_(syncs) {}
    Result<void> append(Bytes bytes) override { return file_->append(bytes); }
    Result<void> sync() override {
      ++syncs_;
      return file_->sync();
    }

   private:
    std::unique_ptr<WritableFile> file_;
    std::atomic<std::uint64_t>& syncs_;
  };
};

// A statement of the usual size, some 300 bytes.
std::string entry(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return R"({"artifact":"sha256:)" + std::string(64 - digits.size(), '0') + digits +
         R"(","atlas":["AML.T0010.003"],"kind":"decision","outcome":"allow","schema":"bulwark.statement/1",)"
         R"("subject":"model fraud@)" +
         digits + R"(","time":"2026-11-20T15:04:05Z","tool":"bulwark 0.1.0"})";
}

std::string resident() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return line.substr(6);
  return "?";
}

struct Bench {
  std::string folder;
  Counting files;
  crypto::PrivateKey key = crypto::PrivateKey::generate(crypto::KeyType::Ed25519).value();
  std::unique_ptr<ledger::Log> log;

  bool open(const ledger::LogOptions& options = {}) {
    std::filesystem::remove_all(folder);
    const auto made = ledger::Log::create(files, folder, "bench.example/log", key);
    auto opened = made ? ledger::Log::open(files, folder, key, options)
                       : Result<std::unique_ptr<ledger::Log>>(std::unexpected(made.error()));
    if (!opened) {
      std::printf("%s\n", opened.error().message.c_str());
      return false;
    }
    log = std::move(*opened);
    return true;
  }
};

// What the disk gives at this moment: appending and syncing, and nothing else.
void raw(Bench& bench) {
  const std::string path = bench.folder + "/raw";
  const auto file = bench.files.create(path);
  if (!file) return;
  const std::vector<std::uint8_t> content(20'000, 'x');
  std::vector<double> times;
  for (int i = 0; i < kSingle; ++i) {
    const auto start = Clock::now();
    if (!(*file)->append(content) || !(*file)->sync()) return;
    times.push_back(microseconds_since(start));
  }
  std::ranges::sort(times);
  std::printf("raw append of 20 KB and fdatasync: p50 %.0f us\n", times[times.size() / 2]);
}

void single(Bench& bench) {
  std::vector<double> times;
  std::vector<std::uint64_t> syncs;
  for (int i = 0; i < kSingle; ++i) {
    const std::string text = entry(static_cast<std::uint64_t>(i));
    const std::uint64_t before = bench.files.syncs;
    const auto start = Clock::now();
    if (!bench.log->append(bytes_of(text))) return;
    times.push_back(microseconds_since(start));
    syncs.push_back(bench.files.syncs - before);
  }
  std::ranges::sort(times);
  std::ranges::sort(syncs);
  std::printf("single append: p50 %.0f us, p99 %.0f us; syncs p50 %llu, most %llu\n", times[times.size() / 2],
              times[times.size() * 99 / 100], static_cast<unsigned long long>(syncs[syncs.size() / 2]),
              static_cast<unsigned long long>(syncs.back()));
}

void writers(Bench& bench) {
  std::atomic<std::uint64_t> done{0};
  std::atomic<bool> stop{false};
  const std::uint64_t before = bench.files.syncs;
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kWriters; ++i)
      threads.emplace_back([&, i] {
        for (std::uint64_t n = 0; !stop; ++n) {
          const std::string text = entry(static_cast<std::uint64_t>(i) * 1'000'000 + n);
          if (!bench.log->append(bytes_of(text))) return;
          ++done;
        }
      });
    std::this_thread::sleep_for(kWritersRun);
    stop = true;
  }
  const double seconds = microseconds_since(start) / 1e6;
  std::printf("%d writers: %.0f durable appends/s, %.1f appends a sync\n", kWriters,
              static_cast<double>(done) / seconds,
              static_cast<double>(done) / static_cast<double>(bench.files.syncs - before));
}

void proof(Bench& bench) {
  std::vector<std::string> texts;
  std::vector<Bytes> entries;
  for (std::uint64_t i = 0; i < 50'000; ++i) texts.push_back(entry(i));
  for (const std::string& text : texts) entries.push_back(bytes_of(text));
  const auto appended = bench.log->append_all(entries);
  if (!appended) return;
  const auto receipt = bench.log->receipt(*appended, appended->index + 25'000);
  if (!receipt) return;
  const ledger::Checkpoint& checkpoint = receipt->checkpoint.checkpoint;
  bool all = true;
  const auto spent = [](int rounds, const auto& body) {  // CPU time, which other work does not change
    const std::clock_t start = std::clock();
    for (int i = 0; i < rounds; ++i) body();
    return static_cast<double>(std::clock() - start) * 1e6 / CLOCKS_PER_SEC / rounds;
  };
  const double inclusion = spent(kProofs, [&] {
    all = all && ledger::verify_inclusion(receipt->index, checkpoint.size, ledger::leaf_hash(entries[25'000]),
                                          receipt->proof, checkpoint.root);
  });
  const double whole = spent(kProofs / 10, [&] {
    all = all && ledger::verify_receipt(*receipt, ledger::leaf_hash(entries[25'000]), "bench.example/log",
                                        {&bench.log->key(), 1});
  });
  std::printf(
      "inclusion proof of %zu hashes: %.2f us of CPU, leaf hashed; receipt with its signature: %.1f us "
      "(%s)\n",
      receipt->proof.size(), inclusion, whole, all ? "right" : "WRONG");
}

void many(Bench& bench, std::uint64_t count) {
  constexpr std::uint64_t kBatch = 5'000;
  const auto start = Clock::now();
  for (std::uint64_t at = 0; at < count; at += kBatch) {
    std::vector<std::string> texts;
    std::vector<Bytes> entries;
    for (std::uint64_t i = 0; i < kBatch; ++i) texts.push_back(entry(at + i));
    for (const std::string& text : texts) entries.push_back(bytes_of(text));
    if (const auto appended = bench.log->append_all(entries); !appended) {
      std::printf("%s\n", appended.error().message.c_str());
      return;
    }
    if ((at + kBatch) % (count / 10) == 0)
      std::printf("%9llu entries: %s, %.0f entries/s\n", static_cast<unsigned long long>(at + kBatch),
                  resident().c_str(), static_cast<double>(at + kBatch) * 1e6 / microseconds_since(start));
  }
}

}  // namespace
}  // namespace bulwark

int main(int argc, char** argv) {
  using namespace bulwark;
  if (argc < 2) {
    std::puts("usage: ledger_bench FOLDER [single|writers|proof|many [ENTRIES]]");
    return 3;
  }
  const std::string what = argc > 2 ? argv[2] : "";
  Bench bench{.folder = std::string(argv[1]) + "/ledger-bench", .files = {}, .log = {}};
  const auto run = [&](const char* name, auto measure) {
    if ((what.empty() || what == name) && bench.open()) measure();
    bench.log.reset();
  };
  run("single", [&] {
    raw(bench);
    single(bench);
  });
  run("writers", [&] {
    raw(bench);
    writers(bench);
  });
  run("proof", [&] { proof(bench); });
  if (what == "many") run("many", [&] { many(bench, argc > 3 ? std::stoull(argv[3]) : 10'000'000); });
  std::filesystem::remove_all(bench.folder);
  return 0;
}
