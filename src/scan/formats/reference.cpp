#include "scan/formats/reference.h"

#include <algorithm>

#include "base/text.h"

namespace bulwark::scan {
namespace {

// "https://…", "file:///…", "s3://…": letters before "://".
bool is_url(std::string_view path) {
  const std::size_t colon = path.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  return std::ranges::all_of(path.substr(0, colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
}

// Walks the components of a relative path. True if it is ever above its start.
bool climbs_out(std::string_view path) {
  int level = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= path.size(); ++i) {
    if (i < path.size() && path[i] != '/' && path[i] != '\\') continue;
    const std::string_view part = path.substr(start, i - start);
    start = i + 1;
    if (part == "..") {
      if (--level < 0) return true;
    } else if (!part.empty() && part != ".") {
      ++level;
    }
  }
  return false;
}

}  // namespace

Reference judge_reference(std::string_view path) {
  if (is_url(path)) return {Reach::Outside, "is a URL"};
  std::string_view why;
  if (!path_escapes(path, &why)) return {};
  if (why == "climbs out with .." && !climbs_out(path)) return {Reach::Detour, "takes a detour with .."};
  return {Reach::Outside, why};
}

}  // namespace bulwark::scan
