// README.md as Hugging Face reads it: YAML between two lines "---", then Markdown.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "trust/bom_readers.h"

namespace bulwark::trust {
namespace {

struct Card {
  std::string_view front, body;
};

Card card_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!text.starts_with("---\n") && !text.starts_with("---\r\n")) return {{}, text};
  const std::size_t begin = text.find('\n') + 1;
  for (std::size_t at = begin; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (trim(text.substr(at, end - at)) == "---")
      return {text.substr(begin, at - begin), text.substr(std::min(end + 1, text.size()))};
    at = end + 1;
  }
  return {{}, text};
}

std::string text_of_scalar(const Document& value) {
  return value.is_map() || value.is_list() ? std::string() : value.string;
}

// The texts of a scalar or a list of them.
std::vector<std::string> texts(const Document* value) {
  std::vector<std::string> out;
  if (value == nullptr) return out;
  if (!value->is_list() && !value->is_map() && !value->string.empty()) out.push_back(value->string);
  for (const Document& each : value->list) {
    const std::string text = text_of_scalar(each);
    if (!text.empty() && out.size() < BomLimits{}.entries) out.push_back(text);
  }
  return out;
}

class FrontMatter {
 public:
  FrontMatter(std::string_view file, ModelFacts& facts) : file_(file), facts_(facts) {}

  void read(const Document& root) {
    tell(facts_.name, scalar_text(root, "model_name"), from("model_name"));
    tell(facts_.task, scalar_text(root, "pipeline_tag"), from("pipeline_tag"));
    tell(facts_.library, scalar_text(root, "library_name"), from("library_name"));
    std::string languages;
    for (const std::string& language : texts(root.find("language")))
      languages += (languages.empty() ? "" : ", ") + language;
    tell(facts_.language, languages, from("language"));
    for (const std::string& tag : texts(root.find("tags")))
      facts_.tags.push_back({printable(tag, 100), from("tags")});
    license(root);
    bases(root);
    for (const std::string& name : texts(root.find("datasets"))) dataset(name, "training", from("datasets"));
    if (const Document* index = root.find("model-index"))
      for (const Document& model : index->list) results(model);
    emissions(root.find("co2_eq_emissions"));
    if (!scalar_text(root, "new_version").empty())
      facts_.property("superseded-by", scalar_text(root, "new_version"), from("new_version"));
  }

 private:
  [[nodiscard]] std::string from(std::string_view key) const {
    return std::string(file_) + ", front matter '" + std::string(key) + "'";
  }

  void license(const Document& root) {
    const std::string url(scalar_text(root, "license_link"));
    for (std::string name : texts(root.find("license"))) {
      if (lower(name) == "unknown") continue;
      if (lower(name) == "other")
        name = scalar_text(root, "license_name").empty() ? "other" : scalar_text(root, "license_name");
      facts_.licenses.push_back({printable(name, 200), "weights", url, from("license")});
    }
  }
  void bases(const Document& root) {
    for (const std::string& base : texts(root.find("base_model"))) {
      facts_.ancestors.push_back({printable(base, 200),
                                  printable(scalar_text(root, "base_model_relation"), 40),
                                  from("base_model")});
    }
  }
  void dataset(const std::string& name, std::string_view role, const std::string& source) {
    if (facts_.datasets.size() >= BomLimits{}.entries) return;
    for (const DatasetFacts& known : facts_.datasets)
      if (known.name == name) return;
    DatasetFacts found;
    found.name = printable(name, 200);
    found.role = role;
    found.from = source;
    // "owner/name" is a repository of the hub, a single word may be one of its old data sets.
    if (std::ranges::count(name, '/') == 1 && !name.contains(':') && is_plain(name))
      found.url = "https://huggingface.co/datasets/" + name;
    facts_.datasets.push_back(std::move(found));
  }
  static bool is_plain(std::string_view name) {
    return std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("-_./").contains(c);
    });
  }

  void results(const Document& model) {
    tell(facts_.name, scalar_text(model, "name"), from("model-index.name"));
    const Document* list = model.find("results");
    if (list == nullptr) return;
    for (const Document& result : list->list) {
      std::string slice;
      if (const Document* data = result.find("dataset")) {
        const std::string name(scalar_text(*data, "name").empty() ? scalar_text(*data, "type")
                                                                  : scalar_text(*data, "name"));
        slice = name;
        for (const std::string_view key : {"config", "split"})
          if (!scalar_text(*data, key).empty())
            slice += (slice.empty() ? "" : ", ") + std::string(scalar_text(*data, key));
        const std::string id(scalar_text(*data, "type").empty() ? name : scalar_text(*data, "type"));
        if (!id.empty()) dataset(id, "evaluation", from("model-index.results.dataset"));
      }
      if (const Document* task = result.find("task"))
        tell(facts_.task, scalar_text(*task, "type"), from("model-index.results.task"));
      const Document* metrics = result.find("metrics");
      if (metrics == nullptr) continue;
      for (const Document& metric : metrics->list) {
        const std::string type(scalar_text(metric, "type").empty() ? scalar_text(metric, "name")
                                                                   : scalar_text(metric, "type"));
        const Document* value = metric.find("value");
        if (type.empty() || value == nullptr || facts_.metrics.size() >= BomLimits{}.entries) continue;
        facts_.metrics.push_back({.type = printable(type, 100),
                                  .value = printable(text_of_scalar(*value), 100),
                                  .slice = printable(slice, 200),
                                  .lower = {},
                                  .upper = {},
                                  .from = from("model-index.results.metrics")});
      }
    }
  }

  // Grams of CO2; CycloneDX has room for them only beside kilowatt hours, which cards do not tell.
  void emissions(const Document* value) {
    if (value == nullptr) return;
    const std::string grams =
        value->is_map() ? std::string(scalar_text(*value, "emissions")) : text_of_scalar(*value);
    facts_.property("co2-emissions-g", grams, from("co2_eq_emissions"));
    for (const std::string_view key : {"source", "training_type", "geographical_location", "hardware_used"})
      facts_.property("co2-" + std::string(key), scalar_text(*value, key), from("co2_eq_emissions"));
  }

  std::string_view file_;
  ModelFacts& facts_;
};

