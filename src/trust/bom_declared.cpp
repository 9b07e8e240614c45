// Facts that no file of a model tells, written by people: --facts FILE. A key that is not known is an error
// with the nearest one that is, because a fact that was silently left out is worse than none.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "trust/bom_readers.h"

namespace bulwark::trust {
namespace {

using Keys = std::vector<std::string_view>;

std::unexpected<Error> refuse(const Document& at, std::string message) {
  return fail(Code::InvalidInput, "line " + std::to_string(at.line) + ": " + std::move(message), at.offset);
}

Result<void> only(const Document& map, std::string_view what, const Keys& known) {
  if (!map.is_map()) return refuse(map, std::string(what) + " must be a map");
  for (const auto& [key, value] : map.map) {
    if (std::ranges::find(known, key) != known.end()) continue;
    const std::string_view guess = nearest(key, known);
    return refuse(value, std::string(what) + " has no '" + printable(key, 60) + "'" +
                             (guess.empty() ? "" : "; did you mean '" + std::string(guess) + "'?"));
  }
  return {};
}

// One value or a list of them.
std::vector<const Document*> each(const Document* value) {
  std::vector<const Document*> out;
  if (value == nullptr || value->kind == Document::Kind::Null) return out;
  if (!value->is_list()) return {value};
  for (const Document& item : value->list) out.push_back(&item);
  return out;
}

class Declared {
 public:
  Declared(std::string_view file, ModelFacts& facts) : file_(file), facts_(facts) {}

  Result<void> read(const Document& root) {
    const Keys keys = {"name",
                       "group",
                       "version",
                       "description",
                       "supplier",
                       "manufacturer",
                       "authors",
                       "copyright",
                       "purl",
                       "licenses",
                       "task",
                       "approach",
                       "architecture_family",
                       "architecture",
                       "inputs",
                       "outputs",
                       "users",
                       "use_cases",
                       "limitations",
                       "tradeoffs",
                       "ethical_considerations",
                       "fairness",
                       "energy",
                       "base_models",
                       "pedigree_notes",
                       "datasets",
                       "metrics",
                       "references",
                       "properties"};
    TRY(only(root, "the file", keys));
    const std::pair<std::string_view, Told ModelFacts::*> texts[] = {
        {"name", &ModelFacts::name},
        {"group", &ModelFacts::group},
        {"version", &ModelFacts::version},
        {"description", &ModelFacts::description},
        {"copyright", &ModelFacts::copyright},
        {"purl", &ModelFacts::purl},
        {"task", &ModelFacts::task},
        {"architecture_family", &ModelFacts::family},
        {"architecture", &ModelFacts::architecture},
        {"pedigree_notes", &ModelFacts::pedigree_notes},
    };
    for (const auto& [key, field] : texts) tell(facts_.*field, scalar_text(root, key), from(key));
    TRY(approach(root));
    TRY(parties(root));
    const std::pair<std::string_view, std::vector<Told> ModelFacts::*> lists[] = {
        {"inputs", &ModelFacts::inputs},
        {"outputs", &ModelFacts::outputs},
        {"users", &ModelFacts::users},
        {"use_cases", &ModelFacts::use_cases},
        {"limitations", &ModelFacts::limitations},
        {"tradeoffs", &ModelFacts::tradeoffs},
    };
    for (const auto& [key, field] : lists)
      for (const Document* item : each(root.find(key)))
        (facts_.*field).push_back({printable(folded(item->string), BomLimits{}.value_bytes), from(key)});
    TRY(licenses(root.find("licenses")));
    TRY(bases(root));
    TRY(datasets(root));
    TRY(considerations(root));
    TRY(metrics(root));
    TRY(references(root));
    if (const Document* properties = root.find("properties"))
      for (const auto& [key, value] : properties->map) facts_.property(key, value.string, from("properties"));
    return {};
  }

 private:
  [[nodiscard]] std::string from(std::string_view key) const {
    return std::string(file_) + ", '" + std::string(key) + "'";
  }

