#pragma once
// A model that lives in the test.

#include <algorithm>
#include <map>
#include <string>

#include "trust/model_source.h"

namespace bulwark::test {

class MemoryContent : public trust::Content {
 public:
  MemoryContent(std::string bytes, bool changes) : bytes_(std::move(bytes)), changes_(changes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] Result<void> read(std::uint64_t start, std::uint64_t end,
                                  const std::function<void(Bytes)>& each) const override {
    // Odd pieces, as a disk would not give them.
    for (std::uint64_t at = start; at < end; at += 7)
      each(bytes_of(bytes_).subspan(at, std::min<std::uint64_t>(7, end - at)));
    if (changes_) return fail(Code::Corrupt, "the file changed while it was read");
    return {};
  }

 private:
  std::string bytes_;
  bool changes_;
};

class MemoryModel : public trust::ModelSource {
 public:
  std::map<std::string, std::string> files;
  std::map<std::string, trust::EntryType> others;  // links and what is no file
  std::string name = "model";
  std::string changing;  // a file that changes while it is read
  bool single_file = false;

  [[nodiscard]] Result<trust::ModelTree> list(trust::Links) const override {
    trust::ModelTree tree{.name = name, .single_file = single_file, .entries = {}};
    for (const auto& [path, bytes] : files)
      tree.entries.push_back(
          {.path = path, .type = trust::EntryType::File, .size = bytes.size(), .outside = false, .why = {}});
    for (const auto& [path, type] : others)
      tree.entries.push_back({.path = path, .type = type, .size = 0, .outside = false, .why = "FIFO"});
    std::ranges::sort(tree.entries, {}, &trust::ModelEntry::path);
    return tree;
  }
  [[nodiscard]] Result<std::shared_ptr<const trust::Content>> open(const std::string& path,
                                                                   trust::Links) const override {
    const auto found = files.find(path);
    if (found == files.end()) return fail(Code::NotFound, "no " + path);
    return std::make_shared<const MemoryContent>(found->second, path == changing);
  }
};

}  // namespace bulwark::test
