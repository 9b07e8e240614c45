// Rules of the house that a line shows; each failure names the place and the reason.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "base/text.h"
#include "unit/house/source_files.h"

namespace bulwark::test {
namespace {

std::string place(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line + 1);
}

// The line without comments and the content of string literals (one line at a time; raw strings are not
// followed).
std::string code_of(const std::string& line) {
  std::string code;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char letter = line[i];
    if (quote != 0) {
      if (letter == '\\') {
        ++i;
      } else if (letter == quote) {
        quote = 0;
        code += letter;
      }
      continue;
    }
    if (letter == '/' && i + 1 < line.size() && line[i + 1] == '/') break;
    // An apostrophe between digits separates them.
    if (letter == '"' ||
        (letter == '\'' && (i == 0 || std::isalnum(static_cast<unsigned char>(line[i - 1])) == 0)))
      quote = letter;
    code += letter;
  }
  return code;
}

bool is_word_at(std::string_view code, std::size_t at, std::size_t size) {
  const auto letter = [&](std::size_t i) {
    return i < code.size() && (std::isalnum(static_cast<unsigned char>(code[i])) != 0 || code[i] == '_');
  };
  return !(at > 0 && letter(at - 1)) && !letter(at + size);
}

bool has_word(std::string_view code, std::string_view word) {
  for (std::size_t at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1))
    if (is_word_at(code, at, word.size())) return true;
  return false;
}

bool calls(std::string_view code, std::string_view function) {
  for (std::size_t at = code.find(function); at != std::string_view::npos; at = code.find(function, at + 1)) {
    const bool member = at > 0 && (code[at - 1] == '.' || code[at - 1] == '>');
    if (!member && is_word_at(code, at, function.size()) &&
        code.substr(at + function.size()).starts_with('('))
      return true;
  }
  return false;
}

void for_each_line(const std::string& folder,
                   const std::function<void(const SourceFile&, std::size_t, const std::string&)>& look) {
  for (const SourceFile& file : source_files(folder))
    for (std::size_t i = 0; i < file.lines.size(); ++i) look(file, i, code_of(file.lines[i]));
}

TEST(Style, TryStandsAlone) {
  for_each_line("src", [](const SourceFile& file, std::size_t i, const std::string& code) {
    const std::size_t at = code.find("TRY(");
    if (at == std::string::npos || code.starts_with("#define") || !is_word_at(code, at, 3)) return;
    const std::string_view before = trim(std::string_view(code).substr(0, at));
    // Alone, behind '=', behind a condition, or as the start of a line that was wrapped after '='.
    const bool alone = before.empty() || before.ends_with('=') || before.ends_with(')') || before == "else" ||
                       before.ends_with(':');
    EXPECT_TRUE(alone) << place(file, i) << ": TRY stands alone; leaving an expression early leaks in g++ 12";
  });
}

// Inline variables of one name are one variable for the linker, whatever they say: of two rules with one name
// a program has the first that it meets, everywhere.
TEST(Style, RulesHaveNamesOfTheirOwn) {
  std::map<std::string, std::string> seen;
  for_each_line("src", [&](const SourceFile& file, std::size_t i, const std::string& code) {
    constexpr std::string_view kStart = "inline constexpr Rule ";
    if (!file.path.ends_with(".h") || !code.starts_with(kStart)) return;
    const std::string name = code.substr(kStart.size(), code.find_first_of("={") - kStart.size());
    const auto [at, fresh] = seen.emplace(name, place(file, i));
    EXPECT_TRUE(fresh) << place(file, i) << ": " << name << " is declared in " << at->second << ", too";
  });
  EXPECT_GT(seen.size(), 100U);
}

// What an inspector declares is not all that it may raise: the same rule must not be written a second time.
TEST(Style, RulesAreWrittenOnce) {
  std::map<std::string, std::string> seen;
  for (const SourceFile& file : source_files("src")) {
    for (const std::string& line : file.lines) {
      const std::string_view code = trim(line);
      if (!code.starts_with(".id = \"BW-")) continue;
      const std::string id(code.substr(7, code.rfind('"') - 7));
      const auto [at, fresh] = seen.emplace(id, file.path);
      EXPECT_TRUE(fresh) << id << " is written in " << at->second << " and in " << file.path;
    }
  }
  EXPECT_GT(seen.size(), 200U);
}

TEST(Style, ResultsInHeadersAreNodiscard) {
  for (const SourceFile& file : source_files("src")) {
    if (!file.path.ends_with(".h")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::string_view line = trim(file.lines[i]);
      for (const std::string_view word : {"static ", "virtual ", "inline ", "constexpr "})
        if (line.starts_with(word)) line.remove_prefix(word.size());
      if (!line.starts_with("Result<")) continue;  // a friend carries its attribute where it is declared
      const std::size_t name = line.find("> ");
      const bool function = name != std::string_view::npos &&
                            line.find('(', name) != std::string_view::npos &&
                            !line.substr(name + 2).starts_with('(');
      const bool marked = i > 0 && trim(file.lines[i - 1]).ends_with("[[nodiscard]]");
      EXPECT_TRUE(!function || marked || line.find("(*") != std::string_view::npos)
          << place(file, i) << ": a function that returns a Result is [[nodiscard]]";
    }
  }
}

