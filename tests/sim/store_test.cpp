// A store on a disk that crashes, fills up, fails and rots.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/run.h"
#include "unit/store/world.h"

namespace bulwark::store {
namespace {

using Content = std::vector<std::uint8_t>;

constexpr Cutting kFine{.segment_bytes = 1024, .inline_bytes = 256};

// What is promised of one piece of content.
struct Promise {
  bool stored = false;    // a put was acknowledged since the last shredding was begun
  bool shredded = false;  // a shredding was acknowledged since the last put was begun
};

// Puts, names, rotates, shreds and collects garbage, and remembers what was acknowledged.
class StoreWorkload : public sim::Workload {
 public:
  explicit StoreWorkload(std::uint64_t seed) : seed_(seed) {}

  Result<void> live(FileSystem& files, test::SeededRandom& life) override {
    test::SeededRandom random(life.next());
    TRY(files.make_directory("/store"));
    TRY(files.sync_directory("/"));
    LocalStorage storage(files, random, "/store");
    keys_.version = version_;
    Surroundings around = surroundings(storage, random);
    Store store = TRY(open_or_create(around));
    created_ = true;
    for (int i = 0; i < 6; ++i) TRY(act(store, random));
    return {};
  }

  std::string verify(FileSystem& files) override {
    if (!created_) return {};
    test::SeededRandom random(seed_ + 17);
    LocalStorage storage(files, random, "/store");
    auto store = Store::open(surroundings(storage, random));
    if (!store) return "the store does not open: " + store.error().message;
    std::string broken = check_promises(*store);
    if (broken.empty()) broken = check_whole(*store);
    if (!broken.empty()) return broken;
    const auto collected = collect_garbage(*store, Quarantined::Keep, [] { return true; });
    if (!collected) return "garbage cannot be collected: " + collected.error().message;
    return check_promises(*store);
  }

  // Damage may cost content, but what is returned is right, and fsck knows of it.
  std::string verify_damaged(FileSystem& files, const sim::Damage& damage) override {
    if (!created_) return {};
    test::SeededRandom random(seed_ + 18);
    LocalStorage storage(files, random, "/store");
    auto store = Store::open(surroundings(storage, random));
    if (!store)
      return damage.path.ends_with("root") || damage.path.ends_with("root.copy")
                 ? "one damaged root keeps the store from opening"
                 : "the store does not open";
    const auto found = fsck(*store, Depth::Everything, [] { return true; });
    if (!found) return "fsck gives up: " + found.error().message;
    bool lost = false;
    for (const auto& [content, promise] : promises_) {
      const auto read = content_of(*store, id_of(*store, content));
      if (read && *read != content) return "wrong content was returned as right";
      if (!read && promise.stored) lost = true;
    }
    if (lost && found->damages.empty()) return "content is lost and fsck has not noticed";
    const bool counts = damage.path.starts_with("/store/") && !damage.path.starts_with("/store/lock") &&
                        !damage.path.starts_with("/store/temp");
    if (counts && found->damages.empty()) return "fsck overlooks damage of " + damage.path;
    return {};
  }

 private:
  [[nodiscard]] Surroundings surroundings(Storage& storage, Random& random) {
    return {
        .storage = storage, .keys = keys_, .random = random, .clock = clock_, .wait = {}, .cutting = kFine};
  }

  Result<Store> open_or_create(const Surroundings& around) const {
    auto opened = Store::open(around);
    if (!opened && opened.error().code == Code::NotFound && !created_) return Store::create(around, "k");
    return opened;
  }

  static ObjectId id_of(const Store& store, const Content& content) {
    return store.keys().object_id(crypto::sha256_bytes(content));
  }

  // One of few contents, so that they are put, shared and shredded again and again. Larger ones have segments
  // in common.
  static Content some_content(test::SeededRandom& random) {
    constexpr std::array<std::size_t, 6> kSizes = {0, 40, 256, 1024, 2500, 3000};
    const std::uint64_t kind = random.below(kSizes.size() * 2);
    Content content = random_bytes(1, kSizes.at(kind / 2));
    if (kind % 2 == 1 && !content.empty()) content.back() ^= 1;
    return content;
  }

