#include "cli/directory.h"

#include <utility>

#include "os/mapping.h"

namespace bulwark::cli {
namespace {

class Directory : public scan::Package {
 public:
  Directory(std::string path, const std::vector<std::string>& files, const std::vector<std::string>& folders)
      : path_(std::move(path)) {
    for (const std::string& name : files) members_.push_back({.name = name});
    for (const std::string& name : folders)
      members_.push_back({.name = name, .kind = scan::MemberKind::Directory});
  }

  [[nodiscard]] std::string_view kind() const override { return "directory"; }

  [[nodiscard]] Result<scan::Content> read(std::size_t index, scan::Inspection&) const override {
    const scan::Member& member = members_.at(index);
    if (member.kind != scan::MemberKind::File)
      return fail(Code::Unsupported, member.name + " is a directory");
    auto mapping = os::Mapping::open(path_ + "/" + member.name, false);
    if (!mapping) return std::unexpected(std::move(mapping).error().within(member.name));
    const Bytes bytes = (*mapping)->bytes();
    return scan::Content{bytes, std::move(*mapping)};
  }

 private:
  std::string path_;
};

}  // namespace

std::unique_ptr<scan::Package> directory_package(std::string path, const std::vector<std::string>& files,
                                                 const std::vector<std::string>& folders) {
  return std::make_unique<Directory>(std::move(path), files, folders);
}

}  // namespace bulwark::cli
