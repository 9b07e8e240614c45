// src/LAYERS and src/THIRD_PARTY: who may include whom.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "support/support.h"
#include "unit/house/source_files.h"

namespace bulwark::test {
namespace {

struct Row {
  std::string name;
  std::vector<std::string> allowed;
};

// "name: word word"; '#' starts a comment.
std::vector<Row> rows_of(const std::string& file) {
  std::vector<Row> rows;
  const std::string text = read_file(std::string(BULWARK_SOURCE_DIR) + "/" + file);
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (line.empty() || line.starts_with('#') || colon == std::string_view::npos) continue;
    Row row{.name = std::string(trim(line.substr(0, colon))), .allowed = {}};
    for (const std::string_view word : words(line.substr(colon + 1))) row.allowed.emplace_back(word);
    rows.push_back(std::move(row));
  }
  return rows;
}

// The text between `open` and `close` of an include line, or empty.
std::string included(const std::string& line, char open, char close) {
  if (!line.starts_with("#include ") || line.size() < 11 || line[9] != open) return {};
  const std::size_t end = line.find(close, 10);
  return end == std::string::npos ? std::string() : line.substr(10, end - 10);
}

std::string place(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line + 1);
}

TEST(Layers, NameOnlyModulesAboveThem) {
  std::set<std::string> above;
  for (const Row& row : rows_of("src/LAYERS")) {
    for (const std::string& module : row.allowed)
      EXPECT_TRUE(above.contains(module)) << row.name << " names " << module << ", which is not above it";
    EXPECT_TRUE(above.insert(row.name).second) << row.name << " comes twice";
  }
}

TEST(Layers, AreKeptByEveryInclude) {
  std::map<std::string, std::vector<std::string>> layers;
  for (Row& row : rows_of("src/LAYERS")) layers[row.name] = std::move(row.allowed);
  for (const SourceFile& file : source_files("src")) {
    const auto parts = split(file.path, '/');
    if (parts.size() < 3) continue;  // main.cpp puts everything together
    const std::string module(parts[1]);
    ASSERT_TRUE(layers.contains(module)) << file.path << ": module is not in src/LAYERS";
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string header = included(file.lines[i], '"', '"');
      if (header.empty()) continue;
      const std::string target = header.substr(0, header.find('/'));
      EXPECT_TRUE(layers.contains(target)) << place(file, i) << ": write \"module/file.h\", not " << header;
      EXPECT_TRUE(target == module || std::ranges::find(layers[module], target) != layers[module].end())
          << place(file, i) << ": " << module << " must not include " << header;
    }
  }
}

TEST(ThirdParty, HeadersStayInTheirFiles) {
  const std::vector<Row> rows = rows_of("src/THIRD_PARTY");
  for (const SourceFile& file : source_files("src")) {
    const std::string below = file.path.substr(4);
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string header = included(file.lines[i], '<', '>');
      const Row* best = nullptr;
      for (const Row& row : rows)
        if (header.starts_with(row.name) && (best == nullptr || row.name.size() > best->name.size()))
          best = &row;
      if (best == nullptr) {
        // Headers with a slash or an ending are a library's, unless they are the system's.
        const bool system = header.starts_with("sys/") || header.find('/') == std::string::npos ||
                            header.starts_with("linux/");
        EXPECT_TRUE(header.empty() || system)
            << place(file, i) << ": " << header << " is not in src/THIRD_PARTY";
        continue;
      }
      EXPECT_TRUE(std::ranges::find(best->allowed, below) != best->allowed.end())
          << place(file, i) << ": only the files listed in src/THIRD_PARTY may include " << header;
      EXPECT_TRUE(file.path.ends_with(".cpp")) << place(file, i) << ": no library in a header of ours";
    }
  }
}

TEST(PureModules, DoNotTouchTheWorld) {
  const std::set<std::string> forbidden = {
      "fstream", "filesystem", "iostream", "random", "thread",     "fcntl.h",    "unistd.h",    "dirent.h",
      "mutex",   "atomic",     "future",   "ctime",  "sys/mman.h", "sys/stat.h", "sys/socket.h"};
  for (const char* module : {"src/scan", "src/assess", "src/policy", "src/core", "src/report"}) {
    for (const SourceFile& file : source_files(module)) {
      for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const std::string header = included(file.lines[i], '<', '>');
        EXPECT_FALSE(forbidden.contains(header))
            << place(file, i) << ": a pure module must not include " << header;
      }
    }
  }
}

}  // namespace
}  // namespace bulwark::test
