#include "os/walk.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <memory>

#include "base/glob.h"
#include "os/error.h"

namespace bulwark::os {
namespace {

std::string canonical(const std::string& path) {
  std::array<char, PATH_MAX> buffer{};
  return realpath(path.c_str(), buffer.data()) == nullptr ? std::string() : std::string(buffer.data());
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

std::string_view kind_of(mode_t mode) {
  if (S_ISFIFO(mode)) return "FIFO: reading it could block for ever";
  if (S_ISSOCK(mode)) return "socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "device";
  return "no regular file";
}

class Walker {
 public:
  Walker(const std::string& root, const WalkOptions& options) : root_(root), options_(options) {}

  std::vector<WalkEntry> run() {
    struct stat about{};
    if (stat(root_.c_str(), &about) != 0) {
      unreadable(root_, system_error("cannot open").error().message);
    } else if (S_ISDIR(about.st_mode)) {
      real_root_ = canonical(root_);
      directory(root_, 0);
    } else if (S_ISREG(about.st_mode)) {
      entries_.push_back({Found::File, root_, {}});
    } else {
      unreadable(root_, kind_of(about.st_mode));
    }
    std::ranges::sort(entries_, {}, &WalkEntry::path);
    return std::move(entries_);
  }

 private:
  void unreadable(const std::string& path, std::string_view why) {
    entries_.push_back({Found::Unreadable, path, std::string(why)});
  }

  std::string_view below_root(std::string_view path) const {
    path.remove_prefix(std::min(path.size(), root_.size()));
    while (path.starts_with('/')) path.remove_prefix(1);
    return path;
  }

  static bool matches_any(const std::vector<std::string>& globs, std::string_view below) {
    const std::string_view name = below.substr(below.rfind('/') + 1);
    return std::ranges::any_of(globs, [&](const std::string& glob) {
      return matches_glob(glob, below) || (glob.find('/') == std::string::npos && matches_glob(glob, name));
    });
  }

  // Depth first and recursive: `max_depth` bounds it, and links, the only way to make a loop, are not
  // followed.
  void directory(const std::string& path, std::uint32_t depth) {
    if (depth > options_.max_depth)
      return unreadable(
          path, "directories are nested deeper than " + std::to_string(options_.max_depth) + " levels");
    const std::unique_ptr<DIR, int (*)(DIR*)> opened(opendir(path.c_str()), closedir);
    if (opened == nullptr) return unreadable(path, system_error("cannot list").error().message);
    entries_.push_back({Found::Directory, path, {}});
    std::vector<std::string> names;
    // Every walk has its own stream.
    while (const dirent* entry = readdir(opened.get())) {  // NOLINT(concurrency-mt-unsafe)
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    for (const std::string& name : names) visit(joined(path, name), depth);
  }

  void visit(const std::string& path, std::uint32_t depth) {
    const std::string_view below = below_root(path);
    if (matches_any(options_.exclude, below)) return;
    struct stat about{};
    if (lstat(path.c_str(), &about) != 0)
      return unreadable(path, system_error("cannot stat").error().message);
    if (S_ISLNK(about.st_mode)) return link(path);
    if (S_ISDIR(about.st_mode)) return directory(path, depth + 1);
    if (!options_.include.empty() && !matches_any(options_.include, below)) return;
    if (!S_ISREG(about.st_mode)) return unreadable(path, kind_of(about.st_mode));
    entries_.push_back({Found::File, path, {}});
  }

  void link(const std::string& path) {
    const std::string target = canonical(path);
    if (target.empty()) return unreadable(path, "link to nothing, or a loop of links");
    const std::string inside = real_root_ == "/" ? real_root_ : real_root_ + "/";
    if (target != real_root_ && !target.starts_with(inside))
      unreadable(path, "link out of the scanned tree, not followed");
  }

  const std::string root_;
  const WalkOptions& options_;
  std::string real_root_;
  std::vector<WalkEntry> entries_;
};

}  // namespace

std::vector<WalkEntry> walk(const std::string& path, const WalkOptions& options) {
  return Walker(path, options).run();
}

}  // namespace bulwark::os
