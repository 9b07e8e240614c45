#include "scan/agent_texts.h"

#include <gtest/gtest.h>

namespace bulwark::scan {
namespace {

std::vector<ApprovableText> texts(std::string_view path, std::string_view content) {
  auto found = approvable_texts(path, bytes_of(content), Limits{});
  EXPECT_TRUE(found) << found.error().message;
  return std::move(*found);
}
std::string definition(std::string_view content) {
  const auto found = texts(".mcp.json", content);
  return found.size() == 1 ? found[0].text : std::to_string(found.size()) + " texts";
}

TEST(AgentTexts, OfInstructionFilesAreTheWholeFile) {
  const auto found = texts("repo/AGENTS.md", "Be brief.\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, "instructions");
  EXPECT_EQ(found[0].text, "Be brief.\n");
  EXPECT_TRUE(texts("repo/README.md", "Be brief.\n").empty());
}

TEST(AgentTexts, OfServersDoNotDependOnBlanksCommentsAndTheOrderOfKeys) {
  const std::string one =
      definition(R"({"mcpServers": {"a": {"command": "npx", "args": ["-y", "x@1.0.0"], "trust": true}}})");
  EXPECT_EQ(one, "args[0] = -y\nargs[1] = x@1.0.0\ncommand = npx\ntrust: true\n");
  EXPECT_EQ(
      definition("{ // tools\n\"mcpServers\": {\"a\": {\"trust\": true, \"args\": [\"-y\",\n \"x@1.0.0\",],"
                 " \"command\": \"npx\"}}}"),
      one);
}

// A key may not look like a path, nor a text like another kind of value.
TEST(AgentTexts, TellDifferentDefinitionsApart) {
  const auto server = [](std::string_view more) {
    return definition(R"({"mcpServers": {"a": {"command": "x", )" + std::string(more) + "}}}");
  };
  EXPECT_NE(server(R"("env": {"A": "1"})"), server(R"("env.A": "1")"));
  EXPECT_NE(server(R"("trust": true)"), server(R"("trust": "true")"));
  EXPECT_NE(server(R"("cwd": "a\nenv = b")"), server(R"("cwd": "a", "env": "b")"));
  EXPECT_NE(server(R"("args": [])"), server(R"("args": {})"));
}

TEST(AgentTexts, NeverHoldCredentials) {
  const std::string text = definition(
      R"({"mcpServers": {"a": {"command": "x", "args": ["--api-key=q7Zt2Lw9Xv4Rb8Nc1Yk6"],)"
      R"( "env": {"API_TOKEN": "q7Zt2Lw9Xv4Rb8Nc1Yk6"}, "headers": {"Authorization": "Bearer q7Zt2Lw9Xv4Rb8Nc1Yk6"}}}})");
  EXPECT_EQ(text.find("q7Zt"), std::string::npos) << text;
  EXPECT_NE(text.find("env.API_TOKEN = <credential>"), std::string::npos) << text;
  const std::string note = std::string("Use ghp_") + "jrvnWPQbLrWhMgJvIYPbJzZyj9k8Xh1YCpRf" + " to push.\n";
  EXPECT_EQ(texts("AGENTS.md", note)[0].text.find("jrvn"), std::string::npos);
}

TEST(AgentTexts, OfToolsKeepEveryLineOfTheirDescription) {
  const auto found =
      texts("tools.json", R"({"tools": [{"name": "add", "description": "Adds.\nTwo.", "inputSchema": {}},)"
                          R"( {"name": "add", "description": "Again.", "inputSchema": {}}]})");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].kind, "tool");
  EXPECT_EQ(found[0].text, "description = Adds.\n  | Two.\ninputSchema: {}\nname = add\n");
  EXPECT_EQ(found[1].name, "add (2)");
}

TEST(AgentTexts, OfHugeDefinitionsAreNone) {
  std::string text =
      "{\"tools\": [{\"name\": \"a\", \"inputSchema\": {\"" + std::string(100'000, 'k') + "\": {";
  for (int i = 0; i < 1000; ++i) text += (i == 0 ? "\"" : ", \"") + std::to_string(i) + "\": 1";
  text += "}}}]}";
  const auto found = approvable_texts("tools.json", bytes_of(text), Limits{});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::LimitReached);
}

}  // namespace
}  // namespace bulwark::scan
