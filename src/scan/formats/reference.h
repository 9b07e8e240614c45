#pragma once
// References from a model file to other files: where they lead, read as every loader might.

#include <cstdint>
#include <string_view>

namespace bulwark::scan {

enum class Reach : std::uint8_t {
  Inside,   // a plain relative path
  Detour,   // climbs with ".." but never out of its directory: "a/../b"
  Outside,  // leaves the directory, is absolute, names a drive, a home directory or a URL
};

struct Reference {
  Reach reach = Reach::Inside;
  std::string_view why;  // a literal: "is absolute"; empty for Inside
};

[[nodiscard]] Reference judge_reference(std::string_view path);

}  // namespace bulwark::scan
