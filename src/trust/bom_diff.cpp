#include "trust/bom_diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/json_text.h"
#include "base/text.h"
#include "trust/bom_read.h"

namespace bulwark::trust {
namespace {

// The values of one element by field. Order within lists does not count.
using Fields = std::map<std::string, std::multiset<std::string>>;

std::string shown(const Document& value) {
  if (value.is_string()) return value.string;
  const auto text = canonical_json(value);
  return text ? *text : "(a value that has no canonical form)";
}

// "[SHA-256]" for what names its elements itself; empty: they have no names.
std::string label_of(const Document& element) {
  for (const std::string_view key : {"alg", "field"})
    if (!element.text(key).empty()) return "[" + std::string(element.text(key)) + "]";
  const std::string_view name = element.text("name");
  const bool is_property = !name.empty() && element.find("value") != nullptr && element.map.size() == 2;
  return is_property ? "[" + std::string(name) + "]" : std::string();
}

// As deep as Limits::document_depth let the document be.
void flatten(const Document& value, const std::string& path, const std::set<std::string_view>& skipped,
             Fields& out) {
  if (value.is_map()) {
    for (const auto& [key, inner] : value.map) {
      if (key == "bom-ref" || (path.empty() && skipped.contains(key))) continue;
      const bool content = (key == "content" || key == "value") && path.ends_with(']');
      const bool label = (key == "alg" || key == "name") && path.ends_with(']');
      if (label) continue;
      flatten(inner, content ? path : path + (path.empty() ? "" : ".") + key, skipped, out);
    }
    return;
  }
  if (value.is_list()) {
    for (const Document& each : value.list) flatten(each, path + label_of(each), skipped, out);
    return;
  }
  out[path].insert(shown(value));
}

std::string joined(const std::multiset<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : "; ") + value;
  return text;
}

class Diff {
 public:
  std::vector<BomDifference> run(const Document& before, const Document& after) {
    // Evidence tells how something is known; what is known are the fields themselves.
    elements("component", components(before), components(after), {"components", "evidence"});
    elements("vulnerability", vulnerabilities(before), vulnerabilities(after), {});
    edges(before, after);
    Fields old_fields;
    Fields new_fields;
    static const std::set<std::string_view> kElsewhere = {"components",   "vulnerabilities", "dependencies",
                                                          "serialNumber", "version",         "metadata",
                                                          "$schema",      "signature"};
    flatten(before, "", kElsewhere, old_fields);
    flatten(after, "", kElsewhere, new_fields);
    fields("document", "", old_fields, new_fields);
    return std::move(out_);
  }

 private:
  // Several elements may share a name: two versions of one library. They are then paired in order.
  using Elements = std::map<std::string, std::vector<const Document*>>;

  // A library that is there in another version is no other dependency.
  static std::string without_version(std::string_view ref) {
    if (!ref.starts_with("pkg:")) return std::string(ref);
    return std::string(ref.substr(0, ref.find_first_of("@?#", ref.find('/'))));
  }
  static std::string name_of_component(const Document& component) {
    std::string name(component.text("type"));
    const std::string_view purl = component.text("purl");
    // Version and qualifiers of a package URL are fields; the rest is who it is.
    if (component.text("type") == "library" && !purl.empty()) return name + " " + without_version(purl);
    if (!component.text("group").empty()) name += " " + std::string(component.text("group")) + "/";
    return name + (name.ends_with('/') ? "" : " ") + std::string(component.text("name"));
  }
  static Elements components(const Document& bom) {
    Elements found;
    for_each_component(
        bom, [&](const Document& component) { found[name_of_component(component)].push_back(&component); });
    for (auto& [name, list] : found)
      std::ranges::stable_sort(
          list, [](const Document* a, const Document* b) { return a->text("version") < b->text("version"); });
    return found;
  }
  static Elements vulnerabilities(const Document& bom) {
    Elements found;
    const Document* list = bom.find("vulnerabilities");
    if (list == nullptr) return found;
    for (const Document& each : list->list) {
      std::set<std::string> refs;
      if (const Document* affects = each.find("affects"))
        for (const Document& target : affects->list) refs.emplace(target.text("ref"));
      std::string name(each.text("id").empty() ? "(without an id)" : each.text("id"));
      if (!refs.empty()) name += " of " + *refs.begin() + (refs.size() > 1 ? " and others" : "");
      found[name].push_back(&each);
    }
    return found;
  }

