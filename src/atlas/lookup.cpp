#include "atlas/lookup.h"

#include <algorithm>

#include "atlas/alias.h"
#include "base/text.h"

namespace bulwark::atlas {
namespace {

constexpr std::size_t kSuggestions = 5;
constexpr std::size_t kShortestWord = 4;  // shorter ones are in too many names

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& letter : out)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return out;
}

std::string full_id(std::string_view text) {
  const std::string id = upper(trim(text));
  const bool is_short =
      !id.starts_with("AML.") && id.size() > 1 && (id[0] == 'T' || id[0] == 'M' || id[0] == 'C') &&
      id.find_first_of("0123456789") != std::string::npos && id.find('-') == std::string::npos;
  return is_short ? "AML." + id : id;
}

bool same(std::string_view name, std::string_view text) {
  return lower(name) == lower(text);
}

template <class Item>
const Item* named(const std::vector<Item>& items, std::string_view text) {
  const auto found = std::ranges::find_if(items, [&](const Item& item) { return same(item.name, text); });
  return found == items.end() ? nullptr : &*found;
}

Object by_id(const Catalogue& catalogue, const Map& map, std::string_view id) {
  Object object;
  object.tactic = catalogue.tactic(id);
  object.technique = catalogue.technique(id);
  object.mitigation = catalogue.mitigation(id);
  object.case_study = catalogue.case_study(id);
  object.control = map.control(id);
  return object;
}

Object by_name(const Catalogue& catalogue, const Map& map, std::string_view text) {
  Object object;
  const auto item = std::ranges::find_if(map.crosswalk,
                                         [&](const Crossing& crossing) { return same(crossing.item, text); });
  if (item != map.crosswalk.end()) object.crossing = &*item;
  if (!object.found()) object.technique = named(catalogue.techniques(), text);
  if (!object.found()) object.tactic = named(catalogue.tactics(), text);
  if (!object.found()) object.mitigation = named(catalogue.mitigations(), text);
  if (!object.found()) object.case_study = named(catalogue.case_studies(), text);
  return object;
}

class Suggestions {
 public:
  explicit Suggestions(std::string_view text) : id_(full_id(text)), word_(lower(trim(text))) {}

  template <class Items>
  void add(const Items& items) {
    for (const auto& item : items) offer(item.id, item.name);
  }
  void offer(std::string_view id, std::string_view name) {
    ids_.push_back(id);
    lines_.push_back(std::string(id) + (name.empty() ? "" : "  " + std::string(name)));
    if (word_.size() >= kShortestWord && lower(name).find(word_) != std::string::npos)
      found_.push_back(lines_.back());
  }
  std::vector<std::string> take() {
    const std::size_t dot = id_.rfind('.');
    // "T0011.009": the parent exists, its sub-techniques are what is looked for.
    const std::string_view parent =
        dot == 3 || dot == std::string::npos ? id_ : std::string_view(id_).substr(0, dot);
    for (std::size_t i = 0; i < ids_.size() && found_.size() < kSuggestions; ++i)
      if (dot != 3 && dot != std::string::npos && ids_[i].starts_with(parent)) found_.push_back(lines_[i]);
    const std::string_view near = nearest(id_, ids_);
    if (!near.empty() && found_.empty())
      found_.push_back(lines_[static_cast<std::size_t>(std::ranges::find(ids_, near) - ids_.begin())]);
    if (found_.size() > kSuggestions) found_.resize(kSuggestions);
    return std::move(found_);
  }

 private:
  std::string id_, word_;
  std::vector<std::string_view> ids_;
  std::vector<std::string> lines_, found_;
};

}  // namespace

Found look_up(const Catalogue& catalogue, const Map& map, std::string_view text) {
  const std::string id = full_id(text);
  Found found;
  found.object = by_id(catalogue, map, id);
  if (found.object.found()) return found;
  found.object = by_name(catalogue, map, trim(text));
  if (found.object.found()) return found;
  const std::string version(catalogue.version());
  if (const auto alias = alias_of(map, id); alias && catalogue.technique(alias->successor) != nullptr) {
    found.object.technique = catalogue.technique(alias->successor);
    found.note = id + " was retired in ATLAS " + std::string(alias->release) + "; it is " +
                 std::string(alias->successor) + " now";
    return found;
  }
  if (const auto alias = alias_to(map, id); alias && catalogue.technique(alias->retired) != nullptr) {
    found.object.technique = catalogue.technique(alias->retired);
    found.note = id + " replaced " + std::string(alias->retired) + " in ATLAS " +
                 std::string(alias->release) + "; this catalogue is " + version;
    return found;
  }
  if (const UpstreamChange* change = upstream_change(map, id)) {
    found.note = "ATLAS " + std::string(change->release) + " " + std::string(change->kind) + " " + id + ": " +
                 std::string(change->change) + "; this catalogue is " + version +
                 ", 'bulwark atlas import' takes a newer one";
  }
  Suggestions suggestions(text);
  suggestions.add(catalogue.tactics());
  suggestions.add(catalogue.techniques());
  suggestions.add(catalogue.mitigations());
  suggestions.add(catalogue.case_studies());
  for (const Control& control : map.controls) suggestions.offer(control.id, control.statement);
  for (const Crossing& crossing : map.crosswalk) suggestions.offer(crossing.item, crossing.note);
  found.suggestions = suggestions.take();
  return found;
}

}  // namespace bulwark::atlas
