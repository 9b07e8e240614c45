// The worked examples of docs/formats are what the program writes, and what it reads.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/text.h"
#include "ledger/log.h"
#include "os/file_system.h"
#include "os/temporary_folder.h"
#include "support/ledger.h"
#include "support/support.h"
#include "support/world.h"

namespace bulwark::ledger {
namespace {

std::string document(const std::string& name) {
  return test::read_file(std::string(BULWARK_SOURCE_DIR) + "/docs/formats/" + name);
}

// Two digits a byte, 32 bytes a line.
std::string hex_lines(Bytes bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 32)
    text += hex(bytes.subspan(at, std::min<std::size_t>(32, bytes.size() - at))) + "\n";
  return text;
}

class LedgerDocuments : public testing::Test {
 protected:
  void SetUp() override { write(files, "log"); }

  void write(FileSystem& disk, const std::string& folder) {
    ASSERT_TRUE(Log::create(disk, folder, "example.com/log", signer));
    const auto log = Log::open(disk, folder, signer).value();
    const std::vector<Bytes> entries{bytes_of("one"), bytes_of("two")};
    const auto appended = log->append_all(entries);
    ASSERT_TRUE(appended);
    receipt = log->receipt(*appended, 1).value();
    receipt.extra = {'t', 'w', 'o'};
    vkey = log->key().vkey();
  }

  std::string text(const std::string& name) { return std::string(text_of(files.content("log/" + name))); }

  test::MemoryFileSystem files;
  test::MemorySigner signer;
  Receipt receipt;
  std::string vkey;
};

TEST_F(LedgerDocuments, ExamplesOfTheLedgerAreWhatIsWritten) {
  const std::string page = document("ledger.md");
  for (const std::string name : {"log.vkey", "checkpoint"}) {
    const std::string example = "```example\n" + name + "\n" + text(name) + "```\n";
    EXPECT_NE(page.find(example), std::string::npos) << example;
  }
  for (const std::string name : {"tile/entries/000.p/2", "tile/0/000.p/2", "journal/00000000000000000000"}) {
    const std::string example =
        "```example-hex\n" + name + "\n" + hex_lines(files.content("log/" + name)) + "```\n";
    EXPECT_NE(page.find(example), std::string::npos) << example;
  }
}

TEST_F(LedgerDocuments, ExampleOfTheReceiptIsReadAndVerified) {
  const std::string page = document("receipt.md");
  const std::string example = "```example\n" + to_text(receipt) + "```\n";
  EXPECT_NE(page.find(example), std::string::npos) << example;
  const std::size_t start = page.find("```example\n") + 11;
  const auto parsed = parse_receipt(page.substr(start, page.find("```", start) - start));
  ASSERT_TRUE(parsed) << parsed.error().message;
  const NoteKey key = NoteKey::parse(vkey).value();
  EXPECT_TRUE(verify_receipt(*parsed, leaf_hash(bytes_of("two")), "example.com/log", {&key, 1}));
}

// The reader for strangers agrees, and sees edits.
class StandaloneReader : public LedgerDocuments {
 protected:
  void SetUp() override {
    // The test ends when the shell does; nobody else changes the environment.
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    if (std::system("python3 -c pass >/dev/null 2>&1") != 0) GTEST_SKIP() << "python3 is not here";
    auto made = os::TemporaryFolder::make(os::temporary_parent());
    ASSERT_TRUE(made) << made.error().message;
    folder.emplace(std::move(*made));
    path = folder->path() + "/log";
    write(disk, path);
    const auto log = Log::open(disk, path, signer).value();
    std::vector<std::string> texts;
    for (int i = 0; i < 600; ++i) texts.push_back("entry " + std::to_string(i));
    const std::vector<Bytes> entries = views(texts);
    ASSERT_TRUE(log->append_all(entries));
  }

  static std::vector<Bytes> views(const std::vector<std::string>& texts) {
    std::vector<Bytes> bytes;
    for (const std::string& text : texts) bytes.push_back(bytes_of(text));
    return bytes;
  }

  [[nodiscard]] bool verifies(const std::string& what) const {
    const std::string command = "python3 " + std::string(BULWARK_SOURCE_DIR) +
                                "/docs/formats/ledger_reader.py '" + vkey + "' '" + what +
                                "' >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;  // NOLINT(concurrency-mt-unsafe)
  }

  void change(const std::string& name, std::size_t at) const {
    std::fstream file(path + "/" + name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }

  os::RealFileSystem disk;
  std::optional<os::TemporaryFolder> folder;
  std::string path;
};

TEST_F(StandaloneReader, AgreesWithTheWriter) {
  EXPECT_TRUE(verifies(path));
  std::ofstream(path + "/two.tlog-proof") << to_text(receipt);
  EXPECT_TRUE(verifies(path + "/two.tlog-proof"));
}

TEST_F(StandaloneReader, SeesEveryEdit) {
  for (const auto& [name, at] : std::vector<std::pair<std::string, std::size_t>>{
           {"tile/entries/000", 3}, {"tile/0/001", 40}, {"tile/1/000.p/2", 0}, {"checkpoint", 20}}) {
    change(name, at);
    EXPECT_FALSE(verifies(path)) << name;
    change(name, at);
  }
  EXPECT_TRUE(verifies(path));
  receipt.extra = {'t', 'w', '0'};
  std::ofstream(path + "/two.tlog-proof") << to_text(receipt);
  EXPECT_FALSE(verifies(path + "/two.tlog-proof"));
}

}  // namespace
}  // namespace bulwark::ledger
