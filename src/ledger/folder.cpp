#include "ledger/folder.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "ledger/journal.h"
#include "ledger/tiles.h"

namespace bulwark::ledger {
namespace {

constexpr std::size_t kRememberedFolders = 64;
constexpr std::uint64_t kMaxKeyBytes = 4096;

std::string parent_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

Result<void> remove_if_there(FileSystem& files, const std::string& path) {
  auto removed = files.remove(path);
  if (!removed && removed.error().code != Code::NotFound) return removed;
  return {};
}

}  // namespace

std::string Folder::segment(std::uint64_t number) const {
  return journal() + "/" + segment_name(number);
}

Result<NoteKey> Folder::key() const {
  const auto bytes = read_file(files_, at("log.vkey"), kMaxKeyBytes);
  if (!bytes) {
    if (bytes.error().code != Code::NotFound) return std::unexpected(bytes.error());
    return fail(Code::NotFound, path_ + ": there is no ledger here ('bulwark ledger init' makes one)");
  }
  auto key = NoteKey::parse(trim(text_of(*bytes)));
  if (!key) return std::unexpected(std::move(key).error().within(at("log.vkey")));
  return key;
}

Result<void> Folder::make_parents(const std::string& name) {
  const std::string parent = parent_of(name);
  if (parent.empty() || made_.contains(parent)) return {};
  TRY(make_parents(parent));  // as deep as the layout's paths, twelve at most
  TRY(files_.make_directory(at(parent)));
  if (made_.size() > kRememberedFolders) made_.clear();
  made_.insert(parent);
  return {};
}

Result<void> Folder::put(const std::string& name, Bytes content) {
  TRY(make_parents(name));
  const std::string temporary = at("incoming");
  {
    const auto file = TRY(files_.create(temporary));
    TRY(file->append(content));
  }
  return files_.rename(temporary, at(name));
}

Result<void> Folder::remove_leftovers() {
  TRY(remove_if_there(files_, at("incoming")));
  return remove_if_there(files_, journal() + "/incoming");
}

Result<void> Folder::sync_file(const std::string& name, std::set<std::string>& folders) const {
  for (std::string parent = parent_of(name); !parent.empty(); parent = parent_of(parent))
    folders.insert(parent);
  const auto file = TRY(files_.append_to(at(name)));
  return file->sync();
}

Result<void> Folder::remove_partial(const std::string& full) const {
  const auto listed = files_.list(at(full + ".p"));
  if (!listed) {
    if (listed.error().code == Code::NotFound) return {};
    return std::unexpected(listed.error());
  }
  for (const DirectoryEntry& entry : *listed) TRY(remove_if_there(files_, at(full + ".p/" + entry.name)));
  return remove_if_there(files_, at(full + ".p"));
}

Result<void> Folder::sync_tiles(std::uint64_t old_size, std::uint64_t size) const {
  std::set<std::string> folders;
  std::vector<std::string> full;
  for (unsigned level = 0; level < kTileLevels; ++level) {
    for (std::uint64_t index = full_tiles(old_size, level); index < full_tiles(size, level); ++index) {
      full.push_back(tile_path(level, index));
      if (level == 0) full.push_back(bundle_path(index));
    }
    const unsigned width = partial_width(size, level);
    if (width == 0) continue;
    const std::uint64_t index = full_tiles(size, level);
    TRY(sync_file(tile_path(level, index, width), folders));
    if (level == 0) TRY(sync_file(bundle_path(index, width), folders));
  }
  for (const std::string& name : full) TRY(sync_file(name, folders));
  // Backwards, longer paths come before those that they start with.
  for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder)
    TRY(files_.sync_directory(at(*folder)));
  TRY(files_.sync_directory(path_));
  for (const std::string& name : full) TRY(remove_partial(name));
  return {};
}

}  // namespace bulwark::ledger
