#include "scan/advisories/database.h"

#include <algorithm>
#include <utility>

#include "scan/advisories/layout.h"
#include "scan/formats/versions/order.h"

namespace bulwark::scan {
namespace {

namespace file = advisory_file;

Result<std::string> read_text(ByteReader& in) {
  const std::uint64_t length = TRY(in.varint("length of a text"));
  const Bytes bytes = TRY(in.take(length, "text"));
  return std::string(text_of(bytes));
}

// Never reserves by a count from the file.
Result<std::vector<std::string>> read_texts(ByteReader& in) {
  std::vector<std::string> texts;
  const std::uint64_t count = TRY(in.varint("number of texts"));
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string text = TRY(read_text(in));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<AdvisoryRange> read_range(ByteReader& in) {
  AdvisoryRange range;
  const auto type = TRY(in.little_endian<std::uint8_t>("type of a range"));
  if (type > std::to_underlying(AdvisoryRange::Type::Git))
    return fail(Code::Corrupt, "unknown type of a range");
  range.type = static_cast<AdvisoryRange::Type>(type);
  const std::uint64_t count = TRY(in.varint("number of events"));
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto kind = TRY(in.little_endian<std::uint8_t>("kind of an event"));
    if (kind > std::to_underlying(AdvisoryEvent::Kind::Limit))
      return fail(Code::Corrupt, "unknown kind of an event");
    std::string version = TRY(read_text(in));
    range.events.push_back({static_cast<AdvisoryEvent::Kind>(kind), std::move(version)});
  }
  return range;
}

// Numbers of the header after the checksum, in the order of the file.
struct Header {
  std::uint64_t newest = 0, imported = 0;
  std::uint32_t packages = 0, affected = 0, advisories = 0;
};

Result<Header> read_header(ByteReader& in) {
  Header header;
  header.newest = TRY(in.little_endian<std::uint64_t>("newest advisory"));
  header.imported = TRY(in.little_endian<std::uint64_t>("time of the import"));
  header.packages = TRY(in.little_endian<std::uint32_t>("number of packages"));
  header.affected = TRY(in.little_endian<std::uint32_t>("number of affected packages"));
  header.advisories = TRY(in.little_endian<std::uint32_t>("number of advisories"));
  TRY(in.skip(4 + 8, "end of the header"));
  return header;
}

// Advisories that share an id or an alias are one.
bool share_a_name(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return std::ranges::any_of(
      left, [&](const std::string& id) { return std::ranges::find(right, id) != right.end(); });
}

void merge(AdvisoryMatch& into, AdvisoryMatch&& from) {
  for (std::string& id : from.ids)
    if (std::ranges::find(into.ids, id) == into.ids.end()) into.ids.push_back(std::move(id));
  if (into.summary.empty()) into.summary = std::move(from.summary);
  if (from.severity) into.severity = std::max(into.severity.value_or(Severity::Info), *from.severity);
  if (into.fixed.empty()) into.fixed = std::move(from.fixed);
  into.malicious = into.malicious || from.malicious;
  into.not_evaluated = into.not_evaluated && from.not_evaluated;
}

void add_match(std::vector<AdvisoryMatch>& matches, AdvisoryMatch match) {
  // One advisory may join two groups that knew nothing of each other.
  for (std::size_t i = 0; i < matches.size();) {
    if (share_a_name(matches[i].ids, match.ids)) {
      merge(match, std::move(matches[i]));
      matches.erase(matches.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  matches.push_back(std::move(match));
}

bool is_malicious(const Advisory& advisory) {
  return advisory.id.starts_with("MAL-") ||
         std::ranges::any_of(advisory.aliases, [](const std::string& id) { return id.starts_with("MAL-"); });
}

}  // namespace

Result<AdvisoryDatabase> AdvisoryDatabase::open(Bytes bytes) {
  if (!has_magic(bytes, file::kMagic))
    return fail(Code::Unsupported, "no advisory database of this version; import the advisories again");
  ByteReader in(bytes, file::kMagic.size());
  const auto size = TRY(in.little_endian<std::uint64_t>("size of the database"));
  const auto sum = TRY(in.little_endian<std::uint64_t>("checksum"));
  if (size != bytes.size())
    return fail(Code::Corrupt, "advisory database has " + std::to_string(bytes.size()) +
                                   " bytes instead of " + std::to_string(size));
  if (file::checksum(bytes.subspan(file::kChecked)) != sum)
    return fail(Code::Corrupt,
                "advisory database is damaged: its checksum is wrong; import the advisories again");
  const Header header = TRY(read_header(in));
  AdvisoryDatabase database;
  database.package_rows_ = TRY(in.take(header.packages * file::kPackage, "table of packages"));
  database.affected_rows_ = TRY(in.take(header.affected * file::kAffected, "table of affected packages"));
  database.advisory_rows_ = TRY(in.take(header.advisories * file::kAdvisory, "table of advisories"));
  database.texts_ = in.rest();
  database.packages_ = header.packages;
  database.affected_ = header.affected;
  database.advisories_ = header.advisories;
  database.newest_ = static_cast<std::int64_t>(header.newest);
  database.imported_ = static_cast<std::int64_t>(header.imported);
  return database;
}

std::optional<AdvisoryDatabase::Entry> AdvisoryDatabase::find(std::string_view ecosystem,
                                                              std::string_view name) const {
  const std::string key = std::string(ecosystem) + '\0' + normalised_name(ecosystem, name);
  const std::uint64_t hash = file::hash_of(key);
  const auto hash_at = [&](std::uint32_t row) {
    return load_little_endian<std::uint64_t>(package_rows_.data() + row * file::kPackage);
  };
  std::uint32_t low = 0;
  for (std::uint32_t high = packages_; low < high;) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (hash_at(middle) < hash) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (; low < packages_ && hash_at(low) == hash; ++low) {
    const std::uint8_t* row = package_rows_.data() + low * file::kPackage;
    const auto found =
        text_at(load_little_endian<std::uint32_t>(row + 8), load_little_endian<std::uint32_t>(row + 12));
    if (!found || text_of(*found) != key) continue;
    const Entry entry{load_little_endian<std::uint32_t>(row + 16),
                      load_little_endian<std::uint32_t>(row + 20)};
    if (entry.first > affected_ || entry.count > affected_ - entry.first) return std::nullopt;
    return entry;
  }
  return std::nullopt;
}

Result<Bytes> AdvisoryDatabase::text_at(std::uint32_t offset, std::uint32_t length) const {
  ByteReader in(texts_);
  TRY(in.seek(offset, "text of the database"));
  return in.take(length, "text of the database");
}

Result<Advisory> AdvisoryDatabase::advisory(std::uint32_t index) const {
  if (index >= advisories_)
    return fail(Code::Corrupt, "advisory database refers to an advisory that it does not hold");
  const std::uint8_t* row = advisory_rows_.data() + index * file::kAdvisory;
  const Bytes text =
      TRY(text_at(load_little_endian<std::uint32_t>(row), load_little_endian<std::uint32_t>(row + 4)));
  ByteReader in(text);
  Advisory advisory;
  advisory.id = TRY(read_text(in));
  const auto severity = TRY(in.little_endian<std::uint8_t>("severity"));
  if (severity > 0 && severity <= std::to_underlying(Severity::Critical) + 1)
    advisory.severity = static_cast<Severity>(severity - 1);
  const auto modified = TRY(in.little_endian<std::uint64_t>("time of modification"));
  advisory.modified = static_cast<std::int64_t>(modified);
  advisory.aliases = TRY(read_texts(in));
  advisory.summary = TRY(read_text(in));
  return advisory;
}

Result<AffectedPackage> AdvisoryDatabase::package(std::uint32_t offset, std::uint32_t length) const {
  const Bytes text = TRY(text_at(offset, length));
  ByteReader in(text);
  AffectedPackage package;
  package.versions = TRY(read_texts(in));
  const std::uint64_t ranges = TRY(in.varint("number of ranges"));
  for (std::uint64_t i = 0; i < ranges; ++i) {
    AdvisoryRange range = TRY(read_range(in));
    package.ranges.push_back(std::move(range));
  }
  return package;
}

Result<std::vector<AdvisoryMatch>> AdvisoryDatabase::matches(std::string_view ecosystem,
                                                             std::string_view name,
                                                             std::string_view version) const {
  std::vector<AdvisoryMatch> found;
  const auto entry = find(ecosystem, name);
  if (!entry) return found;
  for (std::uint32_t i = entry->first; i < entry->first + entry->count; ++i) {
    const std::uint8_t* row = affected_rows_.data() + i * file::kAffected;
    AffectedPackage package = TRY(this->package(load_little_endian<std::uint32_t>(row + 4),
                                                load_little_endian<std::uint32_t>(row + 8)));
    package.ecosystem = ecosystem;
    const Affects answer = version.empty() ? (affects_every_version(package) ? Affects::Yes : Affects::No)
                                           : affects(package, version);
    if (answer == Affects::No) continue;
    Advisory about = TRY(advisory(load_little_endian<std::uint32_t>(row)));
    AdvisoryMatch match;
    match.malicious = is_malicious(about);
    match.summary = std::move(about.summary);
    match.severity = about.severity;
    match.not_evaluated = answer == Affects::Unknown;
    if (!version.empty()) match.fixed = fixed_after(package, version);
    match.ids = std::move(about.aliases);
    match.ids.push_back(std::move(about.id));
    add_match(found, std::move(match));
  }
  for (AdvisoryMatch& match : found)
    std::ranges::sort(match.ids, [](const std::string& a, const std::string& b) {
      const bool first = a.starts_with("CVE-");
      return first != b.starts_with("CVE-") ? first : a < b;
    });
  return found;
}

bool AdvisoryDatabase::is_legitimate(std::string_view ecosystem, std::string_view name) const {
  const auto entry = find(ecosystem, name);
  if (!entry) return false;
  for (std::uint32_t i = entry->first; i < entry->first + entry->count; ++i) {
    const auto about =
        advisory(load_little_endian<std::uint32_t>(affected_rows_.data() + i * file::kAffected));
    if (about && !is_malicious(*about)) return true;
  }
  return false;
}

}  // namespace bulwark::scan
