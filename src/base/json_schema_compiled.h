#pragma once
// What compile() leaves for validate(): where references lead and the expressions. Only for json_schema*.cpp.

#include <map>
#include <string>
#include <unordered_map>

#include "base/json_schema.h"
#include "base/text_pattern.h"

namespace bulwark {

struct JsonSchema::Compiled {
  const Document* root = nullptr;
  std::unordered_map<const Document*, const Document*> references;  // schema with $ref -> what it names
  std::map<std::string, TextPattern, std::less<>> patterns;         // by their text
  bool siblings_of_references = false;  // 2019-09 and later: keywords beside $ref count
};

}  // namespace bulwark
