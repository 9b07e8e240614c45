#include "tables/csv_dialect.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_set>

#include "base/text.h"
#include "tables/csv_marks.h"
#include "tables/names.h"
#include "tables/values.h"

namespace bulwark::tables::csv {
namespace {

constexpr std::string_view kDelimiters = ",\t;|";
// Enough to tell types apart; a million cells at most are looked at.
constexpr std::size_t kRows = 200;
constexpr std::size_t kCells = 1'000'000;
// Fewer rows of one width than this are no table; less is enough where the first row has that width too.
constexpr double kTable = 0.6;
constexpr double kTableWithHeader = 0.4;
constexpr std::size_t kLongestName = 64;

using Row = std::vector<std::string>;

// The first rows of a text, blank lines left out.
std::vector<Row> rows_of(std::string_view sample, bool whole, char delimiter) {
  std::string text(sample);
  if (whole && !text.empty() && text.back() != '\n' && text.back() != '\r') text += '\n';
  const std::size_t size = text.size();
  text.resize(size + kPadding);
  Marks marks;
  Marker(delimiter).mark(text.data(), size, whole, marks);
  std::vector<Row> rows;
  std::size_t cell = 0;
  std::size_t start = 0;
  for (std::size_t r = 0; r < marks.row_count && rows.size() < kRows && cell < kCells; ++r) {
    Row row;
    for (bool last = false; !last; ++cell) {
      std::size_t end = marks.cell_ends[cell];
      last = end == marks.row_ends[r];
      std::size_t length = end - start;
      if (last && length > 0 && text[end - 1] == '\r') --length;
      row.emplace_back(unquoted(text.data() + start, length));
      start = end + 1;
    }
    if (row.size() > 1 || !trim(row.front()).empty()) rows.push_back(std::move(row));
  }
  return rows;
}

struct Width {
  std::size_t cells = 0;  // of most rows
  double share = 0;       // of the rows that have so many
};

Width usual_width(const std::vector<Row>& rows) {
  std::map<std::size_t, std::size_t> counts;
  for (const Row& row : rows) ++counts[row.size()];
  Width usual;
  std::size_t most = 0;
  for (const auto& [cells, count] : counts) {
    if (count < most) continue;
    most = count;
    usual.cells = cells;
  }
  usual.share = rows.empty() ? 0 : static_cast<double>(most) / static_cast<double>(rows.size());
  return usual;
}

struct Split {
  char delimiter = ',';
  std::vector<Row> rows;
  Width width;
};

bool is_table(const Split& split) {
  if (split.width.cells <= 1) return false;
  return split.width.share >= (split.rows.front().size() == split.width.cells ? kTableWithHeader : kTable);
}

Split best_split(std::string_view sample, bool whole) {
  std::optional<Split> best;
  std::optional<Split> single;  // with which the text is one column, where that is what it looks like
  for (const char delimiter : kDelimiters) {
    Split split{delimiter, rows_of(sample, whole, delimiter), {}};
    split.width = usual_width(split.rows);
    if (!is_table(split)) {
      if (split.width.cells == 1 && (!single || split.width.share > single->width.share))
        single = std::move(split);
      continue;
    }
    const bool better =
        !best || split.width.share > best->width.share + 1e-9 ||
        (split.width.share > best->width.share - 1e-9 && split.width.cells > best->width.cells);
    if (better) best = std::move(split);
  }
  if (best) return std::move(*best);
  if (single) return std::move(*single);
  Split split{',', rows_of(sample, whole, ','), {}};
  split.width = usual_width(split.rows);
  return split;
}

// A rough type of a cell, enough to tell names from what stands below them.
enum class Look : std::uint8_t { Nothing, Number, Moment, Truth, Words };
Look look_of(std::string_view cell) {
  if (null_of(cell) != Null::None) return Look::Nothing;
  if (number_of(cell)) return Look::Number;
  if (instant_of(cell)) return Look::Moment;
  return truth_of(cell) ? Look::Truth : Look::Words;
}

bool like_a_name(std::string_view cell) {
  cell = trim(cell);
  if (cell.empty() || cell.size() > kLongestName || cell.find('\n') != std::string_view::npos) return false;
  return look_of(cell) == Look::Words || cell.size() == 1;
}

// "0,1,2": how pandas names columns that have no names.
bool counts_up(const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i)
    if (row[i] != std::to_string(i)) return false;
  return true;
}

// Votes for and against the first row being names, column by column.
class Header {
 public:
  explicit Header(const std::vector<Row>& rows) : rows_(rows) {}

