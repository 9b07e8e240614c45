#pragma once
// The formats that a data set can have. To add one: two functions, and a line in kFormats (formats.cpp).

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"
#include "tables/dataset.h"

namespace bulwark::tables {

// What is known of a path before it is opened as a data set.
struct Candidate {
  std::string path;
  std::string extension;  // lower case, without the dot; may be empty
  bool folder = false;
  std::uint64_t bytes = 0;  // of a file
  Bytes head;               // its first 64 KiB
  const DatasetOptions& options;
};

struct Format {
  std::string_view name;  // Description::format
  // By content; the name only decides between readings of the same text.
  bool (*recognises)(const Candidate& candidate);
  Result<std::unique_ptr<Dataset>> (*open)(const Candidate& candidate);
};

// In the order in which they are asked: what is certain first.
[[nodiscard]] std::span<const Format> formats();

}  // namespace bulwark::tables
