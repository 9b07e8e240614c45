// Language models: clients of services, and libraries that run them.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Import, "openai", "OpenAI"},
    {In::Import, "langchain_openai", "OpenAI"},
    {In::Config, "openai_api_key", "OpenAI"},
    {In::Import, "anthropic", "Anthropic"},
    {In::Import, "langchain_anthropic", "Anthropic"},
    {In::Config, "anthropic_api_key", "Anthropic"},
    {In::Import, "google.generativeai", "Google"},
    {In::Import, "google.genai", "Google"},
    {In::Import, "langchain_google_genai", "Google"},
    {In::Import, "langchain_google_vertexai", "Google"},
    {In::Import, "vertexai", "Google"},
    {In::Import, "mistralai", "Mistral"},
    {In::Import, "langchain_mistralai", "Mistral"},
    {In::Import, "cohere", "Cohere"},
    {In::Import, "langchain_cohere", "Cohere"},
    {In::Import, "langchain_aws", "AWS Bedrock"},
    {In::Import, "azure.ai.inference", "Azure OpenAI"},
    {In::Import, "groq", "Groq"},
    {In::Import, "langchain_groq", "Groq"},
    {In::Import, "litellm", "LiteLLM"},
    {In::Import, "langchain", "LangChain"},
    {In::Import, "langchain_core", "LangChain"},
    {In::Import, "langchain_community", "LangChain"},
    {In::Import, "llama_index", "LlamaIndex"},
    {In::Import, "haystack", "Haystack"},
    {In::Import, "dspy", "DSPy"},
    {In::Import, "ollama", "Ollama"},
    {In::Import, "langchain_ollama", "Ollama"},
    {In::Config, "ollama/ollama", "Ollama"},
    {In::Import, "vllm", "vLLM"},
    {In::Config, "vllm/vllm-openai", "vLLM"},
    {In::Config, "vllm.entrypoints", "vLLM"},
    {In::Config, "vllm serve", "vLLM"},
    {In::Import, "llama_cpp", "llama.cpp"},
    {In::Config, "text-generation-inference", "Text Generation Inference"},
    {In::Import, "transformers.AutoModelForCausalLM", "Transformers"},
    {In::Import, "transformers.AutoModelForSeq2SeqLM", "Transformers"},
    {In::Package, "langchain", "LangChain"},
    {In::Package, "openai", "OpenAI"},
    {In::Package, "anthropic", "Anthropic"},
};

void look(const File& file, Findings& findings) {
  for (const PythonText& text : file.python.texts)
    if (text.text == "bedrock-runtime")
      findings.add(Kind::Llm, "AWS Bedrock", Confidence::Sure, file, text.line, text.text,
                   "opens a client of Bedrock");
}

}  // namespace

const Detector llm{.kind = Kind::Llm, .markers = kMarkers, .look = look};

}  // namespace bulwark::assess::detectors
