#include "assay/profile/expectation.h"

#include <algorithm>
#include <cmath>

#include "assay/words.h"
#include "base/document.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/text_format.h"
#include "stats/hash.h"
#include "tables/values.h"

namespace bulwark::assay::profile {
namespace {

constexpr std::size_t kJsonBytes = 16'000'000;  // of one cell that is parsed
constexpr std::size_t kJsonDepth = 128;

bool has_type(ColumnType type, const Cell& cell) {
  switch (type) {
    case ColumnType::Empty: return false;
    case ColumnType::Boolean: return cell.kind == CellKind::Boolean;
    case ColumnType::Integer: return cell.kind == CellKind::Integer;
    case ColumnType::Real: return is_number(cell.kind);
    case ColumnType::Date: return cell.kind == CellKind::Date;
    case ColumnType::Instant: return cell.kind == CellKind::Date || cell.kind == CellKind::Instant;
    case ColumnType::Text:
    case ColumnType::Mixed: return true;
  }
  return true;
}

bool measurable(const Cell& cell) {
  return is_number(cell.kind) || cell.kind == CellKind::Date || cell.kind == CellKind::Instant;
}

bool in_range(const ColumnContract& contract, const Cell& cell) {
  if (!measurable(cell) || (cell.marks & kInfinite) != 0) return false;
  return (!contract.min || cell.number >= *contract.min) && (!contract.max || cell.number <= *contract.max);
}

bool parses_as_json(std::string_view text) {
  Limits limits;
  limits.document_bytes = kJsonBytes;
  limits.document_depth = kJsonDepth;
  return parse_json(text, limits).has_value();
}

template <class T>
std::string bounds(const std::optional<T>& least, const std::optional<T>& most) {
  const auto written = [](T value) {
    if constexpr (std::is_same_v<T, double>) {
      return number_text(value);
    } else {
      return std::to_string(value);
    }
  };
  if (least && most) return "between " + written(*least) + " and " + written(*most);
  return least ? "at least " + written(*least) : "at most " + written(*most);
}

std::uint32_t length_of(std::string_view text) {
  return examine(text, stats::leading(text)).length;
}

}  // namespace

void Expectation::breaks(std::uint64_t row, std::string_view value) {
  ++broken;
  if (rows.size() < listed) rows.push_back(row);
  if (example.empty() && !personal && !value.empty()) example = printable(value, ContractLimits{}.example);
}

std::pair<std::uint64_t, std::uint64_t> key_of(std::string_view text) {
  const std::uint64_t first = stats::hash_of(text);
  // Another function of the bytes, not of the first hash: FNV-1a with a last mix.
  std::uint64_t second = 0xCBF29CE484222325;
  for (const char c : text) second = (second ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return {first, stats::hash_of(second) | 1};
}

std::size_t KeySet::place(const Key& key) const {
  std::size_t at = key.first & (keys_.size() - 1);
  while (keys_[at] != Key{} && keys_[at] != key) at = (at + 1) & (keys_.size() - 1);
  return at;
}

KeySet::Answer KeySet::add(std::uint64_t a, std::uint64_t b) {
  const Key key{a, b};
  if (!keys_.empty() && keys_[place(key)] == key) return Answer::Met;
  if (kept_ >= limit_) return Answer::Full;
  if ((kept_ + 1) * 2 > keys_.size()) {
    const std::vector<Key> before = std::move(keys_);
    keys_.assign(std::max<std::size_t>(64, before.size() * 2), Key{});
    for (const Key& one : before)
      if (one != Key{}) keys_[place(one)] = one;
  }
  keys_[place(key)] = key;
  ++kept_;
  return Answer::New;
}

void ReadCell::read(const tables::Cells& cells, std::size_t row) {
  text = tables::text_of(cells, row, scratch);
  cell = {};
  if (!cells.present(row)) {
    cell.kind = CellKind::Absent;
    return;
  }
  switch (cells.kind) {
    case tables::Kind::Text: cell = examine(text, stats::leading(text)); return;
    case tables::Kind::Integer: cell.kind = CellKind::Integer; break;
    case tables::Kind::Boolean: cell.kind = CellKind::Boolean; break;
    case tables::Kind::Real:
      cell.kind = std::isnan(cells.reals[row]) ? CellKind::NaN : CellKind::Real;
      if (std::isinf(cells.reals[row])) cell.marks = kInfinite;
      break;
  }
  cell.number = tables::number_of(cells, row).value_or(0);
  cell.length = static_cast<std::uint32_t>(text.size());
}

ColumnExpectations::ColumnExpectations(const ColumnContract& contract, std::size_t listed, std::size_t keys)
    : contract_(contract), listed_(listed), keys_(keys) {
  if (contract.not_null) not_null_ = add("not_null", "never missing");
  if (contract.type) type_ = add("type", "of type " + std::string(name_of(*contract.type)));
  if (contract.unique) unique_ = add("unique", "never twice the same");
  if (contract.in) in_ = add("in", "one of " + std::to_string(contract.in->size()) + " values");
  if (contract.min || contract.max) range_ = add("range", bounds(contract.min, contract.max));
  if (contract.min_length || contract.max_length)
    length_ = add("length", bounds(contract.min_length, contract.max_length) + " characters");
  if (contract.order) order_ = add("order", std::string(name_of(*contract.order)));
  if (contract.json) json_ = add("json", "JSON");
  if (!contract.format.empty()) format_ = add("format", "in the format " + contract.format);
  if (contract.regex) {
    regex_ = add("regex", "like " + printable(*contract.regex, 80));
    auto compiled = TextPattern::compile(*contract.regex);
    if (compiled) {
      pattern_.emplace(std::move(*compiled));
    } else {
      regex_->not_checked = compiled.error().message;
    }
  }
}

Expectation* ColumnExpectations::add(std::string kind, std::string says) {
  auto one = std::make_unique<Expectation>();
  one->kind = std::move(kind);
  one->column = contract_.name;
  one->says = std::move(says);
  one->line = contract_.line;
  one->allowed = contract_.allowed;
  one->listed = listed_;
  one->personal = contract_.personal;
  all_.push_back(std::move(one));
  return all_.back().get();
}

void ColumnExpectations::take(const tables::Cells& cells, std::uint64_t first_row, std::size_t rows) {
  ReadCell read;
  for (std::size_t i = 0; i < rows; ++i) {
    read.read(cells, i);
    const bool null = is_null(read.cell.kind);
    if (not_null_ != nullptr) not_null_->check(!null, first_row + i, {});
    if (!null) value(read, first_row + i);
  }
}

void ColumnExpectations::value(const ReadCell& read, std::uint64_t row) {
  const std::string_view text = read.text;
  if (type_ != nullptr) type_->check(has_type(*contract_.type, read.cell), row, text);
  if (in_ != nullptr) in_->check(std::ranges::binary_search(*contract_.in, text), row, text);
  if (pattern_) regex_->check(pattern_->found_in(text), row, text);
  if (range_ != nullptr) range_->check(in_range(contract_, read.cell), row, text);
  if (length_ != nullptr) {
    const std::uint32_t length = read.cell.shape != 0 ? read.cell.length : length_of(text);
    length_->check((!contract_.min_length || length >= *contract_.min_length) &&
                       (!contract_.max_length || length <= *contract_.max_length),
                   row, text);
  }
  if (json_ != nullptr) json_->check(parses_as_json(text), row, text);
  if (format_ != nullptr) format_->check(fits_format(contract_.format, text).value_or(false), row, text);
  if (order_ != nullptr) order(read, row);
  if (unique_ != nullptr) distinct(read, row);
}

void ColumnExpectations::order(const ReadCell& read, std::uint64_t row) {
  const bool number = measurable(read.cell);
  int way = 0;
  if (any_)
    way = number ? (read.cell.number > last_number_) - (read.cell.number < last_number_)
                 : read.text.compare(last_text_);
  bool kept = true;
  switch (*contract_.order) {
    case Ordering::Increasing: kept = way > 0; break;
    case Ordering::NonDecreasing: kept = way >= 0; break;
    case Ordering::Decreasing: kept = way < 0; break;
    case Ordering::NonIncreasing: kept = way <= 0; break;
  }
  order_->check(!any_ || kept, row, read.text);
  any_ = true;
  last_number_ = read.cell.number;
  if (!number) last_text_ = read.text;
}

void ColumnExpectations::distinct(const ReadCell& read, std::uint64_t row) {
  const auto [a, b] = key_of(read.text);
  const KeySet::Answer answer = keys_.add(a, b);
  unique_->check(answer != KeySet::Answer::Met, row, read.text);
  if (answer == KeySet::Answer::Full && unique_->not_checked.empty())
    unique_->not_checked =
        "more different values than can be remembered, from row " + std::to_string(row) + " on";
}

std::vector<Expectation> ColumnExpectations::take_results() {
  std::vector<Expectation> out;
  out.reserve(all_.size());
  for (const auto& one : all_) out.push_back(std::move(*one));
  return out;
}

}  // namespace bulwark::assay::profile
