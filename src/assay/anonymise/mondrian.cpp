#include "assay/anonymise/mondrian.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "assay/anonymise/diversity.h"

namespace bulwark::assay::anonymise {
namespace {

constexpr std::size_t kListed = 8;  // values that a label names one by one

struct Part {
  std::size_t first = 0;
  std::size_t rows = 0;
};

// The rows' codes side by side, moved as the parts are split: every step reads memory in order.
class Table {
 public:
  Table(std::span<const Ranked* const> columns, std::span<const Ranked* const> sensitive)
      : width_(columns.size() + sensitive.size()), rows_(columns.front()->codes.size()) {
    cells_.resize(rows_ * width_);
    std::size_t at = 0;
    for (const auto group : {columns, sensitive}) {
      for (const Ranked* column : group) {
        for (std::size_t row = 0; row < rows_; ++row) cells_[row * width_ + at] = column->codes[row];
        ++at;
      }
    }
    ids_.resize(rows_);
    std::iota(ids_.begin(), ids_.end(), 0U);
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::uint32_t code(std::size_t row, std::size_t column) const {
    return cells_[row * width_ + column];
  }
  [[nodiscard]] std::uint32_t id(std::size_t row) const { return ids_[row]; }

  void codes(Part part, std::size_t column, std::vector<std::uint32_t>& out) const {
    out.resize(part.rows);
    for (std::size_t i = 0; i < part.rows; ++i) out[i] = code(part.first + i, column);
  }
  // Rows for which `goes_left` comes first; how many these are.
  template <class Test>
  std::size_t split(Part part, Test goes_left) {
    std::size_t left = part.first;
    std::size_t right = part.first + part.rows;
    while (left < right) {
      if (goes_left(left)) {
        ++left;
      } else if (!goes_left(right - 1)) {
        --right;
      } else {
        swap_rows(left++, --right);
      }
    }
    return left - part.first;
  }

 private:
  void swap_rows(std::size_t left, std::size_t right) {
    std::swap_ranges(cells_.begin() + static_cast<std::ptrdiff_t>(left * width_),
                     cells_.begin() + static_cast<std::ptrdiff_t>((left + 1) * width_),
                     cells_.begin() + static_cast<std::ptrdiff_t>(right * width_));
    std::swap(ids_[left], ids_[right]);
  }

  std::size_t width_;
  std::size_t rows_;
  std::vector<std::uint32_t> cells_;
  std::vector<std::uint32_t> ids_;
};

struct Range {
  std::uint32_t least = ~std::uint32_t{0};
  std::uint32_t most = 0;
};

// Share of the column's whole range. Nothing beside a value can only become "anything".
double width_of(const Ranked& column, Range range) {
  if (range.least == range.most) return 0;
  if (range.least == 0) return 1;
  if (column.numeric) {
    const double whole = column.numbers.back() - column.numbers.front();
    const double part = column.numbers[range.most - 1] - column.numbers[range.least - 1];
    return std::isfinite(whole) && whole > 0 ? part / whole : 1;
  }
  return static_cast<double>(range.most - range.least) / static_cast<double>(column.values() - 1);
}

// Of widths and what they belong to: the widest first, then in order.
bool wider(const std::pair<double, std::size_t>& left, const std::pair<double, std::size_t>& right) {
  return left.first != right.first ? left.first > right.first : left.second < right.second;
}

class Splitter {
 public:
  Splitter(std::span<const Ranked* const> columns, std::span<const Ranked* const> sensitive,
           const KAnonymity& wanted)
      : columns_(columns), wanted_(wanted), table_(columns, sensitive) {
    for (const Ranked* column : sensitive) meters_.emplace_back(*column);
  }

  Table& table() { return table_; }
  [[nodiscard]] Part whole() const { return {0, table_.rows()}; }

  [[nodiscard]] bool allowed(Part part) {
    if (part.rows < wanted_.k) return false;
    for (std::size_t i = 0; i < meters_.size(); ++i) {
      table_.codes(part, columns_.size() + i, scratch_);
      if (!meters_[i].holds(scratch_, wanted_.sensitive[i])) return false;
    }
    return true;
  }

