#include "cli/ledger_entry.h"

#include <thread>

#include "cli/ledger_place.h"
#include "cli/secret_source.h"

namespace bulwark::cli {
namespace {

// Entries of one process are few: the journal is read at every start.
constexpr std::uint64_t kJournalBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kJournalBatches = 64;
constexpr auto kBusyPause = std::chrono::milliseconds(100);
constexpr auto kPatience = std::chrono::seconds(10);

}  // namespace

Result<std::unique_ptr<ledger::Log>> open_log(const World& world, const std::string& folder,
                                              const crypto::Signer& signer, std::chrono::seconds patience) {
  const ledger::LogOptions options{.journal_bytes = kJournalBytes, .journal_batches = kJournalBatches};
  const auto end = world.clock.monotonic() + patience;
  for (;;) {
    auto log = ledger::Log::open(world.files, folder, signer, options);
    const bool busy = !log && log.error().message.ends_with(ledger::kBusy);
    if (!busy || world.clock.monotonic() >= end) return log;
    std::this_thread::sleep_for(kBusyPause);
  }
}

Result<std::uint64_t> append_statement(const Arguments& arguments, const World& world, std::string_view key,
                                       ledger::Statement statement) {
  statement.time = world.wall.now();
  statement.tool = "bulwark " BULWARK_VERSION;
  const std::string entry = TRY(ledger::to_entry(std::move(statement)));
  const std::string folder = TRY(ledger_folder(arguments));
  const auto signer = TRY(open_signer(arguments, world, key));
  const auto log = TRY(open_log(world, folder, *signer, kPatience));
  const auto appended = TRY(log->append(bytes_of(entry)));
  return appended.index;
}

}  // namespace bulwark::cli
