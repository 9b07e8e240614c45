#pragma once
// One setting of TorchServe, from config.properties or a TS_… variable.

#include <string>
#include <string_view>

#include "scan/inspector.h"

namespace bulwark::scan {

struct TorchServeSetting {
  std::string_view key;  // lower case: "management_address"
  std::string_view value;
  std::string written;  // as evidence
  Place place;
  std::uint64_t value_offset = kNoOffset;  // in the artifact, if it is written there as it is
};
void judge_torchserve_setting(Inspection& in, const TorchServeSetting& setting);

// The regular expressions of allowed_urls let any web address or any file through.
[[nodiscard]] bool allows_any_url(std::string_view allowed_urls);

}  // namespace bulwark::scan