  // Leaves in order of their rows.
  std::vector<Part> split_all() {
    std::vector<Part> leaves;
    std::vector<Part> open = {whole()};
    while (!open.empty()) {
      const Part part = open.back();
      open.pop_back();
      const std::size_t left = split(part);
      if (left == 0) {
        leaves.push_back(part);
        continue;
      }
      open.push_back({part.first + left, part.rows - left});
      open.push_back({part.first, left});
    }
    return leaves;
  }

  [[nodiscard]] Range range(Part part, std::size_t column) const {
    Range range;
    for (std::size_t i = 0; i < part.rows; ++i) {
      const std::uint32_t code = table_.code(part.first + i, column);
      range.least = std::min(range.least, code);
      range.most = std::max(range.most, code);
    }
    return range;
  }

 private:
  // Rows of the left part, or 0 if the part stays whole.
  std::size_t split(Part part) {
    if (part.rows < 2 * std::size_t{wanted_.k}) return 0;
    std::vector<std::pair<double, std::size_t>> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const double width = width_of(*columns_[i], range(part, i));
      if (width > 0) widths.emplace_back(width, i);
    }
    std::ranges::sort(widths, wider);
    for (const auto& [width, column] : widths)
      if (const std::size_t left = split(part, column); left != 0) return left;
    return 0;
  }

  std::size_t split(Part part, std::size_t column) {
    table_.codes(part, column, scratch_);
    const auto middle = scratch_.begin() + static_cast<std::ptrdiff_t>(part.rows / 2);
    std::ranges::nth_element(scratch_, middle);
    const std::uint32_t median = *middle;
    if (wanted_.relaxed) return split_relaxed(part, column, median);
    std::size_t below = 0;
    std::size_t equal = 0;
    for (const std::uint32_t code : scratch_) {
      below += code < median ? 1U : 0U;
      equal += code == median ? 1U : 0U;
    }
    // The median's own rows go to one side or the other: first the way that leaves the parts more alike.
    const std::size_t with = below + equal;
    const std::size_t half = part.rows / 2;
    const bool below_first = half - below <= with - half;
    for (const bool only_below : {below_first, !below_first}) {
      const std::size_t left = only_below ? below : with;
      if (left < wanted_.k || part.rows - left < wanted_.k) continue;
      table_.split(part, [&](std::size_t row) {
        const std::uint32_t code = table_.code(row, column);
        return only_below ? code < median : code <= median;
      });
      if (both_allowed(part, left)) return left;
    }
    return 0;
  }

  // Equal values may part: rows of the median fill the left half, in the order of the data.
  std::size_t split_relaxed(Part part, std::size_t column, std::uint32_t median) {
    const std::size_t half = part.rows / 2;
    std::vector<std::uint32_t> medians;
    std::size_t below = 0;
    for (std::size_t i = 0; i < part.rows; ++i) {
      const std::uint32_t code = table_.code(part.first + i, column);
      below += code < median ? 1U : 0U;
      if (code == median) medians.push_back(table_.id(part.first + i));
    }
    const std::size_t wanted = half - below;
    std::uint32_t last = 0;
    if (wanted > 0) {
      const auto nth = medians.begin() + static_cast<std::ptrdiff_t>(wanted - 1);
      std::ranges::nth_element(medians, nth);
      last = *nth;
    }
    const std::size_t left = table_.split(part, [&](std::size_t row) {
      const std::uint32_t code = table_.code(row, column);
      return code < median || (code == median && wanted > 0 && table_.id(row) <= last);
    });
    return both_allowed(part, left) ? left : 0;
  }

  bool both_allowed(Part part, std::size_t left) {
    return allowed({part.first, left}) && allowed({part.first + left, part.rows - left});
  }

