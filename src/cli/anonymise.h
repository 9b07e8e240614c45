#pragma once
// What `bulwark assay` does instead of judging: write an anonymised copy, or the plan for one.

#include <array>

#include "base/result.h"
#include "cli/verb.h"
#include "tables/dataset.h"

namespace bulwark::cli {

// For the verb's own list, together with --output, --format, --jobs, kHomeFlag and kPassphraseFlag.
inline constexpr auto kAnonymiseFlags = std::to_array<Flag>({
    {.name = "anonymise",
     .value = "PLAN",
     .help = "write a copy to --output in which the columns are changed as the plan says",
     .group = "Anonymise"},
    {.name = "suggest",
     .help = "write a plan for --anonymise to --output (default: standard output), made from what is found"},
});

// --anonymise PLAN --output OUT.csv: writes the copy, and the tables of counts beside it; the report
// (--format text or json) goes to standard output. Reads of the arguments: anonymise, output, format, jobs,
// home, passphrase-from. The result is the exit code: kAccepted; kRefused (the plan cannot be kept: nothing
// is written); kIncomplete (rows that could not be read are missing). Errors are kUsage.
[[nodiscard]] Result<int> anonymise(const Arguments& arguments, const World& world,
                                    const tables::Dataset& dataset);

// --suggest: reads output, jobs.
[[nodiscard]] Result<int> suggest_plan(const Arguments& arguments, const World& world,
                                       const tables::Dataset& dataset);

}  // namespace bulwark::cli
