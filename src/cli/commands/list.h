#pragma once
// The one list of verbs, in the order of `bulwark --help`. A name without its file does not link.

#include "cli/verb.h"

#define BULWARK_VERBS(X)  \
  X(scan)                 \
  X(assay)                \
  X(assess)               \
  X(drill)                \
  X(atlas)                \
  X(sign)                 \
  X(verify)               \
  X(bom)                  \
  X(key)                  \
  X(store)                \
  X(ledger)               \
  X(rules)                \
  X(sigstore_conformance) \
  X(version)              \
  // end of list: one X(name) a line

namespace bulwark::cli::commands {
#define BULWARK_DECLARE_VERB(name) extern const Verb name;
BULWARK_VERBS(BULWARK_DECLARE_VERB)
#undef BULWARK_DECLARE_VERB
}  // namespace bulwark::cli::commands
