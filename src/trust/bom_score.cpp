#include "trust/bom_score.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/text.h"
#include "trust/bom_read.h"

// data/EMBED
extern "C" {
extern const char bw_bom_fields[], bw_bom_fields_end[];
}

namespace bulwark::trust {
namespace {

struct CategoryWeight {
  std::string_view category;
  double weight;
};
constexpr std::array kWeights = {CategoryWeight{"required", 20}, CategoryWeight{"metadata", 20},
                                 CategoryWeight{"component", 20}, CategoryWeight{"model card", 30},
                                 CategoryWeight{"references", 10}};

bool says_something(const Document& value) {
  switch (value.kind) {
    case Document::Kind::Null: return false;
    case Document::Kind::List: return std::ranges::any_of(value.list, says_something);
    case Document::Kind::Map:
      return std::ranges::any_of(value.map, [](const auto& entry) { return says_something(entry.second); });
    case Document::Kind::String: {
      constexpr std::array<std::string_view, 8> kNothing = {"",    "unknown", "noassertion", "none",
                                                            "n/a", "null",    "undefined",   "todo"};
      return std::ranges::find(kNothing, lower(trim(value.string))) == kNothing.end();
    }
    default: return true;
  }
}

// "a.b[type=x].c": through every element of lists. Paths have a handful of steps.
bool leads_to_value(const Document& at, std::string_view path) {
  if (at.is_list())
    return std::ranges::any_of(at.list, [&](const Document& each) { return leads_to_value(each, path); });
  if (path.empty()) return says_something(at);
  const std::size_t dot = std::min(path.find('.'), path.size());
  std::string_view step = path.substr(0, dot);
  const std::string_view rest = dot < path.size() ? path.substr(dot + 1) : std::string_view();
  const std::size_t bracket = step.find('[');
  if (bracket == std::string_view::npos) {
    const Document* next = at.find(step);
    return next != nullptr && leads_to_value(*next, rest);
  }
  const std::string_view filter = step.substr(bracket + 1, step.size() - bracket - 2);
  const std::string_view key = filter.substr(0, filter.find('='));
  const std::string_view wanted = filter.substr(key.size() + 1);
  const Document* list = at.find(step.substr(0, bracket));
  return list != nullptr && std::ranges::any_of(list->list, [&](const Document& each) {
           return each.text(key) == wanted && leads_to_value(each, rest);
         });
}

// What holds for the document as a whole is looked up once, however many models it describes.
class Presence {
 public:
  explicit Presence(const Document& bom) : bom_(bom) {}

  bool of(const BomField& field, const Document* model) {
    return std::ranges::any_of(split(field.paths, '|'), [&](std::string_view path) {
      const std::string_view rest = path.substr(path.find('.') + 1);
      if (path.starts_with("model.")) return model != nullptr && leads_to_value(*model, rest);
      const auto [known, fresh] = known_.try_emplace(path, false);
      if (fresh) known->second = leads_to_value(bom_, rest);
      return known->second;
    });
  }

 private:
  const Document& bom_;
  std::map<std::string_view, bool> known_;
};

std::vector<BomField> read_fields() {
  std::vector<BomField> fields;
  const std::string_view text(bw_bom_fields, static_cast<std::size_t>(bw_bom_fields_end - bw_bom_fields));
  for (const std::string_view line : split(text, '\n')) {
    const auto cells = split(line, '\t');
    if (cells.size() != 5 || cells[0] == "category") continue;
    BomField field{cells[0], cells[2], cells[3], cells[4], 1};
    std::from_chars(cells[1].data(), cells[1].data() + cells[1].size(), field.tier);
    fields.push_back(field);
  }
  return fields;
}

BomScore score_with(Presence& presence, const Document* model) {
  // Something is described, but no model: its name counts, a model card it has none.
  const bool is_model = model != nullptr && model->text("type") == "machine-learning-model";
  BomScore score;
  if (model != nullptr) score.model = model->text("name");
  for (const CategoryWeight& each : kWeights) {
    CategoryScore category{each.category, each.weight, 0, 0, 0};
    int reached = 0;
    int all = 0;
    for (const BomField& field : bom_fields()) {
      if (field.category != each.category) continue;
      ++category.fields;
      all += field.tier;
      const bool counts = field.name == "model" ? is_model : presence.of(field, model);
      if (counts) {
        reached += field.tier;
        ++category.present;
      } else {
        score.missing.push_back(&field);
      }
    }
    if (all > 0) category.points = each.weight * reached / all;
    score.points += category.points;
    score.categories.push_back(category);
  }
  std::ranges::stable_sort(score.missing,
                           [](const BomField* a, const BomField* b) { return a->tier > b->tier; });
  return score;
}

}  // namespace

const std::vector<BomField>& bom_fields() {
  static const std::vector<BomField> fields = read_fields();
  return fields;
}

std::string_view profile_of(double points) {
  std::string_view reached = "none";
  for (const BomProfile& profile : kBomProfiles)
    if (points >= profile.least) reached = profile.name;
  return reached;
}

BomScore score_bom(const Document& bom) {
  std::vector<const Document*> models;
  for_each_component(bom, [&](const Document& component) {
    if (component.text("type") == "machine-learning-model") models.push_back(&component);
  });
  Presence presence(bom);
  if (models.empty()) return score_with(presence, model_in(bom));
  BomScore least = score_with(presence, models.front());
  for (std::size_t i = 1; i < models.size(); ++i)
    if (BomScore score = score_with(presence, models[i]); score.points < least.points)
      least = std::move(score);
  least.models = models.size();
  return least;
}

}  // namespace bulwark::trust
