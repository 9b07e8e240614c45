#include "support/json_schema.h"

#include "base/json_schema.h"

namespace bulwark::test {

std::string schema_complaints(const Document& schema, const Document& value) {
  const auto compiled = JsonSchema::compile(schema);
  if (!compiled) return compiled.error().message;
  const auto problems = compiled->validate(value);
  if (!problems) return problems.error().message;
  std::string complaints;
  for (const SchemaProblem& problem : *problems) complaints += problem.place + ": " + problem.message + "\n";
  return complaints;
}

}  // namespace bulwark::test
