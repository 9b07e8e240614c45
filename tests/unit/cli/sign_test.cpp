// What `bulwark sign` writes, checked with somebody else's cryptography: the openssl program.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/document.h"
#include "base/encoding.h"
#include "os/process.h"
#include "os/temporary_folder.h"
#include "support/sanitizer.h"
#include "support/support.h"

namespace bulwark::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOpenssl = "/usr/bin/openssl";

class SignedByUs : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kOpenssl)) GTEST_SKIP() << "no " << kOpenssl;
    auto made = os::TemporaryFolder::make(os::temporary_parent());
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    fs::create_directories(folder_->path() + "/model/sub");
    write("model/config.json", "{}");
    write("model/sub/weights.bin", std::string(100'000, 'w'));
  }
  void write(const std::string& name, std::string_view content) const {
    std::ofstream(folder_->path() + "/" + name, std::ios::binary) << content;
  }
  os::Ended run(std::vector<std::string> arguments) const {
    const auto ended = os::run_child({.arguments = std::move(arguments),
                                      .environment = {"HOME=" + folder_->path(), "PATH=/usr/bin"},
                                      .folder = folder_->path(),
                                      .wall = std::chrono::seconds(60),
                                      .processor = std::chrono::seconds(60),
                                      .memory = test::kChildMemory});
    EXPECT_TRUE(ended) << ended.error().message;
    return ended.value_or(os::Ended{});
  }
  void expect_success(const os::Ended& ended) const {
    EXPECT_TRUE(ended.succeeded()) << ended.output << ended.errors;
  }

  std::optional<os::TemporaryFolder> folder_;
};

TEST_F(SignedByUs, OpensslVerifiesTheEncodedStatement) {
  struct Curve {
    const char* name;
    const char* digest;
  };
  for (const Curve& curve :
       {Curve{"P-256", "-sha256"}, Curve{"P-384", "-sha384"}, Curve{"P-521", "-sha512"}}) {
    expect_success(run({kOpenssl, "genpkey", "-algorithm", "EC", "-pkeyopt",
                        std::string("ec_paramgen_curve:") + curve.name, "-out", "key.pem"}));
    fs::permissions(folder_->path() + "/key.pem", fs::perms::owner_read | fs::perms::owner_write);
    expect_success(run({kOpenssl, "pkey", "-in", "key.pem", "-pubout", "-out", "key.pub.pem"}));
    expect_success(run({BULWARK_PROGRAM, "sign", "model", "--key", "./key.pem"}));
    const auto bundle = parse_json(test::read_file(folder_->path() + "/model.sig"), Limits{});
    ASSERT_TRUE(bundle);
    const Document* envelope = bundle->root.find("dsseEnvelope");
    ASSERT_NE(envelope, nullptr);
    const auto payload = decode_base64(envelope->text("payload"), Base64::Standard);
    const auto signature =
        decode_base64(envelope->find("signatures")->list.front().text("sig"), Base64::Standard);
    ASSERT_TRUE(payload && signature);
    // Written out by hand, as the protocol says it.
    write("encoded",
          "DSSEv1 28 application/vnd.in-toto+json " + std::to_string(payload->size()) + " " + *payload);
    write("signature", *signature);
    const os::Ended verified =
        run({kOpenssl, "dgst", curve.digest, "-verify", "key.pub.pem", "-signature", "signature", "encoded"});
    expect_success(verified);
    EXPECT_EQ(verified.output, "Verified OK\n");
    // The digests in it are those that openssl finds.
    const os::Ended hashed = run({kOpenssl, "dgst", "-sha256", "-r", "model/sub/weights.bin"});
    EXPECT_NE(payload->find(hashed.output.substr(0, 64)), std::string::npos);
  }
}

TEST_F(SignedByUs, CertificateOfOpensslIsBelievedWhileItHolds) {
  expect_success(
      run({kOpenssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-subj", "/CN=Model authority", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem"}));
  expect_success(run({kOpenssl, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes",
                      "-subj", "/CN=Publisher", "-keyout", "leaf.key.pem", "-out", "leaf.csr"}));
  write("extensions", "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n");
  expect_success(run({kOpenssl, "x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                      "-days", "1", "-CAcreateserial", "-extfile", "extensions", "-out", "leaf.pem"}));
  fs::permissions(folder_->path() + "/leaf.key.pem", fs::perms::owner_read | fs::perms::owner_write);
  expect_success(
      run({BULWARK_PROGRAM, "sign", "model", "--key", "./leaf.key.pem", "--certificate", "leaf.pem"}));
  const os::Ended good = run({BULWARK_PROGRAM, "verify", "model", "--certificate-chain", "ca.pem"});
  EXPECT_EQ(good.exit_code, 0) << good.output << good.errors;
  EXPECT_NE(good.output.find("CN = Publisher"), std::string::npos) << good.output;
  // Another authority of the same name.
  expect_success(
      run({kOpenssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-subj", "/CN=Model authority", "-days", "2", "-keyout", "other.key", "-out", "other.pem"}));
  const os::Ended bad = run({BULWARK_PROGRAM, "verify", "model", "--certificate-chain", "other.pem"});
  EXPECT_EQ(bad.exit_code, 1) << bad.output << bad.errors;
  EXPECT_NE(bad.output.find("BW-SIG-004"), std::string::npos) << bad.output;
}

}  // namespace
}  // namespace bulwark::cli
