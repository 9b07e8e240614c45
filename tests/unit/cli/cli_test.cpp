// Runs tests/cli/*.test: commands, inputs and expected output in one text file. The language:
// tests/cli/README.md.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "support/recipe.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

namespace fs = std::filesystem;

struct Check {
  std::string kind;  // "stdout:", "stdout!", "stderr:", "stderr!"
  std::string text;
};

struct Command {
  std::size_t line = 0;
  std::string text;
  int exit = 0;
  std::vector<Check> checks;
  std::vector<std::string> exact;  // lines after "> "
};

struct Script {
  std::vector<Command> commands;
  std::vector<std::pair<std::string, std::string>> files;
};

Script read_script(const std::string& text) {
  Script script;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.starts_with("-- ") && line.ends_with(" --")) {
      script.files.emplace_back(trim(line.substr(3, line.size() - 6)), "");
    } else if (!script.files.empty()) {
      script.files.back().second += std::string(line) + "\n";
    } else if (line.starts_with("$ ")) {
      script.commands.push_back(
          {.line = number, .text = std::string(line.substr(2)), .checks = {}, .exact = {}});
    } else if (line.empty() || line.starts_with('#')) {
      continue;
    } else if (script.commands.empty()) {
      ADD_FAILURE() << "line " << number << ": no command yet";
    } else if (line.starts_with("exit ")) {
      script.commands.back().exit = line.back() - '0';
    } else if (line.starts_with(">")) {
      script.commands.back().exact.emplace_back(line.size() > 2 ? line.substr(2) : "");
    } else {
      const std::size_t blank = std::min(line.find(' '), line.size());
      script.commands.back().checks.push_back(
          {std::string(line.substr(0, blank)), std::string(trim(line.substr(blank)))});
    }
  }
  return script;
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "bulwark-cli-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::permissions(path_, fs::perms::owner_all, fs::perm_options::add, ignored);
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void write_files(const Script& script, const fs::path& folder) {
  for (const auto& [name, content] : script.files) {
    const bool recipe = name.ends_with(".recipe");
    const fs::path target = folder / (recipe ? name.substr(0, name.size() - 7) : name);
    fs::create_directories(target.parent_path());
    std::ofstream out(target, std::ios::binary);
    if (!recipe) {
      out << content;
      continue;
    }
    const auto built = parse_recipe("title: input\n---\n" + content);
    ASSERT_TRUE(built) << name << ": " << built.error().message;
    out << text_of(built->bytes);
  }
}

struct Output {
  int exit = -1;
  std::string out, err;
};

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Output run_command(const std::string& command, const fs::path& folder, const fs::path& notes) {
  const std::string program = fs::path(BULWARK_PROGRAM).parent_path().string();
  // What the user has imported or proven on this machine is no part of a test.
  const std::string home = "unset XDG_DATA_HOME XDG_STATE_HOME && export HOME='" + folder.string() +
                           "' BULWARK_SOURCE='" + BULWARK_SOURCE_DIR + "' && ";
  const std::string shell = "cd '" + folder.string() + "' && " + home + "export PATH='" + program +
                            "':\"$PATH\" && { " + command + "\n} >'" + (notes / "out").string() + "' 2>'" +
                            (notes / "err").string() + "' </dev/null";
  const std::string quoted = [&] {
    std::string text = "'";
    for (const char letter : shell) text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return text + "'";
  }();
  Output output;
  const int status = std::system(("sh -c " + quoted).c_str());
  output.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  output.out = content_of(notes / "out");
  output.err = content_of(notes / "err");
  return output;
}

void judge(const Command& command, const Output& output) {
  const std::string where = "line " + std::to_string(command.line) + ": " + command.text + "\n--- stdout\n" +
                            output.out + "--- stderr\n" + output.err;
  EXPECT_EQ(output.exit, command.exit) << where;
  for (const Check& check : command.checks) {
    ASSERT_TRUE(check.kind == "stdout:" || check.kind == "stdout!" || check.kind == "stderr:" ||
                check.kind == "stderr!")
        << "unknown check " << check.kind;
    const std::string& text = check.kind.starts_with("stdout") ? output.out : output.err;
    const bool wanted = check.kind.ends_with(':');
    EXPECT_EQ(text.find(check.text) != std::string::npos, wanted) << check.kind << " " << check.text << "\n"
                                                                  << where;
  }
  if (command.exact.empty()) return;
  std::string expected;
  for (const std::string& line : command.exact) expected += line + "\n";
  EXPECT_EQ(output.out, expected) << where;
}

// The same script with the lines "> …" replaced by what came out.
std::string rewritten(const std::string& text, const std::vector<Output>& outputs) {
  std::string result;
  std::size_t command = 0;
  bool replaced = false;
  bool in_files = false;
  for (const std::string_view line : split(text, '\n')) {
    in_files = in_files || (line.starts_with("-- ") && line.ends_with(" --"));
    if (!in_files && line.starts_with("$ ")) {
      ++command;
      replaced = false;
    }
    if (in_files || !line.starts_with(">")) {
      result += std::string(line) + "\n";
      continue;
    }
    if (replaced) continue;
    replaced = true;
    const std::string& out = outputs[command - 1].out;
    for (const std::string_view row : split(trim(out), '\n'))
      result += (row.empty() ? ">" : "> " + std::string(row)) + "\n";
  }
  result.pop_back();
  return result;
}

class Cli : public testing::TestWithParam<std::string> {};

TEST_P(Cli, Script) {
  const std::string path = std::string(BULWARK_SOURCE_DIR) + "/tests/cli/" + GetParam() + ".test";
  const std::string text = read_file(path);
  const Script script = read_script(text);
  const Folder folder;
  const Folder notes;
  write_files(script, folder.path());
  std::vector<Output> outputs;
  for (const Command& command : script.commands) {
    outputs.push_back(run_command(command.text, folder.path(), notes.path()));
    if (std::getenv("BULWARK_REWRITE") == nullptr) judge(command, outputs.back());
  }
  if (std::getenv("BULWARK_REWRITE") != nullptr)
    std::ofstream(path, std::ios::binary) << rewritten(text, outputs);
}

std::vector<std::string> scripts() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(std::string(BULWARK_SOURCE_DIR) + "/tests/cli"))
    if (entry.path().extension() == ".test") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Cli, Cli, testing::ValuesIn(scripts()),
                         [](const testing::TestParamInfo<std::string>& script) { return script.param; });

}  // namespace
}  // namespace bulwark::test
