// DuckDB 1.4's C interface, declared here: the pinned library is loaded when it is needed, without its
// header.

#include "tables/duckdb_session.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "native/library.h"

namespace bulwark::tables {
namespace {

// Every handle is an opaque pointer, 0 is success, sizes are 64-bit. Only a result has a visible layout.
using Handle = void*;
struct DuckResult {
  std::uint64_t words[3];
  void* columns;
  char* error;
  void* internal;
};
// 16 bytes: texts up to 12 bytes lie in it.
struct DuckText {
  std::uint32_t size;
  char start[4];
  const char* rest;
};
constexpr std::uint32_t kInlined = 12;

struct Functions {
  int (*create_config)(Handle*);
  int (*set_config)(Handle, const char*, const char*);
  void (*destroy_config)(Handle*);
  int (*open_ext)(const char*, Handle*, Handle, char**);
  void (*close)(Handle*);
  int (*connect)(Handle, Handle*);
  void (*disconnect)(Handle*);
  int (*query)(Handle, const char*, DuckResult*);
  int (*prepare)(Handle, const char*, Handle*);
  const char* (*prepare_error)(Handle);
  void (*destroy_prepare)(Handle*);
  int (*pending_streaming)(Handle, Handle*);
  const char* (*pending_error)(Handle);
  int (*execute_pending)(Handle, DuckResult*);
  void (*destroy_pending)(Handle*);
  const char* (*result_error)(DuckResult*);
  void (*destroy_result)(DuckResult*);
  Handle (*fetch_chunk)(DuckResult);
  std::uint64_t (*chunk_size)(Handle);
  Handle (*chunk_vector)(Handle, std::uint64_t);
  void* (*vector_data)(Handle);
  std::uint64_t* (*vector_validity)(Handle);
  void (*destroy_chunk)(Handle*);
  void (*free)(void*);
};

template <class F>
Result<void> find(const native::Library& library, const char* name, F*& function) {
  function = TRY(library.function<F>(name));
  return {};
}

Result<Functions> load_functions() {
  const native::Library library = TRY(native::Library::open(native::kDuckDb));
  Functions f{};
  TRY(find(library, "duckdb_create_config", f.create_config));
  TRY(find(library, "duckdb_set_config", f.set_config));
  TRY(find(library, "duckdb_destroy_config", f.destroy_config));
  TRY(find(library, "duckdb_open_ext", f.open_ext));
  TRY(find(library, "duckdb_close", f.close));
  TRY(find(library, "duckdb_connect", f.connect));
  TRY(find(library, "duckdb_disconnect", f.disconnect));
  TRY(find(library, "duckdb_query", f.query));
  TRY(find(library, "duckdb_prepare", f.prepare));
  TRY(find(library, "duckdb_prepare_error", f.prepare_error));
  TRY(find(library, "duckdb_destroy_prepare", f.destroy_prepare));
  TRY(find(library, "duckdb_pending_prepared_streaming", f.pending_streaming));
  TRY(find(library, "duckdb_pending_error", f.pending_error));
  TRY(find(library, "duckdb_execute_pending", f.execute_pending));
  TRY(find(library, "duckdb_destroy_pending", f.destroy_pending));
  TRY(find(library, "duckdb_result_error", f.result_error));
  TRY(find(library, "duckdb_destroy_result", f.destroy_result));
  TRY(find(library, "duckdb_fetch_chunk", f.fetch_chunk));
  TRY(find(library, "duckdb_data_chunk_get_size", f.chunk_size));
  TRY(find(library, "duckdb_data_chunk_get_vector", f.chunk_vector));
  TRY(find(library, "duckdb_vector_get_data", f.vector_data));
  TRY(find(library, "duckdb_vector_get_validity", f.vector_validity));
  TRY(find(library, "duckdb_destroy_data_chunk", f.destroy_chunk));
  TRY(find(library, "duckdb_free", f.free));
  return f;
}

// What DuckDB says, without what it quotes: that may be somebody's data.
std::string said(const char* message) {
  if (message == nullptr) return "no reason given";
  std::string out;
  char open = '\0';
  for (const char c : std::string_view(message).substr(0, 4000)) {
    if (c == '\n' && open == '\0') break;
    if (open != '\0') {
      if (c == open) open = '\0';
    } else if (c == '\'' || c == '"') {
      open = c;
      out += "…";
    } else {
      out += c;
    }
  }
  return printable(out, 300);
}

class Stream : public DuckStream {
 public:
  Stream(const Functions& functions, const DuckResult& result, std::vector<Kind> kinds)
      : f_(functions), result_(result), kinds_(std::move(kinds)), texts_(kinds_.size()) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() override {
    drop_chunk();
    f_.destroy_result(&result_);
  }

  Result<bool> next(std::vector<Cells>& columns, std::size_t& rows) override {
    drop_chunk();
    do {
      drop_chunk();
      chunk_ = f_.fetch_chunk(result_);
      if (chunk_ == nullptr) {
        const char* error = f_.result_error(&result_);
        if (error != nullptr && *error != '\0') return fail(Code::Corrupt, said(error));
        return false;
      }
      rows = f_.chunk_size(chunk_);
    } while (rows == 0);
    columns.resize(kinds_.size());
    for (std::size_t i = 0; i < kinds_.size(); ++i) columns[i] = cells_of(i, rows);
    return true;
  }

 private:
  void drop_chunk() {
    if (chunk_ != nullptr) f_.destroy_chunk(&chunk_);
    chunk_ = nullptr;
  }

