#include "os/tree.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <memory>
#include <utility>

#include "os/error.h"

namespace bulwark::os {
namespace {

std::string canonical(const std::string& path) {
  std::array<char, PATH_MAX> buffer{};
  return realpath(path.c_str(), buffer.data()) == nullptr ? std::string() : std::string(buffer.data());
}

class Lister {
 public:
  Lister(std::string root, const TreeOptions& options) : root_(std::move(root)), options_(options) {}

  Result<std::vector<TreeEntry>> run() {
    struct stat about{};
    if (stat(root_.c_str(), &about) != 0) return system_error("cannot open");
    if (!S_ISDIR(about.st_mode)) return fail(Code::Unsupported, "not a folder");
    real_root_ = canonical(root_);
    const auto names = TRY(names_in(root_));
    TRY(enter(about, "", names, false));
    std::ranges::sort(entries_, {}, &TreeEntry::path);
    return std::move(entries_);
  }

 private:
  using Names = std::vector<std::string>;

  static Result<Names> names_in(const std::string& path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> opened(opendir(path.c_str()), closedir);
    if (opened == nullptr) return system_error("cannot list");
    Names names;
    // Every listing has its own stream.
    while (const dirent* entry = readdir(opened.get())) {  // NOLINT(concurrency-mt-unsafe)
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    return names;
  }

  std::string full(const std::string& below) const {
    return root_.ends_with('/') ? root_ + below : root_ + "/" + below;
  }

  Result<void> add(TreeEntry entry) {
    if (entries_.size() >= options_.max_entries)
      return fail(Code::LimitReached, "more than " + std::to_string(options_.max_entries) + " files");
    entries_.push_back(std::move(entry));
    return {};
  }

  // Recursive: `max_depth` bounds it.
  Result<void> enter(const struct stat& about, const std::string& below, const Names& names, bool outside) {
    above_.emplace_back(about.st_dev, about.st_ino);
    for (const std::string& name : names) TRY(visit(below.empty() ? name : below + "/" + name, outside));
    above_.pop_back();
    return {};
  }

  Result<void> folder(const std::string& below, const struct stat& about, bool outside) {
    const std::pair<dev_t, ino_t> identity(about.st_dev, about.st_ino);
    if (std::ranges::find(above_, identity) != above_.end())
      return add({.path = below, .kind = TreeKind::Loop, .size = 0, .outside = outside, .why = {}});
    if (above_.size() > options_.max_depth)
      return add(
          other(below, "folders are nested deeper than " + std::to_string(options_.max_depth) + " levels"));
    const auto names = names_in(full(below));
    if (!names) return add(other(below, names.error().message));
    return enter(about, below, *names, outside);
  }

  static TreeEntry other(const std::string& below, std::string why) {
    return {.path = below, .kind = TreeKind::Other, .size = 0, .outside = false, .why = std::move(why)};
  }

  Result<void> visit(const std::string& below, bool outside) {
    struct stat about{};
    if (lstat(full(below).c_str(), &about) != 0)
      return add(other(below, system_error("cannot stat").error().message));
    if (S_ISLNK(about.st_mode)) {
      if (!options_.follow_links)
        return add({.path = below, .kind = TreeKind::Link, .size = 0, .outside = false, .why = {}});
      const std::string target = canonical(full(below));
      if (target.empty() || stat(full(below).c_str(), &about) != 0)
        return add(other(below, "link to nothing, or a loop of links"));
      const std::string inside = real_root_ == "/" ? real_root_ : real_root_ + "/";
      outside = outside || (target != real_root_ && !target.starts_with(inside));
    }
    if (S_ISDIR(about.st_mode)) return folder(below, about, outside);
    if (!S_ISREG(about.st_mode)) return add(other(below, "no regular file"));
    return add({.path = below,
                .kind = TreeKind::File,
                .size = static_cast<std::uint64_t>(about.st_size),
                .outside = outside,
                .why = {}});
  }

  const std::string root_;
  const TreeOptions& options_;
  std::string real_root_;
  std::vector<std::pair<dev_t, ino_t>> above_;  // the folders that are being listed, from the start
  std::vector<TreeEntry> entries_;
};

}  // namespace

Result<std::vector<TreeEntry>> list_tree(const std::string& root, const TreeOptions& options) {
  return Lister(root, options).run();
}

}  // namespace bulwark::os