  std::span<const Ranked* const> columns_;
  const KAnonymity& wanted_;
  Table table_;
  std::vector<DiversityMeter> meters_;
  std::vector<std::uint32_t> scratch_;
};

// A few rows far from the others make a leaf wide. Taking them out, from one end of one column, pays if that
// halves the range.
class OutlierCutter {
 public:
  OutlierCutter(Splitter& splitter, std::span<const Ranked* const> columns, const KAnonymity& wanted)
      : splitter_(splitter), columns_(columns), wanted_(wanted) {
    left_ =
        static_cast<std::uint64_t>(wanted.suppress_at_most * static_cast<double>(splitter.table().rows()));
  }

  // Widest leaves first. Cut rows are appended to `cut`.
  void run(std::vector<Part>& leaves, std::vector<Part>& cut) {
    if (left_ == 0) return;
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < leaves.size(); ++i) order.emplace_back(widest(leaves[i]).first, i);
    std::ranges::sort(order, wider);
    for (const auto& [width, i] : order) {
      if (left_ == 0 || width == 0) return;
      cut_one(leaves[i], cut);
    }
  }

 private:
  std::pair<double, std::size_t> widest(Part part) {
    std::pair<double, std::size_t> widest{0, 0};
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const double width = width_of(*columns_[i], splitter_.range(part, i));
      if (width > widest.first) widest = {width, i};
    }
    return widest;
  }

  void cut_one(Part& leaf, std::vector<Part>& cut) {
    if (leaf.rows <= wanted_.k) return;
    const auto [width, column] = widest(leaf);
    Table& table = splitter_.table();
    std::vector<std::uint32_t> codes;
    table.codes(leaf, column, codes);
    std::ranges::sort(codes);
    const std::size_t most = static_cast<std::size_t>(std::min<std::uint64_t>(leaf.rows - wanted_.k, left_));
    // From either end, the fewest rows that halve the range.
    for (std::size_t count = 1; count <= most; ++count) {
      const std::size_t rest = leaf.rows - count;
      const bool high = codes[rest - 1] != codes[rest] &&
                        width_of(*columns_[column], {codes.front(), codes[rest - 1]}) * 2 <= width;
      const bool low = codes[count - 1] != codes[count] &&
                       width_of(*columns_[column], {codes[count], codes.back()}) * 2 <= width;
      if (!high && !low) continue;
      const std::uint32_t border = high ? codes[rest - 1] : codes[count];
      table.split(leaf, [&](std::size_t row) {
        const std::uint32_t code = table.code(row, column);
        return high ? code <= border : code >= border;
      });
      if (!splitter_.allowed({leaf.first, rest})) return;
      cut.push_back({leaf.first + rest, count});
      leaf.rows = rest;
      left_ -= count;
      return;
    }
  }

  Splitter& splitter_;
  std::span<const Ranked* const> columns_;
  const KAnonymity& wanted_;
  std::uint64_t left_ = 0;
};

std::string label(const Ranked& column, const Table& table, Part leaf, std::size_t at, Range range) {
  if (range.most == 0) return {};
  if (range.least == range.most) return column.texts[range.least - 1];
  if (range.least == 0) return "*";
  const std::string ends = "[" + column.texts[range.least - 1] + ".." + column.texts[range.most - 1] + "]";
  if (column.numeric) return ends;
  std::vector<std::uint32_t> codes;
  table.codes(leaf, at, codes);
  std::ranges::sort(codes);
  const auto rest = std::ranges::unique(codes);
  codes.erase(rest.begin(), rest.end());
  if (codes.size() == column.values() && codes.size() > 2) return "*";
  if (codes.size() > kListed) return ends;
  std::string text;
  for (const std::uint32_t code : codes) text += (text.empty() ? "{" : "|") + column.texts[code - 1];
  return text + "}";
}

