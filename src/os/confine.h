#pragma once
// Gives up every right of this process but to compute and to use the descriptors that it has: no files, no
// sockets, no programs, no new threads, no new executable memory.

#include "base/result.h"

namespace bulwark::os {

// For all threads of the process and for good (seccomp filter). A refused call fails with EPERM, so that
// libraries find their way around it. Errors: Unavailable (the kernel has no such filters).
[[nodiscard]] Result<void> confine_to_computing();

}  // namespace bulwark::os
