#include "scan/formats/python/flows.h"

#include <algorithm>
#include <array>

namespace bulwark::python {
namespace {

template <class List>
bool any_end(std::string_view name, const List& ends) {
  return std::ranges::any_of(ends, [&](std::string_view end) { return name.ends_with(end); });
}
template <class List>
bool any_begin(std::string_view name, const List& begins) {
  return std::ranges::any_of(begins, [&](std::string_view begin) { return name.starts_with(begin); });
}
template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string_view last_of(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

// Methods that ask a language model, whatever the object is called.
constexpr auto kAskAnyone = std::to_array<std::string_view>(
    {".chat.completions.create", ".completions.create", ".responses.create", ".chat.completions.parse",
     ".generate_content", ".generate_content_async", ".invoke_model", ".ChatCompletion.create",
     ".Completion.create", ".ChatCompletion.acreate"});
// Packages whose objects are models or chains of them.
constexpr auto kModelPackages = std::to_array<std::string_view>({"openai.",
                                                                 "anthropic.",
                                                                 "langchain",
                                                                 "llama_index",
                                                                 "google.generativeai.",
                                                                 "google.genai.",
                                                                 "cohere.",
                                                                 "mistralai.",
                                                                 "groq.",
                                                                 "ollama.",
                                                                 "litellm.",
                                                                 "vllm.",
                                                                 "huggingface_hub.InferenceClient",
                                                                 "huggingface_hub.AsyncInferenceClient",
                                                                 "replicate.",
                                                                 "together.",
                                                                 "dspy.",
                                                                 "llama_cpp.",
                                                                 "ctransformers.",
                                                                 "gpt4all.",
                                                                 "vertexai.",
                                                                 "transformers.pipeline()",
                                                                 "transformers.AutoModelForCausalLM",
                                                                 "crewai.",
                                                                 "autogen.",
                                                                 "smolagents.",
                                                                 "guidance.",
                                                                 "haystack.",
                                                                 "pydantic_ai.",
                                                                 "agents.",
                                                                 "semantic_kernel.",
                                                                 "instructor."});
// What asks, on those objects.
constexpr auto kAsks = std::to_array<std::string_view>({"invoke",
                                                        "ainvoke",
                                                        "predict",
                                                        "run",
                                                        "apredict",
                                                        "arun",
                                                        "generate",
                                                        "agenerate",
                                                        "complete",
                                                        "acomplete",
                                                        "chat",
                                                        "achat",
                                                        "query",
                                                        "aquery",
                                                        "create",
                                                        "completion",
                                                        "acompletion",
                                                        "stream",
                                                        "text_generation",
                                                        "chat_completion",
                                                        "run_sync",
                                                        "send_message",
                                                        "kickoff",
                                                        "__call__",
                                                        "create_completion",
                                                        "create_chat_completion",
                                                        "batch",
                                                        "stream_chat",
                                                        "generate_text",
                                                        "initiate_chat"});
// How people call such objects.
constexpr auto kModelNames =
    std::to_array<std::string_view>({"llm", "chain", "agent_executor", "chat_model", "llm_chain", "qa_chain",
                                     "chatbot", "rag_chain", "language_model"});

bool names_model(std::string_view receiver) {
  receiver = last_of(receiver);
  while (receiver.starts_with('_')) receiver.remove_prefix(1);
  return contains(kModelNames, receiver) || receiver.ends_with("_llm");
}

bool asks_model(std::string_view name) {
  if (any_end(name, kAskAnyone)) return true;
  if (name.ends_with(".messages.create") || name.ends_with(".messages.stream"))
    return name.starts_with("anthropic.");
  const std::string_view method = last_of(name);
  if (any_begin(name, kModelPackages)) {
    // pipeline("…")(text), llama(text): the object itself is called.
    if (method.ends_with("()")) return false;
    if (contains(kAsks, method)) return true;
    return name == "transformers.pipeline()" || name == "llama_cpp.Llama()" || name == "replicate.run";
  }
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return name == "ask_llm" || name == "call_llm" || name == "query_llm";
  return names_model(name.substr(0, dot)) && contains(kAsks, method);
}

constexpr auto kRequestParts = std::to_array<std::string_view>(
    {"args", "form", "json", "data", "values", "files", "GET", "POST", "body", "headers", "cookies",
     "query_params", "path_params", "query_string", "params", "stream", "query"});
constexpr auto kRequestCalls =
    std::to_array<std::string_view>({"get_json", "get_data", "json", "body", "form", "post", "read", "text"});

bool is_request(std::string_view receiver) {
  return receiver == "flask.request" || receiver == "request" || receiver == "self.request" ||
         receiver == "bottle.request" || receiver == "quart.request" ||
         receiver == "sanic.request.Request()" || receiver.ends_with(".Request()") ||
         receiver == "aiohttp.web.Request()";
}

constexpr auto kForms = std::to_array<std::string_view>(
    {"streamlit.text_input", "streamlit.text_area", "streamlit.chat_input", "streamlit.file_uploader"});
constexpr auto kPrompts =
    std::to_array<std::string_view>({"input", "raw_input", "sys.stdin.read", "sys.stdin.readline",
                                     "sys.stdin.readlines", "click.prompt", "rich.prompt.Prompt.ask"});
constexpr auto kFileReads = std::to_array<std::string_view>(
    {"open().read", "open().readline", "open().readlines", "io.open().read", "pathlib.Path().read_text",
     "pathlib.Path().read_bytes", "json.load", "codecs.open().read"});

constexpr auto kChecks = std::to_array<std::string_view>(
    {"int", "float", "len", "bool", "isinstance", "shlex.quote", "pipes.quote", "os.path.basename",
     "werkzeug.utils.secure_filename", "uuid.UUID", "hashlib.sha256", "hashlib.md5", "html.escape", "print",
     "re.fullmatch", "re.match", "numpy.array", "datetime.datetime.strptime"});

}  // namespace

Taint flow_of_call(std::string_view name) {
  Taint flow;
  if (name.empty()) return flow;
  if (asks_model(name)) {
    flow.model = true;
    return flow;
  }
  if (contains(kForms, name)) flow.input = true;
  if (contains(kPrompts, name)) flow.typed = true;
  if (contains(kFileReads, name)) flow.file = true;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return flow;
  const std::string_view method = name.substr(dot + 1);
  if (contains(kRequestCalls, method) && is_request(name.substr(0, dot))) flow.input = true;
  if (method == "receive_text" || method == "receive_json" || method == "recv") {
    const std::string_view receiver = last_of(name.substr(0, dot));
    flow.input = receiver.starts_with("websocket") || receiver.starts_with("ws") ||
                 receiver.starts_with("WebSocket") || receiver.starts_with("conn") ||
                 receiver.starts_with("sock");
  }
  return flow;
}

Taint flow_of_attribute(std::string_view name) {
  Taint flow;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return flow;
  const std::string_view part = name.substr(dot + 1);
  if (part.size() > 12 || !contains(kRequestParts, part)) return flow;
  flow.input = is_request(name.substr(0, dot));
  return flow;
}

Taint flow_of_decorator(std::string_view name, bool has_path) {
  Taint flow;
  const std::string_view last = last_of(name);
  constexpr std::array<std::string_view, 8> kRoutes = {"route",  "get",   "post",      "put",
                                                       "delete", "patch", "websocket", "api_route"};
  constexpr std::array<std::string_view, 8> kTools = {"tool",       "function_tool",   "call_tool",
                                                      "tool_plain", "kernel_function", "register_for_llm",
                                                      "beta_tool",  "ai_function"};
  flow.input = has_path && name.find('.') != std::string_view::npos && contains(kRoutes, last);
  flow.tool = contains(kTools, last);
  // Kubeflow Pipelines.
  flow.parameter = last == "component" && (name.starts_with("kfp.") || name.starts_with("dsl."));
  return flow;
}

bool applies_to_rows(std::string_view method) {
  constexpr std::array<std::string_view, 7> kMethods = {
      "apply", "map", "applymap", "transform", "progress_apply", "parallel_apply", "map_elements"};
  return contains(kMethods, method);
}

bool checks(std::string_view name) {
  return contains(kChecks, name);
}

}  // namespace bulwark::python
