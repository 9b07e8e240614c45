#pragma once
// Small tables of texts as the blocks that a reader would hand out.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "assay/profile/profile.h"

namespace bulwark::assay::profile {

struct TextTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> columns;

  [[nodiscard]] std::vector<tables::Column> about() const {
    std::vector<tables::Column> out;
    for (const std::string& name : names)
      out.push_back({.name = name, .kind = tables::Kind::Text, .declared = {}});
    return out;
  }
  [[nodiscard]] std::size_t rows() const { return columns.empty() ? 0 : columns[0].size(); }

  // In blocks of `size` rows.
  void feed(StreamingPart& part, std::size_t size = tables::kBlockRows) const {
    for (std::size_t begin = 0; begin < rows(); begin += size) {
      const std::size_t end = std::min(rows(), begin + size);
      std::vector<std::vector<std::string_view>> views;
      for (const auto& column : columns)
        views.emplace_back(column.begin() + static_cast<std::ptrdiff_t>(begin),
                           column.begin() + static_cast<std::ptrdiff_t>(end));
      tables::Block block;
      block.first_row = begin;
      block.rows = end - begin;
      for (const auto& view : views) block.columns.emplace_back().texts = view;
      part.take(block);
    }
  }

  [[nodiscard]] Profile profile(const Options& options = {}, std::size_t block = tables::kBlockRows) const {
    const auto part = make_part(about(), options);
    feed(*part, block);
    (void)part->finish();
    return part->profile();
  }
  [[nodiscard]] PartResult assayed(const Options& options, std::size_t block = tables::kBlockRows) const {
    const auto part = make_part(about(), options);
    feed(*part, block);
    return part->finish();
  }
  [[nodiscard]] PartResult against(const Contract& contract) const {
    Options options;
    options.contract = &contract;
    return assayed(options);
  }
};

[[nodiscard]] inline bool raises(const PartResult& result, std::string_view id,
                                 std::string_view subject = {}) {
  return std::ranges::any_of(result.findings, [&](const Finding& finding) {
    return finding.rule->id == id && (subject.empty() || finding.subject == subject);
  });
}

}  // namespace bulwark::assay::profile
