#include "cli/anonymise.h"

#include "assay/anonymise/plan.h"
#include "os/files.h"

namespace bulwark::cli {

Result<int> anonymise(const Arguments& arguments, const World&, const tables::Dataset&) {
  const std::string text =
      TRY(os::read_text(arguments.text("anonymise"), assay::anonymise::PlanLimits{}.bytes));
  TRY(assay::anonymise::read_plan(text));
  return fail(Code::Unsupported, "--anonymise reads its plan, and cannot write a copy yet");
}

Result<int> suggest_plan(const Arguments&, const World&, const tables::Dataset&) {
  return fail(Code::Unsupported, "--suggest is not there yet");
}

}  // namespace bulwark::cli
