// Inputs made to be slow: nested, repeated or pointing at one another. Four times the bytes may cost about
// four times the time. CPU time is compared, with room for caches and busy machines; what was quadratic took
// sixteen times as long, or minutes.

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "recipe/archives.h"
#include "support/support.h"

namespace bulwark::test {
namespace {

std::string repeated(std::string_view unit, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + unit.size());
  while (text.size() < bytes) text += unit;
  return text;
}

std::string numbered(std::string_view before, std::string_view behind, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; text.size() < bytes; ++i)
    text += std::string(before) + std::to_string(i) + std::string(behind);
  return text;
}

std::string little_endian(std::uint64_t number, std::size_t width) {
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += static_cast<char>(number >> (8 * i) & 0xFF);
  return text;
}

std::string zip_of(std::size_t members, std::string_view name, std::string_view content) {
  recipe::ZipArchive archive;
  for (std::size_t i = 0; i < members; ++i) {
    recipe::ZipMember member;
    member.name = name.empty() ? "m/" + std::to_string(i) : std::string(name);
    member.content.assign(content.begin(), content.end());
    archive.members.push_back(std::move(member));
  }
  const auto bytes = recipe::build_zip(archive);
  return bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
}

std::string gguf_template(std::string_view text) {
  return "GGUF" + little_endian(3, 4) + little_endian(0, 8) + little_endian(1, 8) + little_endian(23, 8) +
         "tokenizer.chat_template" + little_endian(8, 4) + little_endian(text.size(), 8) + std::string(text);
}

struct Case {
  const char* name;
  std::string (*build)(std::size_t bytes);
};

