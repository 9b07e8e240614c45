#include "assay/column_use.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/parallel.h"
#include "base/text.h"
#include "tables/values.h"

namespace bulwark::assay {
namespace {

// A column whose cells are numbers but for one in twenty is a numeric one with dirt in it.
constexpr double kNumberShare = 0.95;
// Longer cells on average are documents, not names of categories.
constexpr double kTextBytes = 40;

struct Seen {
  std::uint64_t text_bytes = 0;
};

void look(const tables::Cells& cells, std::size_t rows, ColumnUse& use, Seen& seen) {
  std::string scratch;
  for (std::size_t row = 0; row < rows; ++row) {
    if (tables::null_of(cells, row) != tables::Null::None) continue;
    ++use.cells;
    if (cells.kind == tables::Kind::Text) seen.text_bytes += cells.texts[row].size();
    const auto number = tables::number_of(cells, row);
    if (!number) continue;
    ++use.numbers;
    use.whole = use.whole && std::floor(*number) == *number;
    use.bytes = use.bytes && *number >= 0 && *number <= 255;
  }
}

Result<void> assign_role(ColumnUses& uses, std::string_view role, const std::string& name, Use use) {
  if (name.empty()) return {};
  const auto found = std::ranges::find(uses.columns, name, &ColumnUse::name);
  if (found != uses.columns.end()) {
    found->use = use;
    return {};
  }
  std::vector<std::string_view> names;
  for (const ColumnUse& column : uses.columns) names.push_back(column.name);
  const std::string_view guess = nearest(name, names);
  return fail(Code::NotFound,
              "--" + std::string(role) + ": no column '" + printable(name, 60) + "'" +
                  (guess.empty() ? std::string() : "; did you mean '" + printable(guess, 60) + "'?"));
}

Result<void> assign_roles(ColumnUses& uses, const Roles& roles) {
  for (const std::string& name : roles.ignored) TRY(assign_role(uses, "ignore", name, Use::Ignored));
  for (const std::string& name : roles.texts) TRY(assign_role(uses, "text", name, Use::Text));
  TRY(assign_role(uses, "id", roles.id, Use::Id));
  TRY(assign_role(uses, "time", roles.time, Use::Time));
  TRY(assign_role(uses, "source", roles.source, Use::Source));
  TRY(assign_role(uses, "group", roles.group, Use::Group));
  return assign_role(uses, "label", roles.label, Use::Label);
}

// "pixel_12": "pixel_" and 12. False if there is no number at the end.
bool split_number(std::string_view name, std::string_view& stem, std::uint64_t& number) {
  const std::size_t last = name.find_last_not_of("0123456789");
  const std::size_t digits = last == std::string_view::npos ? 0 : last + 1;
  if (digits == name.size() || name.size() - digits > 9) return false;
  stem = name.substr(0, digits);
  return std::from_chars(name.data() + digits, name.data() + name.size(), number).ec == std::errc{};
}

std::size_t side_of(std::size_t pixels) {
  constexpr std::size_t kLeast = 8;  // sixteen integer columns with numbers are no picture
  const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(pixels))));
  return side >= kLeast && side * side == pixels ? side : 0;
}

}  // namespace

Result<ColumnUses> column_uses(const tables::Dataset& dataset, const Settings& settings,
                               std::vector<Gap>& gaps) {
  const std::vector<tables::Column>& columns = dataset.about().columns;
  ColumnUses uses;
  for (const tables::Column& column : columns) uses.columns.push_back({.name = column.name});
  std::vector<Seen> seen(columns.size());
  TRY(assign_roles(uses, settings.roles));

  auto reader = TRY(dataset.read({}));
  tables::Block block;
  while (true) {
    const bool more = TRY(reader->next(block));
    if (!more) break;
    uses.rows += block.rows;
    parallel_for(columns.size(), settings.jobs,
                 [&](std::size_t i) { look(block.columns[i], block.rows, uses.columns[i], seen[i]); });
  }
  gaps.insert(gaps.end(), reader->gaps().begin(), reader->gaps().end());

  const Roles& roles = settings.roles;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    ColumnUse& column = uses.columns[i];
    if (column.use != Use::Ignored || std::ranges::find(roles.ignored, column.name) != roles.ignored.end())
      continue;
    const auto cells = static_cast<double>(column.cells);
    if (column.cells == 0) continue;
    if (static_cast<double>(column.numbers) >= kNumberShare * cells) {
      column.use = Use::Number;
    } else if (static_cast<double>(seen[i].text_bytes) > kTextBytes * cells && roles.texts.empty()) {
      column.use = Use::Text;
    } else {
      column.use = Use::Category;
    }
  }
  return uses;
}

std::size_t pixel_columns(const ColumnUses& uses, std::vector<std::size_t>& columns) {
  std::vector<std::size_t> run;
  std::string_view run_stem;
  std::uint64_t next = 0;
  std::size_t best = 0;
  const auto close = [&] {
    std::size_t side = side_of(run.size());
    if (side == 0 && run.size() % 3 == 0) side = side_of(run.size() / 3);
    if (side > best) {
      best = side;
      columns = run;
    }
    run.clear();
  };
  for (std::size_t i = 0; i < uses.columns.size(); ++i) {
    const ColumnUse& column = uses.columns[i];
    std::string_view stem;
    std::uint64_t number = 0;
    const bool pixel = column.use == Use::Number && column.whole && column.bytes &&
                       column.numbers == uses.rows && split_number(column.name, stem, number);
    if (!run.empty() && (!pixel || stem != run_stem || number != next)) close();
    if (!pixel || (run.empty() && number > 1)) continue;
    run.push_back(i);
    run_stem = stem;
    next = number + 1;
  }
  close();
  return best;
}

}  // namespace bulwark::assay
