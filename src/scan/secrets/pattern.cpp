#include "scan/secrets/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace bulwark::scan::secrets {
namespace {

// Quotes, blanks, separators, a closing bracket or tag, an escape such as \n or \", the full stop of a
// sentence.
constexpr std::string_view kEnd = R"re((?:[\x60'"\s;,)<>\]}&|*\\]|\.(?:\s|$)|$))re";
constexpr std::string_view kEndMark = "{{end}}";
constexpr std::int64_t kMemory = 4 << 20;  // of one automaton; the largest of ours needs a quarter of it
constexpr std::size_t kMaxGroups = 8;

std::string expanded(std::string_view expression) {
  std::string text(expression);
  for (std::size_t at = text.find(kEndMark); at != std::string::npos; at = text.find(kEndMark, at))
    text.replace(at, kEndMark.size(), kEnd);
  return text;
}

RE2::Options options() {
  RE2::Options options(RE2::Latin1);  // bytes: hostile text need not be UTF-8
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  return options;
}

}  // namespace

struct Pattern::Compiled {
  RE2 re;
};

Pattern::Pattern(std::string_view expression)
    : compiled_(new Compiled{RE2(expanded(expression), options())}) {}
Pattern::~Pattern() = default;

bool Pattern::valid() const {
  return compiled_->re.ok();
}

std::optional<Span> Pattern::find(std::string_view window, std::size_t from, bool anchored) const {
  if (!valid()) return std::nullopt;
  std::array<re2::StringPiece, kMaxGroups> groups;
  const int count = std::min(compiled_->re.NumberOfCapturingGroups() + 1, static_cast<int>(kMaxGroups));
  const re2::StringPiece text(window.data(), window.size());
  if (!compiled_->re.Match(text, from, window.size(), anchored ? RE2::ANCHOR_START : RE2::UNANCHORED,
                           groups.data(), count))
    return std::nullopt;
  const auto took_part = [](const re2::StringPiece& group) { return group.data() != nullptr; };
  const auto* secret = std::find_if(groups.data() + 1, groups.data() + count, took_part);
  if (secret == groups.data() + count) secret = groups.data();
  const auto begin = static_cast<std::size_t>(secret->data() - window.data());
  return Span{begin, begin + secret->size()};
}

}  // namespace bulwark::scan::secrets
