#pragma once
// What we may assume about the other end of a descriptor.

namespace bulwark::os {

[[nodiscard]] bool is_terminal(int descriptor);
// Colours make sense: a terminal that is not dumb, and the user did not set NO_COLOR.
[[nodiscard]] bool likes_colour(int descriptor);
// Columns of the terminal; 100 if it is none.
[[nodiscard]] unsigned columns(int descriptor);

}  // namespace bulwark::os
