#include "drill/kept_files.h"

#include <cstdint>
#include <utility>

#include "base/file_system.h"
#include "os/file_system.h"

namespace bulwark::drill {
namespace {

// Drills keep a few kilobytes; stores pad them and add their records.
constexpr std::uint64_t kFileBytes = std::uint64_t{64} << 20;

Result<void> read_below(FileSystem& files, const std::string& folder, const std::string& below,
                        std::vector<Crosser>& found) {
  const std::vector<DirectoryEntry> entries = TRY(files.list(folder + "/" + below));
  for (const DirectoryEntry& entry : entries) {
    const std::string name = below.empty() ? entry.name : below + "/" + entry.name;
    if (entry.kind == EntryKind::Directory) TRY(read_below(files, folder, name, found));
    if (entry.kind != EntryKind::File) continue;
    std::vector<std::uint8_t> bytes = TRY(read_file(files, folder + "/" + name, kFileBytes));
    found.push_back({.name = name, .bytes = std::move(bytes)});
  }
  return {};
}

}  // namespace

Result<std::vector<Crosser>> files_below(const std::string& folder) {
  os::RealFileSystem files;
  std::vector<Crosser> found;
  TRY(read_below(files, folder, "", found));
  return found;
}

}  // namespace bulwark::drill
