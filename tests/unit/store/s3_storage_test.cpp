#include "store/s3_storage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "os/clock.h"
#include "os/random.h"
#include "support/s3_server.h"
#include "support/world.h"

namespace bulwark::store {
namespace {

using namespace std::chrono_literals;
using test::S3Fault;
using test::S3Server;
using test::S3ServerSettings;

class S3 : public testing::Test {
 protected:
  void serve(const S3ServerSettings& settings = {}) {
    auto started = S3Server::start(settings);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
    limits_.first_pause = 1ms;
    limits_.longest_pause = 3ms;
    limits_.request_time = 5s;
    limits_.single_bytes = 3'000;
    limits_.part_bytes = 1'000;
    limits_.first_bytes = 100;
    limits_.ahead_bytes = 1'000;
  }

  std::unique_ptr<S3Storage> storage(const std::string& secret = "secret/of+the/test",
                                     const std::string& token = "") {
    auto address = s3_address("s3://bucket/pre/fix?region=test-1&endpoint=" + server_->endpoint());
    EXPECT_TRUE(address) << address.error().message;
    auto http = HttpClient::open(clock_);
    if (!http) {
      ADD_FAILURE() << http.error().message;
      return nullptr;
    }
    S3Credentials credentials{.key_id = "AKIDTEST",
                              .secret = crypto::Secret(bytes_of(secret)),
                              .session_token = crypto::Secret(bytes_of(token))};
    return std::make_unique<S3Storage>(
        std::make_unique<S3Client>(std::move(*http), *address, std::move(credentials), wall_, random_,
                                   limits_),
        clock_);
  }

  static std::string read(Storage& storage, const std::string& name) {
    const auto content = read_all(storage, name, 1'000'000);
    return content ? std::string(text_of(*content)) : "error: " + content.error().message;
  }
  static std::string names(Storage& storage, const std::string& folder) {
    std::string out;
    const auto listed = storage.list(folder, [&](const std::string& name) -> Result<void> {
      out += name + " ";
      return {};
    });
    return listed ? out : "error: " + listed.error().message;
  }
  std::size_t count_of(const std::string& start) {
    const auto requests = server_->requests();
    return static_cast<std::size_t>(std::ranges::count_if(
        requests, [&](const std::string& request) { return request.starts_with(start); }));
  }

  std::unique_ptr<S3Server> server_;
  S3Limits limits_;
  os::SteadyClock clock_;
  os::SystemWallClock wall_;
  os::SystemRandom random_;
};

std::string text_of_size(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * i % 23);
  return text;
}

TEST_F(S3, KeepsWhatIsPut) {
  serve();
  const auto store = storage();
  ASSERT_EQ(store->put("blob/a", bytes_of("content")).value_or(false), true);
  EXPECT_EQ(read(*store, "blob/a"), "content");
  EXPECT_EQ(server_->objects().at("pre/fix/blob/a"), "content");
  EXPECT_EQ(store->put("blob/a", bytes_of("other")).value_or(true), false) << "a name is written once";
  EXPECT_EQ(read(*store, "blob/a"), "content");
  ASSERT_TRUE(store->replace("blob/a", bytes_of("other")));
  EXPECT_EQ(read(*store, "blob/a"), "other");
  ASSERT_TRUE(store->remove("blob/a"));
  ASSERT_TRUE(store->remove("blob/a"));
  const auto gone = store->open("blob/a");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::NotFound);
  EXPECT_EQ(server_->refusals(), std::vector<std::string>{});
  EXPECT_EQ(store->place(), "s3://bucket/pre/fix/");
}

TEST_F(S3, TemporaryCredentialsCarryTheirToken) {
  serve({.token = "the+token/=="});
  EXPECT_TRUE(storage("secret/of+the/test", "the+token/==")->put("blob/a", bytes_of("x")));
  EXPECT_EQ(server_->refusals(), std::vector<std::string>{});
}

