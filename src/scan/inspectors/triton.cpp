// config.pbtxt of a Triton model.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/settings_text.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/server_rules.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::array kRules = {kTritonPythonBackend};

Match recognises(Bytes content) {
  const std::string_view text = text_of(content.first(std::min<std::size_t>(content.size(), 16384)));
  const auto has = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
  const bool names_program = has("backend:") || has("backend :") || has("platform:");
  return names_program && (has("max_batch_size") || has("input") || has("instance_group")) ? Match::Weak
                                                                                           : Match::No;
}

Match recognises_file(std::string_view path, Bytes) {
  return path.ends_with("config.pbtxt") ? Match::Weak : Match::No;
}

Result<void> inspect(Inspection& in) {
  const std::vector<TextSetting> fields = read_prototext(text_of(in.bytes()));
  const bool config = std::ranges::any_of(fields, [](const TextSetting& field) {
    return field.section.empty() &&
           (field.key == "backend" || field.key == "platform" || field.key == "name");
  });
  if (!config) return fail(Code::Unsupported, "no model configuration");
  for (const TextSetting& field : fields)
    if (field.section.empty() && field.key == "backend" && field.value == "python")
      report_at(in, kTritonPythonBackend, {.offset = field.offset},
                "model.py of this model runs in the server; mount the repository read-only and review it",
                "backend: \"python\"");
  return {};
}

}  // namespace

const Inspector triton{
    .name = "triton",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
