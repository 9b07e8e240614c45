// Statements: what is accepted is written again byte for byte.

#include <cstdlib>

#include "base/byte_reader.h"
#include "ledger/statement.h"

using namespace bulwark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of(Bytes(data, size));
  if (const auto statement = ledger::parse_statement(text)) {
    const auto entry = ledger::to_entry(*statement);
    if (!entry || *entry != text) std::abort();
  }
  if (auto draft = ledger::parse_draft(text)) {
    if (draft->tool.empty()) draft->tool = "fuzz";
    const auto entry = ledger::to_entry(*draft);
    if (entry && !ledger::parse_statement(*entry)) std::abort();
  }
  return 0;
}
