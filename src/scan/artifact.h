#pragma once
// Bytes that we look at: a file, an archive member, a payload found inside another artifact.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_reader.h"

namespace bulwark::scan {

struct Artifact {
  std::string path;                 // the file that was given; for messages only, never for a decision
  std::vector<std::string> origin;  // members from the outside in; empty for the file itself
  Bytes bytes;                      // all of it; alive as long as `keeps` or the enclosing artifact
  // Several artifacts may be slices of one buffer, so ownership is shared. Null: the enclosing artifact owns.
  std::shared_ptr<const void> keeps;
};

}  // namespace bulwark::scan