constexpr Case kCases[] = {
    {"json nested", [](std::size_t n) { return R"({"model_type":)" + repeated("[", n); }},
    {"json flat", [](std::size_t n) { return R"({"model_type":[)" + repeated("1,", n) + "1]}"; }},
    {"json one key", [](std::size_t n) { return "{" + repeated(R"("auto_map":1,)", n) + R"("b":1})"; }},
    {"json findings",
     [](std::size_t n) {
       return R"({"auto_map":{)" + numbered("\"k", R"(":"a--b.c",)", n) + R"("b":"c"}})";
     }},
    {"json targets beside each other",
     [](std::size_t n) { return "{" + repeated(R"("class_path":"a.b",)", n) + R"("model_type":1})"; }},
    {"json targets below a long key",
     [](std::size_t n) {
       return R"({")" + std::string(n / 2, 'k') + R"(":[)" + repeated(R"({"_target_":"os.system"},)", n / 2) +
              "1]}";
     }},
    {"json shards",
     [](std::size_t n) { return R"({"weight_map":{)" + numbered("\"t\":\"s", "\",", n) + R"("b":"c"}})"; }},
    {"orbax metadata",
     [](std::size_t n) {
       return R"({"tree_metadata":{)" + repeated(R"x("('p',)":{"value_type":"jax.Array"},)x", n) +
              R"("b":1}})";
     }},
    {"commands within commands",
     [](std::size_t n) {
       return R"({"model_type":"x","v":")" +
              repeated("powershell -c  ", std::min<std::size_t>(n / 64, 60'000)) + "\"}";
     }},
    {"yaml nested", [](std::size_t n) { return "_target_: os.system\na: " + repeated("[", n); }},
    {"yaml aliases of a long text",
     [](std::size_t n) {
       return "_target_: os.system\na: &x \"" + std::string(n / 2, 'y') + "\"\nb: [" +
              repeated("*x,", n / 2) + "1]\n";
     }},
    {"jinja brackets", [](std::size_t n) { return gguf_template("{{ " + repeated("(", n)); }},
    {"jinja doubling",
     [](std::size_t n) {
       return gguf_template("{% set x = 'aaaa' %}" + repeated("{% set x = x ~ x %}", n) + "{{ x }}");
     }},
    {"jinja attributes", [](std::size_t n) { return gguf_template("{{ x" + repeated(".a", n) + " }}"); }},
    {"jinja blocks", [](std::size_t n) { return gguf_template(repeated("{% if a %}", n)); }},
    {"pickle marks", [](std::size_t n) { return "\x80\x04" + repeated("(", n) + "."; }},
    {"pickle nested lists",
     [](std::size_t n) { return "\x80\x04" + repeated("]", n / 2) + repeated("a", n / 2); }},
    {"pickle nested tuples", [](std::size_t n) { return "\x80\x04N" + repeated("\x85", n) + "."; }},
    {"pickle calls",
     [](std::size_t n) { return "\x80\x02(" + repeated("cos\nsystem\n(S'a'\ntR", n) + "l."; }},
    {"pickle stacked", [](std::size_t n) { return repeated("\x80\x02N.", n); }},
    {"pickle decodes one text again and again",
     [](std::size_t n) {
       return "\x80\x02X" + little_endian(n / 2, 4) + std::string(n / 2, 'a') + std::string("q\0", 2) +
              repeated(std::string_view("cbase64\nb64decode\nh\0\x85R0", 23), n / 2) + "N.";
     }},
    {"pickle starts in raw data",
     [](std::size_t n) { return std::string(64, '\0') + repeated("\x80\x02\x95\x80\x02xxxxxx", n); }},
    {"xml nested", [](std::size_t n) { return "<?xml version=\"1.0\"?><PMML>" + repeated("<a>", n); }},
    {"xml attributes",
     [](std::size_t n) { return "<?xml version=\"1.0\"?><PMML " + numbered("a", "='1' ", n) + "/>"; }},
    {"varints", [](std::size_t n) { return "\x08\x08\x12\x01x\x3A" + repeated("\xFF", n); }},
    {"python brackets", [](std::size_t n) { return "import os\n" + repeated("(", n); }},
    {"python braces of formatted texts",
     [](std::size_t n) { return "import os\nx = " + repeated("f\"{", n); }},
    {"python decorators", [](std::size_t n) { return "import os\n" + repeated("@a\n", n); }},
    {"python operators", [](std::size_t n) { return "import os\nx = 1" + repeated(" + a", n) + "\n"; }},
    {"python soft keywords on one line",
     [](std::size_t n) { return "import os\n" + repeated("match x;", n) + "\n"; }},
    {"python functions with locals",
     [](std::size_t n) { return "import os\n" + numbered("def f(a):\n  x", " = a\n  return a\n", n); }},
    {"python star imports",
     [](std::size_t n) { return numbered("from a", " import *\n", n / 2) + repeated("x=b\n", n / 2); }},
    {"python statements that do not parse",
     [](std::size_t n) { return "import os\n" + repeated("if x:\n  )\n", n); }},
    {"python imports one text again and again",
     [](std::size_t n) {
       return "import os\nx='" + std::string(60'000, 'a') + "'\n" +
              repeated("__import__(x)\nos.system(x)\n", n);
     }},
    {"zip of empty members", [](std::size_t n) { return zip_of(n / 100, {}, {}); }},
    {"zip of one name", [](std::size_t n) { return zip_of(n / 100, "m/data.pkl", "\x80\x02N."); }},
    {"zip of programs",
     [](std::size_t n) {
       return zip_of(n / 160, {},
                     std::string("\x7F"
                                 "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3E\0\1\0\0\0",
                                 24) +
                         std::string(40, '\0'));
     }},
    {"gzip members",
     [](std::size_t n) {
       return repeated(std::string_view("\x1F\x8B\x08\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0", 20), n);
     }},
    {"gguf nested arrays",
     [](std::size_t n) {
       return "GGUF" + little_endian(3, 4) + little_endian(0, 8) + little_endian(1, 8) + little_endian(1, 8) +
              "a" + little_endian(9, 4) + repeated(little_endian(9, 4) + little_endian(1, 8), n);
     }},
    {"msgpack nested", [](std::size_t n) { return repeated("\x91", n); }},
    {"torch7 nested",
     [](std::size_t n) {
       return numbered("\3", "", 8) + repeated(little_endian(3, 4) + little_endian(1, 4), n);
     }},
};

double seconds_for(const std::string& content) {
  Limits limits;
  limits.held_bytes = std::uint64_t{256} << 20;
  const std::clock_t begin = std::clock();
  (void)scan(std::string_view(content), {}, limits);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

class LinearTime : public testing::TestWithParam<Case> {};

TEST_P(LinearTime, FourTimesTheBytesCostFourTimesTheTime) {
  constexpr std::size_t kBytes = 256U << 10;
  const std::string small = GetParam().build(kBytes);
  const std::string large = GetParam().build(4 * kBytes);
  ASSERT_FALSE(small.empty());
  const double first = seconds_for(small);
  const double second = seconds_for(large);
  // Below this, noise is all there is.
  constexpr double kNoise = 0.15;
  EXPECT_LT(second, std::max(first, kNoise) * 10) << first << " s, then " << second << " s";
}

std::string name_of_case(const testing::TestParamInfo<Case>& tried) {
  std::string name = tried.param.name;
  std::ranges::replace(name, ' ', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Inputs, LinearTime, testing::ValuesIn(kCases), name_of_case);

}  // namespace
}  // namespace bulwark::test
