#pragma once
// JSON Schema validation: draft-04, draft-06, draft-07 and 2020-12, with `format` asserted.
//
// `$ref` reaches into the same document, by anchors too, and into the documents given beside it by their
// "$id"; nothing is fetched. Asserted: every keyword of those drafts except the dynamic and unevaluated ones,
// which compile() refuses rather than leave out.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/document.h"
#include "base/result.h"

namespace bulwark {

struct SchemaLimits {
  // Schemas within schemas while one value is judged; references that circle end here. A component of
  // CycloneDX within others takes six a level, and documents nest at most 256 deep.
  std::uint32_t depth = 2'000;
  // Subschemas tried in all. The largest published bills of material need some ten million.
  std::uint64_t steps = 200'000'000;
  // Problems that are told; then it stops looking.
  std::size_t problems = 50;
};

struct SchemaProblem {
  std::string place;  // JSON pointer of the value; "" is the document itself
  std::string message;
  std::uint64_t offset = 0;  // of the value in its text
};

class JsonSchema {
 public:
  struct Compiled;  // json_schema_compiled.h

  // `root` and `others` must outlive the schema. Errors: InvalidInput (a reference that leads nowhere),
  // Unsupported (a keyword or an expression that cannot be judged).
  [[nodiscard]] static Result<JsonSchema> compile(const Document& root,
                                                  std::span<const Document> others = {});
  ~JsonSchema();
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;

  // Empty: the value is valid. Errors: LimitReached. Threads: safe from many at once.
  [[nodiscard]] Result<std::vector<SchemaProblem>> validate(const Document& value,
                                                            const SchemaLimits& limits = {}) const;

 private:
  explicit JsonSchema(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

// Equal as JSON Schema sees it: 1 and 1.0 are, the order of keys does not matter.
[[nodiscard]] bool equal_json(const Document& left, const Document& right);

}  // namespace bulwark
