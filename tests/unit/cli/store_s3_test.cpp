// The program itself with its store in a bucket.

#include <gtest/gtest.h>

#include <fstream>

#include "os/process.h"
#include "os/temporary_folder.h"
#include "support/s3_server.h"
#include "support/sanitizer.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

using namespace std::chrono_literals;

class StoreInABucket : public testing::Test {
 protected:
  StoreInABucket() : folder_(os::TemporaryFolder::make(os::temporary_parent())) {
    auto started = S3Server::start();
    EXPECT_TRUE(started);
    server_ = std::move(*started);
    place_ = "s3://bucket/models?region=test-1&endpoint=" + server_->endpoint();
  }

  os::Ended run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BULWARK_PROGRAM);
    const auto ended = os::run_child({.arguments = std::move(arguments),
                                      .environment = environment_,
                                      .folder = folder_->path(),
                                      .network = os::Network::Host,
                                      .wall = 60s,
                                      .processor = 60s,
                                      .memory = test::kChildMemory});
    EXPECT_TRUE(ended) << ended.error().message;
    return ended ? *ended : os::Ended{};
  }
  os::Ended store(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "store");
    arguments.insert(arguments.end(), {"--home", "home", "--store", place_});
    return run(std::move(arguments));
  }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_->path() + "/" + name, std::ios::binary) << content;
  }

  Result<os::TemporaryFolder> folder_;
  std::unique_ptr<S3Server> server_;
  std::string place_;
  std::vector<std::string> environment_ = {"AWS_ACCESS_KEY_ID=AKIDTEST",
                                           "AWS_SECRET_ACCESS_KEY=secret/of+the/test"};
};

TEST_F(StoreInABucket, KeepsRotatesShredsAndCollects) {
  const std::string content(300'000, 'x');
  write("model", content);
  ASSERT_TRUE(run({"key", "create", "store", "--type", "kek", "--unsealed", "--home", "home"}).succeeded());
  const os::Ended made = store({"init"});
  ASSERT_TRUE(made.succeeded()) << made.errors;
  const os::Ended put = store({"put", "model", "--name", "fraud/v3"});
  ASSERT_TRUE(put.succeeded()) << put.errors;
  // In another process, after a server in trouble.
  server_->fail_next(S3Fault::SlowDown, 2, "GET");
  server_->fail_next(S3Fault::CutBefore, 1, "GET");
  const os::Ended got = store({"get", "fraud/v3", "-o", "copy"});
  ASSERT_TRUE(got.succeeded()) << got.errors;
  EXPECT_EQ(read_file(folder_->path() + "/copy"), content);
  for (const auto& [key, stored] : server_->objects()) {
    EXPECT_EQ(key.find("fraud"), std::string::npos) << key;
    EXPECT_EQ(stored.find("xxxxxxxx"), std::string::npos) << "in the clear: " << key;
  }
  ASSERT_TRUE(run({"key", "rotate", "store", "--home", "home"}).succeeded());
  for (const std::vector<std::string>& step : {std::vector<std::string>{"rotate"},
                                               {"verify"},
                                               {"fsck"},
                                               {"shred", "fraud/v3", "--reason", "test"},
                                               {"gc"},
                                               {"verify"}}) {
    const os::Ended done = store(step);
    EXPECT_TRUE(done.succeeded()) << step.front() << ": " << done.output << done.errors;
  }
  EXPECT_FALSE(store({"get", "fraud/v3", "-o", "copy"}).succeeded());
  EXPECT_EQ(server_->refusals(), std::vector<std::string>{});
}

TEST_F(StoreInABucket, SaysWhatIsWrongWithTheCredentials) {
  ASSERT_TRUE(run({"key", "create", "store", "--type", "kek", "--unsealed", "--home", "home"}).succeeded());
  environment_ = {"AWS_ACCESS_KEY_ID=AKIDTEST", "AWS_SECRET_ACCESS_KEY=another"};
  const os::Ended wrong = store({"init"});
  EXPECT_FALSE(wrong.succeeded());
  EXPECT_NE(wrong.errors.find("SignatureDoesNotMatch"), std::string::npos) << wrong.errors;
  environment_ = {"AWS_ACCESS_KEY_ID=AKIDTEST"};
  const os::Ended missing = store({"init"});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_NE(missing.errors.find("AWS_SECRET_ACCESS_KEY"), std::string::npos) << missing.errors;
  place_ = "s3://bucket/models?regoin=x";
  EXPECT_NE(store({"init"}).errors.find("did you mean region?"), std::string::npos);
}

}  // namespace
}  // namespace bulwark::test
