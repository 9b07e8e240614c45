#include "drill/vault.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "crypto/key_encryption.h"
#include "crypto/seal.h"
#include "drill/kept_files.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/random.h"
#include "store/local_storage.h"
#include "store/names.h"
#include "store/object_reader.h"
#include "store/put.h"
#include "store/store.h"

namespace bulwark::drill {
namespace {

// One version of a key that is never written down.
class OneKey : public crypto::KeyEncryption {
 public:
  explicit OneKey(Random& random) : key_(std::size_t{32}) { random.fill(key_.writable()); }
  [[nodiscard]] Result<std::uint32_t> current() const override { return 1U; }
  [[nodiscard]] Result<std::vector<std::uint8_t>> wrap(std::uint32_t, Bytes key) const override {
    return crypto::wrap_key(key_.bytes(), key);
  }
  [[nodiscard]] Result<crypto::Secret> unwrap(std::uint32_t, Bytes wrapped) const override {
    return crypto::unwrap_key(key_.bytes(), wrapped);
  }

 private:
  crypto::Secret key_;
};

store::Source source_of(Bytes content) {
  return [content](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
    const std::size_t count = std::min(out.size(), content.size());
    std::memcpy(out.data(), content.data(), count);
    content = content.subspan(count);
    return count;
  };
}

}  // namespace

struct Vault::State {
  State(std::string in, std::vector<std::string> content)
      : folder(std::move(in)), names(std::move(content)), key(random), storage(files, random, folder) {}

  const std::string folder;
  const std::vector<std::string> names;
  os::RealFileSystem files;
  os::SystemRandom random;
  os::SystemWallClock clock;
  OneKey key;
  store::LocalStorage storage;
  store::Surroundings around{.storage = storage, .keys = key, .random = random, .clock = clock};
};

Vault::Vault(std::unique_ptr<State> state) : state_(std::move(state)) {}
Vault::~Vault() = default;

Result<std::shared_ptr<const Vault>> Vault::fill(const std::string& folder, std::span<const Crosser> files) {
  std::vector<std::string> names;
  for (const Crosser& file : files) names.push_back(file.name);
  auto state = std::make_unique<State>(folder, std::move(names));
  const store::Store store = TRY(store::Store::create(state->around, "drill"));
  for (const Crosser& file : files) {
    store::PutOptions options;
    options.name = file.name;
    TRY(store::put(store, source_of(file.bytes), options));
  }
  return std::shared_ptr<const Vault>(new Vault(std::move(state)));
}

Result<std::vector<Crosser>> disk_of(const Vault& vault) {
  return files_below(vault.state_->folder);
}

Result<std::vector<Crosser>> Vault::owner_reads() const {
  const store::Store store = TRY(store::Store::open(state_->around));
  std::vector<Crosser> read;
  for (const std::string& name : state_->names) {
    const store::ObjectId object = TRY(store::resolve(store, name));
    store::ObjectReader reader = TRY(store::ObjectReader::open(store, object));
    std::vector<std::uint8_t> bytes(reader.size());
    TRY(reader.read_at(0, bytes));
    read.push_back({.name = name, .bytes = std::move(bytes)});
  }
  return read;
}

}  // namespace bulwark::drill
