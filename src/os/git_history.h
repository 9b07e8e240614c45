#pragma once
// Every version of every file that a git repository remembers, each once, and the messages of its commits.
//
// Reads objects only: no hook, filter, attribute or helper runs, no configuration of the user or the machine
// is read, nothing is fetched, submodules are not entered. libgit2 is loaded when it is asked for, so that
// nobody else waits for it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::os {

struct HistoryLimits {
  // The kernel has 1.3 million commits; machine-learning repositories some ten thousand.
  std::uint64_t commits = 2'000'000;
  // Of one version of one file. Larger ones are data or models.
  std::uint64_t blob_bytes = std::uint64_t{64} << 20;
  // Of all versions together: some minutes of reading and inflating.
  std::uint64_t total_bytes = std::uint64_t{64} << 30;
  // Folders within folders; git itself has no limit, paths end at 4,096 bytes.
  std::uint32_t depth = 256;
  std::chrono::milliseconds time{600'000};
};

struct Commit {
  std::string id;    // 40 hexadecimal digits
  std::string date;  // of the author, UTC: "2026-03-01"
};

// Who is told. Both may return false to stop.
struct HistoryVisitor {
  // A version that is not among the files of HEAD, with the oldest commit that has it. `content` lives for
  // the call.
  std::function<bool(const Commit& commit, std::string_view path, Bytes content)> blob;
  std::function<bool(const Commit& commit, std::string_view message)> message;
};

struct HistorySummary {
  std::uint64_t commits = 0;
  std::uint64_t blobs = 0;      // that were shown
  std::uint64_t too_large = 0;  // left out, as are those that cannot be read
  bool complete = true;         // false: a limit was reached
};

// The repository that `path` is in. Errors: NotFound (no repository), Unavailable (libgit2 is not installed,
// or an object database that cannot be read).
[[nodiscard]] Result<HistorySummary> walk_history(const std::string& path, const HistoryLimits& limits,
                                                  const HistoryVisitor& visitor);

}  // namespace bulwark::os