  Result<void> approach(const Document& root) {
    const Document* value = root.find("approach");
    if (value == nullptr) return {};
    constexpr std::array<std::string_view, 5> kKnown = {
        "supervised", "unsupervised", "reinforcement-learning", "semi-supervised", "self-supervised"};
    if (std::ranges::find(kKnown, value->string) == kKnown.end())
      return refuse(*value,
                    "approach is supervised, unsupervised, reinforcement-learning, semi-supervised or "
                    "self-supervised");
    tell(facts_.approach, value->string, from("approach"));
    return {};
  }
  static Result<Party> party(const Document& value) {
    if (!value.is_map()) return Party{.name = printable(value.string, 200), .email = {}, .url = {}};
    TRY(only(value, "a person or organisation", {"name", "email", "url"}));
    return Party{.name = printable(scalar_text(value, "name"), 200),
                 .email = printable(scalar_text(value, "email"), 200),
                 .url = printable(scalar_text(value, "url"), 500)};
  }
  Result<void> parties(const Document& root) {
    if (const Document* value = root.find("supplier")) {
      const Party supplier = TRY(party(*value));
      tell(facts_.supplier, supplier.name, from("supplier"));
      tell(facts_.supplier_url, supplier.url, from("supplier"));
    }
    if (const Document* value = root.find("manufacturer")) {
      const Party manufacturer = TRY(party(*value));
      tell(facts_.manufacturer, manufacturer.name, from("manufacturer"));
    }
    for (const Document* value : each(root.find("authors"))) {
      const Party author = TRY(party(*value));
      facts_.authors.push_back({author.name, from("authors")});
    }
    return {};
  }
  Result<void> licenses(const Document* value) {
    if (value == nullptr) return {};
    if (!value->is_map()) {
      for (const Document* item : each(value))
        facts_.licenses.push_back({printable(item->string, 200), {}, {}, from("licenses")});
      return {};
    }
    TRY(only(*value, "licenses", {"weights", "code"}));
    for (const auto& [covers, text] : value->map)
      facts_.licenses.push_back({printable(text.string, 200), covers, {}, from("licenses." + covers)});
    return {};
  }
  Result<void> bases(const Document& root) {
    for (const Document* item : each(root.find("base_models"))) {
      if (item->is_map()) TRY(only(*item, "base_models", {"name", "relation"}));
      const std::string_view name =
          item->is_map() ? scalar_text(*item, "name") : std::string_view(item->string);
      facts_.ancestors.push_back(
          {printable(name, 200), printable(scalar_text(*item, "relation"), 40), from("base_models")});
    }
    return {};
  }

