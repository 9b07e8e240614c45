#include "support/recipe.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "recipe/assembler.h"
#include "recipe/line.h"

namespace bulwark::test {
namespace {

// RULE [at OFFSET | at line N] [severity NAME]
Result<ExpectedFinding> expected_finding(const std::vector<std::string_view>& words) {
  ExpectedFinding expected{.rule = std::string(words[0])};
  for (std::size_t i = 1; i < words.size(); i += 2) {
    if (i + 1 >= words.size())
      return fail(Code::InvalidInput, "word without value: " + std::string(words[i]));
    if (words[i] == "at" && words[i + 1] == "line" && i + 2 < words.size()) {
      const std::uint64_t number = TRY(recipe::number_of(words[i + 2]));
      expected.line = static_cast<std::uint32_t>(number);
      ++i;
    } else if (words[i] == "at") {
      expected.offset = TRY(recipe::number_of(words[i + 1]));
    } else if (words[i] == "severity") {
      expected.severity = severity_from(words[i + 1]);
      if (!expected.severity)
        return fail(Code::InvalidInput, "unknown severity " + std::string(words[i + 1]));
    } else {
      return fail(Code::InvalidInput, "unknown word " + std::string(words[i]));
    }
  }
  return expected;
}

Result<void> read_head_line(const recipe::Line& line, Recipe& recipe) {
  const std::vector<std::string_view> rest = words(line.rest);
  if (line.word == "title:") {
    recipe.title = line.rest;
  } else if (line.word == "name:") {
    recipe.name = line.rest;
  } else if (line.word == "allow" && rest.size() == 1) {
    recipe.allowed.emplace_back(rest[0]);
  } else if (line.word == "expect" && rest.size() == 1 && rest[0] == "clean") {
    recipe.clean = true;
  } else if (line.word == "expect" && rest.size() >= 2 && rest[0] == "gap") {
    recipe.gaps.emplace_back(rest[1]);
  } else if (line.word == "expect" && !rest.empty()) {
    ExpectedFinding expected = TRY(expected_finding(rest));
    recipe.findings.push_back(std::move(expected));
  } else {
    return fail(Code::InvalidInput, "head knows title:, name:, expect and allow");
  }
  return {};
}

bool fits(const ExpectedFinding& expected, const Finding& finding) {
  return finding.rule->id == expected.rule &&
         (!expected.offset || finding.place.offset == *expected.offset) &&
         (!expected.line || finding.place.line == *expected.line) &&
         (!expected.severity || finding.severity == *expected.severity);
}

std::string described(const Finding& finding) {
  std::string text = std::string(finding.rule->id) + " " + std::string(name_of(finding.severity));
  if (finding.place.offset != kNoOffset) text += " at " + std::to_string(finding.place.offset);
  if (finding.place.line != 0) text += " at line " + std::to_string(finding.place.line);
  for (const std::string& origin : finding.origin) text += " > " + printable(origin);
  return text + ": " + finding.message + (finding.evidence.empty() ? "" : " [" + finding.evidence + "]");
}

std::string described(const ExpectedFinding& expected) {
  std::string text = expected.rule;
  if (expected.offset) text += " at " + std::to_string(*expected.offset);
  if (expected.line) text += " at line " + std::to_string(*expected.line);
  if (expected.severity) text += " severity " + std::string(name_of(*expected.severity));
  return text;
}

}  // namespace

Result<Recipe> parse_recipe(std::string_view text) {
  Recipe recipe;
  std::size_t body = text.starts_with("---\n") ? 0 : text.find("\n---\n");
  if (body == std::string_view::npos) return fail(Code::InvalidInput, "no line '---' between head and body");
  if (body != 0) ++body;
  const std::string_view head = text.substr(0, body);
  for (const recipe::Line& line : recipe::lines_of(head, 1)) {
    auto read = read_head_line(line, recipe);
    if (!read) return std::unexpected(std::move(read).error().within("line " + std::to_string(line.number)));
  }
  const auto body_line = static_cast<std::size_t>(std::ranges::count(head, '\n')) + 2;
  const std::vector<recipe::Line> lines = recipe::lines_of(text.substr(body + 4), body_line);
  recipe.bytes = TRY(recipe::assemble(lines));
  return recipe;
}

Result<Recipe> load_recipe(const std::string& path) {
  std::ifstream file(std::filesystem::path(BULWARK_SOURCE_DIR) / path, std::ios::binary);
  if (!file) return fail(Code::NotFound, "cannot read " + path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto recipe = parse_recipe(text);
  if (!recipe) return std::unexpected(std::move(recipe).error().within(path));
  return recipe;
}

std::vector<std::string> recipe_paths(std::string_view folder) {
  const std::filesystem::path root(BULWARK_SOURCE_DIR);
  std::vector<std::string> paths;
  if (!std::filesystem::is_directory(root / folder)) return paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder))
    if (entry.path().extension() == ".recipe")
      paths.push_back(entry.path().lexically_relative(root).string());
  std::ranges::sort(paths);
  return paths;
}

std::string unmet(const Recipe& recipe, const Report& report) {
  std::string complaints;
  for (const ExpectedFinding& expected : recipe.findings) {
    if (std::ranges::none_of(report.findings, [&](const Finding& f) { return fits(expected, f); }))
      complaints += "missing: " + described(expected) + "\n";
  }
  for (const std::string& reason : recipe.gaps) {
    if (std::ranges::none_of(report.gaps, [&](const Gap& gap) { return name_of(gap.reason) == reason; }))
      complaints += "missing: gap " + reason + "\n";
  }
  const Severity tolerated = recipe.clean ? Severity::Info : Severity::Low;
  for (const Finding& finding : report.findings) {
    const std::string id(finding.rule->id);
    const bool expected =
        std::ranges::find(recipe.findings, id, &ExpectedFinding::rule) != recipe.findings.end();
    const bool allowed = std::ranges::find(recipe.allowed, id) != recipe.allowed.end();
    if (!expected && !allowed && finding.severity > tolerated)
      complaints += "unexpected: " + described(finding) + "\n";
  }
  if (recipe.clean)
    for (const Gap& gap : report.gaps)
      complaints += "unexpected: gap " + std::string(name_of(gap.reason)) + ": " + gap.why + "\n";
  if (!complaints.empty())
    for (const Finding& finding : report.findings) complaints += "raised: " + described(finding) + "\n";
  return complaints;
}

}  // namespace bulwark::test