Partition described(Splitter& splitter, std::span<const Ranked* const> columns,
                    const std::vector<Part>& leaves, const std::vector<Part>& cut) {
  const Table& table = splitter.table();
  Partition partition{.leaf_of_row = std::vector<std::uint32_t>(table.rows(), 0), .leaves = leaves.size()};
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    std::vector<std::string> labels;
    for (std::size_t at = 0; at < columns.size(); ++at)
      labels.push_back(label(*columns[at], table, leaves[i], at, splitter.range(leaves[i], at)));
    partition.labels.push_back(std::move(labels));
    for (std::size_t row = 0; row < leaves[i].rows; ++row)
      partition.leaf_of_row[table.id(leaves[i].first + row)] = static_cast<std::uint32_t>(i);
  }
  for (const Part& part : cut) {
    partition.suppressed += part.rows;
    for (std::size_t row = 0; row < part.rows; ++row)
      partition.leaf_of_row[table.id(part.first + row)] = kSuppressedRow;
  }
  return partition;
}

}  // namespace

Result<Partition> mondrian(std::span<const Ranked* const> columns, std::span<const Ranked* const> sensitive,
                           const KAnonymity& wanted) {
  Splitter splitter(columns, sensitive, wanted);
  const Part whole = splitter.whole();
  if (whole.rows < wanted.k)
    return fail(Code::InvalidInput,
                std::to_string(whole.rows) + " rows cannot be " + std::to_string(wanted.k) + "-anonymous");
  if (!splitter.allowed(whole))
    return fail(Code::InvalidInput,
                "all rows together are not as diverse as the plan asks; no partition of them can be");
  std::vector<Part> leaves = splitter.split_all();
  std::vector<Part> cut;
  OutlierCutter(splitter, columns, wanted).run(leaves, cut);
  return described(splitter, columns, leaves, cut);
}

Result<Partition> suppress_small_classes(std::span<const Ranked* const> columns,
                                         std::span<const Ranked* const> sensitive, const KAnonymity& wanted) {
  const std::size_t rows = columns.front()->codes.size();
  const Classes classes = classes_of(columns, rows);
  // Rows of one class side by side.
  std::vector<std::uint32_t> starts(classes.sizes.size() + 1, 0);
  std::partial_sum(classes.sizes.begin(), classes.sizes.end(), starts.begin() + 1);
  std::vector<std::uint32_t> order(rows);
  std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
  for (std::size_t row = 0; row < rows; ++row)
    order[next[classes.of_row[row]]++] = static_cast<std::uint32_t>(row);
  std::vector<DiversityMeter> meters;
  for (const Ranked* column : sensitive) meters.emplace_back(*column);

  Partition partition{.leaf_of_row = std::vector<std::uint32_t>(rows, kSuppressedRow)};
  std::vector<std::uint32_t> codes;
  for (std::size_t i = 0; i < classes.sizes.size(); ++i) {
    const auto members = std::span(order).subspan(starts[i], classes.sizes[i]);
    bool kept = classes.sizes[i] >= wanted.k;
    for (std::size_t s = 0; kept && s < meters.size(); ++s) {
      codes.clear();
      for (const std::uint32_t row : members) codes.push_back(sensitive[s]->codes[row]);
      kept = meters[s].holds(codes, wanted.sensitive[s]);
    }
    if (!kept) {
      partition.suppressed += members.size();
      continue;
    }
    std::vector<std::string> labels;
    for (const Ranked* column : columns) {
      const std::uint32_t code = column->codes[members.front()];
      labels.push_back(code == 0 ? std::string() : column->texts[code - 1]);
    }
    for (const std::uint32_t row : members)
      partition.leaf_of_row[row] = static_cast<std::uint32_t>(partition.leaves);
    ++partition.leaves;
    partition.labels.push_back(std::move(labels));
  }
  const double share = rows == 0 ? 0 : static_cast<double>(partition.suppressed) / static_cast<double>(rows);
  if (share > wanted.suppress_at_most)
    return fail(Code::InvalidInput, std::to_string(partition.suppressed) + " of " + std::to_string(rows) +
                                        " rows would have to be suppressed, more than the plan allows; "
                                        "generalise further, or use 'method: mondrian'");
  return partition;
}

}  // namespace bulwark::assay::anonymise
