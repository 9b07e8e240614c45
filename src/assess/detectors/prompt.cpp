// Prompts: files, and templates in code.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Path, "prompts/**", ""},
    {In::Path, "prompt/**", ""},
    {In::Path, "*.prompt", ""},
    {In::Path, "*.prompt.md", ""},
    {In::Path, "*.prompty", ""},
    {In::Path, "system_prompt*", ""},
    {In::Path, "system-prompt*", ""},
    {In::Path, "*_prompt.txt", ""},
    {In::Path, "*_prompt.md", ""},
    {In::Path, "*_prompt.yaml", ""},
    {In::Call, "langchain_core.prompts.ChatPromptTemplate.from_messages", "prompt templates in code"},
    {In::Call, "langchain_core.prompts.PromptTemplate.from_template", "prompt templates in code"},
    {In::Call, "langchain.prompts.PromptTemplate", "prompt templates in code"},
    {In::Call, "langchain_core.prompts.ChatPromptTemplate", "prompt templates in code"},
    {In::Call, "langchain_core.messages.SystemMessage", "prompt templates in code"},
    {In::Call, "langchain.prompts.ChatPromptTemplate.from_messages", "prompt templates in code"},
};

}  // namespace

const Detector prompt{.kind = Kind::Prompt, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