// Markdown without comments and decoration that says nothing.
std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("<!--")) {
      const std::size_t end = text.find("-->", i);
      if (end == std::string_view::npos) break;
      i = end + 2;
      continue;
    }
    if (text[i] == '*' && i + 1 < text.size() && text[i + 1] == '*') {
      ++i;
      continue;
    }
    out += text[i];
  }
  return out;
}

// Templates leave these where nothing was filled in.
bool is_placeholder(std::string_view text) {
  const std::string low = lower(text);
  return low.empty() || low.contains("more information needed") || low == "tbd" || low == "todo" ||
         low == "n/a" || low == "[optional]";
}

struct Section {
  std::string heading;  // lower case
  std::string title;
  std::string text;
};

class Body {
 public:
  Body(std::string_view file, ModelFacts& facts) : file_(file), facts_(facts) {}

  void read(std::string_view body) {
    for (const Section& section : sections(body)) {
      read_labels(section);
      use(section);
    }
  }

 private:
  static std::vector<Section> sections(std::string_view body) {
    constexpr std::size_t kSections = 500;
    std::vector<Section> found(1);
    bool fenced = false;
    for (const std::string_view line : split(body, '\n')) {
      if (trim(line).starts_with("```")) {
        fenced = !fenced;
        continue;
      }
      if (fenced) continue;
      const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
      if (marks >= 1 && marks <= 6 && marks < line.size() && line[marks] == ' ') {
        if (found.size() >= kSections) break;
        const std::string title = folded(plain(trim(line.substr(marks))));
        found.push_back({lower(title), title, {}});
      } else if (found.back().text.size() + line.size() < BomLimits{}.section_bytes) {
        found.back().text.append(line).append("\n");
      }
    }
    for (Section& section : found) section.text = plain(section.text);
    return found;
  }

  [[nodiscard]] std::string from(const Section& section) const {
    return std::string(file_) +
           (section.title.empty() ? ", first lines" : ", section '" + printable(section.title, 80) + "'");
  }

