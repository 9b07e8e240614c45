// The ledger on a disk that crashes: nothing acknowledged is lost, no checkpoint that anybody may have read
// is ever contradicted, nothing half-written is visible after recovery.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "ledger/audit.h"
#include "ledger/log.h"
#include "ledger/tile_reader.h"
#include "sim/run.h"
#include "support/ledger.h"

namespace bulwark::sim {
namespace {

constexpr std::string_view kFolder = "ledger";

ledger::LogOptions small_journals(test::SeededRandom& random) {
  ledger::LogOptions options;
  options.journal_batches = 2 + random.below(6);
  options.window = std::chrono::microseconds(0);
  return options;
}

class LedgerWorkload : public Workload {
 public:
  Result<void> live(FileSystem& files, test::SeededRandom& random) override {
    const std::string folder(kFolder);
    if (!created_) {
      const auto made = ledger::Log::create(files, folder, "log", signer_);
      // A crash may have come behind its last step.
      if (!made && made.error().code != Code::InvalidInput) return made;
      created_ = true;
    }
    auto log = TRY(ledger::Log::open(files, folder, signer_, small_journals(random)));
    publish(*log->checkpoint());
    // Now and then a tile becomes full.
    const std::uint64_t batches = 1 + random.below(5);
    for (std::uint64_t i = 0; i < batches; ++i) {
      std::vector<std::vector<std::uint8_t>> entries(1 + (random.below(6) == 0 ? 120 : random.below(4)));
      std::vector<Bytes> views;
      for (auto& entry : entries) {
        entry.assign(1 + random.below(60), static_cast<std::uint8_t>(next_));
        for (std::size_t j = 0; j < 8 && j < entry.size(); ++j)
          entry[j] = static_cast<std::uint8_t>(next_ >> (8 * j));
        ++next_;
        views.emplace_back(entry);
      }
      const auto appended = TRY(log->append_all(views));
      for (std::size_t j = 0; j < entries.size(); ++j) acknowledged_[appended.index + j] = entries[j];
      publish(*appended.checkpoint);
    }
    return {};
  }

  std::string verify(FileSystem& files) override {
    const std::string folder(kFolder);
    if (!created_) return {};
    auto log = ledger::Log::open(files, folder, signer_);
    if (!log) return log.error().message;
    const auto broken = look(files, (*log)->checkpoint()->checkpoint);
    if (!broken.empty()) return broken;
    // It goes on from there; not always, for the sake of time.
    if (++verified_ % 4 != 0) return {};
    const auto more = (*log)->append(bytes_of("after the crash"));
    if (!more) return more.error().message;
    if (!(*log)->settle()) return "cannot settle";
    return look(files, more->checkpoint->checkpoint);
  }

  std::string verify_damaged(FileSystem& files, const Damage&) override {
    const std::string folder(kFolder);
    if (!created_) return {};
    const auto log = ledger::Log::open(files, folder, signer_);
    if (!log) return {};  // it says that it is damaged
    // Tiles that were settled long ago are not looked at by a writer, and a rotten bit in the last batch
    // looks like one that a crash cut off. Whoever remembers a checkpoint is told.
    const auto found = ledger::audit(files, folder, options());
    if (!found || !found->intact()) return {};
    return look(files, (*log)->checkpoint()->checkpoint);
  }

 private:
  // From the moment that it returns anybody may have read it.
  void publish(const ledger::SignedCheckpoint& checkpoint) {
    published_[checkpoint.checkpoint.size] = checkpoint.checkpoint.root;
  }

  ledger::AuditOptions options() {
    ledger::AuditOptions all{.origin = "log", .log_keys = {&key_, 1}};
    for (const auto& [size, root] : published_)
      all.remembered.push_back({.checkpoint = {.origin = "log", .size = size, .root = root, .extensions = {}},
                                .source = "reader"});
    return all;
  }

  std::string look(FileSystem& files, const ledger::Checkpoint& checkpoint) {
    const auto found = ledger::audit(files, std::string(kFolder), options());
    if (!found) return found.error().message;
    if (!found->intact()) return found->discrepancies.front().what;
    if (found->checkpoint->checkpoint != checkpoint) return "the published checkpoint is another one";
    ledger::TileReader reader(files, std::string(kFolder), checkpoint.size);
    ledger::Bundle bundle;
    std::uint64_t loaded = ~std::uint64_t{0};
    for (const auto& [index, entry] : acknowledged_) {
      if (index / ledger::kTileWidth != loaded) {
        auto read = reader.bundle(index / ledger::kTileWidth);
        if (!read) return "entry " + std::to_string(index) + ": " + read.error().message;
        bundle = std::move(*read);
        loaded = index / ledger::kTileWidth;
      }
      const std::uint64_t at = index % ledger::kTileWidth;
      if (at >= bundle.entries.size() || !std::ranges::equal(bundle.entries[at], entry))
        return "entry " + std::to_string(index) + " is another one";
    }
    return {};
  }

  test::MemorySigner signer_;
  inline static const ledger::NoteKey key_ =
      ledger::NoteKey::make("log", ledger::KeyKind::Ed25519, test::MemorySigner().public_key()).value();
  bool created_ = false;
  std::uint64_t verified_ = 0;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::vector<std::uint8_t>> acknowledged_;
  std::map<std::uint64_t, ledger::Hash> published_;
};

NewWorkload workload() {
  return [](std::uint64_t) { return std::make_unique<LedgerWorkload>(); };
}

// 10,000 seeds in four parts, which run side by side.
class LedgerSimulation : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LedgerSimulation, LosesAndContradictsNothing) {
  constexpr std::uint64_t kSeeds = 2'500;
  expect_no_failures(run_seeds(workload(), kSeeds, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Part, LedgerSimulation, testing::Values(0, 1, 2, 3));

TEST(LedgerCrash, SurvivesACrashAtEveryStep) {
  expect_no_failures(crash_at_every_step(workload()));
}

}  // namespace
}  // namespace bulwark::sim
