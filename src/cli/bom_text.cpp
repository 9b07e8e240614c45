#include "cli/bom_text.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/json_text.h"
#include "base/text.h"
#include "trust/bom_read.h"

namespace bulwark::cli {
namespace {

// What the document is about: one model, or what holds several.
const Document* described(const Document& bom) {
  const Document* main = trust::at_path(bom, {"metadata", "component"});
  return main != nullptr ? main : trust::model_in(bom);
}

// A name and a value in two columns.
void row(std::string& out, std::string_view name, std::string_view value, std::size_t width = 18) {
  if (value.empty()) return;
  out += "  " + std::string(name) + std::string(width - std::min(width - 1, name.size()), ' ') +
         printable(value, 400) + "\n";
}

std::string_view text_at(const Document& from, std::initializer_list<std::string_view> keys) {
  const Document* value = trust::at_path(from, keys);
  return value == nullptr || !value->is_string() ? std::string_view() : std::string_view(value->string);
}

std::string joined(const Document* list, std::string_view key, std::size_t most = 5) {
  std::string text;
  if (list == nullptr) return text;
  for (std::size_t i = 0; i < list->list.size(); ++i) {
    if (i == most) return text + " and " + std::to_string(list->list.size() - most) + " more";
    const Document& each = list->list[i];
    text += (text.empty() ? "" : ", ") + (key.empty() ? each.string : std::string(each.text(key)));
  }
  return text;
}

std::string licenses(const Document& component) {
  std::string text;
  const Document* list = component.find("licenses");
  if (list == nullptr) return text;
  for (const Document& each : list->list) {
    std::string name(each.text("expression"));
    if (const Document* license = each.find("license"))
      name = license->text("id").empty() ? license->text("name") : license->text("id");
    if (!name.empty()) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

std::string digest(const Document& component) {
  const Document* hashes = component.find("hashes");
  if (hashes == nullptr || hashes->list.empty()) return {};
  return lower(hashes->list.front().text("alg")) + ":" + std::string(hashes->list.front().text("content"));
}

std::string with_version(const Document& component) {
  std::string text(component.text("name"));
  if (!component.text("version").empty()) text += " " + std::string(component.text("version"));
  return text;
}

std::size_t size_of_list(const Document& bom, std::string_view key) {
  const Document* list = bom.find(key);
  return list == nullptr ? 0 : list->list.size();
}

std::string one_decimal(double value) {
  const auto tenths = static_cast<std::int64_t>(std::lround(value * 10));
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10));
}

std::map<std::string, std::size_t> kinds_of(const Document& bom) {
  std::map<std::string, std::size_t> kinds;
  trust::for_each_component(bom, [&](const Document& each) { ++kinds[std::string(each.text("type"))]; });
  return kinds;
}

std::string plural(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

void show_model(std::string& out, const Document& model) {
  row(out, "name", with_version(model));
  row(out, "type", model.text("type"));
  row(out, "package URL", model.text("purl"));
  row(out, "digest", digest(model));
  row(out, "supplier", text_at(model, {"supplier", "name"}));
  row(out, "licences", licenses(model));
  row(out, "description", model.text("description"));
  const Document* ancestors = trust::at_path(model, {"pedigree", "ancestors"});
  row(out, "base models", joined(ancestors, "name"));
  row(out, "task", text_at(model, {"modelCard", "modelParameters", "task"}));
  const std::string_view family = text_at(model, {"modelCard", "modelParameters", "architectureFamily"});
  const std::string_view name = text_at(model, {"modelCard", "modelParameters", "modelArchitecture"});
  row(out, "architecture",
      std::string(family) + (family.empty() || name.empty() ? "" : ", ") + std::string(name));
  if (const Document* properties = model.find("properties"))
    for (const Document& property : properties->list)
      for (const std::string_view key : {"parameters", "tensor-types", "operators", "quantization"})
        if (property.text("name") == "bulwark:" + std::string(key)) row(out, key, property.text("value"));
  row(out, "limitations",
      joined(trust::at_path(model, {"modelCard", "considerations", "technicalLimitations"}), "", 3));
}

void show_kind(std::string& out, const Document& bom, std::string_view type, std::string_view heading) {
  constexpr std::size_t kShown = 20;
  std::size_t count = 0;
  std::string lines;
  const Document* main = described(bom);
  trust::for_each_component(bom, [&](const Document& each) {
    if (each.text("type") != type || &each == main) return;
    if (++count > kShown) return;
    const std::string more = licenses(each);
    lines += "  " + printable(with_version(each), 100) +
             (more.empty() ? "" : "  (" + printable(more, 100) + ")") + "\n";
  });
  if (count == 0) return;
  out += "\n" + std::string(heading) + " (" + std::to_string(count) + ")\n" + lines;
  if (count > kShown) out += "  and " + std::to_string(count - kShown) + " more\n";
}

void show_vulnerabilities(std::string& out, const Document& bom) {
  constexpr std::size_t kShown = 20;
  const Document* list = bom.find("vulnerabilities");
  if (list == nullptr || list->list.empty()) return;
  out += "\nVulnerabilities (" + std::to_string(list->list.size()) + ")\n";
  for (std::size_t i = 0; i < std::min(kShown, list->list.size()); ++i) {
    const Document& each = list->list[i];
    std::string severity;
    if (const Document* ratings = each.find("ratings"); ratings != nullptr && !ratings->list.empty())
      severity = ratings->list.front().text("severity");
    out += "  " + printable(each.text("id"), 40) + "  " + printable(severity, 20) + ", " +
           printable(text_at(each, {"analysis", "state"}), 40) + ": " +
           printable(joined(each.find("affects"), "ref", 2), 120) + "\n      " +
           printable(each.text("description"), 160) + "\n";
  }
  if (list->list.size() > kShown) out += "  and " + std::to_string(list->list.size() - kShown) + " more\n";
}

Document text_or_nothing(std::string_view text) {
  return json_string(std::string(text));
}

}  // namespace

std::string bom_summary(const Document& bom) {
  const Document* model = described(bom);
  const auto kinds = kinds_of(bom);
  const auto count = [&](const char* kind) {
    const auto found = kinds.find(kind);
    return found == kinds.end() ? std::size_t{0} : found->second;
  };
  std::string text = model == nullptr
                         ? std::string("nothing described")
                         : std::string(model->text("type") == "machine-learning-model" ? "model '" : "'") +
                               printable(with_version(*model), 120) + "'";
  text += ": " + plural(count("file"), "file", "files") + ", " +
          plural(count("library"), "library", "libraries") + ", " +
          plural(count("data"), "data set", "data sets") + ", " +
          plural(size_of_list(bom, "vulnerabilities"), "vulnerability", "vulnerabilities");
  if (count("machine-learning-model") > 1 ||
      (model != nullptr && model->text("type") != "machine-learning-model"))
    text += ", " + plural(count("machine-learning-model"), "model", "models");
  return text;
}

std::string bom_text(const Document& bom) {
  std::string out = "CycloneDX " + printable(bom.text("specVersion"), 20) + ", " +
                    printable(bom.text("serialNumber"), 60) + "\n";
  row(out, "made", text_at(bom, {"metadata", "timestamp"}));
  if (const Document* model = described(bom)) {
    out += model->text("type") == "machine-learning-model" ? "\nModel\n" : "\nDescribed\n";
    show_model(out, *model);
  }
  show_kind(out, bom, "machine-learning-model", "Models");
  show_kind(out, bom, "data", "Data sets");
  show_kind(out, bom, "file", "Files");
  show_kind(out, bom, "library", "Libraries");
  show_vulnerabilities(out, bom);
  if (const Document* compositions = bom.find("compositions"))
    for (const Document& each : compositions->list)
      if (each.text("aggregate") == "incomplete")
        out += "\nIncomplete: could not be seen in full\n  " +
               printable(joined(each.find("assemblies"), "", 10), 500) + "\n";
  return out;
}

std::string score_text(const trust::BomScore& score) {
  std::string out = "completeness " + one_decimal(score.points) + " of 100 (" +
                    std::string(trust::profile_of(score.points)) + ")" +
                    (score.models > 1 ? ", the least complete of " + std::to_string(score.models) +
                                            " models: " + printable(score.model, 100)
                                      : std::string()) +
                    "\n";
  for (const trust::CategoryScore& each : score.categories) {
    row(out, each.category,
        one_decimal(each.points) + " of " + one_decimal(each.weight) + "  (" + std::to_string(each.present) +
            " of " + std::to_string(each.fields) + " fields)",
        14);
  }
  if (score.missing.empty()) return out;
  out += "\nmissing, the weightiest first\n";
  for (const trust::BomField* field : score.missing)
    out += "  " + std::string(static_cast<std::size_t>(field->tier), '*') +
           std::string(4 - static_cast<std::size_t>(std::clamp(field->tier, 1, 3)), ' ') +
           std::string(field->name) + "\n       " + std::string(field->fill) + "\n";
  return out;
}

std::string diff_text(const std::vector<trust::BomDifference>& differences) {
  std::string out;
  std::string last;
  for (const trust::BomDifference& each : differences) {
    using Kind = trust::BomDifference::Kind;
    if (each.kind != Kind::Changed) {
      const std::string& detail = each.kind == Kind::Added ? each.after : each.before;
      out += std::string(each.kind == Kind::Added ? "+ " : "- ") + each.what + " " +
             printable(each.name, 200) + (detail.empty() ? "" : "  " + printable(detail, 160)) + "\n";
      continue;
    }
    const std::string head =
        "~ " + each.what + (each.name.empty() ? "" : " " + printable(each.name, 200)) + "\n";
    if (head != last || out.empty()) out += head;
    last = head;
    out += "    " + printable(each.field, 120) + ": " +
           (each.before.empty() ? std::string("(nothing)") : printable(each.before, 200)) + " -> " +
           (each.after.empty() ? std::string("(nothing)") : printable(each.after, 200)) + "\n";
  }
  const auto count = [&](trust::BomDifference::Kind kind) {
    return std::to_string(std::ranges::count(differences, kind, &trust::BomDifference::kind));
  };
  using Kind = trust::BomDifference::Kind;
  return out + (differences.empty() ? std::string("no difference\n")
                                    : count(Kind::Added) + " added, " + count(Kind::Removed) + " removed, " +
                                          count(Kind::Changed) + " fields changed\n");
}

std::string problems_text(const std::vector<SchemaProblem>& problems, std::string_view kind,
                          std::string_view text) {
  std::string out;
  for (const SchemaProblem& problem : problems) {
    const LineColumn at = line_column(text, problem.offset);
    out += "  " + std::string(kind) + "line " + std::to_string(at.line) + ", " +
           (problem.place.empty() ? "the document" : printable(problem.place, 200)) + ": " + problem.message +
           "\n";
  }
  return out;
}

Document score_json(const trust::BomScore& score) {
  std::vector<Document> categories;
  for (const trust::CategoryScore& each : score.categories) {
    categories.push_back(json_map({{"category", text_or_nothing(each.category)},
                                   {"points", json_number(std::round(each.points * 10) / 10)},
                                   {"of", json_number(each.weight)},
                                   {"present", json_integer(static_cast<std::int64_t>(each.present))},
                                   {"fields", json_integer(static_cast<std::int64_t>(each.fields))}}));
  }
  std::vector<Document> missing;
  for (const trust::BomField* field : score.missing) {
    missing.push_back(json_map({{"field", text_or_nothing(field->name)},
                                {"category", text_or_nothing(field->category)},
                                {"tier", json_integer(field->tier)},
                                {"fill", text_or_nothing(field->fill)}}));
  }
  return json_map({{"schema", text_or_nothing("bulwark.bom-score/1")},
                   {"points", json_number(std::round(score.points * 10) / 10)},
                   {"profile", text_or_nothing(trust::profile_of(score.points))},
                   {"categories", json_list(std::move(categories))},
                   {"missing", json_list(std::move(missing))}});
}

Document diff_json(const std::vector<trust::BomDifference>& differences) {
  std::vector<Document> list;
  for (const trust::BomDifference& each : differences) {
    list.push_back(json_map({{"kind", text_or_nothing(trust::name_of(each.kind))},
                             {"what", text_or_nothing(each.what)},
                             {"name", text_or_nothing(each.name)},
                             {"field", text_or_nothing(each.field)},
                             {"before", text_or_nothing(each.before)},
                             {"after", text_or_nothing(each.after)}}));
  }
  return json_map(
      {{"schema", text_or_nothing("bulwark.bom-diff/1")}, {"differences", json_list(std::move(list))}});
}

Document problems_json(const std::vector<SchemaProblem>& problems, const std::vector<SchemaProblem>& warnings,
                       std::string_view text, std::string_view version) {
  const auto listed = [&](const std::vector<SchemaProblem>& from) {
    std::vector<Document> list;
    for (const SchemaProblem& problem : from) {
      list.push_back(json_map({{"place", text_or_nothing(problem.place)},
                               {"line", json_integer(line_column(text, problem.offset).line)},
                               {"message", text_or_nothing(problem.message)}}));
    }
    return json_list(std::move(list));
  };
  return json_map({{"schema", text_or_nothing("bulwark.bom-validate/1")},
                   {"specVersion", text_or_nothing(version)},
                   {"valid", json_boolean(problems.empty())},
                   {"problems", listed(problems)},
                   {"warnings", listed(warnings)}});
}

}  // namespace bulwark::cli
