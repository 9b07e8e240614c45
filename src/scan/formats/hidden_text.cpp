#include "scan/formats/hidden_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace bulwark::scan {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"Unicode tags", "variation selectors",
                                                    "zero-width characters", "bidirectional controls"};
constexpr std::size_t kMostBytes = std::size_t{16} << 20;
constexpr std::size_t kMostRuns = 100;
// A joiner or two are left behind by editors and web pages; this many in a row spell something.
constexpr std::uint32_t kZeroWidthInARow = 4;

constexpr std::uint32_t kBlackFlag = 0x1F3F4;
constexpr std::uint32_t kCancelTag = 0xE007F;
constexpr std::uint32_t kByteOrderMark = 0xFEFF;

bool is_tag(std::uint32_t code) {
  return code >= 0xE0000 && code <= kCancelTag;
}
bool is_selector(std::uint32_t code) {
  return (code >= 0xFE00 && code <= 0xFE0F) || (code >= 0xE0100 && code <= 0xE01EF);
}
bool is_zero_width(std::uint32_t code) {
  return (code >= 0x200B && code <= 0x200D) || (code >= 0x2060 && code <= 0x2064) || code == kByteOrderMark ||
         code == 0x180E;
}
bool is_override(std::uint32_t code) {
  return code == 0x202D || code == 0x202E;
}
bool opens_direction(std::uint32_t code) {
  return code == 0x202A || code == 0x202B || is_override(code) || (code >= 0x2066 && code <= 0x2068);
}
bool closes_direction(std::uint32_t code) {
  return code == 0x202C || code == 0x2069;
}

// The byte that one selector stands for, as smugglers count them.
std::uint8_t byte_of(std::uint32_t selector) {
  return static_cast<std::uint8_t>(selector <= 0xFE0F ? selector - 0xFE00 : selector - 0xE0100 + 16);
}

std::string as_text(const std::string& bytes) {
  const auto readable = std::ranges::count_if(bytes, [](char c) { return c >= ' ' && c <= '~'; });
  if (bytes.size() < 2 || static_cast<std::size_t>(readable) * 10 < bytes.size() * 9) return {};
  return printable(bytes);
}

// Reads runs of one kind from a text, one after the other.
class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text.substr(0, kMostBytes)) {}

  std::vector<HiddenRun> find() {
    while (at_ < text_.size() && runs_.size() < kMostRuns) {
      // Everything that hides is beyond ASCII.
      if (static_cast<unsigned char>(text_[at_]) < 0x80) {
        if (text_[at_] == '\n') end_line();
        before_ = static_cast<unsigned char>(text_[at_]);
        ++at_;
        continue;
      }
      step(character_at(text_, at_));
    }
    end_line();
    std::ranges::stable_sort(runs_, {}, &HiddenRun::offset);
    return std::move(runs_);
  }

 private:
  void step(Character character) {
    if (is_tag(character.code)) return tags();
    if (is_selector(character.code)) return selectors();
    if (is_zero_width(character.code)) return zero_widths();
    direction(character.code);
    before_ = character.code;
    at_ += character.size;
  }

  template <class Predicate>
  std::vector<std::uint32_t> take(Predicate wanted) {
    std::vector<std::uint32_t> codes;
    while (at_ < text_.size()) {
      const Character next = character_at(text_, at_);
      if (!wanted(next.code)) break;
      codes.push_back(next.code);
      at_ += next.size;
    }
    return codes;
  }

  void add(HiddenKind kind, std::size_t offset, std::size_t characters, std::string says = {}) {
    runs_.push_back({kind, offset, static_cast<std::uint32_t>(characters), std::move(says)});
  }

  void tags() {
    const std::size_t start = at_;
    const std::vector<std::uint32_t> codes = take(is_tag);
    // A flag of a region: black flag, at most six letters or digits, cancel tag (UTS #51).
    const bool flag = before_ == kBlackFlag && codes.size() <= 7 && codes.back() == kCancelTag;
    before_ = codes.back();
    if (flag) return;
    std::string says;
    for (const std::uint32_t code : codes)
      if (code >= 0xE0020 && code < kCancelTag) says += static_cast<char>(code - 0xE0000);
    add(HiddenKind::Tags, start, codes.size(), as_text(says));
  }

  void selectors() {
    const std::size_t start = at_;
    const std::vector<std::uint32_t> codes = take(is_selector);
    before_ = codes.back();
    if (codes.size() < 2) return;
    std::string says;
    for (const std::uint32_t code : codes) says += static_cast<char>(byte_of(code));
    add(HiddenKind::VariationSelectors, start, codes.size(), as_text(says));
  }

  void zero_widths() {
    const std::size_t start = at_;
    const std::vector<std::uint32_t> codes = take(is_zero_width);
    before_ = codes.back();
    if (codes.size() >= kZeroWidthInARow) add(HiddenKind::ZeroWidth, start, codes.size());
  }

  void direction(std::uint32_t code) {
    if (opens_direction(code)) {
      open_.push_back(at_);
      if (is_override(code)) overrides_ = true;
    } else if (closes_direction(code) && !open_.empty()) {
      if (overrides_) add(HiddenKind::Bidi, open_.back(), 2);
      open_.pop_back();
      if (open_.empty()) overrides_ = false;
    }
  }

  void end_line() {
    if (!open_.empty()) add(HiddenKind::Bidi, open_.front(), open_.size());
    open_.clear();
    overrides_ = false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t before_ = 0;
  std::vector<std::size_t> open_;  // offsets of what the line has opened and not closed
  bool overrides_ = false;
  std::vector<HiddenRun> runs_;
};

}  // namespace

std::string_view name_of(HiddenKind kind) {
  return kNames[std::to_underlying(kind)];
}

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::uint32_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  std::uint32_t code = first & (0xFFU >> (size + 1));
  for (std::uint32_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0xFFFD, 1};
    code = code << 6 | (byte(i) & 0x3F);
  }
  const bool valid = first >= 0xC2 && first <= 0xF4 && code >= kLeast[size] && code <= 0x10FFFF &&
                     (code < 0xD800 || code > 0xDFFF);
  if (!valid) return {0xFFFD, 1};
  return {code, size};
}

bool changes_direction(std::uint32_t code) {
  return opens_direction(code) || closes_direction(code);
}

bool is_invisible(std::uint32_t code) {
  return is_tag(code) || is_selector(code) || is_zero_width(code) || changes_direction(code) ||
         code == 0xAD || code == 0x200E || code == 0x200F || code == 0x115F || code == 0x1160 ||
         code == 0x3164 || code == 0xFFA0;
}

std::vector<HiddenRun> hidden_runs(std::string_view text) {
  return Finder(text).find();
}

}  // namespace bulwark::scan
