#include "support/support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace bulwark::test {

namespace {

Report scan_as(const std::string& name, Bytes bytes, const scan::Options& options, const Limits& limits) {
  const StoppedClock clock;
  const scan::Engine engine(scan::builtin_inspectors(), limits, options, clock);
  return engine.scan({.path = name, .origin = {}, .bytes = bytes, .keeps = nullptr});
}

}  // namespace

Report scan(Bytes bytes, const scan::Options& options, const Limits& limits) {
  return scan_as("sample", bytes, options, limits);
}

Report scan_named(const std::string& name, Bytes bytes, const Limits& limits) {
  return scan_as(name, bytes, {}, limits);
}

Report scan(std::string_view bytes, const scan::Options& options, const Limits& limits) {
  return scan(bytes_of(bytes), options, limits);
}

std::vector<std::string> rules_of(const Report& report) {
  std::vector<std::string> rules;
  for (const Finding& finding : report.findings) {
    std::string text(finding.rule->id);
    if (finding.place.offset != kNoOffset) text += "@" + std::to_string(finding.place.offset);
    rules.push_back(std::move(text));
  }
  std::ranges::sort(rules);
  return rules;
}

bool has_rule(const Report& report, std::string_view id) {
  return std::ranges::any_of(report.findings, [&](const Finding& finding) { return finding.rule->id == id; });
}

Severity worst(const Report& report) {
  Severity worst = Severity::Info;
  for (const Finding& finding : report.findings) worst = std::max(worst, finding.severity);
  return worst;
}

std::string shared_folder() {
  const std::filesystem::path folder = std::filesystem::path(BULWARK_SOURCE_DIR) / ".." / "shared";
  return std::filesystem::is_directory(folder) ? folder.string() : std::string();
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << "cannot read " << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace bulwark::test
