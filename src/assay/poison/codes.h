#pragma once
// Counts the codes of one position: how many rows carry each, and which class most of them have.

#include <cstdint>
#include <span>
#include <vector>

#include "assay/poison/masked_space.h"

namespace bulwark::assay {

class CodeCounter {
 public:
  struct Code {
    std::uint64_t code = 0;
    std::uint32_t carriers = 0;
    std::uint32_t own = 0;   // carriers of `label`
    std::int32_t label = 0;  // the commonest among them; the first of equals
    std::uint32_t streak = 0;
    std::int32_t last = -1;
  };

  // One more carrier of a code. Carriers come class by class.
  static void add(Code& code, std::int32_t label);

  // codes[place] of every place of the space; the result and ids() live until the next call.
  [[nodiscard]] const std::vector<Code>& count(const MaskedSpace& space,
                                               std::span<const std::uint64_t> codes);
  [[nodiscard]] std::span<const std::uint32_t> ids() const { return ids_; }  // place -> index of its code

  // Places with the code `id`, of one class, ascending.
  void carriers(const MaskedSpace& space, std::uint32_t id, std::int32_t label,
                std::vector<std::uint32_t>& places) const;

 private:
  std::vector<std::uint32_t> slots_;  // index + 1 of a code, 0: free
  std::vector<Code> found_;
  std::vector<std::uint32_t> ids_;
};

}  // namespace bulwark::assay
