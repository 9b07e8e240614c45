#include "scan/formats/notebook_cells.h"

#include <algorithm>

namespace bulwark::scan {
namespace {

constexpr std::size_t kHead = 4'096;
// The root is 1, the list of cells 2, a cell's object 3.
constexpr std::uint32_t kRoot = 1;
constexpr std::uint32_t kCells = 2;
constexpr std::uint32_t kCell = 3;

}  // namespace

bool looks_like_notebook(std::string_view text) {
  const std::string_view head = text.substr(0, kHead);
  const std::size_t first = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string_view::npos || head[first] != '{') return false;
  const std::string_view tail = text.substr(text.size() > kHead ? text.size() - kHead : 0);
  const auto either = [&](std::string_view word) { return head.contains(word) || tail.contains(word); };
  return either("\"nbformat\"") && either("\"cells\"");
}

NotebookCells::NotebookCells(std::string_view text) {
  std::uint32_t depth = 0;
  std::uint32_t cell = 0;
  bool in_cells = false;
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"') {
      std::size_t end = i + 1;
      while (end < text.size() && text[end] != '"')
        end += text[end] == '\\' ? std::size_t{2} : std::size_t{1};
      std::size_t after = std::min(end + 1, text.size());
      while (after < text.size() && (text[after] == ' ' || text[after] == '\t')) ++after;
      const bool key = after < text.size() && text[after] == ':';
      const std::string_view word = text.substr(i + 1, std::min(end, text.size()) - i - 1);
      if (key && depth == kRoot) {
        in_cells = word == "cells";
        parts_.push_back({i, 0, std::string(word.substr(0, 40))});
      }
      if (key && depth == kCell && in_cells) parts_.push_back({i, cell, std::string(word.substr(0, 40))});
      i = after;
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
      if (depth == kCell && in_cells && c == '{') ++cell;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
      if (depth < kCells) in_cells = false;
    }
    ++i;
  }
}

std::string NotebookCells::describe(std::uint64_t offset) const {
  const auto after = std::ranges::upper_bound(parts_, offset, {}, &Part::begin);
  if (after == parts_.begin()) return "the notebook";
  const Part& part = *std::prev(after);
  if (part.cell == 0) return "the notebook's " + part.key;
  const std::string cell = "cell " + std::to_string(part.cell);
  if (part.key == "outputs") return "an output of " + cell;
  return part.key == "source" ? cell : "the " + part.key + " of " + cell;
}

}  // namespace bulwark::scan
