// A statement of a hostile signer and what its predicate says.

#include <cstdint>

#include "trust/predicates.h"
#include "trust/statement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const auto statement = trust::read_statement({data, size});
  if (!statement) return 0;
  (void)trust::write_statement(*statement);
  (void)trust::check_predicate(statement->predicate_type, statement->predicate);
  for (const trust::PredicateName& known : trust::known_predicates())
    (void)trust::check_predicate(known.type, statement->predicate);
  return 0;
}
