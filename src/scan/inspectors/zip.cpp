// Zip files: what the directory says, what the local headers say, and what lies in between.
//
// Every reading that some loader may have becomes a member and is inspected; every difference between two
// readings is a finding. In a consistent file only the directory and the local headers are touched, never the
// content.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/zip_package.h"
#include "scan/inspectors/zip_rules.h"
#include "scan/unpack.h"

namespace bulwark::scan::inspectors {
namespace {

using namespace zip_rules;

constexpr std::array kRules = {kDuplicate,  kTwoViews,      kFalseFlag,       kBadCrc,      kOverlap,
                               kHidden,     kForeignBytes,  kEncryptedMember, kBomb,        kPathEscape,
                               kLinkEscape, kContradiction, kTwoDirectories,  kSimilarNames};
// Flags that decide whether a member can be read at all.
constexpr std::uint16_t kDecisive = zip::kEncrypted | zip::kPatched | zip::kStrongEncryption | zip::kMasked;
constexpr std::uint32_t kSaturated = 0xFFFFFFFF;
constexpr std::uint32_t kUnixTypeMask = 0170000;
constexpr std::uint32_t kUnixLink = 0120000;
constexpr std::uint64_t kLongestLink = 4096;

std::string quoted(std::string_view name) {
  return "\"" + printable(name, 120) + "\"";
}

// A format that carries whole zips as data without being one: then the tail is content, not disguise.
bool carries_zips(Bytes content) {
  return has_magic(content, "\x80") || has_magic(content, "\x93NUMPY") || has_magic(content, "\x89HDF\r\n");
}

struct Range {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

// One entry as a directory or the walk found it.
struct Item {
  ZipSource source;
  std::uint64_t end = 0;  // behind content and descriptor
  std::uint32_t attributes = 0;
  bool unix_mode = false;
};

class Judge {
 public:
  explicit Judge(Inspection& in)
      : in_(in), file_(in.bytes()), package_(std::make_unique<ZipPackage>(file_)) {}

  Result<void> run() {
    collect_directories();
    judge_overlaps();
    judge_total();
    search_uncovered();
    judge_names();
    judge_links();
    for (const Item& item : items_) package_->add(item.source);
    for (const ZipSource& source : other_readings_) package_->add(source);
    package_->complete();
    in_.fact("members", std::to_string(items_.size()));
    in_.open(std::move(package_));
    return {};
  }

 private:
  void collect_directories();
  void collect_directory(const zip::EndRecord& end, zip::Directory& directory);
  bool add_entry(const zip::CentralEntry& entry);
  void compare(const zip::CentralEntry& entry, const zip::Header& local, Item& item);
  void compare_sizes(const zip::CentralEntry& entry, const zip::Header& local, Item& item);
  void judge_overlaps();
  void judge_total();
  void search_uncovered();
  void search_region(Range region);
  void judge_foreign(Range region, std::uint64_t hidden);
  std::uint64_t walk_hidden(Range region);
  void judge_names();
  void judge_duplicates(const Item& first, const Item& second);
  void judge_links();
  [[nodiscard]] bool inside_member(std::uint64_t offset) const;