TEST(Style, HeadersStartWithPragmaAndSayWhatTheyAre) {
  for (const char* folder : {"src", "tests"}) {
    for (const SourceFile& file : source_files(folder)) {
      if (!file.path.ends_with(".h")) continue;
      ASSERT_GE(file.lines.size(), 2U) << file.path;
      EXPECT_EQ(file.lines[0], "#pragma once") << file.path;
      EXPECT_TRUE(file.lines[1].starts_with("//"))
          << file.path << ": the second line says what this header is";
    }
  }
}

TEST(Style, NobodyManagesMemoryByHand) {
  for_each_line("src", [](const SourceFile& file, std::size_t i, const std::string& code) {
    // A private constructor is out of reach of make_unique; then the pointer is owned in the same expression.
    const bool owned = code.find("_ptr<") != std::string::npos ||
                       code.find("_ptr(new") != std::string::npos || code.find("(new ") != std::string::npos;
    EXPECT_TRUE(!has_word(code, "new") || owned) << place(file, i) << ": no 'new' without an owner";
    const bool deleted = has_word(code, "delete") && code.find("= delete") == std::string::npos;
    EXPECT_FALSE(deleted) << place(file, i) << ": no 'delete'";
    // liblzma hands out memory for its caller to free; so does the C API.
    if (file.path == "src/scan/formats/lzma_raw.cpp" || file.path == "src/capi/bulwark.cpp") return;
    for (const char* function : {"malloc", "calloc", "realloc", "free", "alloca"})
      EXPECT_FALSE(calls(code, function)) << place(file, i) << ": no " << function;
  });
}

TEST(Style, BytesAreReinterpretedInOnePlace) {
  for_each_line("src", [](const SourceFile& file, std::size_t i, const std::string& code) {
    const bool allowed = file.path == "src/base/byte_reader.h" || file.path.starts_with("src/os/") ||
                         file.path.starts_with("src/crypto/");
    EXPECT_TRUE(allowed || code.find("reinterpret_cast") == std::string::npos)
        << place(file, i) << ": use text_of, bytes_of or ByteReader";
  });
}

TEST(Style, DangerousFunctionsAreNotCalled) {
  for_each_line("src", [](const SourceFile& file, std::size_t i, const std::string& code) {
    EXPECT_EQ(code.find("std::regex"), std::string::npos)
        << place(file, i) << ": std::regex crashes on long input";
    for (const char* function : {"strcpy", "strcat", "sprintf", "vsprintf", "gets", "system", "popen", "rand",
                                 "srand", "strtok", "atoi", "atol", "atof", "tmpnam", "mktemp", "fopen"})
      EXPECT_FALSE(calls(code, function)) << place(file, i) << ": no " << function;
    EXPECT_FALSE(calls(code, "assert")) << place(file, i) << ": input never reaches an assertion";
  });
}

// `catch` belongs where a library throws.
TEST(Style, ExceptionsAreCaughtOnlyAroundLibraries) {
  const std::set<std::string> allowed = {"src/main.cpp", "src/base/yaml.cpp", "src/base/json.cpp",
                                         "src/cli/options.cpp", "src/capi/bulwark.cpp"};
  for_each_line("src", [&](const SourceFile& file, std::size_t i, const std::string& code) {
    EXPECT_TRUE(!has_word(code, "catch") || allowed.contains(file.path))
        << place(file, i) << ": catch only where a library throws";
    EXPECT_TRUE(!has_word(code, "throw") ||
                file.path == "src/base/yaml.cpp")  // its parser is stopped that way
        << place(file, i) << ": errors are values";
  });
}

TEST(Style, NothingIsLeftForLater) {
  for (const char* folder : {"src", "tests"}) {
    for (const SourceFile& file : source_files(folder)) {
      if (file.path.ends_with("house/style_test.cpp")) continue;
      for (std::size_t i = 0; i < file.lines.size(); ++i) {
        for (const char* word : {"TODO", "FIXME", "XXX"})
          EXPECT_FALSE(has_word(file.lines[i], word)) << place(file, i) << ": " << word;
        EXPECT_FALSE(file.lines[i].ends_with(' ')) << place(file, i) << ": blank at the end of the line";
      }
    }
  }
}

TEST(Style, FilesStayReadable) {
  for (const SourceFile& file : source_files("src"))
    EXPECT_LE(file.lines.size(), 1000U) << file.path << ": hardly any file above 600 lines, none above 1000";
}

}  // namespace
}  // namespace bulwark::test
