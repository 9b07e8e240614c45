#include "drill/results.h"

#include <algorithm>
#include <utility>

#include "assay/rules.h"
#include "base/document.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "drill/evidence.h"
#include "os/files.h"
#include "os/folders.h"
#include "os/mapping.h"
#include "scan/engine.h"

namespace bulwark::drill {
namespace {

// A full run of every drill takes some 200 KB.
constexpr std::uint64_t kResultBytes = std::uint64_t{16} << 20;

std::vector<std::string> texts(const Document& record, std::string_view key) {
  std::vector<std::string> found;
  const Document* list = record.find(key);
  if (list == nullptr) return found;
  for (const Document& text : list->list)
    if (text.is_string()) found.push_back(text.string);
  return found;
}

Result<atlas::DrillOutcome> outcome_of(const Document& record) {
  atlas::DrillOutcome out{.id = std::string(record.text("id")),
                          .techniques = texts(record, "techniques"),
                          .cases = texts(record, "cases"),
                          .controls = texts(record, "controls"),
                          .reason = std::string(record.text("reason"))};
  const std::string_view outcome = record.text("outcome");
  const std::string_view proof = record.text("proof");
  bool known_outcome = false;
  bool known_proof = false;
  for (const auto candidate : {atlas::Outcome::Proven, atlas::Outcome::Failed, atlas::Outcome::Unassessed}) {
    if (atlas::name_of(candidate) != outcome) continue;
    out.outcome = candidate;
    known_outcome = true;
  }
  for (const auto candidate : {atlas::Proof::Prevent, atlas::Proof::Detect, atlas::Proof::Test}) {
    if (atlas::name_of(candidate) != proof) continue;
    out.proof = candidate;
    known_proof = true;
  }
  if (out.id.empty() || !known_outcome || !known_proof)
    return fail(Code::InvalidInput, "drill '" + printable(out.id, 40) + "' has no known outcome and proof");
  if (const Document* step = record.find("stopped_at_step");
      step != nullptr && step->kind == Document::Kind::Integer && step->integer > 0 && step->integer < 1000)
    out.stopped_at_step = static_cast<int>(step->integer);
  return out;
}

}  // namespace

Result<std::string> build_digest() {
  auto program = os::Mapping::open("/proc/self/exe", true);
  if (!program) return std::unexpected(std::move(program).error().within("the running program"));
  return crypto::sha256([&](const auto& each) { (*program)->for_each_piece(each); });
}

std::string results_path() {
  const std::string state = os::base_folder("XDG_STATE_HOME", ".local/state");
  return state.empty() ? std::string() : state + "/bulwark/drills.json";
}

Result<std::vector<atlas::DrillOutcome>> outcomes_in(std::string_view document, std::string_view build) {
  const ParsedDocument parsed = TRY(parse_json(document, Limits{}));
  const Document* tool = parsed.root.find("tool");
  const Document* drills = parsed.root.find("drills");
  if (tool == nullptr || drills == nullptr || !drills->is_list())
    return fail(Code::InvalidInput, "no drill results: expected 'tool' and 'drills'");
  std::vector<atlas::DrillOutcome> outcomes;
  if (tool->text("build") != build) return outcomes;
  for (const Document& record : drills->list) {
    atlas::DrillOutcome outcome = TRY(outcome_of(record));
    outcomes.push_back(std::move(outcome));
  }
  std::ranges::sort(outcomes, {}, &atlas::DrillOutcome::id);
  return outcomes;
}

Result<std::vector<atlas::DrillOutcome>> saved_outcomes(const std::string& path) {
  if (path.empty()) return std::vector<atlas::DrillOutcome>{};
  const auto document = os::read_text(path, kResultBytes);
  if (!document && document.error().code == Code::NotFound) return std::vector<atlas::DrillOutcome>{};
  if (!document) return std::unexpected(document.error());
  const std::string build = TRY(build_digest());
  auto outcomes = outcomes_in(*document, build);
  if (!outcomes) return std::unexpected(std::move(outcomes).error().within(path));
  return outcomes;
}

Result<void> save_results(const std::string& path, std::string_view document) {
  TRY(os::make_folders_to(path));
  return os::write_durably(path, document);
}

std::vector<std::string_view> implemented_controls() {
  std::vector<std::string_view> controls;
  for (const Rule* rule : scan::all_rules())
    for (const std::string_view control : words(rule->controls)) controls.push_back(control);
  for (const Rule* rule : assay::rules())
    for (const std::string_view control : words(rule->controls)) controls.push_back(control);
  // What keeps evidence has no inspector.
  for (const Kept kept : {Kept::Signed, Kept::Recorded, Kept::Logged, Kept::Encrypted})
    controls.push_back(control_of(kept));
  std::ranges::sort(controls);
  const auto repeated = std::ranges::unique(controls);
  controls.erase(repeated.begin(), repeated.end());
  return controls;
}

}  // namespace bulwark::drill
