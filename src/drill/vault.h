#pragma once
// A store of the product around the files of a drill: what lies on the disk, and the owner's way back.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "drill/drill.h"

namespace bulwark::drill {

class Vault {
 public:
  // Makes a store in `folder`, which exists and is empty, with a key that lives only here, and puts all files
  // into it. Errors: those of the store.
  [[nodiscard]] static Result<std::shared_ptr<const Vault>> fill(const std::string& folder,
                                                                 std::span<const Crosser> files);
  ~Vault();

  // What the owner gets back with the key. Errors: those of the store.
  [[nodiscard]] Result<std::vector<Crosser>> owner_reads() const;

 private:
  friend Result<std::vector<Crosser>> disk_of(const Vault& vault);
  struct State;
  explicit Vault(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Every byte of the vault's folder, as somebody with a copy of the disk has it. Errors: Unavailable.
[[nodiscard]] Result<std::vector<Crosser>> disk_of(const Vault& vault);

}  // namespace bulwark::drill
