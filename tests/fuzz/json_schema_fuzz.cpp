// JSON Schema: the first line is the schema, the rest the value. And every format over the whole input.

#include <cstdlib>

#include "base/byte_reader.h"
#include "base/json_schema.h"
#include "base/text_format.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of(Bytes(data, size));
  for (const std::string_view format : {"date-time", "email", "idn-email", "hostname", "ipv4", "ipv6", "uri",
                                        "uri-reference", "iri", "iri-reference", "uuid", "json-pointer"})
    if (!fits_format(format, input)) std::abort();
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  Limits limits;
  limits.document_nodes = 10'000;
  const auto schema = parse_json(input.substr(0, line), limits);
  const auto value = parse_json(input.substr(line + 1), limits);
  if (!schema || !value) return 0;
  const auto compiled = JsonSchema::compile(schema->root);
  if (!compiled) return 0;
  SchemaLimits few;
  few.steps = 100'000;
  (void)compiled->validate(value->root, few);
  return 0;
}
