// The walk over 512-byte blocks. Nothing is copied but names; extended headers are bounded.

#include "scan/formats/tar.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"

namespace bulwark::scan::tar {
namespace {

constexpr std::uint64_t kBlock = 512;
// Long names and pax records beyond this are no metadata (Linux paths end at 4 KiB).
constexpr std::uint64_t kMaxExtended = std::uint64_t{1} << 20;
// The largest size that the octal field can hold; above it pax must override.
constexpr std::uint64_t kOctalMax = 077777777777;
constexpr std::size_t kMaxAlternatives = 64;
constexpr std::size_t kMaxSegments = 100'000;
constexpr std::size_t kMaxNotes = 1000;

// Octal or base-256 field. Nothing: no number, or negative.
std::optional<std::uint64_t> number(Bytes field) {
  if (field.empty()) return std::nullopt;
  if ((field[0] & 0x80) != 0) {
    if (field[0] != 0x80) return std::nullopt;  // 0xFF: negative; others: beyond 64 bits
    std::uint64_t value = 0;
    for (const std::uint8_t byte : field.subspan(1)) {
      if (value >> 56 != 0) return std::nullopt;
      value = value << 8 | byte;
    }
    return value;
  }
  std::uint64_t value = 0;
  bool started = false;
  for (const std::uint8_t byte : field) {
    if (!started && byte == ' ') continue;
    if (byte == 0 || byte == ' ') break;
    if (byte < '0' || byte > '7') return std::nullopt;
    started = true;
    value = value << 3 | static_cast<std::uint64_t>(byte - '0');
  }
  return value;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string_view until_nul(Bytes field) {
  const std::string_view text = text_of(field);
  return text.substr(0, std::min(text.find('\0'), text.size()));
}

bool is_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::uint64_t padded(std::uint64_t size) {
  return (size + kBlock - 1) / kBlock * kBlock;
}

// What extended headers say about the next entry.
struct Extended {
  std::optional<std::string> path, link;
  std::map<std::string, std::string, std::less<>> pax;
  std::vector<std::uint64_t> sparse_numbers;  // GNU.sparse.offset / numbytes in order (format 0.0)
};

class Walk {
 public:
  Walk(Bytes file, const Limits& limits) : file_(file), limits_(limits) {}

  Archive run() {
    from(0);
    for (std::size_t i = 0; i < alternatives_.size(); ++i) {
      other_reading_ = true;
      global_.clear();
      from(alternatives_[i]);
    }
    return std::move(archive_);
  }

 private:
  void from(std::uint64_t at);
  std::optional<std::uint64_t> entry_at(std::uint64_t at);
  std::optional<std::uint64_t> extended_at(std::uint64_t at, char type, std::uint64_t size);
  void read_pax(std::uint64_t offset, Bytes content, bool global);
  std::uint64_t judge_size(Entry& entry, std::uint64_t plain);
  bool read_sparse(Entry& entry);
  void add_segments(Entry& entry, const std::vector<std::uint64_t>& numbers);
  std::uint64_t read_old_sparse(Entry& entry);
  void read_sparse_map(Entry& entry);
  std::optional<std::uint64_t> behind_marker(std::uint64_t at);
  std::optional<std::uint64_t> next_header(std::uint64_t at) const;
  void note(Trouble trouble, std::uint64_t offset, std::string text) {
    if (archive_.notes.size() < kMaxNotes) archive_.notes.push_back({trouble, offset, std::move(text)});
  }
  void also_from(std::uint64_t at) {
    if (at < file_.size() && alternatives_.size() < kMaxAlternatives && is_header(file_, at))
      alternatives_.push_back(at);
  }
  [[nodiscard]] std::string_view pax(std::string_view key) const {
    if (const auto found = next_.pax.find(key); found != next_.pax.end()) return found->second;
    const auto found = global_.find(key);
    return found == global_.end() ? std::string_view() : std::string_view(found->second);
  }

  Bytes file_;
  const Limits& limits_;
  Archive archive_;
  std::set<std::uint64_t> visited_;
  std::vector<std::uint64_t> alternatives_;
  std::map<std::string, std::string, std::less<>> global_;
  Extended next_;
  bool other_reading_ = false;
};

void Walk::from(std::uint64_t at) {
  next_ = {};
  while (true) {
    if (file_.size() < at || file_.size() - at < kBlock) {
      if (!other_reading_) note(Trouble::Cut, std::min<std::uint64_t>(at, file_.size()), "no end marker");
      return;
    }
    // Another reading has been here: from now on both see the same.
    if (!visited_.insert(at).second) return;
    if (archive_.entries.size() >= limits_.members) {
      note(Trouble::Limit, at, "limit of " + std::to_string(limits_.members) + " members reached");
      return;
    }
    std::optional<std::uint64_t> next;
    if (is_zero(file_.subspan(at, kBlock))) {
      if (other_reading_) return;
      next = behind_marker(at);
    } else if (!is_header(file_, at)) {
      next = next_header(at + kBlock);
      note(Trouble::Checksum, at,
           next ? "header checksum is wrong; more members follow" : "header checksum is wrong");
    } else {
      next = entry_at(at);
    }
    if (!next) return;
    at = *next;
  }
}

// Behind the end marker nothing but padding belongs.
std::optional<std::uint64_t> Walk::behind_marker(std::uint64_t at) {
  const std::uint64_t end = std::min<std::uint64_t>(file_.size(), at + limits_.searched_bytes);
  const Bytes rest = file_.first(end);
  const auto first = std::ranges::find_if(rest.subspan(at), [](std::uint8_t byte) { return byte != 0; });
  if (first == rest.end()) return std::nullopt;
  const auto found = static_cast<std::uint64_t>(first - rest.begin());
  if (const auto header = next_header(at + kBlock)) {
    note(Trouble::BehindEnd, *header, "members follow the end marker");
    return header;
  }
  note(Trouble::TrailingBytes, found, std::to_string(file_.size() - found) + " bytes follow the end marker");
  return std::nullopt;
}

std::optional<std::uint64_t> Walk::next_header(std::uint64_t at) const {
  const std::uint64_t end = std::min<std::uint64_t>(file_.size(), at + limits_.searched_bytes);
  for (; at + kBlock <= end; at += kBlock)
    if (is_header(file_, at)) return at;
  return std::nullopt;
}

std::optional<std::uint64_t> Walk::entry_at(std::uint64_t at) {
  const Bytes header = file_.subspan(at, kBlock);
  const std::optional<std::uint64_t> size = number(header.subspan(124, 12));
  const char type = text_of(header)[156];
  if (!size) note(Trouble::BadNumber, at + 124, "size is negative or no number");
  if (type == 'x' || type == 'X' || type == 'g' || type == 'L' || type == 'K')
    return extended_at(at, type, size.value_or(0));

  Entry entry;
  entry.header = at;
  entry.data = at + kBlock;
  entry.type = type == '\0' || type == '7' ? '0' : type;
  entry.other_reading = other_reading_;
  entry.plain_name = until_nul(header.first(100));
  // The prefix field exists in POSIX ustar only; GNU keeps other things there.
  const std::string_view prefix = until_nul(header.subspan(345, 155));
  if (has_magic(header, std::string_view("ustar\0", 6), 257) && !prefix.empty())
    entry.plain_name = std::string(prefix) + "/" + entry.plain_name;
  entry.name = entry.plain_name;
  entry.link = until_nul(header.subspan(157, 100));
  if (next_.path) entry.name = *next_.path;
  if (next_.link) entry.link = *next_.link;
  if (const auto path = pax("path"); !path.empty()) entry.name = path;
  if (const auto link = pax("linkpath"); !link.empty()) entry.link = link;
  // v7 marks directories by their name only.
  if (entry.type == '0' && entry.name.ends_with('/')) entry.type = '5';

  const std::uint64_t next = judge_size(entry, size.value_or(0));
  next_ = {};
  archive_.entries.push_back(std::move(entry));
  return next;
}

// Sets size and data of `entry`; returns where the main reading goes on.
std::uint64_t Walk::judge_size(Entry& entry, std::uint64_t plain) {
  entry.size = plain;
  const std::uint64_t data = entry.data;
  const auto end_of = [&](std::uint64_t size) {
    std::uint64_t end = 0;
    const bool beyond = size > file_.size() || __builtin_add_overflow(entry.data, padded(size), &end);
    return beyond ? file_.size() + kBlock : end;
  };
  if (const std::string_view text = pax("size"); !text.empty()) {
    const auto size = decimal(text);
    if (!size)
      note(Trouble::BadNumber, entry.header, "pax size \"" + printable(text, 40) + "\" is no number");
    // Writers put 0 or the truncated number into the header when the octal field is too small.
    if (size && *size != plain && *size <= kOctalMax) {
      note(Trouble::PaxSize, entry.header,
           "pax says " + std::to_string(*size) + " bytes, the header " + std::to_string(plain));
      also_from(end_of(plain));
      if (plain > *size) {
        Entry other = entry;
        other.other_reading = true;
        archive_.entries.push_back(std::move(other));
      }
    }
    entry.size = size.value_or(plain);
  }
  if (entry.type == 'S') entry.data = read_old_sparse(entry);
  if (entry.type != 'S' && read_sparse(entry)) entry.sparse = true;
  const bool bodiless = entry.is_link() || entry.is_special() || entry.is_directory();
  std::uint64_t next = end_of(entry.size);
  if (bodiless && entry.size > 0) {
    note(Trouble::SizedLink, entry.header,
         "an entry of type " + std::string(1, entry.type) + " has " + std::to_string(entry.size) +
             " bytes of content");
    also_from(next);
    next = data;
  } else if (entry.data > file_.size() || file_.size() - entry.data < entry.size) {
    note(Trouble::Cut, entry.header,
         "content of " + std::to_string(entry.size) + " bytes reaches beyond the end of the file");
  }
  return next;
}

std::optional<std::uint64_t> Walk::extended_at(std::uint64_t at, char type, std::uint64_t size) {
  const std::uint64_t data = at + kBlock;
  if (size > file_.size() - data) {
    note(Trouble::Cut, at,
         "extended header of " + std::to_string(size) + " bytes reaches beyond the end of the file");
    return std::nullopt;
  }
  const Bytes content = file_.subspan(data, std::min(size, kMaxExtended));
  if (size > kMaxExtended) note(Trouble::Limit, at, "extended header of " + std::to_string(size) + " bytes");
  if (type == 'L') {
    next_.path = std::string(until_nul(content));
  } else if (type == 'K') {
    next_.link = std::string(until_nul(content));
  } else {
    read_pax(data, content, type == 'g');
  }
  return data + padded(size);
}

// Records of the form "LENGTH KEY=VALUE\n".
void Walk::read_pax(std::uint64_t offset, Bytes content, bool global) {
  std::string_view text = text_of(content);
  while (!text.empty() && text.front() != '\0') {
    const std::size_t blank = text.find(' ');
    const auto length = decimal(text.substr(0, std::min(blank, text.size())));
    const bool fits = length && *length <= text.size() && *length > blank + 1 && text[*length - 1] == '\n';
    const std::string_view record = fits ? text.substr(blank + 1, *length - blank - 2) : std::string_view();
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos) {
      note(Trouble::PaxRecord, offset, "malformed pax record");
      return;
    }
    const std::string_view key = record.substr(0, equals);
    const std::string_view value = record.substr(equals + 1);
    if (key == "GNU.sparse.offset" || key == "GNU.sparse.numbytes") {
      if (next_.sparse_numbers.size() < 2 * kMaxSegments)
        next_.sparse_numbers.push_back(decimal(value).value_or(0));
    } else {
      (global ? global_ : next_.pax).insert_or_assign(std::string(key), std::string(value));
    }
    text.remove_prefix(*length);
    offset += *length;
  }
}

void Walk::add_segments(Entry& entry, const std::vector<std::uint64_t>& numbers) {
  std::uint64_t at = 0;
  std::uint64_t total = 0;
  bool lies = numbers.size() % 2 != 0;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
    const Segment segment{numbers[i], numbers[i + 1]};
    std::uint64_t end = 0;
    if (__builtin_add_overflow(segment.offset, segment.size, &end) || segment.offset < at ||
        end > entry.real_size) {
      lies = true;
      break;
    }
    at = end;
    total += segment.size;
    if (segment.size > 0) entry.segments.push_back(segment);
  }
  if (lies || total > entry.size - entry.map_size) {
    note(Trouble::Sparse, entry.header, "the map of the sparse file contradicts its sizes");
    entry.segments.clear();
    entry.sparse = false;
  }
}

// GNU's own sparse header: four segments, more in the blocks that follow. Returns where the content starts.
std::uint64_t Walk::read_old_sparse(Entry& entry) {
  std::uint64_t at = entry.header;
  std::vector<std::uint64_t> numbers;
  const auto collect = [&](std::uint64_t from, std::size_t count) {
    for (std::size_t i = 0; i < 2 * count; ++i) {
      const Bytes field = file_.subspan(from + 12 * i, 12);
      if (field[0] == 0) return;
      numbers.push_back(number(field).value_or(~std::uint64_t{0}));
    }
  };
  entry.sparse = true;
  entry.real_size = number(file_.subspan(at + 483, 12)).value_or(0);
  collect(at + 386, 4);
  bool more = file_[at + 482] != 0;
  at += kBlock;
  while (more && numbers.size() < 2 * kMaxSegments && file_.size() - at >= kBlock) {
    collect(at, 21);
    more = file_[at + 504] != 0;
    at += kBlock;
  }
  add_segments(entry, numbers);
  return at;
}

// pax sparse formats 0.0, 0.1 and 1.0. True if the entry is sparse.
bool Walk::read_sparse(Entry& entry) {
  const std::string_view real =
      !pax("GNU.sparse.realsize").empty() ? pax("GNU.sparse.realsize") : pax("GNU.sparse.size");
  if (real.empty()) return false;
  if (const auto name = pax("GNU.sparse.name"); !name.empty()) entry.name = name;
  entry.real_size = decimal(real).value_or(0);
  entry.sparse = true;
  if (pax("GNU.sparse.major") == "1") {
    read_sparse_map(entry);
  } else if (const auto map = pax("GNU.sparse.map"); !map.empty()) {
    std::vector<std::uint64_t> numbers;
    for (const std::string_view word : split(map, ','))
      numbers.push_back(decimal(word).value_or(~std::uint64_t{0}));
    add_segments(entry, numbers);
  } else {
    add_segments(entry, next_.sparse_numbers);
  }
  return entry.sparse;
}

// Format 1.0: the map stands before the content as decimal lines, padded to a block.
void Walk::read_sparse_map(Entry& entry) {
  const Bytes content =
      file_.subspan(entry.data, std::min<std::uint64_t>(entry.size, file_.size() - entry.data));
  const std::string_view text = text_of(content.first(std::min<std::size_t>(content.size(), kMaxExtended)));
  std::vector<std::uint64_t> numbers;
  std::size_t at = 0;
  std::optional<std::uint64_t> count;
  while (!count || numbers.size() < 2 * *count) {
    const std::size_t end = text.find('\n', at);
    const auto value = end == std::string_view::npos ? std::nullopt : decimal(text.substr(at, end - at));
    if (!value || (!count && *value > kMaxSegments)) {
      note(Trouble::Sparse, entry.header, "the map of the sparse file is malformed");
      entry.sparse = false;
      return;
    }
    if (count) numbers.push_back(*value);
    if (!count) count = value;
    at = end + 1;
  }
  entry.map_size = std::min(padded(at), entry.size);
  add_segments(entry, numbers);
}

}  // namespace

bool is_header(Bytes file, std::uint64_t offset) {
  if (offset > file.size() || file.size() - offset < kBlock) return false;
  const Bytes block = file.subspan(offset, kBlock);
  const std::optional<std::uint64_t> expected = number(block.subspan(148, 8));
  if (!expected || *expected == 0) return false;
  std::uint64_t sum = 0;
  std::int64_t signed_sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const std::uint8_t byte = i >= 148 && i < 156 ? std::uint8_t{' '} : block[i];
    sum += byte;
    signed_sum += static_cast<std::int8_t>(byte);
  }
  return sum == *expected || (signed_sum > 0 && static_cast<std::uint64_t>(signed_sum) == *expected);
}

Archive read(Bytes file, const Limits& limits) {
  return Walk(file, limits).run();
}

}  // namespace bulwark::scan::tar
