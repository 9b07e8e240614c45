// For machines: docs/formats/drill-results.schema.json.

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "report/drills.h"
#include "report/pretty.h"

namespace bulwark::report {
namespace {

namespace json = boost::json;

// Raised in the first part when a reader of the old form would misunderstand the new one.
constexpr std::string_view kSchemaVersion = "1.0";

json::array texts(const auto& values) {
  json::array list;
  for (const auto& value : values) list.emplace_back(json::string(clean_utf8(value)));
  return list;
}

json::object trial(const drill::TrialRecord& record) {
  json::object out = {{"name", record.name}, {"held", record.held}, {"verdict", record.verdict}};
  out["rules"] = texts(record.rules);
  out["gaps"] = texts(record.gaps);
  out["files"] = texts(record.paths);
  out["digests"] = texts(record.digests);
  out["loaded"] = record.loaded;
  out["effect"] = clean_utf8(record.effect);
  if (!record.why.empty()) out["why"] = clean_utf8(record.why);
  out["milliseconds"] = record.took.count();
  return out;
}

json::object part(const drill::PartRecord& record) {
  json::object out = {{"part", drill::name_of(record.part)}, {"held", record.held}};
  if (!record.why.empty()) out["why"] = clean_utf8(record.why);
  out["milliseconds"] = record.took.count();
  json::array trials;
  for (const drill::TrialRecord& tried : record.trials) trials.emplace_back(trial(tried));
  if (!trials.empty()) out["trials"] = std::move(trials);
  return out;
}

json::object head(const drill::Drill& drill) {
  json::object out = {{"id", drill.id}, {"title", drill.title}};
  out["techniques"] = texts(drill.techniques);
  out["cases"] = texts(drill.cases);
  out["controls"] = texts(drill.controls);
  out["proof"] = atlas::name_of(drill.proof);
  return out;
}

json::object record_of(const drill::Record& record) {
  json::object out = head(*record.drill);
  out["outcome"] = atlas::name_of(record.outcome);
  if (!record.reason.empty()) out["reason"] = clean_utf8(record.reason);
  if (record.stopped_at_step != 0) out["stopped_at_step"] = record.stopped_at_step;
  out["isolated"] = record.isolated;
  out["milliseconds"] = record.took.count();
  json::array parts;
  for (const drill::PartRecord& done : record.parts) parts.emplace_back(part(done));
  out["parts"] = std::move(parts);
  return out;
}

std::string_view id_of(const json::value& record) {
  const json::object* object = record.if_object();
  const json::value* id = object == nullptr ? nullptr : object->if_contains("id");
  return id == nullptr || !id->is_string() ? std::string_view() : std::string_view(id->get_string());
}

// The drills of an earlier document of the same build that were not run now.
json::array kept_of(std::string_view document, const DrillRun& run) {
  json::error_code error;
  const json::value parsed = json::parse(document, error);
  const json::object* root = error ? nullptr : parsed.if_object();
  const json::value* tool = root == nullptr ? nullptr : root->if_contains("tool");
  const json::value* drills = root == nullptr ? nullptr : root->if_contains("drills");
  if (tool == nullptr || !tool->is_object() || drills == nullptr || !drills->is_array()) return {};
  const json::value* build = tool->get_object().if_contains("build");
  if (build == nullptr || !build->is_string() || std::string_view(build->get_string()) != run.build)
    return {};
  json::array kept;
  for (const json::value& record : drills->get_array()) {
    const auto again = [&](const drill::Record& now) { return now.drill->id == id_of(record); };
    if (!id_of(record).empty() && std::ranges::none_of(run.records, again)) kept.push_back(record);
  }
  return kept;
}

json::object summary_of(const json::array& drills) {
  json::object summary;
  for (const auto outcome : {atlas::Outcome::Proven, atlas::Outcome::Failed, atlas::Outcome::Unassessed}) {
    summary[atlas::name_of(outcome)] = std::ranges::count_if(drills, [&](const json::value& record) {
      const json::object* object = record.if_object();
      const json::value* said = object == nullptr ? nullptr : object->if_contains("outcome");
      return said != nullptr && said->is_string() &&
             std::string_view(said->get_string()) == atlas::name_of(outcome);
    });
  }
  return summary;
}

}  // namespace

std::string drills_json(const DrillRun& run, std::string_view kept) {
  json::array drills = kept.empty() ? json::array() : kept_of(kept, run);
  for (const drill::Record& record : run.records) drills.emplace_back(record_of(record));
  std::ranges::sort(drills, {}, id_of);
  json::object out = {{"schema_version", kSchemaVersion},
                      {"tool", {{"name", "bulwark"}, {"version", run.version}, {"build", run.build}}},
                      {"atlas", run.atlas},
                      {"seed", run.seed},
                      {"started", run.started},
                      {"milliseconds", run.took.count()},
                      {"summary", summary_of(drills)}};
  out["drills"] = std::move(drills);
  return pretty(out);
}

std::string drill_list_json(const std::vector<const drill::Drill*>& drills,
                            const std::vector<std::string_view>& implemented) {
  json::array list;
  for (const drill::Drill* drill : drills) {
    json::object row = head(*drill);
    row["draft"] = drill->attacks.empty();
    row["implemented"] = std::ranges::all_of(drill->controls, [&](const std::string& control) {
      return std::ranges::find(implemented, control) != implemented.end();
    });
    list.emplace_back(std::move(row));
  }
  return pretty(json::object{{"schema_version", kSchemaVersion}, {"drills", std::move(list)}});
}

}  // namespace bulwark::report
