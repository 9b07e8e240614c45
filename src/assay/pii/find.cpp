#include "assay/pii/find.h"

#include <algorithm>
#include <array>

#include "assay/pii/bytes.h"
#include "assay/pii/column_name.h"
#include "assay/pii/registry.h"
#include "assay/pii/scan.h"
#include "assay/pii/weigh.h"

namespace bulwark::assay::pii {
namespace {

// Pieces of a long text are cut behind a line, or between two words of letters; words on the other side of a
// cut are no context.
constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::size_t kSearchBack = 4096;

std::size_t piece_end(std::string_view text, std::size_t begin) {
  if (text.size() - begin <= kPiece) return text.size();
  const std::size_t end = begin + kPiece;
  for (std::size_t at = end; at > end - kSearchBack; --at)
    if (text[at - 1] == '\n') return at;
  for (std::size_t at = end; at > end - kSearchBack; --at)
    if (text[at - 1] == ' ' && (class_of(text[at - 2]) & kLower) != 0 && (class_of(text[at]) & kLower) != 0)
      return at;
  return end;
}

}  // namespace

std::vector<Span> find_personal_data(std::string_view text, const Context& context) {
  thread_local Scanner scanner;  // keeps its buffers; holds nothing of the text that a later call reads
  thread_local std::vector<Weighed> weighed;
  const ColumnName name = column_name(context.name);
  // A column's name or a country may make any number likely.
  const bool likely = name.kinds.empty() && context.country.empty() && context.least_score >= 0.5;
  const Depth depth = likely ? Depth::Likely : Depth::All;
  std::vector<Span> spans;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = piece_end(text, begin);
    scanner.scan(text.substr(begin, end - begin), context.country, name.kinds, depth);
    scanner.claim_named_values();
    weigh(scanner, {.named = name.kinds, .against = name.against, .country = context.country}, weighed);
    keep_best(weighed, context.least_score);
    for (const Weighed& found : weighed)
      spans.push_back({.kind = recognisers()[found.kind],
                       .offset = begin + found.offset,
                       .length = found.length,
                       .score = found.score});
    begin = end;
  }
  return spans;
}

std::string masked(const Recogniser& kind, std::string_view value) {
  if (kind.id == "email") {
    const std::size_t at = value.find('@');
    if (at != std::string_view::npos && at > 0 && at + 1 < value.size()) {
      const bool plain = (class_of(value[0]) & kHigh) == 0 && (class_of(value[at + 1]) & kHigh) == 0;
      return plain ? std::string(1, value[0]) + "***@" + value[at + 1] + "***" : "***@***";
    }
  }
  std::size_t signs = 0;
  for (const char c : value) signs += (class_of(c) & kWordClasses) != 0 ? 1U : 0U;
  const bool card = kind.id == "pan" && signs >= 13;
  // Never more than a third of the value.
  const bool name = kind.family == Family::Person || kind.family == Family::Place;
  const std::size_t first = card ? std::size_t{6} : std::min<std::size_t>(name ? 1 : 2, signs / 6);
  const std::size_t last =
      card ? std::min<std::size_t>(4, signs - 9) : std::min<std::size_t>(name ? 0 : 2, signs / 6);
  std::string out;
  std::size_t seen = 0;
  for (const char c : value) {
    const unsigned classes = class_of(c);
    if ((classes & kHigh) != 0) {
      ++seen;
      if (out.size() < 64) out += '*';
    } else if ((classes & kWordClasses) != 0) {
      const bool shown = seen < first || seen + last >= signs;
      ++seen;
      if (out.size() < 64) out += shown ? c : '*';
    } else if (out.size() < 64) {
      out += c >= ' ' && c != 0x7F ? c : ' ';
    }
  }
  return out;
}

}  // namespace bulwark::assay::pii