  Result<void> datasets(const Document& root) {
    for (const Document* item : each(root.find("datasets"))) {
      TRY(only(*item, "datasets",
               {"name", "version", "description", "url", "license", "classification", "sensitive_data",
                "owners", "stewards", "custodians", "role", "path"}));
      DatasetFacts found;
      found.name = printable(scalar_text(*item, "name"), 200);
      found.version = printable(scalar_text(*item, "version"), 100);
      found.description = printable(scalar_text(*item, "description"), BomLimits{}.value_bytes);
      found.url = printable(scalar_text(*item, "url"), 500);
      found.license = printable(scalar_text(*item, "license"), 200);
      found.classification = printable(scalar_text(*item, "classification"), 100);
      if (found.name.empty()) return refuse(*item, "a data set needs a name");
      found.role = scalar_text(*item, "role");
      found.path = scalar_text(*item, "path");
      found.from = from("datasets");
      for (const Document* kind : each(item->find("sensitive_data")))
        found.sensitive_data.push_back(printable(kind->string, 200));
      const std::pair<std::string_view, std::vector<Party>*> roles[] = {
          {"owners", &found.owners}, {"stewards", &found.stewards}, {"custodians", &found.custodians}};
      for (const auto& [key, list] : roles) {
        for (const Document* who : each(item->find(key))) {
          Party read = TRY(party(*who));
          list->push_back(std::move(read));
        }
      }
      // What people say of a data set that the model card only names.
      std::erase_if(facts_.datasets, [&](const DatasetFacts& known) { return known.name == found.name; });
      facts_.datasets.push_back(std::move(found));
    }
    return {};
  }
  Result<void> considerations(const Document& root) {
    for (const Document* item : each(root.find("ethical_considerations"))) {
      if (item->is_map()) TRY(only(*item, "ethical_considerations", {"name", "mitigation"}));
      facts_.risks.push_back({printable(item->is_map() ? scalar_text(*item, "name") : item->string, 1'000),
                              printable(scalar_text(*item, "mitigation"), 1'000),
                              from("ethical_considerations")});
    }
    for (const Document* item : each(root.find("fairness"))) {
      TRY(only(*item, "fairness", {"group", "benefits", "harms", "mitigation"}));
      facts_.fairness.push_back({printable(scalar_text(*item, "group"), 200),
                                 printable(scalar_text(*item, "benefits"), 1'000),
                                 printable(scalar_text(*item, "harms"), 1'000),
                                 printable(scalar_text(*item, "mitigation"), 1'000), from("fairness")});
    }
    for (const Document* item : each(root.find("energy"))) {
      TRY(only(*item, "energy", {"activity", "kwh", "co2_tonnes", "provider", "source"}));
      EnergyFacts found;
      found.activity = scalar_text(*item, "activity");
      constexpr std::array<std::string_view, 9> kActivities = {
          "design",     "data-collection", "data-preparation", "training", "fine-tuning",
          "validation", "deployment",      "inference",        "other"};
      if (std::ranges::find(kActivities, found.activity) == kActivities.end())
        return refuse(*item, "energy needs an activity: training, fine-tuning, inference …");
      found.kilowatt_hours = TRY(number(*item, "kwh"));
      if (found.kilowatt_hours < 0) return refuse(*item, "energy needs kwh");
      found.co2_tonnes = TRY(number(*item, "co2_tonnes"));
      found.provider = printable(scalar_text(*item, "provider"), 200);
      found.provider_source =
          scalar_text(*item, "source").empty() ? "unknown" : std::string(scalar_text(*item, "source"));
      constexpr std::array<std::string_view, 11> kSources = {
          "coal",       "oil",        "natural-gas", "nuclear", "wind", "solar",
          "geothermal", "hydropower", "biofuel",     "unknown", "other"};
      if (std::ranges::find(kSources, found.provider_source) == kSources.end())
        return refuse(*item,
                      "energy has the source coal, oil, natural-gas, nuclear, wind, solar, geothermal, "
                      "hydropower, biofuel, unknown or other");
      found.from = from("energy");
      facts_.energy.push_back(std::move(found));
    }
    return {};
  }
  // Minus one if it is not there.
  static Result<double> number(const Document& map, std::string_view key) {
    const Document* value = map.find(key);
    if (value == nullptr) return -1.0;
    double result = 0;
    const char* end = value->string.data() + value->string.size();
    const auto [stop, error] = std::from_chars(value->string.data(), end, result);
    if (error != std::errc{} || stop != end || !(result >= 0) || result > 1e15)
      return refuse(*value, std::string(key) + " must be a number");
    return result;
  }
  Result<void> metrics(const Document& root) {
    for (const Document* item : each(root.find("metrics"))) {
      TRY(only(*item, "metrics", {"type", "value", "slice", "lower", "upper"}));
      facts_.metrics.push_back(
          {printable(scalar_text(*item, "type"), 100), printable(scalar_text(*item, "value"), 100),
           printable(scalar_text(*item, "slice"), 200), printable(scalar_text(*item, "lower"), 100),
           printable(scalar_text(*item, "upper"), 100), from("metrics")});
    }
    return {};
  }
  Result<void> references(const Document& root) {
    for (const Document* item : each(root.find("references"))) {
      TRY(only(*item, "references", {"type", "url", "comment"}));
      facts_.references.push_back({printable(scalar_text(*item, "type"), 60),
                                   printable(scalar_text(*item, "url"), 1'000),
                                   printable(scalar_text(*item, "comment"), 500),
                                   {},
                                   from("references")});
    }
    return {};
  }

  std::string_view file_;
  ModelFacts& facts_;
};

}  // namespace

Result<void> read_declared(std::string_view yaml, std::string_view file, ModelFacts& facts) {
  Limits limits;
  limits.document_nodes = 100'000;
  const auto documents = parse_yaml(yaml, limits);
  if (!documents) return std::unexpected(documents.error());
  if (documents->empty() || !documents->front().is_map())
    return fail(Code::InvalidInput, "no map of facts; docs/bom.md shows one");
  return Declared(file, facts).read(documents->front());
}

}  // namespace bulwark::trust
