// Profiles of data sets, hostile: what is read can be written, merged and compared, and reads back the same.

#include <cstdlib>
#include <string>

#include "assay/profile/profile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark::assay::profile;
  auto profile = read_profile(std::string(data, data + size));
  if (!profile) return 0;
  (void)diff_profiles(*profile, *profile);
  (void)write_contract(*profile);
  const auto again = read_profile(write_profile(*profile));
  if (again && again->rows != profile->rows) std::abort();
  const Profile other = *profile;
  (void)merge_profiles(*profile, other);
  (void)write_profile(*profile);
  return 0;
}
