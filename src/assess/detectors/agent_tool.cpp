// What agents may call: MCP servers, functions, skills.

#include <algorithm>
#include <array>

#include "assess/detectors/list.h"
#include "base/text.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Call, "langchain_core.tools.StructuredTool.from_function", "LangChain tools"},
    {In::Call, "langchain.tools.Tool", "LangChain tools"},
    {In::Call, "langchain_core.tools.Tool", "LangChain tools"},
    {In::Call, "langchain.agents.Tool", "LangChain tools"},
    {In::Import, "langchain_community.tools.ShellTool", "shell tool"},
    {In::Import, "langchain_community.tools.shell", "shell tool"},
    {In::Import, "langchain_experimental.tools", "Python interpreter tool"},
    {In::Import, "langchain_experimental.utilities.PythonREPL", "Python interpreter tool"},
    {In::Import, "langchain_community.agent_toolkits.SQLDatabaseToolkit", "SQL tool"},
    {In::Import, "langchain_community.agent_toolkits.create_sql_agent", "SQL tool"},
    {In::Import, "browser_use", "browser tool"},
    {In::Import, "langchain_community.agent_toolkits.PlayWrightBrowserToolkit", "browser tool"},
    {In::Import, "langchain_community.agent_toolkits.FileManagementToolkit", "file tools"},
    {In::Import, "mcp.server", "MCP server in code"},
    {In::Import, "fastmcp", "MCP server in code"},
    {In::Import, "mcp.client", "MCP client"},
    {In::Import, "langchain_mcp_adapters", "MCP client"},
    {In::Import, "mcp.ClientSession", "MCP client"},
    {In::Path, "skill.md", "skills"},
};

constexpr std::array<std::string_view, 6> kDecorators = {
    "langchain_core.tools.tool", "langchain.tools.tool", "langchain.agents.tool",
    "agents.function_tool",      "smolagents.tool",      "crewai.tools.tool",
};

// {"mcpServers": {NAME: {…}}}, or {"servers": …} of an mcp.json.
void look_at_servers(const File& file, const Document& document, Findings& findings) {
  const Document* servers = document.find("mcpServers");
  if (servers == nullptr && file.name() == "mcp.json") servers = document.find("servers");
  if (servers == nullptr || !servers->is_map()) return;
  for (const auto& [name, server] : servers->map) {
    const std::string_view command = server.text("command");
    findings.add(Kind::AgentTool, "MCP server " + name, Confidence::Sure, file,
                 line_column(file.text, server.offset).line, command.empty() ? server.text("url") : command,
                 "declares an MCP server");
  }
}

// [{"type": "function", "function": {"name": …}}]
void look_at_functions(const File& file, const Document& document, Findings& findings) {
  const Document* list = document.is_map() ? document.find("tools") : &document;
  if (list == nullptr || !list->is_list()) return;
  for (const Document& entry : list->list) {
    const Document* function = entry.find("function");
    if (entry.text("type") != "function" || function == nullptr) continue;
    findings.add(Kind::AgentTool, "function " + std::string(function->text("name")), Confidence::Sure, file,
                 line_column(file.text, entry.offset).line, function->text("description"),
                 "declares a function");
  }
}

void look(const File& file, Findings& findings) {
  for (const Document& document : file.documents) {
    look_at_servers(file, document, findings);
    look_at_functions(file, document, findings);
  }
  for (const PythonName& name : file.python.names)
    if (!name.imported && std::ranges::find(kDecorators, name.dotted) != kDecorators.end())
      findings.add(Kind::AgentTool, "tools in " + file.path, Confidence::Sure, file, name.line, name.dotted,
                   "declares a tool");
}

}  // namespace

const Detector agent_tool{.kind = Kind::AgentTool, .markers = kMarkers, .look = look};

}  // namespace bulwark::assess::detectors
