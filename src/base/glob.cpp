#include "base/glob.h"

#include <vector>

namespace bulwark {

bool matches_glob(std::string_view glob, std::string_view text) {
  // All positions of the pattern that the text read so far can have reached, so the cost is glob x text at
  // most.
  std::vector<char> reached(glob.size() + 1, 0);
  const auto pass_stars = [&] {
    for (std::size_t g = 0; g < glob.size(); ++g) {
      if (reached[g] == 0 || glob[g] != '*') continue;
      const bool deep = glob.substr(g).starts_with("**");
      reached[g + (deep ? 2 : 1)] = 1;
      if (glob.substr(g).starts_with("**/")) reached[g + 3] = 1;
    }
  };
  reached[0] = 1;
  pass_stars();
  for (const char letter : text) {
    std::vector<char> next(glob.size() + 1, 0);
    for (std::size_t g = 0; g < glob.size(); ++g) {
      if (reached[g] == 0) continue;
      if (glob[g] == '*') {
        const bool deep = glob.substr(g).starts_with("**");
        if (deep || letter != '/') next[g] = 1;
      } else if (glob[g] == letter || (glob[g] == '?' && letter != '/')) {
        next[g + 1] = 1;
      }
    }
    reached = std::move(next);
    pass_stars();
  }
  return reached.back() != 0;
}

}  // namespace bulwark
