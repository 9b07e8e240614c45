// Agents, and the rules files that coding assistants obey.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Call, "langchain.agents.AgentExecutor", "LangChain agent"},
    {In::Call, "langchain.agents.initialize_agent", "LangChain agent"},
    {In::Call, "langchain.agents.create_agent", "LangChain agent"},
    {In::Call, "langchain.agents.create_react_agent", "LangChain agent"},
    {In::Call, "langchain.agents.create_openai_tools_agent", "LangChain agent"},
    {In::Call, "langchain.agents.create_tool_calling_agent", "LangChain agent"},
    {In::Call, "langgraph.prebuilt.create_react_agent", "LangChain agent"},
    {In::Call, ".bind_tools", "model with bound tools"},
    {In::Import, "langgraph", "LangGraph"},
    {In::Import, "autogen", "AutoGen"},
    {In::Import, "autogen_agentchat", "AutoGen"},
    {In::Import, "crewai", "CrewAI"},
    {In::Import, "smolagents", "smolagents"},
    {In::Import, "agents.Agent", "OpenAI Agents"},
    {In::Import, "agents.Runner", "OpenAI Agents"},
    {In::Import, "semantic_kernel", "Semantic Kernel"},
    {In::Import, "pydantic_ai", "Pydantic AI"},
    {In::Import, "google.adk", "Google ADK"},
    {In::Import, "llama_index.core.agent", "LlamaIndex agent"},
    {In::Import, "claude_agent_sdk", "Claude Agent SDK"},
    {In::Import, "claude_code_sdk", "Claude Agent SDK"},
    {In::Import, "browser_use", "browser-use"},
    {In::Import, "strands", "Strands"},
    {In::Path, ".cursorrules", "rules of coding assistants"},
    {In::Path, ".cursor/rules/*", "rules of coding assistants"},
    {In::Path, ".windsurfrules", "rules of coding assistants"},
    {In::Path, ".clinerules", "rules of coding assistants"},
    {In::Path, "claude.md", "rules of coding assistants"},
    {In::Path, "agents.md", "rules of coding assistants"},
    {In::Path, "gemini.md", "rules of coding assistants"},
    {In::Path, ".github/copilot-instructions.md", "rules of coding assistants"},
    {In::Path, ".github/instructions/*", "rules of coding assistants"},
    {In::Path, ".aider.conf.yml", "rules of coding assistants"},
    {In::Path, ".continuerules", "rules of coding assistants"},
    {In::Path, ".roorules", "rules of coding assistants"},
    {In::Package, "langgraph", "LangGraph"},
    {In::Package, "crewai", "CrewAI"},
};

}  // namespace

const Detector agent{.kind = Kind::Agent, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
