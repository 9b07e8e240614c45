#include "store/s3_lock.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "store/s3_listing.h"

namespace bulwark::store {
namespace {

constexpr std::string_view kHeld = "held";
constexpr std::string_view kFree = "free";
constexpr std::size_t kDigits = 16;

std::string generation_key(const std::string& key, std::uint64_t generation) {
  std::array<char, kDigits + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(generation));
  return key + "." + digits.data();
}

// Every generation that is there, in order.
Result<std::vector<std::uint64_t>> generations(S3Client& client, const std::string& key) {
  std::vector<std::uint64_t> found;
  TRY(list_keys(client, key + ".", [&](const std::string& listed) -> Result<void> {
    const std::string digits = listed.substr(key.size() + 1);
    std::uint64_t generation = 0;
    for (const char c : digits) {
      const std::size_t digit = std::string_view("0123456789abcdef").find(c);
      if (digit == std::string_view::npos || digits.size() != kDigits) return {};  // not of this lock
      generation = generation * 16 + digit;
    }
    found.push_back(generation);
    return {};
  }));
  return found;
}

// Somebody holds this generation: it says so and is younger than a lease, by the clock of the server.
Result<bool> is_held(S3Client& client, const std::string& key, const std::string& name) {
  const S3Answer answer = TRY(client.send({.method = "GET", .key = key}));
  if (answer.http.status == 404) return false;
  if (!answer.succeeded()) return s3_error(answer, "cannot read the lock " + name);
  if (text_of(answer.http.body) != kHeld) return false;
  const auto now = http_date(answer.http.header("date"));
  const auto written = http_date(answer.http.header("last-modified"));
  if (!now || !written)
    return fail(Code::Unsupported, "cannot lock " + name + ": the server does not say how old the lock is");
  return *now - *written < client.limits().lease;
}

class S3Lock : public StorageLock {
 public:
  S3Lock(std::shared_ptr<S3Client> client, const Clock& clock, std::string key,
         std::chrono::nanoseconds since)
      : client_(std::move(client)), clock_(clock), key_(std::move(key)), renewed_(since.count()) {
    renewer_ = std::jthread([this](const std::stop_token& stop) { renew(stop); });
  }
  S3Lock(const S3Lock&) = delete;
  S3Lock& operator=(const S3Lock&) = delete;
  ~S3Lock() override {
    renewer_.request_stop();
    renewer_.join();
    // If it fails, the lease lapses.
    (void)client_->send({.method = "PUT", .key = key_, .query = {}, .headers = {}, .body = bytes_of(kFree)});
  }

  [[nodiscard]] bool held() const override {
    return clock_.monotonic() - std::chrono::nanoseconds{renewed_.load()} < client_->limits().lease;
  }

 private:
  void renew(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock guard(mutex);
    const auto period = std::chrono::milliseconds(client_->limits().lease) / 4;
    while (!stopped.wait_for(guard, stop, period, [&] { return stop.stop_requested(); })) {
      // Who has lost it does not take it back.
      if (!held()) return;
      const auto before = clock_.monotonic();
      const auto answer =
          client_->send({.method = "PUT", .key = key_, .query = {}, .headers = {}, .body = bytes_of(kHeld)});
      if (answer && answer->succeeded()) renewed_ = before.count();
    }
  }

  std::shared_ptr<S3Client> client_;
  const Clock& clock_;
  std::string key_;
  std::atomic<std::int64_t> renewed_;  // nanoseconds by clock_, before the request that did it
  std::jthread renewer_;
};

}  // namespace

Result<std::unique_ptr<StorageLock>> lock_object(const std::shared_ptr<S3Client>& client, const Clock& clock,
                                                 const std::string& key, const std::string& name) {
  const auto busy = [&] {
    return fail(Code::Unavailable, "the lock " + name +
                                       " is held by somebody else; try again when they are "
                                       "done, or after " +
                                       std::to_string(client->limits().lease.count()) +
                                       " seconds if their process has died");
  };
  const std::vector<std::uint64_t> before = TRY(generations(*client, key));
  if (!before.empty()) {
    const bool held = TRY(is_held(*client, generation_key(key, before.back()), name));
    if (held) return busy();
  }
  const std::uint64_t ours = before.empty() ? 1 : before.back() + 1;
  const std::string our_key = generation_key(key, ours);
  const std::string writer = new_writer(client->random());
  const auto since = clock.monotonic();
  const S3Answer created =
      TRY(client->send({.method = "PUT",
                        .key = our_key,
                        .query = {},
                        .headers = {{"if-none-match", "*"}, {std::string(kWriterHeader), writer}},
                        .body = bytes_of(kHeld)}));
  bool taken = created.succeeded();
  if (created.http.status == 412) taken = TRY(is_from(*client, our_key, writer));
  if (created.http.status == 412 && !taken) return busy();
  if (!taken) return s3_error(created, "cannot lock " + name);
  auto lock = std::make_unique<S3Lock>(client, clock, our_key, since);
  // Between our look and our write others may have gone on, and cleared ours away before it was there.
  const std::vector<std::uint64_t> after = TRY(generations(*client, key));
  if (after.empty() || after.back() != ours) return busy();
  for (const std::uint64_t generation : after) {
    if (generation != ours)
      (void)client->send({.method = "DELETE", .key = generation_key(key, generation)});  // tidiness only
  }
  return lock;
}

}  // namespace bulwark::store
