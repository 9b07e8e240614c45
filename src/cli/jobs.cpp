#include "cli/jobs.h"

#include <algorithm>
#include <string>
#include <thread>

namespace bulwark::cli {

Result<std::size_t> jobs_from(const Arguments& arguments) {
  if (!arguments.has("jobs")) return std::max(1U, std::thread::hardware_concurrency());
  const std::string text = arguments.text("jobs");
  const bool digits = !text.empty() && text.size() <= 3 &&
                      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || text == "0") return fail(Code::InvalidInput, "--jobs: must be 1 to 999");
  return static_cast<std::size_t>(std::stoul(text));
}

}  // namespace bulwark::cli
