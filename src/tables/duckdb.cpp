#include "tables/duckdb.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "os/input_file.h"
#include "tables/columns.h"
#include "tables/duckdb_session.h"
#include "tables/names.h"

namespace bulwark::tables {
namespace {

// Up to this size the types of JSON are taken from all of it; of larger files from the first rows.
constexpr std::uint64_t kWholeSample = std::uint64_t{256} << 20;
constexpr std::string_view kFirstRows = "1000000";

// DuckDB works out the types of JSON by recursion: 100,000 brackets end the process. Published data stay
// below 40.
constexpr std::uint32_t kDepth = 200;
constexpr std::size_t kPiece = std::size_t{256} << 10;

struct Source {
  std::string sql;                 // "read_parquet('…')"
  std::vector<std::string> casts;  // expression of every column
};

// What becomes of a type: the kind, and how SQL makes it one of our four. Integers that may not fit stay
// texts, which lose nothing.
std::pair<Kind, std::string> cast_of(std::string_view type, const std::string& column) {
  constexpr std::string_view kIntegers[] = {"TINYINT",  "SMALLINT",  "INTEGER", "BIGINT",
                                            "UTINYINT", "USMALLINT", "UINTEGER"};
  const bool nested = type.ends_with(']') || type.starts_with("STRUCT") || type.starts_with("MAP") ||
                      type.starts_with("UNION");
  if (nested) return {Kind::Text, "CAST(to_json(" + column + ") AS VARCHAR)"};
  if (type == "BOOLEAN") return {Kind::Boolean, column};
  if (type == "FLOAT" || type == "DOUBLE" || type.starts_with("DECIMAL"))
    return {Kind::Real, "CAST(" + column + " AS DOUBLE)"};
  if (std::ranges::find(kIntegers, type) != std::end(kIntegers))
    return {Kind::Integer, "CAST(" + column + " AS BIGINT)"};
  return {Kind::Text, "CAST(" + column + " AS VARCHAR)"};
}

// Finds the deepest place of a JSON text without building anything. A raw line end ends a string, as it does
// for every parser, so that a quote too many hides nothing that is read.
class DepthWatch {
 public:
  [[nodiscard]] bool accepts(std::string_view piece) {
    for (const char c : piece) {
      if (quoted_) {
        const bool escaped = std::exchange(escaped_, false);
        if (c == '\n' || (c == '"' && !escaped)) quoted_ = false;
        if (c == '\\' && !escaped) escaped_ = true;
      } else if (c == '"') {
        quoted_ = true;
        escaped_ = false;
      } else if (c == '[' || c == '{') {
        if (++depth_ > kDepth) return false;
      } else if ((c == ']' || c == '}') && depth_ > 0) {
        --depth_;
      }
    }
    return true;
  }

 private:
  std::uint32_t depth_ = 0;
  bool quoted_ = false;
  bool escaped_ = false;
};

Result<void> check_depth(const os::InputFile& file) {
  std::vector<char> piece(kPiece);
  DepthWatch watch;
  for (std::uint64_t at = 0;;) {
    const std::size_t got = TRY(file.read(at, piece));
    if (!watch.accepts({piece.data(), got}))
      return fail(Code::LimitReached, "it nests deeper than " + std::to_string(kDepth) +
                                          " levels before byte " + std::to_string(at + got));
    at += got;
    if (got < piece.size()) return {};
  }
}

class DuckReader : public Reader {
 public:
  DuckReader(std::shared_ptr<const os::InputFile> file, std::shared_ptr<DuckSession> session,
             std::unique_ptr<DuckStream> stream)
      : file_(std::move(file)), session_(std::move(session)), stream_(std::move(stream)) {}

  Result<bool> next(Block& block) override {
    if (at_end_) return false;
    auto more = stream_->next(block.columns, block.rows);
    if (!more) {
      at_end_ = true;
      return std::unexpected(std::move(more).error().within("behind row " + std::to_string(row_)));
    }
    if (!*more) {
      at_end_ = true;
      if (file_->changed())
        gaps_.push_back({.reason = GapReason::Changed,
                         .path = {},
                         .origin = {},
                         .place = {},
                         .why = "the file changed while it was read"});
      return false;
    }
    block.first_row = row_;
    row_ += block.rows;
    return true;
  }
  const std::vector<Gap>& gaps() const override { return gaps_; }

 private:
  std::shared_ptr<const os::InputFile> file_;
  std::shared_ptr<DuckSession> session_;  // with its stream only
  std::unique_ptr<DuckStream> stream_;    // ends before its session
  std::uint64_t row_ = 0;
  bool at_end_ = false;
  std::vector<Gap> gaps_;
};

class DuckDataset : public Dataset {
 public:
  DuckDataset(std::shared_ptr<const os::InputFile> file, Description about, Source source,
              const DatasetOptions& options)
      : file_(std::move(file)),
        about_(std::move(about)),
        source_(std::move(source)),
        jobs_(options.jobs),
        memory_(options.limits.memory) {}

  const Description& about() const override { return about_; }

