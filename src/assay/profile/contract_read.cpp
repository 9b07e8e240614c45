// The contract file: every key is known, every mistake names its line.

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "assay/profile/contract.h"
#include "base/document.h"
#include "base/document_checks.h"
#include "base/text.h"
#include "base/text_format.h"
#include "base/text_pattern.h"
#include "tables/values.h"

namespace bulwark::assay::profile {
namespace {

constexpr std::array<std::string_view, 4> kOrderings = {"increasing", "non_decreasing", "decreasing",
                                                        "non_increasing"};
constexpr std::array<std::string_view, 6> kComparisons = {"<", "<=", "==", "!=", ">=", ">"};
constexpr auto kFormats = std::to_array<std::string_view>({"date-time", "date", "time", "email", "idn-email",
                                                           "hostname", "ipv4", "ipv6", "uri", "uri-reference",
                                                           "iri", "iri-reference", "uuid", "json-pointer"});

Result<bool> truth(const Document& value) {
  if (value.string == "true" || value.string == "false") return value.string == "true";
  return wrong(value, "write true or false");
}

Result<double> number(const Document& value) {
  const auto read = tables::number_of(value.string);
  if (read && value.kind != Document::Kind::Map && value.kind != Document::Kind::List) return *read;
  return wrong(value, "'" + printable(value.string, 40) + "' is no number");
}

// A number, or a date in seconds.
Result<double> bound(const Document& value) {
  if (const auto instant = tables::instant_of(value.string)) return *instant;
  return number(value);
}

Result<std::uint64_t> count(const Document& value) {
  const auto read = tables::integer_of(value.string);
  if (read && *read >= 0) return static_cast<std::uint64_t>(*read);
  return wrong(value, "'" + printable(value.string, 40) + "' is no whole number from 0 on");
}

Result<std::string> name(const Document& value) {
  if (value.kind == Document::Kind::Map || value.kind == Document::Kind::List || value.string.empty())
    return wrong(value, "write the name of a column");
  return value.string;
}

Result<std::vector<std::string>> names(const Document& value, std::size_t least) {
  if (!value.is_list() || value.list.size() < least)
    return wrong(value, "write a list of " + std::to_string(least) + " columns or more, such as [id, date]");
  std::vector<std::string> out;
  for (const Document& one : value.list) {
    std::string read = TRY(name(one));
    out.push_back(std::move(read));
  }
  return out;
}

Result<std::vector<std::string>> values(const Document& value, std::size_t& room) {
  if (!value.is_list() || value.list.empty())
    return wrong(value, "in is a list of values, such as [red, green]");
  std::vector<std::string> out;
  for (const Document& one : value.list) {
    if (one.kind == Document::Kind::Map || one.kind == Document::Kind::List)
      return wrong(one, "a value of in is a text or a number");
    if (room-- == 0) return wrong(one, "too many values in all lists of in together");
    out.push_back(one.string);
  }
  std::ranges::sort(out);
  return out;
}

template <std::size_t N>
Result<std::size_t> one_of(const Document& value, std::string_view kind,
                           const std::array<std::string_view, N>& known) {
  const auto at = std::ranges::find(known, std::string_view(value.string));
  if (at != known.end()) return static_cast<std::size_t>(at - known.begin());
  return unknown(value, kind, value.string, {known.begin(), known.end()});
}

Result<ColumnType> type_of(const Document& value) {
  const auto type = column_type_from(value.string);
  if (type && *type != ColumnType::Empty && *type != ColumnType::Mixed) return *type;
  return unknown(value, "type", value.string, {"boolean", "integer", "real", "date", "instant", "text"});
}

Result<void> read_bounds(const Document& entry, ColumnContract& column) {
  if (const Document* value = entry.find("min")) column.min = TRY(bound(*value));
  if (const Document* value = entry.find("max")) column.max = TRY(bound(*value));
  if (column.min && column.max && *column.min > *column.max)
    return wrong(*entry.find("min"), "min is larger than max: no value could keep this");
  if (const Document* value = entry.find("min_length")) column.min_length = TRY(count(*value));
  if (const Document* value = entry.find("max_length")) column.max_length = TRY(count(*value));
  if (column.min_length && column.max_length && *column.min_length > *column.max_length)
    return wrong(*entry.find("min_length"), "min_length is larger than max_length: no value could keep this");
  if (const Document* value = entry.find("allowed")) {
    column.allowed = TRY(number(*value));
    if (column.allowed < 0 || column.allowed >= 1)
      return wrong(*value, "allowed is a share from 0 to below 1");
  }
  return {};
}

Result<void> read_form(const Document& entry, ColumnContract& column, std::size_t& room) {
  if (const Document* value = entry.find("in")) column.in = TRY(values(*value, room));
  if (const Document* value = entry.find("regex")) {
    if (value->string.size() > ContractLimits{}.expression_bytes)
      return wrong(*value, "the regex is longer than 1000 bytes");
    if (const auto compiled = TextPattern::compile(value->string); !compiled)
      return wrong(*value, "regex: " + compiled.error().message);
    column.regex = value->string;
  }
  if (const Document* value = entry.find("order")) {
    const std::size_t order = TRY(one_of(*value, "order", kOrderings));
    column.order = static_cast<Ordering>(order);
  }
  if (const Document* value = entry.find("format")) {
    const std::size_t format = TRY(one_of(*value, "format", kFormats));
    column.format = kFormats[format];
  }
  return {};
}

Result<ColumnContract> read_column(const std::string& named, const Document& entry, std::size_t& room) {
  ColumnContract column;
  column.name = named;
  column.line = entry.line;
  if (entry.kind == Document::Kind::Null) return column;
  TRY(check_keys(entry, "a column",
                 {"type", "required", "not_null", "unique", "in", "regex", "min", "max", "min_length",
                  "max_length", "order", "json", "format", "personal", "allowed"}));
  if (const Document* value = entry.find("type")) column.type = TRY(type_of(*value));
  if (const Document* value = entry.find("required")) column.required = TRY(truth(*value));
  if (const Document* value = entry.find("not_null")) column.not_null = TRY(truth(*value));
  if (const Document* value = entry.find("unique")) column.unique = TRY(truth(*value));
  if (const Document* value = entry.find("json")) column.json = TRY(truth(*value));
  if (const Document* value = entry.find("personal")) column.personal = TRY(truth(*value));
  TRY(read_bounds(entry, column));
  TRY(read_form(entry, column, room));
  return column;
}

// "start <= end", or {left: start, is: "<=", right: end} where names hold blanks.
Result<PairContract> read_pair(const Document& entry) {
  PairContract pair;
  pair.line = entry.line;
  if (entry.is_map()) {
    TRY(check_keys(entry, "a comparison", {"left", "is", "right"}));
    for (const std::string_view key : {"left", "is", "right"})
      if (entry.find(key) == nullptr) return wrong(entry, "a comparison needs left, is and right");
    pair.left = TRY(name(*entry.find("left")));
    pair.right = TRY(name(*entry.find("right")));
    const std::size_t comparison = TRY(one_of(*entry.find("is"), "comparison", kComparisons));
    pair.comparison = static_cast<Comparison>(comparison);
    return pair;
  }
  const std::vector<std::string_view> parts = words(entry.string);
  if (parts.size() != 3)
    return wrong(entry, "a comparison is written 'start <= end', or {left: …, is: \"<=\", right: …}");
  const auto at = std::ranges::find(kComparisons, parts[1]);
  if (at == kComparisons.end())
    return unknown(entry, "comparison", parts[1], {kComparisons.begin(), kComparisons.end()});
  pair.left = parts[0];
  pair.comparison = static_cast<Comparison>(at - kComparisons.begin());
  pair.right = parts[2];
  return pair;
}

Result<SumContract> read_sum(const Document& entry) {
  TRY(check_keys(entry, "a sum", {"columns", "equals", "tolerance"}));
  const Document* columns = entry.find("columns");
  const Document* equals = entry.find("equals");
  if (columns == nullptr || equals == nullptr) return wrong(entry, "a sum needs columns and equals");
  SumContract sum;
  sum.line = entry.line;
  sum.columns = TRY(names(*columns, 1));
  if (const auto total = tables::number_of(equals->string)) {
    sum.total = *total;
  } else {
    sum.total_column = TRY(name(*equals));
  }
  if (const Document* value = entry.find("tolerance")) {
    sum.tolerance = TRY(number(*value));
    if (sum.tolerance < 0) return wrong(*value, "tolerance is a number from 0 on");
  }
  return sum;
}

Result<const std::vector<Document>*> entries(const Document& value, std::string_view key) {
  if (!value.is_list()) return wrong(value, std::string(key) + " must be a list");
  if (value.list.size() > ContractLimits{}.entries)
    return wrong(value, "more than " + std::to_string(ContractLimits{}.entries) + " entries");
  return &value.list;
}

Result<void> read_columns(const Document& value, Contract& contract) {
  if (!value.is_map()) return wrong(value, "columns must be a map from name to what is promised");
  if (value.map.size() > ContractLimits{}.entries)
    return wrong(value, "more than " + std::to_string(ContractLimits{}.entries) + " columns");
  std::size_t room = ContractLimits{}.values;
  std::set<std::string_view> met;
  for (const auto& [named, entry] : value.map) {
    if (!met.insert(named).second) return wrong(entry, "column '" + printable(named, 60) + "' comes twice");
    ColumnContract column = TRY(read_column(named, entry, room));
    contract.columns.push_back(std::move(column));
  }
  return {};
}

Result<void> read_rows(const Document& value, Contract& contract) {
  TRY(check_keys(value, "rows", {"min", "max"}));
  if (const Document* least = value.find("min")) contract.min_rows = TRY(count(*least));
  if (const Document* most = value.find("max")) contract.max_rows = TRY(count(*most));
  if (contract.min_rows && contract.max_rows && *contract.min_rows > *contract.max_rows)
    return wrong(value, "min is larger than max");
  return {};
}

Result<void> read_across(const Document& root, Contract& contract) {
  if (const Document* value = root.find("keys")) {
    const auto* list = TRY(entries(*value, "keys"));
    for (const Document& entry : *list) {
      KeyContract key{.columns = {}, .line = entry.line};
      key.columns = TRY(names(entry, 1));
      contract.keys.push_back(std::move(key));
    }
  }
  if (const Document* value = root.find("compare")) {
    const auto* list = TRY(entries(*value, "compare"));
    for (const Document& entry : *list) {
      PairContract pair = TRY(read_pair(entry));
      contract.compare.push_back(std::move(pair));
    }
  }
  if (const Document* value = root.find("sums")) {
    const auto* list = TRY(entries(*value, "sums"));
    for (const Document& entry : *list) {
      SumContract sum = TRY(read_sum(entry));
      contract.sums.push_back(std::move(sum));
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(Ordering ordering) {
  return kOrderings[static_cast<std::size_t>(ordering)];
}
std::string_view name_of(Comparison comparison) {
  return kComparisons[static_cast<std::size_t>(comparison)];
}

Result<Contract> read_contract(std::string_view yaml) {
  const std::vector<Document> documents = TRY(parse_yaml(yaml, Limits{}));
  if (documents.empty() || documents.front().kind == Document::Kind::Null)
    return fail(Code::InvalidInput, "the contract is empty: it needs 'version: 1' and what is promised");
  if (documents.size() > 1) return wrong(documents[1], "one document only");
  const Document& root = documents.front();
  TRY(check_keys(root, "a contract",
                 {"version", "rows", "other_columns", "columns", "keys", "compare", "sums"}));
  const Document* version = root.find("version");
  if (version == nullptr || version->string != "1") return wrong(root, "a contract needs 'version: 1'");
  Contract contract;
  if (const Document* value = root.find("rows")) TRY(read_rows(*value, contract));
  if (const Document* value = root.find("other_columns")) {
    if (value->string != "accept" && value->string != "refuse")
      return wrong(*value, "other_columns is 'accept' or 'refuse'");
    contract.other_columns = value->string == "accept";
  }
  if (const Document* value = root.find("columns")) TRY(read_columns(*value, contract));
  TRY(read_across(root, contract));
  return contract;
}

}  // namespace bulwark::assay::profile
