#pragma once
// SIGINT and SIGTERM as a flag: the first asks for a tidy end, a second one (more than 0.3 s later) ends at
// once.

namespace bulwark::os {

void catch_interrupts();
[[nodiscard]] bool interrupted();
// Ends the process as the signal would have, so that a calling shell sees what happened. Only after
// interrupted().
[[noreturn]] void die_interrupted();

}  // namespace bulwark::os
