#include "scan/knowledge/allowed_packages.h"

#include "base/text.h"
#include "scan/formats/dependencies/javascript_locks.h"
#include "scan/formats/dependencies/requirements.h"
#include "scan/formats/versions/order.h"
#include "scan/formats/versions/pep440.h"
#include "scan/formats/versions/semver.h"

namespace bulwark::scan {
namespace {

std::string key_of(std::string_view ecosystem, std::string_view name) {
  return std::string(ecosystem) + '\t' + normalised_name(ecosystem, name);
}

}  // namespace

Result<AllowedPackages> AllowedPackages::read(std::string_view text) {
  AllowedPackages allowed;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    if (line.starts_with("npm:")) {
      line.remove_prefix(4);
      const std::size_t end = end_of_npm_name(line);
      const std::string_view range =
          end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
      allowed.constraints_[key_of("npm", line.substr(0, end))] = range;
      continue;
    }
    const auto requirement = parse_requirement(line);
    if (!requirement || !requirement->source.empty() || !parse_specifiers(requirement->wanted))
      return fail(Code::InvalidInput, "line " + std::to_string(number) + ": '" + printable(line, 60) +
                                          "' is no requirement such as 'torch>=2.6' or 'npm:react@^18'");
    allowed.constraints_[key_of("PyPI", requirement->name)] = requirement->wanted;
  }
  return allowed;
}

std::string_view AllowedPackages::constraint(std::string_view ecosystem, std::string_view name) const {
  const auto found = constraints_.find(key_of(ecosystem, name));
  return found == constraints_.end() ? std::string_view() : std::string_view(found->second);
}

AllowedPackages::Answer AllowedPackages::ask(std::string_view ecosystem, std::string_view name,
                                             std::string_view version) const {
  const auto found = constraints_.find(key_of(ecosystem, name));
  if (found == constraints_.end()) return Answer::UnknownName;
  const std::string_view wanted = found->second;
  if (wanted.empty() || version.empty()) return Answer::Allowed;
  if (ecosystem == "npm") return matches_npm_range(wanted, version) ? Answer::Allowed : Answer::OtherVersion;
  const auto clauses = parse_specifiers(wanted);
  return clauses && matches(*clauses, version) ? Answer::Allowed : Answer::OtherVersion;
}

}  // namespace bulwark::scan