  Result<void> act(Store& store, test::SeededRandom& random) {
    switch (random.below(8)) {
      case 0: return act_shred(store, random);
      case 1: return act_rotate(store);
      case 2: {
        TRY(collect_garbage(store, Quarantined::Keep, [] { return true; }));
        return {};
      }
      default: return act_put(store, random);
    }
  }

  Result<void> act_put(const Store& store, test::SeededRandom& random) {
    const Content content = some_content(random);
    const std::string name = "name " + std::to_string(random.below(3));
    Promise& promise = promises_[content];
    promise.shredded = false;
    names_[name].clear();  // from here on it may lead anywhere
    const auto result = TRY(put(store, source_of(content), {.name = name, .move_name = true, .again = true}));
    if (result.object != id_of(store, content)) return fail(Code::InvalidInput, "put returned another id");
    promise.stored = true;
    names_[name] = content;
    has_name_.insert(name);
    return {};
  }

  Result<void> act_shred(const Store& store, test::SeededRandom& random) {
    const Content content = some_content(random);
    Promise& promise = promises_[content];
    const bool expected = promise.stored;
    promise.stored = false;
    for (const auto& [name, target] : names_)
      if (target == content) has_name_.erase(name);
    const auto result = shred(store, id_of(store, content), "test");
    if (!result && result.error().code == Code::NotFound && !expected) return {};
    if (!result) return std::unexpected(result.error());
    promise.shredded = true;
    return {};
  }

  Result<void> act_rotate(Store& store) {
    keys_.version = ++version_;
    const RotateResult result = TRY(rotate(store, [] { return true; }));
    if (!result.failed.empty()) return fail(Code::Corrupt, result.failed.front().why);
    for (std::uint32_t old = 1; old < version_; ++old) keys_.gone.insert(old);
    return {};
  }

  std::string check_promises(const Store& store) const {
    for (const auto& [content, promise] : promises_) {
      const auto read = content_of(store, id_of(store, content));
      const std::string what = "content of " + std::to_string(content.size()) + " bytes";
      if (read && *read != content) return what + " is half there";
      if (promise.stored && !read) return what + " was acknowledged and is lost: " + read.error().message;
      if (promise.shredded && read) return what + " was shredded and is back";
      if (!read && read.error().code != Code::NotFound && read.error().code != Code::Denied)
        return what + " is visible and cannot be read: " + read.error().message;
    }
    for (const auto& [name, content] : names_) {
      if (!has_name_.contains(name) || content.empty()) continue;
      const auto object = resolve(store, name);
      if (!object) return name + " is lost: " + object.error().message;
      if (*object != id_of(store, content)) return name + " leads to something else";
    }
    return {};
  }

  // Crashes leave garbage and unfinished work, never damage.
  static std::string check_whole(const Store& store) {
    const auto found = fsck(store, Depth::Everything, [] { return true; });
    if (!found) return "fsck gives up: " + found.error().message;
    for (const Damage& damage : found->damages) {
      const bool copy = damage.kind == DamageKind::RootCopyDamaged;  // a crash between the two roots
      if (about(damage.kind).harm != Harm::None && !copy)
        return std::string(about(damage.kind).name) + " " + damage.path + ": " + damage.detail;
    }
    return {};
  }

  const std::uint64_t seed_;
  test::SteppingWallClock clock_;
  TestKeys keys_;
  std::uint32_t version_ = 1;
  bool created_ = false;
  std::map<Content, Promise> promises_;
  std::map<std::string, Content> names_;
  std::set<std::string> has_name_;
};

std::unique_ptr<sim::Workload> new_workload(std::uint64_t seed) {
  return std::make_unique<StoreWorkload>(seed);
}

// Four times 2,500 seeds, so that they run beside each other.
class StoreSimulation : public testing::TestWithParam<std::uint64_t> {};

TEST_P(StoreSimulation, LosesNothingThatWasAcknowledged) {
  sim::expect_no_failures(sim::run_seeds(new_workload, 2'500, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Shards, StoreSimulation, testing::Values(0, 1, 2, 3));

TEST(StoreSimulationSteps, SurvivesACrashAtEveryStep) {
  sim::expect_no_failures(sim::crash_at_every_step(new_workload));
}

}  // namespace
}  // namespace bulwark::store
