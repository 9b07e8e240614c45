#pragma once
// Named members that belong together: an archive that was opened, or a directory.
//
// Whoever reads an archive format implements Package; the engine then inspects every member, and package
// inspectors (torch zip, Keras, MLflow, Hugging Face …) look at the members together.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace bulwark::scan {

class Inspection;

enum class MemberKind : std::uint8_t { File, Directory, Link, Special };

struct Member {
  std::string name;        // as stored, hostile; '/'-separated where the format says so
  std::uint64_t size = 0;  // as declared: never trust it
  std::uint64_t offset =
      kNoOffset;  // of the content in the enclosing artifact, where it lies there unchanged
  MemberKind kind = MemberKind::File;
};

// The bytes of a member, and who keeps them alive (null: the enclosing artifact or the package does).
struct Content {
  Bytes bytes;
  std::shared_ptr<const void> keeps;
};

class Package {
 public:
  virtual ~Package() = default;

  [[nodiscard]] virtual std::string_view kind() const = 0;  // "zip", "tar", "7z", "directory"
  // In the order of the format. The same name may come twice, and then both are inspected.
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  // The first member of that exact name, or null.
  [[nodiscard]] const Member* find(std::string_view name) const;
  // Whether the name of any member starts so: "code/".
  [[nodiscard]] bool has_prefix(std::string_view prefix) const;

  // Content of `members()[index]`, unpacked under the budget of `in`; decompression defects are reported to
  // `in`. Errors: LimitReached, Corrupt, Unsupported (method, encryption), Unavailable.
  [[nodiscard]] virtual Result<Content> read(std::size_t index, Inspection& in) const = 0;
  // The same by name; NotFound if there is none.
  [[nodiscard]] Result<Content> read(std::string_view name, Inspection& in) const;

 protected:
  // Called once `members_` is complete, by archives that may name a million: each member may ask for another.
  void sort_names();

  std::vector<Member> members_;

 private:
  std::vector<const Member*> by_name_;  // empty: not sorted
};

}  // namespace bulwark::scan
