#pragma once
// Configuration files of model packages: JSON as Python writes and reads it, YAML, told from other text by
// content.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/limits.h"
#include "base/result.h"
#include "core/report.h"

namespace bulwark::scan {

struct Config {
  std::vector<Document> documents;       // JSON: one, or one a line (JSON lines); never empty
  std::vector<DuplicateKey> duplicates;  // JSON only
};

// The content starts as a JSON object or an array of objects would.
[[nodiscard]] bool looks_like_json(Bytes content);
// The first line that says anything is a YAML key or list entry. Cheap and generous: prose with a colon fits,
// too.
[[nodiscard]] bool looks_like_yaml(Bytes content);
// Most lines are YAML keys, list entries or comments: worth a gap if the parser gives up.
[[nodiscard]] bool is_mostly_yaml(std::string_view text);

// JSON with what Python's json adds to it (NaN, Infinity, a byte order mark), several values in a row
// allowed.
[[nodiscard]] Result<Config> parse_json_config(std::string_view text, const Limits& limits);
// YAML; of a Markdown file with front matter only the front matter.
[[nodiscard]] Result<Config> parse_yaml_config(std::string_view text, const Limits& limits);
// By the look of it.
[[nodiscard]] Result<Config> parse_config(Bytes content, const Limits& limits);

// One value with the keys that lead to it.
struct ConfigValue {
  const Document* value = nullptr;
  const Document* parent = nullptr;  // the map or list around it; null for a root
  std::string_view key;              // of the innermost map around it; empty in a list at the root
  std::string_view path;             // "model.layers[3].name"; valid during the visit
};
// Every value of `root` in the order of the text, containers before their content.
void for_each_value(const Document& root, const std::function<void(const ConfigValue&)>& visit);

// `text` with its OmegaConf interpolations replaced as Hydra does it: `${a.b}` from the root, `${.b}` from
// the map around it, `${oc.env:NAME,default}` by its default. What cannot be known stays as written. At most
// 4 KiB, 8 rounds.
[[nodiscard]] std::string interpolated(std::string_view text, const Document& root, const Document* around);

// Where `value` stands; the line of a JSON value is found by whoever reports it (FindingDetails::text).
[[nodiscard]] Place place_of(const Document& value);

}  // namespace bulwark::scan
