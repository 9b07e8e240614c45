#pragma once
// Mends what can be proven: derived files from the journal, tiles from entries that lead to the signed root,
// a journal from tiles that do. Entries are never invented and never dropped.

#include <string>
#include <vector>

#include "ledger/audit.h"
#include "ledger/folder.h"

namespace bulwark::ledger {

struct Repair {
  std::vector<std::string> done;  // one line each; empty: there was nothing to mend
  Audit after;
};

// Takes the lock. `remembered`: for the audit behind it. Errors: Unavailable: a writer is at work, the disk;
// NotFound: no ledger there.
[[nodiscard]] Result<Repair> repair(FileSystem& files, const std::string& folder,
                                    const AuditOptions& options);

}  // namespace bulwark::ledger