  Inspection& in_;
  Bytes file_;
  std::unique_ptr<ZipPackage> package_;
  std::vector<Item> items_;
  std::vector<ZipSource> other_readings_;
  std::vector<Range> covered_;
  std::size_t directories_ = 0;
  bool cut_ = false;       // no end record, or a limit was reached
  bool embedded_ = false;  // the zip is data of another format
};

bool Judge::inside_member(std::uint64_t offset) const {
  return std::ranges::any_of(items_, [&](const Item& item) {
    return item.source.data != kNoOffset && offset >= item.source.data && offset < item.end;
  });
}

void Judge::collect_directories() {
  std::vector<zip::EndRecord> ends = zip::find_end_records(file_);
  std::ranges::reverse(ends);  // the last one is what most readers take
  std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (const zip::EndRecord& end : ends) {
    // An archive stored in this archive has its own end record; it will be looked at as a member.
    if (inside_member(end.offset)) continue;
    for (zip::Directory& directory : zip::locate_directories(file_, end)) {
      if (std::ranges::find(seen, std::pair{directory.start, directory.base}) != seen.end()) continue;
      seen.emplace_back(directory.start, directory.base);
      collect_directory(end, directory);
    }
  }
  if (directories_ == 0) {
    cut_ = true;
    in_.gap(GapReason::Truncated,
            "zip: no central directory was found; members are read by their local headers",
            {.offset = file_.size()});
  }
}

void Judge::collect_directory(const zip::EndRecord& end, zip::Directory& directory) {
  zip::read_directory(file_, end, in_.limits().members, directory);
  if (directory.entries.empty() && directory.broken) return;
  if (directories_ > 0) {
    in_.report(kTwoDirectories, end.offset,
               "a further central directory at offset " + std::to_string(directory.start) + " lists " +
                   std::to_string(directory.entries.size()) + " members");
  }
  ++directories_;
  if (end.contradictory_zip64) {
    in_.report(kContradiction, {.place = {.offset = end.offset},
                                .message = "zip64 end record contradicts the end record",
                                .severity = Severity::High});
  }
  if (directory.broken) in_.gap(*directory.broken, "zip");
  covered_.push_back({directory.start, directory.end});
  covered_.push_back({end.first_record, end.end});
  // A comment is data that no entry covers, too; one that holds nothing recognisable costs nothing.
  if (end.end > end.offset + 22)
    in_.child("comment@" + std::to_string(end.offset + 22),
              file_.subspan(end.offset + 22, end.end - end.offset - 22));
  embedded_ =
      directories_ == 1 && end.end < file_.size() && !zip::plausible_local(file_, 0) && carries_zips(file_);
  for (const zip::CentralEntry& entry : directory.entries) {
    if (!add_entry(entry)) return;
  }
}

// False: no more members may be looked at.
bool Judge::add_entry(const zip::CentralEntry& entry) {
  if (auto charged = in_.budget().charge_member("zip"); !charged) {
    cut_ = true;
    in_.gap(charged.error());
    return false;
  }
  Item item;
  item.source = {.name = entry.name,
                 .header = entry.local_offset,
                 .compressed = entry.compressed,
                 .size = entry.size,
                 .crc = entry.crc,
                 .method = entry.method,
                 .flags = entry.flags};
  item.attributes = entry.attributes;
  item.unix_mode = (entry.made_by >> 8) == 3;
  const Result<zip::Header> local = zip::read_local(file_, entry.local_offset);
  if (!local) {
    item.source.header = entry.offset;
    in_.gap(GapReason::Malformed, quoted(entry.name) + ": no local header where the directory points to",
            {.offset = entry.offset});
    items_.push_back(item);
    return true;
  }
  item.source.data = local->end;
  item.source.flags = static_cast<std::uint16_t>(entry.flags | local->flags);
  item.end = local->end + std::min<std::uint64_t>(entry.compressed, file_.size() - local->end);
  compare(entry, *local, item);
  covered_.push_back({entry.local_offset, item.end});
  items_.push_back(item);
  return true;
}

void Judge::compare(const zip::CentralEntry& entry, const zip::Header& local, Item& item) {
  const auto differs = [&](std::string_view what, const std::string& here, const std::string& there) {
    in_.report(kTwoViews, local.offset,
               std::string(what) + " of " + quoted(entry.name) + ": the directory says " + here +
                   ", the local header says " + there);
  };
  if (entry.name != local.name) {
    differs("name", quoted(entry.name), quoted(local.name));
    ZipSource other = item.source;
    other.name = local.name;
    other_readings_.push_back(other);
  }
  if (entry.method != local.method) {
    differs("method", std::to_string(entry.method), std::to_string(local.method));
    ZipSource other = item.source;
    other.method = local.method;
    other_readings_.push_back(other);
  }
  if (((entry.flags ^ local.flags) & kDecisive) != 0)
    differs("flags", std::to_string(entry.flags), std::to_string(local.flags));
  if (entry.contradictory_zip64 || local.contradictory_zip64) {
    in_.report(kContradiction,
               {.place = {.offset = local.offset},
                .message = "zip64 sizes of " + quoted(entry.name) + " contradict the plain ones",
                .severity = Severity::High});
  }
  compare_sizes(entry, local, item);
}

void Judge::compare_sizes(const zip::CentralEntry& entry, const zip::Header& local, Item& item) {
  const bool same =
      local.crc == entry.crc && local.compressed == entry.compressed && local.size == entry.size;
  const bool none = local.crc == 0 && local.compressed == 0 && local.size == 0;
  const std::string message = "sizes of " + quoted(entry.name) + ": the directory says " +
                              std::to_string(entry.compressed) + " -> " + std::to_string(entry.size) +
                              ", the local header says " + std::to_string(local.compressed) + " -> " +
                              std::to_string(local.size);
  if ((local.flags & zip::kHasDescriptor) == 0) {
    if (same) return;
    // Only the checksum: a strict reader may check either.
    const bool sizes = local.compressed != entry.compressed || local.size != entry.size;
    in_.report(kTwoViews, {.place = {.offset = local.offset},
                           .message = sizes ? message : "checksums of " + quoted(entry.name) + " differ",
                           .severity = sizes && !none ? Severity::High : Severity::Medium});
    if (local.compressed == entry.compressed || none) return;
    ZipSource other = item.source;
    other.compressed = local.compressed;
    other.size = local.size;
    other.crc = local.crc;
    other_readings_.push_back(other);
    return;
  }
  const auto unset = [](std::uint64_t value, std::uint64_t real) {
    return value == 0 || value == kSaturated || value == real;
  };
  if (!unset(local.compressed, entry.compressed) || !unset(local.size, entry.size) ||
      !unset(local.crc, entry.crc))
    in_.report(kContradiction, local.offset, message);
  const zip::Descriptor descriptor = zip::read_descriptor(file_, item.end, entry);
  item.end += descriptor.length;
  if (!descriptor.fits && !same)
    in_.report(kContradiction, item.source.data,
               "the data descriptor of " + quoted(entry.name) + " is missing or says something else");
}

void Judge::judge_overlaps() {
  std::vector<const Item*> order;
  for (const Item& item : items_)
    if (item.source.data != kNoOffset) order.push_back(&item);
  std::ranges::sort(order, [](const Item* a, const Item* b) { return a->source.header < b->source.header; });
  const Item* furthest = nullptr;
  for (const Item* item : order) {
    // Two directories may list the same entry; that is one finding already.
    const bool same = furthest != nullptr && directories_ > 1 &&
                      furthest->source.header == item->source.header &&
                      furthest->source.name == item->source.name;
    if (furthest != nullptr && item->source.header < furthest->end && !same) {
      in_.report(kOverlap, item->source.header,
                 quoted(item->source.name) + " starts inside " + quoted(furthest->source.name));
    }
    if (furthest == nullptr || item->end > furthest->end) furthest = item;
  }
}

// Many entries over the same few bytes: none of them is a bomb by itself.
void Judge::judge_total() {
  std::uint64_t total = 0;
  for (const Item& item : items_) {
    if (item.source.method == zip::kStored && item.source.size <= file_.size()) continue;
    if (__builtin_add_overflow(total, item.source.size, &total)) total = ~std::uint64_t{0};
  }
  if (items_.size() < 2 || !out_of_proportion(total, file_.size(), in_.limits())) return;
  in_.budget().count_bomb();
  package_->distrust();
  in_.report(kBomb, 0,
             "members declare " + human_size(total) + " together in a file of " + human_size(file_.size()));
}

void Judge::search_uncovered() {
  std::ranges::sort(covered_, {}, &Range::from);
  std::uint64_t at = 0;
  const std::vector<Range> covered = std::move(covered_);
  for (const Range& range : covered) {
    if (range.from > at) search_region({at, range.from});
    at = std::max(at, range.to);
  }
  if (at < file_.size()) search_region({at, file_.size()});
}

void Judge::search_region(Range region) {
  const bool outside = region.from == 0 || region.to == file_.size();
  if (embedded_ && outside) return;
  const std::uint64_t length = region.to - region.from;
  std::uint64_t hidden = 0;
  if (length <= in_.limits().searched_bytes || in_.options().deep) {
    hidden = walk_hidden(region);
  } else {
    // Weights with an archive behind them: streaming readers start at the front, the others come from the
    // back.
    const std::uint64_t edge = in_.limits().searched_bytes / 2;
    hidden = walk_hidden({region.from, region.from + edge}) + walk_hidden({region.to - edge, region.to});
  }
  if (!cut_) judge_foreign(region, hidden);
}

void Judge::judge_foreign(Range region, std::uint64_t hidden) {
  const Bytes bytes = file_.subspan(region.from, region.to - region.from);
  const Bytes edge = bytes.first(std::min<std::size_t>(bytes.size(), in_.limits().searched_bytes));
  const bool zeros = std::ranges::all_of(edge, [](std::uint8_t byte) { return byte == 0; });
  if (hidden > 0 || zeros) return;
  const std::string_view where = region.from == 0            ? "before"
                                 : region.to == file_.size() ? "behind"
                                                             : "between";
  in_.report(
      kForeignBytes, region.from,
      std::to_string(bytes.size()) + " bytes " + std::string(where) + " the members belong to none of them");
  // At the front they are inspected as the start of the whole file.
  if (region.from != 0) in_.child("bytes@" + std::to_string(region.from), bytes);
}

// Members that only a reader of local headers sees. Returns their number.
std::uint64_t Judge::walk_hidden(Range region) {
  std::uint64_t found = 0;
  for (std::uint64_t at = zip::find_local(file_, region.from, region.to); at < region.to;) {
    Result<zip::Header> local = zip::read_local(file_, at);
    if (!local) break;
    if (auto charged = in_.budget().charge_member("zip"); !charged) {
      in_.gap(charged.error());
      break;
    }
    const bool sized = (local->flags & zip::kHasDescriptor) == 0 || local->compressed != 0;
    std::uint64_t end = 0;
    if (sized) {
      end = local->end + std::min<std::uint64_t>(local->compressed, file_.size() - local->end);
    } else {
      end = zip::find_content_end(file_, *local, region.to);
    }
    Item item;
    item.source = {.name = local->name,
                   .header = at,
                   .data = local->end,
                   .compressed = sized ? local->compressed : end - std::min(end, local->end),
                   .size = local->size,
                   .crc = local->crc,
                   .method = local->method,
                   .flags = local->flags,
                   .listed = sized || local->compressed != 0};
    item.end = end;
    if (!cut_) in_.report(kHidden, at, quoted(local->name) + " is not in the central directory");
    items_.push_back(item);
    ++found;
    at = zip::find_local(file_, std::max(end, local->end), region.to);
  }
  return found;
}

void Judge::judge_duplicates(const Item& first, const Item& second) {
  const ZipSource& a = first.source;
  const ZipSource& b = second.source;
  if (b.name.ends_with('/') && b.size == 0) return;
  const bool same = a.header == b.header || (a.crc == b.crc && a.size == b.size && a.method == b.method);
  in_.report(kDuplicate, {.place = {.offset = b.header},
                          .message = quoted(b.name) + " is there again; the other copy is at offset " +
                                     std::to_string(a.header),
                          .evidence = std::string(b.name),
                          .severity = same ? Severity::Low : Severity::High});
}

void Judge::judge_names() {
  std::unordered_map<std::string_view, std::size_t> exact;
  std::unordered_map<std::string, std::size_t> folded;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const ZipSource& source = items_[i].source;
    std::string_view why;
    if (path_escapes(source.name, &why))
      in_.report(kPathEscape, {.place = {.offset = source.header},
                               .message = "name " + quoted(source.name) + " " + std::string(why),
                               .evidence = std::string(source.name)});
    const auto [place, fresh] = exact.try_emplace(source.name, i);
    if (!fresh) {
      judge_duplicates(items_[place->second], items_[i]);
      continue;
    }
    std::string key;
    for (const std::string_view part : split(lower(source.name), '/')) {
      if (!part.empty() && part != ".") key.append("/").append(part);
    }
    std::ranges::replace(key, '\\', '/');
    const auto [similar, alone] = folded.try_emplace(std::move(key), i);
    if (alone) continue;
    in_.report(kSimilarNames, source.header,
               quoted(source.name) + " and " + quoted(items_[similar->second].source.name) +
                   " fall together where case or path details are ignored");
  }
}

void Judge::judge_links() {
  std::vector<std::string_view> names;
  for (const Item& item : items_) names.push_back(item.source.name);
  std::ranges::sort(names);
  for (const Item& item : items_) {
    const ZipSource& source = item.source;
    if (!item.unix_mode || ((item.attributes >> 16) & kUnixTypeMask) != kUnixLink || source.data == kNoOffset)
      continue;
    std::string_view target = text_of(file_.subspan(source.data, item.end - source.data));
    target = target.substr(0, std::min(source.compressed, kLongestLink));
    std::string_view why = "is compressed and cannot be judged here";
    // A target is relative to the link's folder; one ".." per folder stays inside, which models have no use
    // for.
    const bool escapes = source.method != zip::kStored || path_escapes(target, &why);
    const std::string through = std::string(source.name) + "/";
    const auto next = std::ranges::lower_bound(names, through);
    const bool written_through = next != names.end() && next->starts_with(through);
    in_.report(kLinkEscape, {.place = {.offset = source.header},
                             .message = quoted(source.name) + " is a symbolic link to " + quoted(target) +
                                        (escapes ? ", which " + std::string(why) : ""),
                             .evidence = std::string(target),
                             .severity = escapes || written_through ? Severity::High : Severity::Low});
  }
}

Match recognises(Bytes content) {
  if (zip::plausible_local(content, 0)) return Match::Strong;
  const zip::Tail tail = zip::probe_tail(content);
  if (!tail.valid) return Match::No;
  if (tail.prefix == 0 || tail.suffix == 0) return Match::Strong;
  // The last member of a tar is followed by zeros; the tar's own inspector opens it.
  const Bytes behind = content.last(std::min<std::size_t>(tail.suffix, content.size()));
  if (has_magic(content, "ustar", 257) &&
      std::ranges::all_of(behind, [](std::uint8_t byte) { return byte == 0; }))
    return Match::No;
  return Match::Weak;
}

Result<void> inspect(Inspection& in) {
  return Judge(in).run();
}

}  // namespace

const Inspector zip{
    .name = "zip",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
