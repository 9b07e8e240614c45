#include "os/secret_input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/byte_reader.h"

namespace bulwark::os {
namespace {

namespace fs = std::filesystem;

class SecretInput : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "bulwark-secret-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string write(const std::string& content, mode_t mode) const {
    const std::string path = (folder_ / "secret").string();
    std::ofstream(path, std::ios::binary) << content;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }

  fs::path folder_;
};

TEST_F(SecretInput, ReadsAFileAndSaysWhoElseMay) {
  std::vector<std::uint8_t> out(100);
  for (const auto& [mode, who] : {std::pair<mode_t, std::string>{0600, ""},
                                  {0400, ""},
                                  {0640, "its group"},
                                  {0620, "its group"},
                                  {0644, "every user"},
                                  {0602, "every user"}}) {
    const auto read = read_private_file(write("swordfish", mode), out);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->size, 9U);
    EXPECT_EQ(read->exposed_to, who) << std::oct << mode;
    EXPECT_EQ(text_of(Bytes(out).first(9)), "swordfish");
  }
}

TEST_F(SecretInput, RefusesWhatIsNoFile) {
  std::vector<std::uint8_t> out(100);
  EXPECT_EQ(read_private_file((folder_ / "absent").string(), out).error().code, Code::NotFound);
  EXPECT_EQ(read_private_file(folder_.string(), out).error().code, Code::InvalidInput);
  const std::string fifo = (folder_ / "fifo").string();
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(read_private_file(fifo, out).error().code, Code::InvalidInput);
}

TEST_F(SecretInput, RefusesMoreThanFits) {
  std::vector<std::uint8_t> out(9);
  EXPECT_EQ(read_private_file(write("swordfish", 0600), out)->size, 9U);
  EXPECT_EQ(read_private_file(write("swordfish1", 0600), out).error().code, Code::LimitReached);
}

// What a person at a terminal of their own gets for these keys: "=typed" or the error, and what the screen
// shows.
struct Answer {
  std::string result;
  std::string screen;
};

Answer answer_to(const std::string& keys, std::size_t room = 100) {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) return {};
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    std::vector<std::uint8_t> out(room);
    const auto size = ask_hidden("passphrase: ", out);
    const std::string result =
        size ? "=" + std::string(text_of(Bytes(out).first(*size))) : size.error().message;
    static_cast<void>(!write(pipe_ends[1], result.data(), result.size()));
    _exit(0);
  }
  close(pipe_ends[1]);
  Answer answer;
  std::array<char, 512> piece{};
  // Only behind the prompt is the terminal silent.
  while (answer.screen.find("passphrase: ") == std::string::npos) {
    const ssize_t got = read(terminal, piece.data(), piece.size());
    if (got <= 0) break;
    answer.screen.append(piece.data(), static_cast<std::size_t>(got));
  }
  static_cast<void>(!write(terminal, keys.data(), keys.size()));
  for (ssize_t got = 0; (got = read(pipe_ends[0], piece.data(), piece.size())) > 0;)
    answer.result.append(piece.data(), static_cast<std::size_t>(got));
  for (ssize_t got = 0; (got = read(terminal, piece.data(), piece.size())) > 0;)
    answer.screen.append(piece.data(), static_cast<std::size_t>(got));
  waitpid(child, nullptr, 0);
  close(pipe_ends[0]);
  close(terminal);
  return answer;
}

TEST(AskHidden, DoesNotShowWhatIsTyped) {
  const Answer answer = answer_to("swordfish\n");
  EXPECT_EQ(answer.result, "=swordfish");
  EXPECT_EQ(answer.screen.find("sword"), std::string::npos) << answer.screen;
}

TEST(AskHidden, KeysForCorrectionWork) {
  EXPECT_EQ(answer_to("swordfisx\x7fh\n").result, "=swordfish");
  EXPECT_EQ(answer_to("sardine\x15swordfish\r").result, "=swordfish");
  EXPECT_EQ(answer_to("a\xC3\xA4\x7f\x7f\x7f"
                      "b\n")
                .result,
            "=b");
}

TEST(AskHidden, CanBeCancelled) {
  EXPECT_EQ(answer_to("sword\x03").result, "cancelled");
  EXPECT_EQ(answer_to("\x04").result, "cancelled");
}

TEST(AskHidden, HasAnEnd) {
  EXPECT_EQ(answer_to("swordfish\n", 5).result, "longer than 5 bytes");
}

TEST(KeepMemoryPrivate, LeavesNoCoreDump) {
  const pid_t child = fork();
  if (child == 0) {
    keep_memory_private();
    _exit(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace bulwark::os
