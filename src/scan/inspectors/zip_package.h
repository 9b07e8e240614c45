#pragma once
// An opened zip: every member that any reader may see, and how to read it.

#include <set>
#include <tuple>
#include <vector>

#include "scan/formats/zip.h"
#include "scan/inspector.h"
#include "scan/package.h"

namespace bulwark::scan {

// One reading of one member. The same bytes may be listed twice (two names, two methods).
struct ZipSource {
  std::string_view name;
  std::uint64_t header = 0;        // local header, or the directory record where there is none
  std::uint64_t data = kNoOffset;  // start of the packed content; kNoOffset: cannot be found
  std::uint64_t compressed = 0;
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
  std::uint16_t method = 0;
  std::uint16_t flags = 0;  // of both views together
  bool listed = true;       // its sizes are declared (false: found by walking, sizes may be guessed)
};

class ZipPackage : public Package {
 public:
  // `file` must outlive the package (it is the artifact).
  explicit ZipPackage(Bytes file) : file_(file) {}

  void add(const ZipSource& source);
  // Everything has been added.
  void complete() { sort_names(); }
  // Together the members are a bomb: only the first bytes of each compressed one are unpacked.
  void distrust() { bomb_ = true; }
  [[nodiscard]] std::string_view kind() const override { return "zip"; }
  [[nodiscard]] Result<Content> read(std::size_t index, Inspection& in) const override;

 private:
  [[nodiscard]] Result<Content> stored(const ZipSource& source, Bytes packed, Inspection& in) const;
  [[nodiscard]] Result<Content> unpacked(const ZipSource& source, Bytes packed, Inspection& in) const;
  void judge_unpacked(const ZipSource& source, const struct ZipOutcome& outcome, Inspection& in) const;

  Bytes file_;
  std::vector<ZipSource> sources_;
  std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint16_t>> contents_;  // start, length, method
  bool bomb_ = false;
  bool torch_ = false;  // written by torch.save
};

}  // namespace bulwark::scan
