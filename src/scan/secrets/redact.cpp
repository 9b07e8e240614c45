// Reports must not spread what they warn of.

#include <algorithm>

#include "base/text.h"
#include "scan/secrets/search.h"

namespace bulwark::scan::secrets {
namespace {

constexpr std::size_t kLookedAt = 4'096;  // a report shows 400 characters at most
constexpr std::size_t kShortestRest = 8;  // of a value at a cut end: shorter rests say as little as we do
constexpr std::size_t kShortestValue = 6;

std::string stand_in(std::string_view value) {
  return "[secret " + shown_part(value) + "]";
}

// Where the text before a cut ("…" or its end) is the beginning of `value`, the length of that rest.
std::size_t rest_at_end(std::string_view text, std::string_view value) {
  for (std::size_t size = std::min(text.size(), value.size()); size >= kShortestRest; --size)
    if (text.ends_with(value.substr(0, size))) return size;
  return 0;
}

}  // namespace

std::string shown_part(std::string_view value) {
  std::string shown;
  for (const char c : value.substr(0, std::min<std::size_t>(4, value.size() / 4)))
    shown += c > 0x20 && c < 0x7F ? c : '.';
  return shown + "…";
}

std::string redacted(std::string_view text) {
  const std::string_view looked_at = text.substr(0, kLookedAt);
  const auto found = find_secrets(looked_at, {});
  if (!found || found->hits.empty()) return std::string(text);
  std::string clean;
  std::size_t at = 0;
  for (const Hit& hit : found->hits) {
    clean += text.substr(at, hit.secret.begin - at);
    clean += stand_in(text.substr(hit.secret.begin, hit.secret.size()));
    at = hit.secret.end;
  }
  clean += text.substr(at);
  return clean;
}

namespace {

// Between two texts: further than any detector looks for the word that announces a value.
constexpr std::size_t kApart = 512;
constexpr std::size_t kTogether = std::size_t{1} << 20;

struct Piece {
  std::string* text;
  std::size_t begin;  // in the joined text
  std::size_t size;
};

void redact_joined(std::string_view joined, std::span<const Piece> pieces) {
  const auto found = find_secrets(joined, {});
  if (!found || found->hits.empty()) return;
  auto hit = found->hits.begin();
  for (const Piece& piece : pieces) {
    const std::size_t end = piece.begin + piece.size;
    while (hit != found->hits.end() && hit->secret.end <= piece.begin) ++hit;
    if (hit == found->hits.end()) return;
    if (hit->secret.begin >= end) continue;
    std::string clean;
    std::size_t at = 0;
    for (auto each = hit; each != found->hits.end() && each->secret.begin < end; ++each) {
      const std::size_t begin = std::max(each->secret.begin, piece.begin) - piece.begin;
      const std::size_t behind = std::min(each->secret.end, end) - piece.begin;
      clean.append(*piece.text, at, begin - at);
      clean += stand_in(std::string_view(*piece.text).substr(begin, behind - begin));
      at = behind;
    }
    clean.append(*piece.text, at);
    *piece.text = std::move(clean);
  }
}

}  // namespace

void redact(std::span<std::string* const> texts) {
  std::string joined;
  std::vector<Piece> pieces;
  const auto flush = [&] {
    redact_joined(joined, pieces);
    joined.clear();
    pieces.clear();
  };
  for (std::string* text : texts) {
    if (text->empty()) continue;
    const std::size_t size = std::min(text->size(), kLookedAt);
    pieces.push_back({text, joined.size(), size});
    joined.append(*text, 0, size).append(kApart, '\n');
    if (joined.size() >= kTogether) flush();
  }
  flush();
}

std::string without_values(std::string_view text, const std::vector<std::string>& values) {
  constexpr std::string_view kCut = "…";
  std::string clean(text);
  for (const std::string& value : values) {
    if (value.size() < kShortestValue) continue;
    for (std::size_t at = clean.find(value); at != std::string::npos; at = clean.find(value, at)) {
      const std::string instead = stand_in(value);
      clean.replace(at, value.size(), instead);
      at += instead.size();
    }
    if (!clean.ends_with(kCut)) continue;
    const std::string_view before = std::string_view(clean).substr(0, clean.size() - kCut.size());
    if (const std::size_t rest = rest_at_end(before, value); rest > 0)
      clean = std::string(before.substr(0, before.size() - rest)) + stand_in(value);
  }
  return clean;
}

}  // namespace bulwark::scan::secrets
