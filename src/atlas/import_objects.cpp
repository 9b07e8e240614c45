// Tactics, techniques, mitigations and case studies of format 5 and 6.

#include <functional>

#include "atlas/import_draft.h"
#include "base/text.h"

namespace bulwark::atlas {
namespace {

// Keys that every object may have and that no table holds.
Result<void> common(Fields& fields) {
  TRY(fields.prose({"description", "object-type", "uuid"}));
  (void)fields.get({"references"});
  return {};
}

using ReadOne = std::function<Result<void>(const Document&)>;

// Calls `read` for every object of a list, or of a map whose keys are the objects' ids.
Result<void> each(const Document& values, std::string_view kind, Draft& draft, const ReadOne& read) {
  if (values.kind == Document::Kind::Null) return {};
  TRY(within_limit(values.list.size() + values.map.size(), draft.limits.objects, kind));
  if (values.is_list()) {
    for (const Document& value : values.list) {
      if (!value.is_map())
        return fail(Code::InvalidInput,
                    at_line(value) + std::string(kind) + " holds something else than maps");
      if (value.find("id") == nullptr) {
        draft.gaps.push_back(at_line(value) + std::string(kind) + ": an object without an id is left out");
        continue;
      }
      TRY(read(value));
    }
    return {};
  }
  if (!values.is_map())
    return fail(Code::InvalidInput, at_line(values) + std::string(kind) + " is neither a list nor a map");
  for (const auto& [key, value] : values.map) {
    if (!value.is_map())
      return fail(Code::InvalidInput,
                  at_line(value) + std::string(kind) + ": '" + cell(key) + "' is no map, expected an object");
    if (value.find("id") == nullptr) {
      Document named = value;
      Document id;
      id.kind = Document::Kind::String;
      id.string = key;
      id.line = value.line;
      named.map.emplace_back("id", std::move(id));
      TRY(read(named));
      continue;
    }
    if (value.text("id") != key) {
      return fail(Code::InvalidInput, at_line(value) + std::string(kind) + ": the object under key '" +
                                          cell(key) + "' says that its id is '" + cell(value.text("id")) +
                                          "'; one of them is wrong");
    }
    TRY(read(value));
  }
  return {};
}

bool digits(std::string_view text, std::size_t count) {
  return text.size() == count && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "AML.T0011", "AML.T0011.000" (`may_be_sub`), "AML.TA0002" …
bool is_id(std::string_view id, std::string_view letters, bool may_be_sub) {
  const std::string prefix = "AML." + std::string(letters);
  if (!id.starts_with(prefix)) return false;
  const std::string_view number = id.substr(prefix.size());
  if (digits(number, 4)) return true;
  return may_be_sub && number.size() == 8 && digits(number.substr(0, 4), 4) && number[4] == '.' &&
         digits(number.substr(5), 3);
}

bool keeps(const Document& object, std::string_view kind, std::string_view id, bool is_good, Draft& draft) {
  if (!is_good)
    draft.gaps.push_back(at_line(object) + std::string(kind) + ": '" + std::string(id) +
                         "' is no id of that kind; the object is left out");
  return is_good;
}

Result<void> read_links(const Document* values, std::string_view where, Draft& draft,
                        DraftMitigation& mitigation) {
  if (values == nullptr || values->kind == Document::Kind::Null) return {};
  if (!values->is_list())
    return fail(Code::InvalidInput, at_line(*values) + std::string(where) + ": 'techniques' is no list");
  for (const Document& value : values->list) {
    const Document* id = value.is_map() ? value.find("id") : &value;
    if (id == nullptr) {
      draft.gaps.push_back(at_line(value) + std::string(where) + ": a link without an id is left out");
      continue;
    }
    std::string technique = TRY(scalar(*id, std::string(where) + ": id of a technique"));
    mitigation.links.push_back({std::move(technique), ""});
  }
  return {};
}

// The stages; a technique object among them (5.6.0 has two) is a link that fell into the wrong list.
Result<void> read_lifecycle(const Document* values, std::string_view where, Draft& draft,
                            DraftMitigation& mitigation) {
  if (values == nullptr) return {};
  if (!values->is_list()) {
    mitigation.lifecycle = TRY(scalars(*values, std::string(where) + ": 'ml-lifecycle'"));
    return {};
  }
  for (const Document& value : values->list) {
    if (value.is_map() && is_id(value.text("id"), "T", true)) {
      const std::string id = cell(value.text("id"));
      mitigation.links.push_back({id, "misplaced in ml-lifecycle upstream; repaired"});
      draft.repairs.push_back(at_line(value) + std::string(where) + ": technique " + id +
                              " stands in ml-lifecycle; read as one of its techniques");
      continue;
    }
    const std::vector<std::string> stage =
        TRY(scalars(value, std::string(where) + ": an item of 'ml-lifecycle'"));
    mitigation.lifecycle.insert(mitigation.lifecycle.end(), stage.begin(), stage.end());
  }
  return {};
}

Result<DraftStep> read_step(const Document& value, std::string_view id, Draft& draft) {
  if (!value.is_map())
    return fail(Code::InvalidInput, at_line(value) + std::string(id) + ": a step of the procedure is no map");
  Fields fields(value, std::string(id) + ": procedure", draft);
  DraftStep step;
  step.line = value.line;
  step.tactic = TRY(fields.text({"tactic"}));
  step.technique = TRY(fields.text({"technique"}));
  TRY(fields.prose({"description"}));
  fields.finish(id);
  return step;
}

}  // namespace

Result<void> read_tactics(const Document& values, Draft& draft) {
  return each(values, "tactics", draft, [&](const Document& value) -> Result<void> {
    Fields fields(value, "tactics", draft);
    DraftTactic tactic;
    tactic.id = TRY(fields.text({"id"}));
    tactic.name = TRY(fields.text({"name"}));
    tactic.attack_ref = TRY(fields.reference({"ATT&CK-reference", "attack-reference"}));
    (void)fields.get({"created_date", "created-date"});
    (void)fields.get({"modified_date", "modified-date"});
    TRY(common(fields));
    fields.require(tactic.name, "name");
    fields.finish(tactic.id);
    if (keeps(value, "tactics", tactic.id, is_id(tactic.id, "TA", false), draft))
      draft.tactics.push_back(std::move(tactic));
    return {};
  });
}

Result<void> read_techniques(const Document& values, Draft& draft) {
  return each(values, "techniques", draft, [&](const Document& value) -> Result<void> {
    Fields fields(value, "techniques", draft);
    DraftTechnique technique;
    technique.id = TRY(fields.text({"id"}));
    technique.name = TRY(fields.text({"name"}));
    technique.parent = TRY(fields.text({"subtechnique-of", "specializes"}));
    technique.tactics = TRY(fields.texts({"tactics"}));
    technique.attack_ref = TRY(fields.reference({"ATT&CK-reference", "attack-reference"}));
    const std::string maturity = TRY(fields.text({"maturity"}));
    technique.maturity = lower(maturity);
    technique.created = TRY(fields.text({"created_date", "created-date"}));
    technique.modified = TRY(fields.text({"modified_date", "modified-date"}));
    const std::vector<std::string> platforms = TRY(fields.texts({"platforms"}));
    TRY(common(fields));
    fields.require(technique.name, "name");
    fields.require(technique.maturity, "maturity");
    fields.finish(technique.id);
    for (const std::string& platform : platforms)
      draft.extras.push_back({technique.id, "platform", platform});
    if (keeps(value, "techniques", technique.id, is_id(technique.id, "T", true), draft))
      draft.techniques.push_back(std::move(technique));
    return {};
  });
}

Result<void> read_mitigations(const Document& values, Draft& draft) {
  return each(values, "mitigations", draft, [&](const Document& value) -> Result<void> {
    Fields fields(value, "mitigations", draft);
    DraftMitigation mitigation;
    mitigation.id = TRY(fields.text({"id"}));
    mitigation.name = TRY(fields.text({"name"}));
    mitigation.attack_ref = TRY(fields.reference({"ATT&CK-reference", "attack-reference"}));
    mitigation.categories = TRY(fields.texts({"category", "categories"}));
    TRY(read_links(fields.get({"techniques"}), fields.where(), draft, mitigation));
    TRY(read_lifecycle(fields.get({"ml-lifecycle", "lifecycle-phases"}), fields.where(), draft, mitigation));
    (void)fields.get({"created_date", "created-date"});
    (void)fields.get({"modified_date", "modified-date"});
    TRY(common(fields));
    fields.require(mitigation.name, "name");
    fields.finish(mitigation.id);
    if (keeps(value, "mitigations", mitigation.id, is_id(mitigation.id, "M", false), draft))
      draft.mitigations.push_back(std::move(mitigation));
    return {};
  });
}

Result<void> read_cases(const Document& values, Draft& draft) {
  return each(values, "case-studies", draft, [&](const Document& value) -> Result<void> {
    Fields fields(value, "case-studies", draft);
    DraftCase study;
    study.id = TRY(fields.text({"id"}));
    study.name = TRY(fields.text({"name"}));
    const std::string type = TRY(fields.text({"case-study-type", "type"}));
    study.type = lower(type);
    study.date = TRY(fields.text({"incident-date", "date"}));
    study.granularity = TRY(fields.text({"incident-date-granularity", "date-granularity"}));
    study.actor = TRY(fields.text({"actor"}));
    study.target = TRY(fields.text({"target"}));
    study.reporter = TRY(fields.text({"reporter", "reported-by"}));
    (void)fields.get({"created_date", "created-date"});
    (void)fields.get({"modified_date", "modified-date"});
    TRY(fields.prose({"summary"}));
    TRY(common(fields));
    fields.require(study.name, "name");
    if (const Document* procedure = fields.get({"procedure"}); procedure != nullptr && procedure->is_list()) {
      TRY(within_limit(procedure->list.size(), draft.limits.objects, fields.where()));
      for (const Document& step : procedure->list) {
        DraftStep read = TRY(read_step(step, study.id, draft));
        study.steps.push_back(std::move(read));
      }
    }
    fields.finish(study.id);
    if (keeps(value, "case-studies", study.id, is_id(study.id, "CS", false), draft))
      draft.cases.push_back(std::move(study));
    return {};
  });
}

}  // namespace bulwark::atlas