  [[nodiscard]] bool there() const {
    const Row& first = rows_.front();
    if (first.size() > 1 && counts_up(first)) return true;
    std::unordered_set<std::string_view> names;
    bool names_only = true;
    for (const std::string& cell : first)
      names_only =
          names_only && (like_a_name(cell) || cell.empty()) && (names.insert(cell).second || cell.empty());
    if (rows_.size() == 1) return names_only && !trim(first.front()).empty();
    int votes_for = 0;
    int votes_against = 0;
    for (std::size_t column = 0; column < first.size(); ++column) {
      const int vote = vote_of(column);
      votes_for += vote > 0 ? 1 : 0;
      votes_against += vote < 0 ? 1 : 0;
    }
    if (votes_for == 0 && votes_against == 0) return names_only;
    return votes_for > 0 && votes_for >= votes_against;
  }

 private:
  [[nodiscard]] int vote_of(std::size_t column) const {
    const std::string& name = rows_.front()[column];
    const Look look = look_of(name);
    std::size_t values = 0;
    std::size_t typed = 0;  // of the type that most have
    std::map<Look, std::size_t> looks;
    std::unordered_set<std::string_view> distinct;
    bool again = false;
    for (std::size_t r = 1; r < rows_.size(); ++r) {
      if (column >= rows_[r].size()) continue;
      const std::string& cell = rows_[r][column];
      const Look below = look_of(cell);
      if (below == Look::Nothing) continue;
      ++values;
      typed = std::max(typed, ++looks[below]);
      distinct.insert(cell);
      again = again || cell == name;
    }
    if (values == 0 || look == Look::Nothing) return 0;
    const auto usual = std::ranges::find(looks, typed, &std::pair<const Look, std::size_t>::second)->first;
    const bool uniform = typed * 10 >= values * 9;
    if (usual != Look::Words) return !uniform ? 0 : look == Look::Words ? 1 : look == usual ? -1 : 0;
    if (look != Look::Words) return again ? -1 : 0;
    if (again) return -1;
    return values >= 4 && distinct.size() * 2 <= values ? 1 : 0;  // categories, and this is none of them
  }

  const std::vector<Row>& rows_;
};

// A header may be narrower than the rows below it: programs that end every line with a delimiter leave a
// column without a name behind, R's write.table leaves one out in front.
Row names_for(const std::vector<Row>& rows) {
  Row names = rows.front();
  const std::vector<Row> below(rows.begin() + 1, rows.end());
  const Width width = usual_width(below);
  if (below.empty() || width.cells <= names.size() || width.share < 1) return names;
  const bool trailing = std::ranges::all_of(below, [](const Row& row) { return row.back().empty(); });
  if (width.cells == names.size() + 1 && !trailing) names.insert(names.begin(), std::string());
  names.resize(width.cells);
  return names;
}

}  // namespace

std::string_view unquoted(char* cell, std::size_t size) {
  if (size == 0 || cell[0] != '"') return {cell, size};
  char* const end = cell + size;
  char* from = cell + 1;
  // Usually there is nothing but the two quotes.
  auto* quote = static_cast<char*>(std::memchr(from, '"', size - 1));
  if (quote == nullptr) return {from, size - 1};
  if (quote + 1 == end) return {from, size - 2};
  char* to = quote;
  bool inside = true;
  for (from = quote; from != end; ++from) {
    if (*from == '"' && inside) {
      if (from + 1 != end && from[1] == '"') {
        *to++ = *from++;
      } else {
        inside = false;
      }
      continue;
    }
    *to++ = *from;
  }
  return {cell + 1, static_cast<std::size_t>(to - cell - 1)};
}

Result<Dialect> recognise(std::string_view sample, bool whole, const DatasetOptions& options) {
  Split split;
  if (options.delimiter != 0) {
    split = {options.delimiter, rows_of(sample, whole, options.delimiter), {}};
    split.width = usual_width(split.rows);
  } else {
    split = best_split(sample, whole);
  }
  const std::vector<Row>& rows = split.rows;
  if (rows.empty()) {
    if (trim(sample).empty() && whole) return fail(Code::InvalidInput, "the file is empty");
    return fail(Code::InvalidInput, "no row ends within the first " + human_size(sample.size()));
  }
  Dialect dialect;
  dialect.delimiter = split.delimiter;
  dialect.consistency = split.width.share;
  dialect.header = options.header.value_or(Header(rows).there());
  Row names = dialect.header ? names_for(rows) : Row(split.width.cells);
  for (std::string& name : names) name = trim(name);
  if (names.size() > options.limits.columns)
    return fail(Code::LimitReached, "the first row has " + std::to_string(names.size()) +
                                        " cells, the limit is " + std::to_string(options.limits.columns) +
                                        " columns");
  dialect.names = unique_names(std::move(names));
  return dialect;
}

}  // namespace bulwark::tables::csv