  void elements(std::string_view what, const Elements& before, const Elements& after,
                const std::set<std::string_view>& skipped) {
    std::set<std::string> names;
    for (const auto& [name, list] : before) names.insert(name);
    for (const auto& [name, list] : after) names.insert(name);
    for (const std::string& name : names) {
      const auto old_one = before.find(name);
      const auto new_one = after.find(name);
      const std::size_t olds = old_one == before.end() ? 0 : old_one->second.size();
      const std::size_t news = new_one == after.end() ? 0 : new_one->second.size();
      for (std::size_t i = 0; i < std::max(olds, news); ++i) {
        if (i >= olds || i >= news) {
          const Document& element = i >= olds ? *new_one->second[i] : *old_one->second[i];
          const std::string summary(what == "component" ? element.text("version")
                                                        : element.text("description"));
          add({i >= olds ? BomDifference::Kind::Added : BomDifference::Kind::Removed,
               std::string(what),
               name,
               {},
               i >= olds ? std::string() : summary,
               i >= olds ? summary : std::string()});
          continue;
        }
        Fields old_fields;
        Fields new_fields;
        flatten(*old_one->second[i], "", skipped, old_fields);
        flatten(*new_one->second[i], "", skipped, new_fields);
        fields(what, name, old_fields, new_fields);
      }
    }
  }
  void fields(std::string_view what, const std::string& name, const Fields& before, const Fields& after) {
    std::set<std::string> names;
    for (const auto& [field, values] : before) names.insert(field);
    for (const auto& [field, values] : after) names.insert(field);
    static const std::multiset<std::string> kNone;
    for (const std::string& field : names) {
      const auto old_one = before.find(field);
      const auto new_one = after.find(field);
      const auto& olds = old_one == before.end() ? kNone : old_one->second;
      const auto& news = new_one == after.end() ? kNone : new_one->second;
      if (olds == news) continue;
      std::multiset<std::string> gone;
      std::multiset<std::string> fresh;
      std::ranges::set_difference(olds, news, std::inserter(gone, gone.end()));
      std::ranges::set_difference(news, olds, std::inserter(fresh, fresh.end()));
      add({BomDifference::Kind::Changed, std::string(what), name, field, joined(gone), joined(fresh)});
    }
  }
  static std::set<std::string> edges_of(const Document& bom) {
    std::set<std::string> found;
    const Document* list = bom.find("dependencies");
    if (list == nullptr) return found;
    for (const Document& each : list->list)
      if (const Document* targets = each.find("dependsOn"))
        for (const Document& target : targets->list)
          found.insert(without_version(each.text("ref")) + " -> " + without_version(target.string));
    return found;
  }
  void edges(const Document& before, const Document& after) {
    const auto olds = edges_of(before);
    const auto news = edges_of(after);
    for (const std::string& edge : olds)
      if (!news.contains(edge)) add({BomDifference::Kind::Removed, "dependency", edge, {}, {}, {}});
    for (const std::string& edge : news)
      if (!olds.contains(edge)) add({BomDifference::Kind::Added, "dependency", edge, {}, {}, {}});
  }
  void add(BomDifference difference) { out_.push_back(std::move(difference)); }

  std::vector<BomDifference> out_;
};

}  // namespace

std::string_view name_of(BomDifference::Kind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"added", "removed", "changed"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<BomDifference> diff_boms(const Document& before, const Document& after) {
  return Diff().run(before, after);
}

}  // namespace bulwark::trust
