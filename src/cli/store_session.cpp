#include "cli/store_session.h"

#include <thread>

#include "base/text.h"
#include "cli/s3_place.h"
#include "cli/secret_source.h"
#include "os/folders.h"
#include "os/interrupt.h"
#include "store/s3_address.h"

namespace bulwark::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kPause = 20ms;
constexpr auto kPatience = 60s;  // for other writers, before the user is told

}  // namespace

// Two waits with a second of work between them are two, not one long one.
bool StoreSession::wait() {
  const auto now = world_.clock.monotonic();
  if (waited_last_ == 0ns || now - waited_last_ > 1s) waiting_since_ = now;
  if (now - waiting_since_ > kPatience || os::interrupted()) return false;
  std::this_thread::sleep_for(kPause);
  waited_last_ = world_.clock.monotonic();
  return true;
}

Result<void> StoreSession::place(const Arguments& arguments) {
  folder_ = arguments.text("store");
  if (folder_.empty()) {
    const std::string home = TRY(home_folder(arguments));
    folder_ = home + "/store";
  }
  while (folder_.size() > 1 && folder_.ends_with('/')) folder_.pop_back();
  if (store::is_s3_url(folder_)) {
    storage_ = TRY(open_bucket(folder_, world_));
    return {};
  }
  storage_ =
      std::make_unique<store::LocalStorage>(world_.files, world_.random, folder_, [this] { return wait(); });
  return {};
}

store::Surroundings StoreSession::around() {
  return {.storage = *storage_,
          .keys = *keys_,
          .random = world_.random,
          .clock = world_.wall,
          .wait = [this] { return wait(); },
          .cutting = {}};
}

Result<void> StoreSession::create(const Arguments& arguments) {
  TRY(place(arguments));
  const std::string kek = arguments.text("kek", "store");
  keys_ = TRY(open_key_encryption(arguments, world_, kek));
  if (!store::is_s3_url(folder_)) TRY(os::make_folders_to(folder_ + "/root"));
  auto made = store::Store::create(around(), kek);
  if (!made) return std::unexpected(std::move(made).error());
  store_ = std::make_unique<store::Store>(std::move(*made));
  return {};
}

Result<void> StoreSession::open(const Arguments& arguments) {
  TRY(place(arguments));
  const store::Root root = TRY(store::Store::read_root(*storage_));
  keys_ = TRY(open_key_encryption(arguments, world_, arguments.text("kek", root.kek_name)));
  auto opened = store::Store::open(around());
  if (!opened) return std::unexpected(std::move(opened).error());
  store_ = std::make_unique<store::Store>(std::move(*opened));
  return {};
}

}  // namespace bulwark::cli
