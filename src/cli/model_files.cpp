#include "cli/model_files.h"

#include <filesystem>

#include "os/mapping.h"
#include "os/tree.h"

namespace bulwark::cli {
namespace {

namespace fs = std::filesystem;

class MappedContent : public trust::Content {
 public:
  explicit MappedContent(std::shared_ptr<os::Mapping> mapping) : mapping_(std::move(mapping)) {}

  [[nodiscard]] std::uint64_t size() const override { return mapping_->bytes().size(); }

  [[nodiscard]] Result<void> read(std::uint64_t start, std::uint64_t end,
                                  const std::function<void(Bytes)>& each) const override {
    mapping_->for_each_piece(start, end, each);
    if (mapping_->changed()) return fail(Code::Corrupt, "the file changed while it was read");
    return {};
  }

 private:
  std::shared_ptr<os::Mapping> mapping_;
};

// With links resolved as far as the path exists, so that two ways to one place compare equal.
fs::path real(const std::string& path) {
  std::error_code error;
  fs::path full = fs::weakly_canonical(path, error);
  if (error) full = fs::absolute(path, error).lexically_normal();
  return full.has_filename() ? full : full.parent_path();
}

trust::EntryType type_of(os::TreeKind kind) {
  switch (kind) {
    case os::TreeKind::File: return trust::EntryType::File;
    case os::TreeKind::Link: return trust::EntryType::Link;
    case os::TreeKind::Loop: return trust::EntryType::Loop;
    case os::TreeKind::Other: return trust::EntryType::Other;
  }
  return trust::EntryType::Other;
}

}  // namespace

Result<trust::ModelTree> ModelFiles::list(trust::Links links) const {
  trust::ModelTree tree;
  tree.name = base_name(path_);
  std::error_code error;
  if (fs::is_regular_file(path_, error)) {
    const std::uint64_t size = fs::file_size(path_, error);
    if (error) return fail(Code::Unavailable, path_ + ": " + error.message());
    tree.single_file = true;
    tree.entries.push_back(
        {.path = tree.name, .type = trust::EntryType::File, .size = size, .outside = false, .why = {}});
    return tree;
  }
  auto found = os::list_tree(path_, {.follow_links = links == trust::Links::Follow});
  if (!found) return std::unexpected(std::move(found).error().within(path_));
  tree.entries.reserve(found->size());
  for (os::TreeEntry& entry : *found)
    tree.entries.push_back({.path = std::move(entry.path),
                            .type = type_of(entry.kind),
                            .size = entry.size,
                            .outside = entry.outside,
                            .why = std::move(entry.why)});
  return tree;
}

Result<std::shared_ptr<const trust::Content>> ModelFiles::open(const std::string& path,
                                                               trust::Links links) const {
  std::error_code error;
  const bool one_file = fs::is_regular_file(path_, error);
  const std::string full = one_file ? path_ : path_ + "/" + path;
  auto mapping = TRY(os::Mapping::open(full, one_file || links == trust::Links::Follow));
  return std::make_shared<const MappedContent>(std::move(mapping));
}

std::string path_below(const std::string& path, const std::string& model) {
  std::error_code error;
  if (!fs::is_directory(model, error)) return {};
  // The file itself may be a link: what counts is the name under which it lies in the model.
  const fs::path given(path);
  const fs::path folder = real(given.has_parent_path() ? given.parent_path().string() : ".");
  const fs::path below = (folder / given.filename()).lexically_relative(real(model));
  if (below.empty() || *below.begin() == "..") return {};
  return below.generic_string();
}

std::string base_name(const std::string& path) {
  std::error_code error;
  fs::path full = fs::absolute(path, error).lexically_normal();
  if (!full.has_filename()) full = full.parent_path();  // it ended in '/'
  const std::string name = full.filename().string();
  return name.empty() ? "/" : name;
}

}  // namespace bulwark::cli