  Cells cells_of(std::size_t column, std::size_t rows) {
    const Handle vector = f_.chunk_vector(chunk_, column);
    const void* data = f_.vector_data(vector);
    Cells cells;
    cells.kind = kinds_[column];
    if (const std::uint64_t* valid = f_.vector_validity(vector); valid != nullptr)
      cells.valid = {valid, (rows + 63) / 64};
    switch (cells.kind) {
      case Kind::Integer: cells.integers = {static_cast<const std::int64_t*>(data), rows}; break;
      case Kind::Real: cells.reals = {static_cast<const double*>(data), rows}; break;
      case Kind::Boolean: cells.booleans = {static_cast<const std::uint8_t*>(data), rows}; break;
      case Kind::Text: fill_texts(static_cast<const DuckText*>(data), cells, texts_[column], rows); break;
    }
    return cells;
  }

  static void fill_texts(const DuckText* from, Cells& cells, std::vector<std::string_view>& texts,
                         std::size_t rows) {
    texts.assign(rows, {});
    for (std::size_t i = 0; i < rows; ++i) {
      if (!cells.present(i)) continue;  // what lies there is nothing
      const char* start = from[i].size <= kInlined ? from[i].start : from[i].rest;
      texts[i] = {start, from[i].size};
    }
    cells.texts = texts;
  }

  const Functions& f_;
  DuckResult result_;
  std::vector<Kind> kinds_;
  Handle chunk_ = nullptr;
  std::vector<std::vector<std::string_view>> texts_;
};

class Session : public DuckSession {
 public:
  explicit Session(const Functions& functions) : f_(functions) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() override {
    if (connection_ != nullptr) f_.disconnect(&connection_);
    if (database_ != nullptr) f_.close(&database_);
  }

  Result<void> start(const std::string& file, std::size_t jobs, std::uint64_t memory) {
    TRY(open(jobs, memory));
    if (f_.connect(database_, &connection_) != 0)
      return fail(Code::Unavailable, "DuckDB accepts no connection");
    TRY(run("SET TimeZone='UTC'"));
    TRY(run("SET allowed_paths=[" + sql_text(file) + "]"));
    TRY(run("SET enable_external_access=false"));  // cannot be turned on again
    TRY(run("SET lock_configuration=true"));
    return {};
  }

  Result<std::unique_ptr<DuckStream>> query(const std::string& sql, std::vector<Kind> kinds) override {
    Handle prepared = nullptr;
    Handle pending = nullptr;
    DuckResult result{};
    auto done = [&]() -> Result<void> {
      if (f_.prepare(connection_, sql.c_str(), &prepared) != 0)
        return fail(Code::Corrupt, said(f_.prepare_error(prepared)));
      if (f_.pending_streaming(prepared, &pending) != 0)
        return fail(Code::Corrupt, said(f_.pending_error(pending)));
      if (f_.execute_pending(pending, &result) != 0) {
        auto error = fail(Code::Corrupt, said(f_.result_error(&result)));
        f_.destroy_result(&result);
        return error;
      }
      return {};
    }();
    if (pending != nullptr) f_.destroy_pending(&pending);
    if (prepared != nullptr) f_.destroy_prepare(&prepared);
    if (!done) return std::unexpected(std::move(done).error());
    return std::make_unique<Stream>(f_, result, std::move(kinds));
  }

 private:
  Result<void> open(std::size_t jobs, std::uint64_t memory) {
    Handle config = nullptr;
    if (f_.create_config(&config) != 0) return fail(Code::Unavailable, "DuckDB gives no configuration");
    const std::pair<const char*, std::string> settings[] = {
        {"threads", std::to_string(std::max<std::size_t>(jobs, 1))},
        {"memory_limit", std::to_string(memory >> 20) + "MiB"},
        {"temp_directory", ""},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_community_extensions", "false"}};
    for (const auto& [name, value] : settings) {
      if (f_.set_config(config, name, value.c_str()) == 0) continue;
      f_.destroy_config(&config);
      return fail(Code::Unavailable, "DuckDB refuses the setting " + std::string(name));
    }
    char* reason = nullptr;
    const int failed = f_.open_ext(nullptr, &database_, config, &reason);
    f_.destroy_config(&config);
    if (failed == 0) return {};
    auto error = fail(Code::Unavailable, "DuckDB does not start: " + said(reason));
    f_.free(reason);
    return error;
  }

  Result<void> run(const std::string& sql) {
    DuckResult result{};
    const int failed = f_.query(connection_, sql.c_str(), &result);
    const std::string why = failed != 0 ? said(f_.result_error(&result)) : std::string();
    f_.destroy_result(&result);
    if (failed != 0) return fail(Code::Unavailable, "DuckDB refuses a setting: " + why);
    return {};
  }

  const Functions& f_;
  Handle database_ = nullptr;
  Handle connection_ = nullptr;
};

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += c;
    out += c;
  }
  return out + quote;
}

}  // namespace

std::string sql_text(std::string_view text) {
  return quoted(text, '\'');
}
std::string sql_name(std::string_view name) {
  return quoted(name, '"');
}

Result<std::shared_ptr<DuckSession>> open_duck_session(const std::string& file, std::size_t jobs,
                                                       std::uint64_t memory) {
  static const Result<Functions> functions = load_functions();
  if (!functions) {
    Error error = functions.error();
    error.code = Code::Unsupported;
    return std::unexpected(std::move(error));
  }
  auto session = std::make_shared<Session>(*functions);
  TRY(session->start(file, jobs, memory));
  return session;
}

}  // namespace bulwark::tables
