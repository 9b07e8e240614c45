#include "os/error.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "base/text.h"

namespace bulwark::os {

std::unexpected<Error> system_error(std::string_view what) {
  const int number = errno;
  Code code = Code::Unavailable;
  if (number == ENOENT || number == ENOTDIR) code = Code::NotFound;
  if (number == EACCES || number == EPERM || number == EROFS) code = Code::Denied;
  if (number == ENOSPC || number == EDQUOT || number == EFBIG) code = Code::LimitReached;
  if (number == EEXIST || number == ENAMETOOLONG) code = Code::InvalidInput;
  if (number == ELOOP || number == EISDIR || number == ENXIO) code = Code::Unsupported;
  return fail(code, std::string(what) + ": " + lower(std::generic_category().message(number)));
}

}  // namespace bulwark::os
