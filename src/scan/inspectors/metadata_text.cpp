#include "scan/inspectors/metadata_text.h"

#include <string>

#include "scan/formats/command_text.h"

namespace bulwark::scan {

bool judge_metadata_text(Inspection& in, std::string_view text, std::uint64_t offset,
                         std::string_view where) {
  const auto command = find_command(text);
  if (!command) return false;
  in.report(kMetadataCommand,
            {.place = {.offset = offset == kNoOffset ? kNoOffset : offset + command->offset},
             .message = std::string(where) + " holds " + (command->encoded ? "encoded " : "") + "text that " +
                        std::string(command->what),
             .evidence = command->command,
             .severity = command->severity});
  return true;
}

}  // namespace bulwark::scan
