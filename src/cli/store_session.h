#pragma once
// What every sub-command of `bulwark store` stands on: the place, the keys, the store.

#include <functional>
#include <memory>
#include <string>

#include "cli/verb.h"
#include "store/local_storage.h"
#include "store/store.h"

namespace bulwark::cli {

// Not movable: its parts refer to each other.
class StoreSession {
 public:
  explicit StoreSession(const World& world) : world_(world) {}
  StoreSession(const StoreSession&) = delete;
  StoreSession& operator=(const StoreSession&) = delete;

  // A new store, sealed with the key --kek names ("store"). Errors: those of Store::create.
  [[nodiscard]] Result<void> create(const Arguments& arguments);
  // The store of --store, or of --home; its root says which key it takes, unless --kek does.
  [[nodiscard]] Result<void> open(const Arguments& arguments);

  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] const World& world() const { return world_; }

 private:
  [[nodiscard]] Result<void> place(const Arguments& arguments);
  [[nodiscard]] store::Surroundings around();
  [[nodiscard]] bool wait();

  const World& world_;
  std::string folder_;
  std::unique_ptr<store::Storage> storage_;
  std::unique_ptr<crypto::KeyEncryption> keys_;
  std::unique_ptr<store::Store> store_;
  std::chrono::nanoseconds waiting_since_{0};
  std::chrono::nanoseconds waited_last_{0};
};

}  // namespace bulwark::cli
