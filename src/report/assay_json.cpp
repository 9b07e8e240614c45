// For machines: docs/formats/assay.md. One object per part; rows are counted from 0.

#include <charconv>
#include <cmath>

#include "base/json_text.h"
#include "base/text.h"
#include "report/assay.h"
#include "report/pretty.h"

namespace bulwark::report {
namespace {

using assay::PartResult;

constexpr std::string_view kSchema = "bulwark.assay/1";

Document text(std::string_view value) {
  return json_string(clean_utf8(value));
}

Document texts(const std::vector<std::string>& values) {
  std::vector<Document> list;
  for (const std::string& value : values) list.push_back(text(value));
  return json_list(std::move(list));
}

Document number(double value) {
  return std::isfinite(value) ? json_number(value) : json_null();
}

Document interval_of(const assay::Measure& measure) {
  return json_map({{"estimate", number(measure.interval.estimate)},
                   {"low", number(measure.interval.low)},
                   {"high", number(measure.interval.high)},
                   {"level", number(measure.interval.level)}});
}

// The object that holds the last name of "scores.self_confidence", made if it is not there.
Document& holder_of(Document& root, std::string_view path, std::string_view& name) {
  Document* at = &root;
  std::vector<std::string_view> names = split(path, '.');
  name = names.back();
  names.pop_back();
  for (const std::string_view step : names) {
    Document* next = nullptr;
    for (auto& [key, value] : at->map)
      if (key == step && value.is_map()) next = &value;
    if (next == nullptr) {
      at->map.emplace_back(std::string(step), json_map());
      next = &at->map.back().second;
    }
    at = next;
  }
  return *at;
}

// Long lists as text, put in where the tree says so: as nodes of a tree they would cost 150 bytes a number.
class LongLists {
 public:
  explicit LongLists(unsigned salt) : stem_("long list " + std::to_string(salt) + "/") {}

  Document place_of(const std::vector<double>& values) {
    lists_.push_back(&values);
    return json_string(stem_ + std::to_string(lists_.size() - 1));
  }

  // Empty if some text of the data looks like a place of ours.
  std::string put_in(const std::string& whole) const {
    std::string out;
    std::size_t from = 0;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      const std::string mark = "\"" + stem_ + std::to_string(i) + "\"";
      const std::size_t at = whole.find(stem_, from);
      if (at == std::string::npos || whole.compare(at - 1, mark.size(), mark) != 0) return {};
      out.append(whole, from, at - 1 - from);
      write(*lists_[i], out);
      from = at - 1 + mark.size();
    }
    if (whole.find(stem_, from) != std::string::npos) return {};
    return out.append(whole, from);
  }

 private:
  static void write(const std::vector<double>& values, std::string& out) {
    out += '[';
    char digits[32];
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ", ";
      if (!std::isfinite(values[i])) {
        out += "null";
        continue;
      }
      const auto end = std::to_chars(digits, digits + sizeof digits, values[i]).ptr;
      out.append(digits, end);
    }
    out += ']';
  }

  const std::string stem_;
  std::vector<const std::vector<double>*> lists_;
};

Document part_of(const PartResult& part, LongLists& lists) {
  Document out = json_map({{"verdict", text(assay::name_of(part.outcome))}, {"why", text(part.why)}});
  out.map.emplace_back("interval", part.measures.empty() ? json_null() : interval_of(part.measures.front()));
  std::vector<Document> measures;
  for (const assay::Measure& measure : part.measures) {
    Document one = interval_of(measure);
    one.map.insert(one.map.begin(), {"name", text(measure.name)});
    one.map.emplace_back("threshold", number(measure.threshold));
    measures.push_back(std::move(one));
  }
  out.map.emplace_back("measures", json_list(std::move(measures)));
  for (const auto& [key, value] : part.details.map) out.map.emplace_back(key, value);
  for (const assay::Numbers& numbers : part.numbers) {
    std::string_view name;
    Document& holder = holder_of(out, numbers.path, name);
    holder.map.emplace_back(std::string(name), lists.place_of(numbers.values));
  }
  out.map.emplace_back("blind", texts(part.blind));
  return out;
}

std::vector<Document::Entry> data_set(const assay::Assayed& data, LongLists& lists) {
  std::vector<Document::Entry> roles;
  for (const auto& [role, column] : data.roles) roles.emplace_back(role, text(column));
  std::vector<Document::Entry> entries;
  entries.emplace_back("data", json_map({{"path", text(data.path)},
                                         {"format", text(data.format)},
                                         {"bytes", json_integer(static_cast<std::int64_t>(data.bytes))},
                                         {"rows", json_integer(static_cast<std::int64_t>(data.rows))},
                                         {"columns", json_integer(static_cast<std::int64_t>(data.columns))},
                                         {"sampled", json_integer(static_cast<std::int64_t>(data.sampled))},
                                         {"roles", json_map(std::move(roles))},
                                         {"notes", texts(data.notes)}}));
  for (const PartResult& part : data.parts) entries.emplace_back(part.part, part_of(part, lists));
  return entries;
}

// Findings, gaps and warnings as `bulwark scan` writes them.
void put_report(const Run& run, std::vector<Document::Entry>& entries) {
  const auto read = parse_json(write_json(run), Limits{});
  for (const std::string_view key : {"findings", "gaps", "techniques", "warnings"})
    if (const Document* value = read ? read->root.find(key) : nullptr)
      entries.emplace_back(std::string(key), *value);
}

std::string written(const AssayRun& run, LongLists& lists) {
  std::vector<Document::Entry> entries;
  entries.emplace_back("schema", text(kSchema));
  entries.emplace_back("tool", json_map({{"name", text("bulwark")}, {"version", text(run.run.version)}}));
  entries.emplace_back("seed", json_integer(static_cast<std::int64_t>(run.seed)));
  entries.emplace_back("verdict", text(policy::name_of(run.run.verdict.outcome)));
  if (run.data.size() == 1) {
    for (Document::Entry& entry : data_set(run.data.front(), lists)) entries.push_back(std::move(entry));
  } else {
    std::vector<Document> sets;
    for (const assay::Assayed& data : run.data) sets.push_back(json_map(data_set(data, lists)));
    entries.emplace_back("data_sets", json_list(std::move(sets)));
  }
  put_report(run.run, entries);
  return lists.put_in(pretty_json(json_map(std::move(entries))));
}

}  // namespace

std::string assay_json(const AssayRun& run) {
  for (unsigned salt = 0;; ++salt) {
    LongLists lists(salt);
    if (std::string text = written(run, lists); !text.empty()) return text;
  }
}

}  // namespace bulwark::report
