// Memory that outlives a conversation.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Import, "mem0", "Mem0"},
    {In::Import, "langchain.memory", "LangChain memory"},
    {In::Import, "langchain_community.chat_message_histories", "LangChain memory"},
    {In::Import, "langgraph.checkpoint", "LangGraph checkpoints"},
    {In::Import, "langgraph.store", "LangGraph checkpoints"},
    {In::Import, "zep_python", "Zep"},
    {In::Import, "zep_cloud", "Zep"},
    {In::Import, "letta", "Letta"},
    {In::Import, "letta_client", "Letta"},
    {In::Import, "graphiti_core", "Graphiti"},
    {In::Import, "llama_index.core.memory", "LlamaIndex memory"},
    {In::Package, "mem0ai", "Mem0"},
};

}  // namespace

const Detector agent_memory{.kind = Kind::AgentMemory, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