  Result<std::unique_ptr<Reader>> read(std::span<const std::size_t> columns) const override {
    const std::vector<std::size_t> chosen = TRY(chosen_columns(columns, about_.columns.size()));
    std::string list;
    std::vector<Kind> kinds;
    for (const std::size_t i : chosen) {
      list += (list.empty() ? "" : ", ") + source_.casts[i];
      kinds.push_back(about_.columns[i].kind);
    }
    auto session = TRY(open_duck_session(file_->alias(), jobs_, memory_));
    auto stream = TRY(session->query("SELECT " + list + " FROM " + source_.sql, std::move(kinds)));
    return std::make_unique<DuckReader>(file_, std::move(session), std::move(stream));
  }

  Result<Array> array(std::string_view name) const override {
    return fail(Code::NotFound, "there is no array " + printable(name));
  }
  std::uint32_t line_of(std::uint64_t row) const override {
    (void)row;
    return 0;
  }

 private:
  std::shared_ptr<const os::InputFile> file_;
  Description about_;
  Source source_;
  std::size_t jobs_;
  std::uint64_t memory_;
};

// Names and types as DuckDB sees them.
Result<void> describe(DuckSession& session, const DatasetLimits& limits, Description& about, Source& source) {
  auto stream =
      TRY(session.query("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + source.sql + ")",
                        {Kind::Text, Kind::Text}));
  std::vector<Cells> cells;
  std::size_t rows = 0;
  std::vector<std::string> names;
  for (;;) {
    const bool more = TRY(stream->next(cells, rows));
    if (!more) break;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::string name(cells[0].texts[i]);
      std::string type(cells[1].texts[i]);
      auto [kind, cast] = cast_of(type, sql_name(name));
      if (type.size() > 200) type = type.substr(0, 200);  // of structs of a thousand fields
      about.columns.push_back({.name = name, .kind = kind, .declared = std::move(type)});
      source.casts.push_back(std::move(cast));
      names.push_back(name);
    }
    if (names.size() > limits.columns)
      return fail(Code::LimitReached, "more than " + std::to_string(limits.columns) + " columns");
  }
  if (names.empty()) return fail(Code::InvalidInput, "it has no columns");
  names = unique_names(std::move(names));
  for (std::size_t i = 0; i < names.size(); ++i) about.columns[i].name = std::move(names[i]);
  return {};
}

Result<std::uint64_t> count_rows(DuckSession& session, const Source& source) {
  auto stream = TRY(session.query("SELECT CAST(count(*) AS BIGINT) FROM " + source.sql, {Kind::Integer}));
  std::vector<Cells> cells;
  std::size_t rows = 0;
  const bool more = TRY(stream->next(cells, rows));
  if (!more) return fail(Code::Corrupt, "its rows cannot be counted");
  return static_cast<std::uint64_t>(cells[0].integers[0]);
}

Result<std::unique_ptr<Dataset>> open_with(const Candidate& candidate,
                                           std::shared_ptr<const os::InputFile> file, Source source,
                                           std::string_view format) {
  const auto session =
      TRY(open_duck_session(file->alias(), candidate.options.jobs, candidate.options.limits.memory));
  Description about;
  about.path = candidate.path;
  about.format = format;
  about.bytes = file->size();
  TRY(describe(*session, candidate.options.limits, about, source));
  if (format == "parquet") about.rows = TRY(count_rows(*session, source));  // its footer says it
  return std::make_unique<DuckDataset>(std::move(file), std::move(about), std::move(source),
                                       candidate.options);
}

}  // namespace

bool recognises_parquet(const Candidate& candidate) {
  return has_magic(candidate.head, "PAR1");
}

Result<std::unique_ptr<Dataset>> open_parquet(const Candidate& candidate) {
  auto file = TRY(os::InputFile::open(candidate.path));
  Source source{.sql = "read_parquet(" + sql_text(file->alias()) + ")", .casts = {}};
  return open_with(candidate, std::move(file), std::move(source), "parquet");
}

bool recognises_json(const Candidate& candidate) {
  if (candidate.folder) return false;
  std::string_view head = text_of(candidate.head);
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  head = trim(head);
  if (candidate.extension == "csv" || candidate.extension == "tsv" || candidate.extension == "txt" ||
      candidate.extension == "md")
    return false;
  if (head.starts_with('{')) return true;
  return head.starts_with('[') && trim(head.substr(1)).starts_with('{');
}

Result<std::unique_ptr<Dataset>> open_json(const Candidate& candidate) {
  auto file = TRY(os::InputFile::open(candidate.path));
  TRY(check_depth(*file));
  const std::string sample = file->size() <= kWholeSample ? "-1" : std::string(kFirstRows);
  Source source{
      .sql = "read_json(" + sql_text(file->alias()) +
             ", compression='uncompressed', map_inference_threshold=-1, field_appearance_threshold=0, "
             "sample_size=" +
             sample + ", maximum_object_size=" +
             std::to_string(std::min<std::uint64_t>(candidate.options.limits.cell_bytes, 1U << 30U)) + ")",
      .casts = {}};
  return open_with(candidate, std::move(file), std::move(source), "jsonl");
}

bool recognises_arrow(const Candidate& candidate) {
  return has_magic(candidate.head, "ARROW1") || has_magic(candidate.head, "FEA1");
}

Result<std::unique_ptr<Dataset>> open_arrow(const Candidate& candidate) {
  (void)candidate;
  return fail(Code::Unsupported, "Arrow IPC and Feather files are not read; write the table as Parquet");
}

}  // namespace bulwark::tables
