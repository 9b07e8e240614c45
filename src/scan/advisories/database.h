#pragma once
// The compiled advisories as `scan` uses them: a view of bytes that somebody else maps. Opening checks the
// checksum and the size of every table; everything behind is checked when it is read.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"
#include "scan/advisories/advisory.h"

namespace bulwark::scan {

// Advisories of one weakness in one version: those that name one another are one match.
struct AdvisoryMatch {
  std::vector<std::string> ids;  // CVE first, then as they sort; never empty
  std::string summary;
  std::optional<Severity> severity;
  std::string fixed;           // lowest fixed version above; empty: none is known
  bool malicious = false;      // MAL-…: the package itself is the attack
  bool not_evaluated = false;  // only a repository's history, or an order we do not know, could tell
};

class AdvisoryDatabase {
 public:
  // `bytes` must outlive the database. Errors: Unsupported (another format or version), Corrupt.
  [[nodiscard]] static Result<AdvisoryDatabase> open(Bytes bytes);

  // Advisories that speak about this version of the package. An empty version: those that hold for all.
  // Corrupt if the entry cannot be read.
  [[nodiscard]] Result<std::vector<AdvisoryMatch>> matches(std::string_view ecosystem, std::string_view name,
                                                           std::string_view version) const;
  // True if the package is known for anything but being malicious: a name that exists.
  [[nodiscard]] bool is_legitimate(std::string_view ecosystem, std::string_view name) const;

  [[nodiscard]] std::uint32_t advisories() const { return advisories_; }
  [[nodiscard]] std::uint32_t packages() const { return packages_; }
  [[nodiscard]] std::int64_t newest() const { return newest_; }      // seconds since 1970
  [[nodiscard]] std::int64_t imported() const { return imported_; }  // seconds since 1970

 private:
  struct Entry {
    std::uint32_t first = 0, count = 0;
  };
  [[nodiscard]] std::optional<Entry> find(std::string_view ecosystem, std::string_view name) const;
  [[nodiscard]] Result<Bytes> text_at(std::uint32_t offset, std::uint32_t length) const;
  [[nodiscard]] Result<Advisory> advisory(std::uint32_t index) const;
  [[nodiscard]] Result<AffectedPackage> package(std::uint32_t offset, std::uint32_t length) const;

  Bytes package_rows_, affected_rows_, advisory_rows_, texts_;
  std::uint32_t packages_ = 0, affected_ = 0, advisories_ = 0;
  std::int64_t newest_ = 0, imported_ = 0;
};

}  // namespace bulwark::scan
