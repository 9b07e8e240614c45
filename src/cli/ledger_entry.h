#pragma once
// Writing to the ledger from any verb.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "cli/verb.h"
#include "ledger/log.h"
#include "ledger/statement.h"

namespace bulwark::cli {

// The log in `folder`; waits up to `patience` for another writer to finish. `signer` outlives it.
[[nodiscard]] Result<std::unique_ptr<ledger::Log>> open_log(const World& world, const std::string& folder,
                                                            const crypto::Signer& signer,
                                                            std::chrono::seconds patience);

// Appends to the ledger of --ledger, else of --home, signed with `key`. Time and tool are filled in. Returns
// the index of the entry, which is durable and covered by a checkpoint then.
[[nodiscard]] Result<std::uint64_t> append_statement(const Arguments& arguments, const World& world,
                                                     std::string_view key, ledger::Statement statement);

}  // namespace bulwark::cli
