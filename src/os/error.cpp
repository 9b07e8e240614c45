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
  if (number == EACCES || number == EPERM) code = Code::Denied;
  if (number == ELOOP || number == EISDIR || number == ENXIO) code = Code::Unsupported;
  return fail(code, std::string(what) + ": " + lower(std::generic_category().message(number)));
}

}  // namespace bulwark::os
