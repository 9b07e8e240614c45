#include "core/report.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>

namespace bulwark {
namespace {

constexpr std::array<std::string_view, 7> kReasons = {"encrypted",   "truncated",  "malformed", "limit",
                                                      "unsupported", "unreadable", "changed"};

auto key(const Finding& f) {
  return std::tie(f.path, f.origin, f.place, f.rule->id, f.message, f.evidence, f.severity);
}
auto key(const Gap& g) {
  return std::tie(g.path, g.origin, g.place, g.reason, g.why);
}
auto key(const Inspected& i) {
  return std::tie(i.path, i.origin, i.size, i.formats, i.facts);
}

template <class T>
void sort_unique(std::vector<T>& rows) {
  std::ranges::stable_sort(rows, [](const T& a, const T& b) { return key(a) < key(b); });
  const auto repeated = std::ranges::unique(rows, [](const T& a, const T& b) { return key(a) == key(b); });
  rows.erase(repeated.begin(), repeated.end());
}

template <class T>
void move_to_end(std::vector<T>& rows, std::vector<T>&& more) {
  rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

std::string_view name_of(GapReason reason) {
  return kReasons[std::to_underlying(reason)];
}

GapReason gap_reason_from(Code code) {
  switch (code) {
    case Code::LimitReached: return GapReason::Limit;
    case Code::Unsupported: return GapReason::Unsupported;
    case Code::Unavailable:
    case Code::NotFound:
    case Code::Denied: return GapReason::Unreadable;
    case Code::InvalidInput:
    case Code::Corrupt: return GapReason::Malformed;
  }
  return GapReason::Malformed;
}

void Report::append(Report&& other) {
  move_to_end(findings, std::move(other.findings));
  move_to_end(gaps, std::move(other.gaps));
  move_to_end(inspected, std::move(other.inspected));
}

void Report::normalise() {
  sort_unique(findings);
  sort_unique(gaps);
  sort_unique(inspected);
}

}  // namespace bulwark
