// The part of a drill's gate that looks into data sets.

#include <algorithm>
#include <memory>

#include "assay/assay.h"
#include "base/text.h"
#include "drill/crossing.h"
#include "os/files.h"
#include "os/temporary_folder.h"

namespace bulwark::drill {
namespace {

// Data sets are read from disk: a copy as the gate of a platform would have it.
Result<std::unique_ptr<tables::Dataset>> opened(std::span<const Crosser> files, const std::string& name,
                                                const std::string& folder) {
  const auto file = std::ranges::find(files, name, &Crosser::name);
  if (file == files.end()) return fail(Code::NotFound, "no file " + name);
  const std::size_t slash = name.rfind('/');
  const std::string path = folder + "/" + (slash == std::string::npos ? name : name.substr(slash + 1));
  TRY(os::write_durably(path, text_of(file->bytes)));
  return tables::open_dataset(path);
}

// The code of a part is what all the controls of its rules consist of, so without one of them it says nothing
// in its name.
bool is_off(const Rule& rule, std::string_view control) {
  const auto controls = words(rule.controls);
  return !control.empty() && std::ranges::find(controls, control) != controls.end();
}

Result<void> look(const Evidence& evidence, std::span<const Crosser> files, const ControlSwitches& switches,
                  Report& report) {
  const AssayOrder& order = *evidence.assay;
  const os::TemporaryFolder now = TRY(os::TemporaryFolder::make(evidence.folder));
  const os::TemporaryFolder before = TRY(os::TemporaryFolder::make(evidence.folder));
  const auto dataset = TRY(opened(files, order.file, now.path()));
  std::unique_ptr<tables::Dataset> reference;
  if (order.against) reference = TRY(opened(evidence.approved, order.file, before.path()));
  assay::Request request;
  request.dataset = dataset.get();
  request.reference = reference.get();
  request.only = order.parts;
  request.settings.details = false;
  request.settings.roles = {.label = order.label,
                            .group = order.group,
                            .source = order.source,
                            .time = order.time,
                            .id = {},
                            .texts = order.texts,
                            .ignored = {},
                            .tiers = {}};
  for (const std::string& source : order.untrusted)
    request.settings.roles.tiers.emplace_back(source, "untrusted");
  assay::Assayed assayed = TRY(assay::assay(request));
  const std::size_t found = assayed.report.findings.size();
  std::erase_if(assayed.report.findings,
                [&](const Finding& finding) { return is_off(*finding.rule, switches.off); });
  const bool silenced_some = assayed.report.findings.size() < found;
  for (Finding& finding : assayed.report.findings) finding.path = order.file;
  for (Gap& gap : assayed.report.gaps) gap.path = order.file;
  report.append(std::move(assayed.report));
  if (assayed.undecided && !silenced_some)
    report.gaps.push_back(
        {GapReason::Unsupported, order.file, {}, {}, "a part of the assay could not decide"});
  return {};
}

}  // namespace

void assay_file(const Evidence& evidence, std::span<const Crosser> files, const ControlSwitches& switches,
                Report& report) {
  if (const auto looked = look(evidence, files, switches, report); !looked)
    report.gaps.push_back(
        {gap_reason_from(looked.error().code), evidence.assay->file, {}, {}, looked.error().message});
}

}  // namespace bulwark::drill
