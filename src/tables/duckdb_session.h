#pragma once
// A DuckDB that may read one file and nothing else.
//
// Threat: a file that makes the engine read others, fetch extensions, write, or take all memory. It gets
// memory and threads counted, no temporary files, no extensions; then one path is allowed, access to
// everything else is shut and the settings are locked. Each step was tried
// (tests/unit/tables/duckdb_test.cpp).

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "tables/dataset.h"

namespace bulwark::tables {

// Rows that come one chunk after another; nothing but one chunk is held.
class DuckStream {
 public:
  // Kinds of the columns: BIGINT, DOUBLE, BOOLEAN and VARCHAR only.
  virtual ~DuckStream() = default;
  // The next chunk, at most 2,048 rows, or false. Views live until the next call.
  [[nodiscard]] virtual Result<bool> next(std::vector<Cells>& columns, std::size_t& rows) = 0;
};

class DuckSession {
 public:
  virtual ~DuckSession() = default;
  // `kinds`: what the query delivers, column by column.
  // Errors: Corrupt, with what DuckDB says, without the values it quotes.
  [[nodiscard]] virtual Result<std::unique_ptr<DuckStream>> query(const std::string& sql,
                                                                  std::vector<Kind> kinds) = 0;
};

// `file`: an alias of the only file that may be read. The session must outlive its streams.
// Errors: Unsupported (the library is missing), Unavailable.
[[nodiscard]] Result<std::shared_ptr<DuckSession>> open_duck_session(const std::string& file,
                                                                     std::size_t jobs, std::uint64_t memory);

// As SQL writes them: 'it''s', "a ""b""".
[[nodiscard]] std::string sql_text(std::string_view text);
[[nodiscard]] std::string sql_name(std::string_view name);

}  // namespace bulwark::tables