  // "- Developed by: Somebody", the way of the hub's template.
  void read_labels(const Section& section) {
    for (std::string_view line : split(section.text, '\n')) {
      line = trim(line);
      if (!line.starts_with("- ") && !line.starts_with("* ")) continue;
      line = trim(line.substr(2));
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      const std::string label = lower(trim(line.substr(0, line.substr(0, colon).find('['))).substr(0, 60));
      const std::string_view value = trim(line.substr(colon + 1));
      if (is_placeholder(value)) continue;
      const std::string key(trim(label.substr(0, label.find(':'))));
      const std::string source = from(section) + ", '" + printable(key, 40) + "'";
      if (key == "developed by") tell(facts_.supplier, value, source);
      if (key == "shared by") tell(facts_.manufacturer, value, source);
      if (key == "repository") refer("vcs", value, source);
      if (key == "paper") refer("documentation", value, source);
      if (key == "demo") refer("website", value, source);
    }
  }
  // An address in the text, also inside of a Markdown link.
  void refer(std::string_view type, std::string_view text, const std::string& source) {
    const std::size_t begin = text.find("http");
    if (begin == std::string_view::npos) return;
    const std::string_view rest = text.substr(begin);
    const std::string_view url = rest.substr(0, rest.find_first_of(" )>]\"'"));
    if (facts_.references.size() < BomLimits{}.entries)
      facts_.references.push_back({std::string(type), printable(url, 500), {}, {}, source});
  }

  void use(const Section& section) {
    const auto has = [&](std::string_view word) { return section.heading.contains(word); };
    if (section.heading.empty() || has("model description") || has("model summary") || has("model details"))
      tell(facts_.description, first_paragraph(section.text), from(section));
    if (has("intended user")) add(facts_.users, section);
    if (has("intended use") || has("direct use") || has("downstream use") || has("use case") ||
        section.heading == "uses")
      add(facts_.use_cases, section);
    if (has("limitation") || has("out-of-scope") || has("out of scope")) add(facts_.limitations, section);
    if (has("trade-off") || has("tradeoff")) add(facts_.tradeoffs, section);
    if (has("ethical") || has("bias") || has("risk")) {
      for (const std::string& text : entries(section.text))
        if (facts_.risks.size() < BomLimits{}.entries) facts_.risks.push_back({text, {}, from(section)});
    }
    // The name of the model is the first heading, if nothing else tells it.
    if (!section.title.empty() && !named_) {
      named_ = true;
      if (facts_.description.text.empty())
        tell(facts_.description, first_paragraph(section.text), from(section));
    }
  }
  static std::string first_paragraph(std::string_view text) {
    std::string out;
    for (const std::string_view line : split(text, '\n')) {
      const std::string_view part = trim(line);
      if (part.empty() && !out.empty()) break;
      if (part.starts_with('-') || part.starts_with('|') || part.starts_with('<') || part.starts_with('!') ||
          part.starts_with('['))
        continue;
      out.append(out.empty() ? "" : " ").append(part);
    }
    return is_placeholder(out) ? std::string() : out;
  }
  // Every bullet, or every paragraph where there are none.
  static std::vector<std::string> entries(std::string_view text) {
    constexpr std::size_t kEntries = 40;
    std::vector<std::string> found;
    std::string open;
    const auto close = [&] {
      if (!is_placeholder(folded(open)) && found.size() < kEntries)
        found.push_back(printable(folded(open), BomLimits{}.value_bytes));
      open.clear();
    };
    for (const std::string_view line : split(text, '\n')) {
      const std::string_view part = trim(line);
      const bool bullet = part.starts_with("- ") || part.starts_with("* ");
      if (part.empty() || bullet) close();
      open.append(bullet ? part.substr(2) : part).append(" ");
    }
    close();
    return found;
  }
  void add(std::vector<Told>& list, const Section& section) {
    for (std::string& text : entries(section.text))
      if (list.size() < BomLimits{}.entries) list.push_back({std::move(text), from(section)});
  }

  std::string_view file_;
  ModelFacts& facts_;
  bool named_ = false;
};

std::optional<Document> front_matter(std::string_view front) {
  if (front.empty()) return std::nullopt;
  Limits limits;
  limits.document_nodes = 100'000;
  auto documents = parse_yaml(front, limits);
  if (!documents || documents->empty() || !documents->front().is_map()) return std::nullopt;
  return std::move(documents->front());
}

}  // namespace

bool is_model_card(std::string_view text) {
  const auto root = front_matter(card_of(text).front);
  constexpr std::array<std::string_view, 6> kKeys = {"pipeline_tag", "library_name", "base_model",
                                                     "model-index",  "model_name",   "inference"};
  return root && std::ranges::any_of(kKeys, [&](std::string_view key) { return root->find(key) != nullptr; });
}

void read_model_card(std::string_view text, std::string_view file, ModelFacts& facts) {
  if (text.size() > BomLimits{}.text_bytes || !is_utf8(text)) return;
  const Card card = card_of(text);
  if (const auto root = front_matter(card.front)) FrontMatter(file, facts).read(*root);
  Body(file, facts).read(card.body);
}

}  // namespace bulwark::trust