TEST_F(S3, AWrongSecretIsDeniedAndNotTriedAgain) {
  serve();
  const auto written = storage("wrong")->replace("blob/a", bytes_of("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::Denied);
  EXPECT_NE(written.error().message.find("SignatureDoesNotMatch"), std::string::npos);
  EXPECT_EQ(written.error().message.find("wrong\""), std::string::npos);
  EXPECT_EQ(server_->requests().size(), 1U);
}

TEST_F(S3, EmptyAndLargeObjectsAreReadWhole) {
  serve();
  const auto store = storage();
  for (const std::size_t size : {0U, 1U, 99U, 100U, 101U, 1'000U, 2'999U, 3'000U, 3'001U, 4'000U, 12'345U}) {
    const std::string name = "blob/" + std::to_string(size);
    ASSERT_TRUE(store->put(name, bytes_of(text_of_size(size)))) << size;
    EXPECT_EQ(read(*store, name), text_of_size(size)) << size;
  }
  EXPECT_EQ(server_->uploads(), 0U);
  EXPECT_GT(count_of("POST /bucket/pre/fix/blob/12345?uploads="), 0U) << "in parts";
  EXPECT_EQ(store->put("blob/12345", bytes_of(text_of_size(5'000))).value_or(true), false);
  EXPECT_EQ(server_->uploads(), 0U) << "and the parts of the loser are gone";
  EXPECT_EQ(server_->refusals(), std::vector<std::string>{});
}

TEST_F(S3, ReadsAtAnyPlace) {
  serve();
  const auto store = storage();
  const std::string text = text_of_size(10'000);
  ASSERT_TRUE(store->put("blob/a", bytes_of(text)));
  const auto file = store->open("blob/a");
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->size().value_or(0), 10'000U);
  test::SeededRandom random(3);
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t offset = random.below(10'100);
    std::vector<std::uint8_t> out(random.below(500));
    const auto got = (*file)->read_at(offset, out);
    ASSERT_TRUE(got) << got.error().message;
    const std::string expected = offset < text.size() ? text.substr(offset, out.size()) : "";
    ASSERT_EQ(text_of(Bytes(out).first(*got)), expected) << offset;
  }
}

TEST_F(S3, ReadsAheadOfWhoReadsOn) {
  serve();
  const auto store = storage();
  ASSERT_TRUE(store->put("blob/a", bytes_of(text_of_size(10'000))));
  const auto file = store->open("blob/a");
  ASSERT_TRUE(file);
  std::vector<std::uint8_t> piece(50);
  for (std::uint64_t offset = 0; offset < 10'000; offset += 50) ASSERT_TRUE((*file)->read_at(offset, piece));
  EXPECT_LT(count_of("GET"), 20U);
}

TEST_F(S3, AnObjectThatIsReplacedIsNotReadMixed) {
  serve();
  const auto store = storage();
  ASSERT_TRUE(store->put("blob/a", bytes_of(text_of_size(1'000))));
  const auto file = store->open("blob/a");
  ASSERT_TRUE(file);
  ASSERT_TRUE(store->replace("blob/a", bytes_of(std::string(1'000, 'z'))));
  std::vector<std::uint8_t> piece(50);
  const auto read = (*file)->read_at(500, piece);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::Unavailable);
}

TEST_F(S3, ListsInOrderOverManyPages) {
  serve({.page = 7});
  const auto store = storage();
  std::string expected;
  for (int i = 100; i < 150; ++i) {
    server_->set_object("pre/fix/blob/" + std::to_string(i), "x");
    expected += "blob/" + std::to_string(i) + " ";
  }
  server_->set_object("pre/fix/blobs/other", "x");
  server_->set_object("other/blob/a", "x");
  EXPECT_EQ(names(*store, "blob"), expected);
  EXPECT_EQ(names(*store, "none"), "");
  int seen = 0;
  const auto stopped = store->list("blob", [&](const std::string&) -> Result<void> {
    return ++seen == 3 ? fail(Code::Corrupt, "enough") : Result<void>{};
  });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().message, "enough");
  EXPECT_EQ(seen, 3);
}

TEST_F(S3, AListingOutOfOrderIsNotBelieved) {
  serve({.lists_out_of_order = true});
  server_->set_object("pre/fix/blob/a", "x");
  server_->set_object("pre/fix/blob/b", "x");
  EXPECT_NE(names(*storage(), "blob").find("out of order"), std::string::npos);
}

TEST_F(S3, AListingThatIsNoneSaysSo) {
  serve();
  server_->fail_next(S3Fault::NoXml);
  EXPECT_NE(names(*storage(), "blob").find("<html>"), std::string::npos);
}

TEST_F(S3, ServersInTroubleAreAskedAgain) {
  serve();
  const auto store = storage();
  for (const S3Fault fault : {S3Fault::InternalError, S3Fault::SlowDown, S3Fault::CutBefore,
                              S3Fault::CutAfter, S3Fault::Conflict}) {
    const std::string name = "blob/" + std::to_string(static_cast<int>(fault));
    server_->fail_next(fault, 3, "PUT", name);
    ASSERT_EQ(store->put(name, bytes_of("content")).value_or(false), true) << name;
    server_->fail_next(fault, 3, "GET", name);
    EXPECT_EQ(read(*store, name), "content");
    server_->fail_next(fault, 2, "GET", "list-type");
    EXPECT_NE(names(*store, "blob").find(name), std::string::npos);
    server_->fail_next(fault, 2, "DELETE", name);
    EXPECT_TRUE(store->remove(name));
  }
}

// The write got through, its answer did not; the next attempt meets our own object.
TEST_F(S3, AnAnswerThatIsLostIsNoLostRace) {
  serve();
  const auto store = storage();
  server_->fail_next(S3Fault::CutAfter, 1, "PUT", "blob/a");
  EXPECT_EQ(store->put("blob/a", bytes_of("ours")).value_or(false), true);
  server_->set_object("pre/fix/blob/b", "theirs");
  server_->fail_next(S3Fault::CutAfter, 1, "PUT", "blob/b");
  EXPECT_EQ(store->put("blob/b", bytes_of("ours")).value_or(true), false);
  EXPECT_EQ(read(*store, "blob/b"), "theirs");
  // The same for the last step of an upload in parts.
  server_->fail_next(S3Fault::CutAfter, 1, "POST", "uploadId");
  EXPECT_EQ(store->put("blob/c", bytes_of(text_of_size(5'000))).value_or(false), true);
  EXPECT_EQ(read(*store, "blob/c"), text_of_size(5'000));
}

TEST_F(S3, TroubleThatDoesNotEndIsReported) {
  serve();
  const auto store = storage();
  server_->fail_next(S3Fault::SlowDown, 1'000, "PUT");
  const auto written = store->replace("blob/a", bytes_of("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::Unavailable);
  EXPECT_NE(written.error().message.find("SlowDown"), std::string::npos) << written.error().message;
  EXPECT_EQ(server_->requests().size(), 6U);
}

TEST_F(S3, AnAnswerThatBreaksOffIsNotTakenForWhole) {
  serve();
  const auto store = storage();
  server_->set_object("pre/fix/blob/a", text_of_size(90));
  server_->fail_next(S3Fault::CutInBody, 2, "GET");
  EXPECT_EQ(read(*store, "blob/a"), text_of_size(90));
  server_->fail_next(S3Fault::CutInBody, 1'000, "GET");
  EXPECT_NE(read(*store, "blob/a").find("error: "), std::string::npos);
}

TEST_F(S3, ASilentServerIsGivenUp) {
  serve();
  limits_.request_time = 300ms;
  limits_.attempts = 2;
  const auto store = storage();
  server_->fail_next(S3Fault::Slow, 10, "GET");
  const auto before = std::chrono::steady_clock::now();
  EXPECT_NE(read(*store, "blob/a").find("error: "), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1'500ms);
}

TEST_F(S3, AWrongRangeIsNoContent) {
  serve();
  const auto store = storage();
  server_->set_object("pre/fix/blob/a", text_of_size(500));
  server_->fail_next(S3Fault::WrongRange, 1, "GET");
  EXPECT_NE(read(*store, "blob/a").find("another range"), std::string::npos);
}

TEST_F(S3, RedirectsAreNotFollowed) {
  serve();
  server_->fail_next(S3Fault::Redirect);
  const auto written = storage()->replace("blob/a", bytes_of("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::Unsupported);
  EXPECT_NE(written.error().message.find("region=other-1"), std::string::npos) << written.error().message;
}

TEST_F(S3, FullAndForbiddenAreTold) {
  serve();
  const auto store = storage();
  server_->fail_next(S3Fault::Quota);
  const auto full = store->replace("blob/a", bytes_of("x"));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::LimitReached);
  server_->fail_next(S3Fault::Denied);
  const auto forbidden = store->replace("blob/a", bytes_of("x"));
  ASSERT_FALSE(forbidden);
  EXPECT_EQ(forbidden.error().code, Code::Denied);
}

TEST_F(S3, AMissingBucketIsNoMissingObject) {
  serve({.bucket = "another"});
  const auto store = storage();
  const auto opened = store->open("blob/a");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::Unavailable);
  EXPECT_NE(opened.error().message.find("NoSuchBucket"), std::string::npos);
  EXPECT_FALSE(store->remove("blob/a"));
}

TEST_F(S3, AServerThatOverwritesIsRefused) {
  serve({.ignores_conditions = true});
  const auto store = storage();
  const auto written = store->put("blob/a", bytes_of("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::Unsupported);
  EXPECT_FALSE(store->lock("gc"));
  EXPECT_FALSE(server_->objects().contains("pre/fix/blob/a"));
}

TEST_F(S3, AnUploadThatFailsLeavesNoParts) {
  serve();
  const auto store = storage();
  server_->fail_next(S3Fault::WrongEtag, 1, "PUT", "partNumber=2");
  EXPECT_FALSE(store->put("blob/a", bytes_of(text_of_size(5'000))));
  server_->fail_next(S3Fault::Denied, 1, "PUT", "partNumber=3");
  EXPECT_FALSE(store->put("blob/b", bytes_of(text_of_size(5'000))));
  server_->fail_next(S3Fault::ErrorIn200, 1, "POST", "uploadId");
  EXPECT_FALSE(store->put("blob/c", bytes_of(text_of_size(5'000))));
  EXPECT_EQ(server_->uploads(), 0U);
  EXPECT_EQ(names(*store, "blob"), "");
}

TEST_F(S3, SweepEndsUploadsThatNobodyFinished) {
  serve();
  const auto store = storage();
  server_->fail_next(S3Fault::Denied, 1, "PUT", "partNumber=3");
  server_->fail_next(S3Fault::Denied, 1, "DELETE", "uploadId");
  EXPECT_FALSE(store->put("blob/b", bytes_of(text_of_size(5'000))));
  EXPECT_EQ(server_->uploads(), 1U);
  EXPECT_EQ(store->sweep().value_or(0), 1U);
  EXPECT_EQ(store->sweep().value_or(9), 0U);
  EXPECT_EQ(server_->uploads(), 0U);
}

TEST_F(S3, OfManyWritersExactlyOneGetsTheName) {
  serve();
  const auto store = storage();
  ASSERT_TRUE(store->put("blob/first", bytes_of("x")));
  server_->fail_next(S3Fault::CutAfter, 3, "PUT", "blob/a");
  std::atomic<int> winners = 0;
  std::string won;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 8; ++i) {
      writers.emplace_back([&, i] {
        const std::string text = "writer " + std::to_string(i);
        if (store->put("blob/a", bytes_of(text)).value_or(false)) {
          ++winners;
          won = text;
        }
      });
    }
  }
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(read(*store, "blob/a"), won);
}

TEST_F(S3, ALockHasOneHolderUntilItIsGivenBack) {
  serve();
  const auto store = storage();
  const auto other = storage();
  for (int round = 0; round < 3; ++round) {
    auto lock = store->lock("gc");
    ASSERT_TRUE(lock) << lock.error().message;
    const auto refused = other->lock("gc");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::Unavailable);
    EXPECT_TRUE(other->lock("another")) << "another name is another lock";
    lock->reset();
  }
  EXPECT_TRUE(other->lock("gc"));
  EXPECT_LE(std::ranges::count_if(
                server_->objects(),
                [](const auto& object) { return object.first.find("lock/gc.") != std::string::npos; }),
            1)
      << "old generations are cleared away";
}

TEST_F(S3, TheLockOfADeadProcessLapses) {
  serve();
  // As the process left it that was killed.
  server_->set_object("pre/fix/lock/gc.0000000000000007", "held");
  const auto store = storage();
  EXPECT_FALSE(store->lock("gc"));
  server_->advance(119s);
  EXPECT_FALSE(store->lock("gc"));
  server_->advance(2s);
  const auto lock = store->lock("gc");
  ASSERT_TRUE(lock) << lock.error().message;
  EXPECT_FALSE(storage()->lock("gc"));
}

TEST_F(S3, ALockIsRenewedWhileItIsHeld) {
  serve();
  limits_.lease = 1s;
  const auto store = storage();
  const auto lock = store->lock("gc");
  ASSERT_TRUE(lock);
  const std::size_t before = count_of("PUT /bucket/pre/fix/lock/gc");
  std::this_thread::sleep_for(700ms);
  EXPECT_GE(count_of("PUT /bucket/pre/fix/lock/gc"), before + 2);
}

TEST_F(S3, OfManyWhoWantALockExactlyOneGetsIt) {
  serve();
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> holders = 0;
    std::vector<std::unique_ptr<StorageLock>> held(6);
    std::vector<std::unique_ptr<S3Storage>> stores;
    for (std::size_t i = 0; i < held.size(); ++i) stores.push_back(storage());
    server_->fail_next(S3Fault::CutAfter, 1, "PUT", "lock/gc");
    {
      std::vector<std::jthread> askers;
      for (std::size_t i = 0; i < held.size(); ++i) {
        askers.emplace_back([&, i] {
          auto lock = stores[i]->lock("gc");
          if (!lock) return;
          ++holders;
          held[i] = std::move(*lock);
        });
      }
    }
    EXPECT_EQ(holders, 1) << round;
  }
}

TEST_F(S3, NamesAreCheckedBeforeTheyReachTheWire) {
  serve();
  const auto store = storage();
  EXPECT_FALSE(store->put("../a", bytes_of("x")));
  EXPECT_FALSE(store->replace("a b", bytes_of("x")));
  EXPECT_FALSE(store->open("a/?x"));
  EXPECT_FALSE(store->remove(""));
  EXPECT_EQ(names(*store, "..").substr(0, 6), "error:");
  EXPECT_EQ(server_->requests().size(), 0U);
}

TEST(HttpDate, ReadsThePreferredForm) {
  const auto date = http_date("Fri, 24 May 2013 01:02:03 GMT");
  ASSERT_TRUE(date);
  EXPECT_EQ(date->time_since_epoch().count(), 1369357323);
  for (const char* text :
       {"", "Fri, 24 May 2013 01:02:03 UTC", "Fri, 31 Feb 2013 01:02:03 GMT", "Fri, 24 Mai 2013 01:02:03 GMT",
        "Fri, 24 May 2013 25:02:03 GMT", "Fri, -4 May 2013 01:02:03 GMT", "Friday, 24-May-13 01:02:03 GMT"})
    EXPECT_FALSE(http_date(text)) << text;
}

TEST(Http, RefusesHeadersWithLineEnds) {
  const os::SteadyClock clock;
  const auto client = HttpClient::open(clock);
  ASSERT_TRUE(client) << client.error().message;
  const auto answer = (*client)->send(
      {.method = "GET", .url = "http://127.0.0.1:1/", .headers = {{"a", "b\r\nc: d"}}, .time = 1s});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::InvalidInput);
  const auto file =
      (*client)->send({.method = "GET", .url = "file:///etc/passwd", .headers = {}, .time = 1s});
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Code::InvalidInput);
  const auto nobody =
      (*client)->send({.method = "GET", .url = "http://127.0.0.1:1/", .headers = {}, .time = 1s});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, Code::Unavailable);
}

}  // namespace
}  // namespace bulwark::store
