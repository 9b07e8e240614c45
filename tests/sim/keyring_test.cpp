// The keyring on the disk that crashes: what was acknowledged opens, and nothing half-written is seen.

#include "crypto/keyring.h"

#include <gtest/gtest.h>

#include <map>

#include "sim/run.h"

namespace bulwark::sim {
namespace {

const std::string kRoot(32, 'r');

// Key-encryption keys only: signing keys take their randomness from the crypto library, and a run must
// repeat.
class KeyringWorkload : public Workload {
 public:
  explicit KeyringWorkload(std::uint64_t seed) : random_(seed) {}

  Result<void> live(FileSystem& files, test::SeededRandom& random) override {
    const crypto::Keyring ring(files, random_, clock_, "keys");
    for (int i = 0; i < 4; ++i) {
      const std::string name(1, static_cast<char>('a' + random.below(3)));
      TRY(work(ring, name, random));
    }
    return {};
  }

  std::string verify(FileSystem& files) override {
    const crypto::Keyring ring(files, random_, clock_, "keys");
    const auto listing = ring.list();
    if (!listing) return listing.error().message;
    if (!listing->damaged.empty()) return listing->damaged.front().error.message;
    for (const auto& [name, versions] : acknowledged_) {
      const auto key = ring.verify(name, unlock());
      if (!key) return name + ": " + key.error().message;
      // What was begun and not acknowledged may have happened.
      if (key->versions.size() < versions || key->versions.size() > versions + begun_[name])
        return name + ": " + std::to_string(key->versions.size()) + " versions, acknowledged " +
               std::to_string(versions);
    }
    return {};
  }

  std::string verify_damaged(FileSystem& files, const Damage& /*damage*/) override {
    const crypto::Keyring ring(files, random_, clock_, "keys");
    for (const auto& [name, versions] : acknowledged_) {
      const auto key = ring.verify(name, unlock());
      if (key && key->versions.size() < versions) return name + ": damaged, and nobody saw it";
    }
    return {};
  }

 private:
  static crypto::Unlock unlock() {
    return [](const crypto::KeyFile&) -> Result<crypto::Secret> { return crypto::Secret(bytes_of(kRoot)); };
  }

  Result<void> work(const crypto::Keyring& ring, const std::string& name, test::SeededRandom& random) {
    ++begun_[name];
    const auto before = ring.find(name);
    if (!before && before.error().code != Code::NotFound) return std::unexpected(before.error());
    const auto after = before ? (random.below(3) == 0 ? ring.protect(name, unlock(), protector())
                                                      : ring.rotate(name, unlock()))
                              : ring.create(name, std::nullopt, protector());
    if (!after) return std::unexpected(after.error());
    acknowledged_[name] = after->versions.size();
    begun_[name] = 0;
    return {};
  }

  static crypto::Protector protector() {
    return {.method = crypto::Protection::Method::RootKey,
            .secret = crypto::Secret(bytes_of(kRoot)),
            .reference = "env:ROOT"};
  }

  test::SeededRandom random_;
  test::SteppingWallClock clock_;
  std::map<std::string, std::size_t> acknowledged_;
  std::map<std::string, std::size_t> begun_;
};

TEST(KeyringSimulation, LosesNothingThatWasAcknowledged) {
  expect_no_failures(
      run_seeds([](std::uint64_t seed) { return std::make_unique<KeyringWorkload>(seed); }, 3'000));
}

TEST(KeyringSimulation, SurvivesACrashAtEveryStep) {
  expect_no_failures(
      crash_at_every_step([](std::uint64_t seed) { return std::make_unique<KeyringWorkload>(seed); }));
}

}  // namespace
}  // namespace bulwark::sim
