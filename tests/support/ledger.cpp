#include "support/ledger.h"

#include <map>
#include <mutex>

#include "base/encoding.h"

namespace bulwark::test {
namespace {

// PKCS#8 of a key that signs nothing but tests.
constexpr std::string_view kKey = "MC4CAQAwBQYDK2VwBCIEIAwPa0gMshULtMWoA9BaeGEWrk215G43VdS7ROj8GEbU";

const crypto::PrivateKey& test_key() {
  static const crypto::PrivateKey key =
      crypto::PrivateKey::from_pkcs8(bytes_of(*decode_base64(kKey, Base64::Standard))).value();
  return key;
}

}  // namespace

MemorySigner::MemorySigner() : key_(test_key()) {}

Result<std::vector<std::uint8_t>> MemorySigner::sign(Bytes message) const {
  static std::mutex mutex;
  static std::map<std::string, std::vector<std::uint8_t>, std::less<>> signatures;
  const std::scoped_lock lock(mutex);
  const auto found = signatures.find(text_of(message));
  if (found != signatures.end()) return found->second;
  auto made = TRY(key_.sign(message));
  signatures.emplace(text_of(message), made);
  return made;
}

}  // namespace bulwark::test
