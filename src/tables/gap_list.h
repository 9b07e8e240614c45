#pragma once
// The gaps of one pass: the first ones each for itself, the rest counted in one.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/report.h"

namespace bulwark::tables {

class GapList {
 public:
  explicit GapList(std::uint64_t most) : most_(most) {}

  void add(GapReason reason, std::uint32_t line, std::string why) {
    add({.reason = reason, .path = {}, .origin = {}, .place = {.line = line}, .why = std::move(why)});
  }
  // About a file of a folder.
  void add(GapReason reason, std::string member, std::string why) {
    add({.reason = reason, .path = {}, .origin = {std::move(member)}, .place = {}, .why = std::move(why)});
  }
  [[nodiscard]] const std::vector<Gap>& all() const { return gaps_; }

 private:
  void add(Gap gap) {
    if (gaps_.size() < most_) {
      gaps_.push_back(std::move(gap));
      return;
    }
    if (more_++ == 0)
      gaps_.push_back({.reason = GapReason::Limit,
                       .path = {},
                       .origin = std::move(gap.origin),
                       .place = gap.place,
                       .why = {}});
    gaps_.back().why =
        std::to_string(more_) + " more, which are not listed; the first of them: " + first_more(gap.why);
  }

  const std::string& first_more(const std::string& why) {
    if (more_ == 1) first_more_ = why;
    return first_more_;
  }

  std::uint64_t most_;
  std::uint64_t more_ = 0;
  std::string first_more_;
  std::vector<Gap> gaps_;
};

}  // namespace bulwark::tables
