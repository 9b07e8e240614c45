// Configuration of agents: which tool servers a client starts (mcpServers), what tools say about themselves,
// what may run without asking, what runs by opening the folder.
//
// Sources: Model Context Protocol 2025-06-18 (tools, annotations), the clients' documented settings files.

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/find.h"
#include "base/one_of.h"
#include "base/text.h"
#include "scan/formats/command_text.h"
#include "scan/formats/config.h"
#include "scan/formats/hidden_text.h"
#include "scan/formats/image_reference.h"
#include "scan/formats/json_comments.h"
#include "scan/formats/shell_words.h"
#include "scan/inspectors/agent_rules.h"
#include "scan/inspectors/list.h"
#include "scan/knowledge/environment_secrets.h"
#include "scan/mend.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 20;

// One of these words stands in everything that is judged here; other JSON is left alone unparsed.
constexpr auto kWords = std::to_array<std::string_view>(
    {"mcpServers", "mcp_servers", "inputSchema", "input_schema", "description_for_model", "\"servers\"",
     "\"function\"", "\"permissions\"", "autoApprove", "runOn", "\"hooks\"", "enableAllProjectMcpServers",
     "\"skills\"", "\"tools\"", "context_servers"});

Match recognises(Bytes content) {
  return may_configure_agents(content) ? Match::Weak : Match::No;
}

class Judge {
 public:
  Judge(Inspection& in, std::string_view text) : in_(in), text_(text) {}

  // True if anything in the document is an agent's.
  bool judge(const Document& root) {
    for_each_value(root, [&](const ConfigValue& found) {
      if (found.value->is_map()) judge_map(*found.value, found);
    });
    if (root.is_map()) settings(root);
    return mine_;
  }

 private:
  void report(const Rule& rule, const Document& at, std::string message, std::string_view evidence,
              std::optional<Severity> severity = {}, std::vector<Edit> edits = {}) {
    mine_ = true;
    in_.report(rule, {.place = {.offset = at.offset},
                      .text = text_,
                      .message = std::move(message),
                      .evidence = std::string(evidence),
                      .subject = subject_,
                      .severity = severity,
                      .edits = std::move(edits)});
  }
  [[nodiscard]] std::vector<Edit> switched_off(const Document& value) const {
    return mend_switch(text_of(in_.bytes()), value.offset, false);
  }

  void judge_map(const Document& map, const ConfigValue& found) {
    if (is_server_list(found.key, found.path)) {
      for (const auto& [name, server] : map.map)
        if (server.is_map()) judge_server(name, server);
      return;
    }
    const Document* description = map.find("description");
    if (is_tool(map)) judge_tool(map, description);
    if (const Document* model = map.find("description_for_model"); model != nullptr) {
      mine_ = true;
      judge_agent_text(in_, model->string, model->offset, false, AgentText::ToolDescription,
                       "description_for_model");
    }
    if (const Document* skills = map.find("skills");
        skills != nullptr && skills->is_list() && map.find("url") != nullptr)
      judge_card(map, *skills);
  }

  // --- Servers
  // ---------------------------------------------------------------------------------------------------

  void judge_server(const std::string& name, const Document& server) {
    const Document* command = server.find("command");
    const Document* url = server.find("url");
    if (url == nullptr) url = server.find("serverUrl");
    if (url == nullptr) url = server.find("httpUrl");
    if (command == nullptr && url == nullptr) return;
    mine_ = true;
    subject_ = printable(name, 60);
    if (url != nullptr) judge_address(*url);
    if (command != nullptr) judge_command(server, *command);
    for (const std::string_view key : {"env", "headers"})
      if (const Document* values = server.find(key); values != nullptr && values->is_map())
        judge_values(*values);
    judge_approval(server);
    subject_.clear();
  }

  void judge_address(const Document& url) {
    const std::string address = lower(url.string);
    const std::size_t scheme = address.find("://");
    if (scheme == std::string::npos) return;
    std::string host = address.substr(scheme + 3);
    host.resize(std::min(host.find_first_of("/?#"), host.size()));
    if (const std::size_t at = host.rfind('@'); at != std::string::npos) {
      report(kAgentSecret, url, "the address of server '" + subject_ + "' holds a user name or password",
             masked_secret(host.substr(0, at)));
      host = host.substr(at + 1);
    }
    judge_query(url, address);
    if (is_loopback(host)) return;
    const bool plain = address.starts_with("http://") || address.starts_with("ws://");
    if (plain)
      report(kRemoteTool, url, "server '" + subject_ + "' is reached without encryption; write https://",
             url.string);
    else if (is_number_address(host) || is_tunnel(host))
      report(kRemoteTool, url, "server '" + subject_ + "' is reached at an address that anybody may get next",
             url.string, Severity::Medium);
  }

  void judge_query(const Document& url, const std::string& address) {
    const std::size_t query = address.find('?');
    if (query == std::string::npos) return;
    for (const std::string_view pair : split(std::string_view(url.string).substr(query + 1), '&')) {
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos ||
          !is_literal_credential(pair.substr(0, equals), pair.substr(equals + 1)))
        continue;
      report(kAgentSecret, url, "the address of server '" + subject_ + "' holds a credential",
             std::string(pair.substr(0, equals + 1)) + masked_secret(pair.substr(equals + 1)));
    }
  }

  static bool is_loopback(std::string_view host) {
    return host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]") ||
           host.starts_with("host.docker.internal");
  }
  static bool is_number_address(std::string_view host) {
    const std::string_view name = host.substr(0, host.find(':'));
    return host.starts_with('[') ||
           (!name.empty() && name.find_first_not_of("0123456789.") == std::string_view::npos);
  }
  // Names that services give to whoever runs a tunnel at the moment.
  static bool is_tunnel(std::string_view host) {
    const std::string_view name = host.substr(0, host.find(':'));
    return std::ranges::any_of(
        std::to_array<std::string_view>({".ngrok.io", ".ngrok-free.app", ".ngrok.app", ".trycloudflare.com",
                                         ".loca.lt", ".serveo.net", ".localhost.run"}),
        [&](std::string_view end) { return name.ends_with(end); });
  }

  static std::vector<std::string> arguments_of(const Document& server) {
    std::vector<std::string> arguments;
    const Document* list = server.find("args");
    if (list != nullptr && list->is_list())
      for (const Document& argument : list->list) arguments.push_back(argument.string);
    return arguments;
  }

  void judge_command(const Document& server, const Document& command) {
    std::vector<std::string> line = arguments_of(server);
    std::string program = command.string;
    // Some clients take the whole line as the command.
    if (line.empty() && program.find(' ') != std::string::npos) {
      for (const std::string_view word : words(command.string)) line.emplace_back(word);
      program = line.front();
      line.erase(line.begin());
    }
    program = program_of(program);
    if (is_one_of(program, {"sh", "bash", "zsh", "dash", "cmd", "powershell", "pwsh"}))
      return judge_shell(command, line);
    judge_package(program, line, command);
    for (const std::string& argument : line) judge_argument(command, argument);
  }

  void judge_shell(const Document& command, const std::vector<std::string>& line) {
    std::string script;
    for (const std::string& argument : line) script += (script.empty() ? "" : " ") + argument;
    const auto runs = find_command(script);
    const bool downloads =
        script.find("curl ") != std::string::npos || script.find("wget ") != std::string::npos;
    report(kShellServer, command, "server '" + subject_ + "' is started through a shell", script,
           downloads && runs ? std::optional(Severity::High) : std::nullopt);
  }

  // The argument that names the package: the first that is no option.
  static std::optional<std::string> package_of(std::string_view program,
                                               const std::vector<std::string>& line) {
    std::size_t i = 0;
    if (is_one_of(program, {"pnpm", "yarn", "pipx", "bun", "npm"})) {
      if (line.empty() || !is_one_of(line[0], {"dlx", "run", "x", "exec"})) return {};
      i = 1;
    } else if (!is_one_of(program, {"npx", "bunx", "uvx"})) {
      return {};
    }
    for (; i < line.size(); ++i) {
      const std::string& argument = line[i];
      if (is_one_of(argument, {"--from", "--package", "-p", "--spec"}) && i + 1 < line.size())
        return line[i + 1];
      if (argument.starts_with("--from=") || argument.starts_with("--package=") ||
          argument.starts_with("--spec="))
        return argument.substr(argument.find('=') + 1);
      if (is_one_of(argument, {"--with", "--python", "--index-url", "--registry"})) {
        ++i;
      } else if (!argument.starts_with('-')) {
        return argument;
      }
    }
    return {};
  }

  static bool is_commit(std::string_view text) {
    return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  }

  // "name@1.2.3", "@scope/name@1.2.3", "name==1.2.3", "git+https://…@<commit>".
  static bool is_pinned(std::string_view package) {
    if (package.find("://") != std::string_view::npos || package.starts_with("github:")) {
      const std::size_t at = package.find_last_of("@#");
      return at != std::string_view::npos && is_commit(package.substr(at + 1));
    }
    if (const std::size_t equals = package.find("=="); equals != std::string_view::npos)
      return package.find('*', equals) == std::string_view::npos;
    const std::size_t at = package.rfind('@');
    if (at == std::string_view::npos || at == 0) return package.starts_with('.') || package.starts_with('/');
    const std::string_view version = package.substr(at + 1);
    return !version.empty() && version[0] >= '0' && version[0] <= '9' &&
           version.find_first_of("xX*^~") == std::string_view::npos && split(version, '.').size() >= 3;
  }

  void judge_package(std::string_view program, const std::vector<std::string>& line,
                     const Document& command) {
    if (is_one_of(program, {"docker", "podman"})) return judge_image(line, command);
    const auto package = package_of(program, line);
    if (!package || is_pinned(*package)) return;
    report(kUnpinnedTool, command,
           "server '" + subject_ + "' runs whatever version of " + printable(*package, 80) +
               " is newest; write its exact version",
           std::string(program) + " … " + *package);
  }

  void judge_image(const std::vector<std::string>& line, const Document& command) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string& word = line[i];
      if (word == "--privileged" || word.find("docker.sock") != std::string::npos || word == "--network=host")
        report(kWideRights, command, "the container of server '" + subject_ + "' can reach the whole machine",
               word, Severity::High);
      const bool takes_value =
          is_one_of(word, {"-e", "--env", "-v", "--volume", "--mount", "--name", "-p", "--network",
                           "--env-file", "-w", "-u", "--user", "--entrypoint", "--pull", "--platform"});
      if (takes_value) ++i;
      if (takes_value || word.starts_with('-') || is_one_of(word, {"run", "container"})) continue;
      const auto image = parse_image_reference(word);
      if (image && !image->pinned())
        report(kUnpinnedTool, command,
               "server '" + subject_ +
                   "' runs an image that its publisher can exchange; write its @sha256 digest",
               word, image->mutable_tag() ? std::nullopt : std::optional(Severity::Low));
      return;
    }
  }

  void judge_argument(const Document& command, const std::string& argument) {
    if (is_one_of(argument,
                  {"/", "~", "~/", "$HOME", "${HOME}", "C:\\", "C:/", "/home", "/Users", "/root", "/etc"}))
      report(kWideRights, command, "server '" + subject_ + "' may reach everything below " + argument,
             argument, Severity::High);
    const std::size_t equals = argument.find('=');
    if (equals != std::string::npos) {
      std::string_view name = std::string_view(argument).substr(0, equals);
      while (name.starts_with('-')) name.remove_prefix(1);
      if (is_literal_credential(name, std::string_view(argument).substr(equals + 1)))
        report(kAgentSecret, command, "an argument of server '" + subject_ + "' is a credential",
               argument.substr(0, equals + 1) + masked_secret(argument.substr(equals + 1)));
    }
  }

  void judge_values(const Document& values) {
    for (const auto& [name, value] : values.map) {
      std::string_view text = value.string;
      const bool bearer = text.starts_with("Bearer ");
      if (bearer) text.remove_prefix(7);
      const bool credential = is_literal_credential(name, text) ||
                              (bearer && secret_value(text) == SecretValue::Literal) ||
                              (lower(name) == "authorization" && secret_value(text) == SecretValue::Literal);
      if (!credential) continue;
      report(kAgentSecret, value,
             printable(name, 60) + " of server '" + subject_ +
                 "' is written out; refer to a variable such as ${" + printable(name, 60) + "}",
             masked_secret(text));
    }
  }

  void judge_approval(const Document& server) {
    if (const Document* trust = server.find("trust"); trust != nullptr && trust->boolean)
      report(kNoApproval, *trust, "every call of server '" + subject_ + "' is approved beforehand",
             "trust: true", {}, switched_off(*trust));
    for (const std::string_view key : {"autoApprove", "alwaysAllow", "autoAllow"}) {
      const Document* list = server.find(key);
      if (list == nullptr || !list->is_list()) continue;
      for (const Document& tool : list->list) {
        if (tool.string == "*") {
          report(kNoApproval, tool, "every tool of server '" + subject_ + "' is approved beforehand", "*");
        } else if (changes_things(tool.string)) {
          report(kNoApproval, tool,
                 "tool '" + printable(tool.string, 60) + "' of server '" + subject_ + "' acts without asking",
                 tool.string, Severity::Medium);
        }
      }
    }
  }

  // The name of a tool says that it does more than look.
  static bool changes_things(std::string_view name) {
    const std::string lowered = lower(name);
    return std::ranges::any_of(
        std::to_array<std::string_view>({"write",  "delete",   "remove",   "execute", "exec_",  "run_",
                                         "shell",  "bash",     "command",  "send",    "create", "update",
                                         "push",   "drop",     "terminal", "kill",    "deploy", "merge",
                                         "upload", "transfer", "pay"}),
        [&](std::string_view verb) { return lowered.find(verb) != std::string::npos; });
  }

  // --- Tools
  // -----------------------------------------------------------------------------------------------------

  void judge_tool(const Document& tool, const Document* description) {
    mine_ = true;
    const std::string name = printable(tool.text("name"), 60);
    subject_ = name;
    const Document& at = tool.find("name") != nullptr ? *tool.find("name") : tool;
    if (mixes_scripts(tool.text("name")))
      report(kLookAlikeTool, at, "the name of tool '" + name + "' mixes scripts", tool.text("name"));
    if (description != nullptr)
      judge_agent_text(in_, description->string, description->offset, false, AgentText::ToolDescription,
                       "the description of tool '" + name + "'");
    for (const std::string_view key : {"inputSchema", "input_schema", "parameters", "outputSchema"})
      if (const Document* schema = tool.find(key)) judge_schema(*schema, name);
    judge_annotations(tool, name);
    subject_.clear();
  }

  // Every text in a schema goes into the context, not only descriptions (full-schema poisoning).
  void judge_schema(const Document& schema, const std::string& tool) {
    for_each_value(schema, [&](const ConfigValue& found) {
      if (found.value->is_map() && found.key == "properties") judge_parameters(*found.value, tool);
      if (found.value->is_string() && found.value->string.size() > 16)
        judge_agent_text(in_, found.value->string, found.value->offset, false, AgentText::ToolDescription,
                         "the schema of tool '" + tool + "'");
    });
  }

  void judge_parameters(const Document& properties, const std::string& tool) {
    for (const auto& [name, value] : properties.map) {
      if (!is_one_of(lower(name),
                     {"sidenote", "side_note", "conversation_history", "chat_history", "full_conversation",
                      "system_prompt", "systemprompt", "all_messages", "previous_messages", "tool_list",
                      "available_tools", "model_name_and_context"}))
        continue;
      report(kToolContract, value,
             "tool '" + tool + "' asks for the conversation in its parameter '" + name + "'", name);
    }
  }

  void judge_annotations(const Document& tool, const std::string& name) {
    const Document* annotations = tool.find("annotations");
    if (annotations == nullptr || !annotations->is_map()) return;
    const Document* reads = annotations->find("readOnlyHint");
    if (reads != nullptr && reads->boolean && changes_things(tool.text("name")))
      report(kToolContract, *reads, "tool '" + name + "' claims that it only reads", "readOnlyHint: true");
  }

  static bool mixes_scripts(std::string_view name) {
    bool latin = false;
    bool other = false;
    for (std::size_t at = 0; at < name.size();) {
      const Character character = character_at(name, at);
      at += character.size;
      const std::uint32_t code = character.code;
      latin = latin || (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
      other = other || (code >= 0x370 && code <= 0x52F) || is_invisible(code) ||
              (code >= 0xFF21 && code <= 0xFF5A);
    }
    return latin && other;
  }

  void judge_card(const Document& card, const Document& skills) {
    mine_ = true;
    subject_ = printable(card.text("name"), 60);
    judge_address(*card.find("url"));
    for (const Document& skill : skills.list) {
      const Document* description = skill.is_map() ? skill.find("description") : nullptr;
      if (description != nullptr)
        judge_agent_text(in_, description->string, description->offset, false, AgentText::ToolDescription,
                         "a skill of agent '" + subject_ + "'");
    }
    subject_.clear();
  }

  // --- Settings
  // --------------------------------------------------------------------------------------------------

  void settings(const Document& root) {
    if (const Document* permissions = root.find("permissions");
        permissions != nullptr && permissions->is_map())
      judge_permissions(*permissions);
    for (const auto& [key, value] : root.map) {
      const bool switched_on = value.kind == Document::Kind::Boolean && value.boolean;
      if (switched_on && is_one_of(key, {"enableAllProjectMcpServers", "chat.tools.autoApprove",
                                         "chat.tools.global.autoApprove", "dangerouslySkipPermissions",
                                         "autoApproveAll", "yolo", "chat.agent.autoApprove"}))
        report(kNoApproval, value, "'" + key + "' lets every tool run without asking", key + ": true", {},
               switched_off(value));
    }
    if (const Document* hooks = root.find("hooks"); hooks != nullptr && hooks->is_map()) judge_hooks(*hooks);
    if (const Document* tasks = root.find("tasks"); tasks != nullptr && tasks->is_list()) judge_tasks(*tasks);
  }

  void judge_permissions(const Document& permissions) {
    const Document* mode = permissions.find("defaultMode");
    if (mode != nullptr && mode->string == "bypassPermissions")
      report(kNoApproval, *mode, "every action of the agent runs without asking", mode->string);
    const Document* allow = permissions.find("allow");
    if (allow == nullptr || !allow->is_list()) return;
    for (const Document& entry : allow->list) {
      if (is_one_of(entry.string,
                    {"*", "Bash", "Bash(*)", "Bash(*:*)", "Shell", "Write", "Write(*)", "Write(**)"}))
        report(kNoApproval, entry, "'" + printable(entry.string, 60) + "' is allowed without asking",
               entry.string);
    }
  }

  void judge_hooks(const Document& hooks) {
    for_each_value(hooks, [&](const ConfigValue& found) {
      if (found.key == "command" && found.value->is_string()) judge_hook(*found.value, "a hook of the agent");
    });
  }

  void judge_tasks(const Document& tasks) {
    for (const Document& task : tasks.list) {
      if (!task.is_map()) continue;
      const Document* options = task.find("runOptions");
      const Document* command = task.find("command");
      if (options != nullptr && options->text("runOn") == "folderOpen" && command != nullptr)
        judge_hook(*command, "a task that starts when the folder is opened");
    }
  }

  void judge_hook(const Document& command, const std::string& who) {
    const auto dangerous = find_command(command.string);
    report(kProjectHook, command,
           who + " runs a command" + (dangerous ? " that " + std::string(dangerous->what) : ""),
           command.string,
           dangerous && dangerous->severity >= Severity::High ? std::optional(Severity::High) : std::nullopt);
  }

  Inspection& in_;
  std::string_view text_;
  std::string subject_;
  bool mine_ = false;
};

Result<void> inspect(Inspection& in) {
  const std::string text = without_json_comments(text_of(in.bytes()));
  const auto config = parse_json_config(text, in.limits());
  if (!config) return fail(Code::Unsupported, "not JSON");  // `config` says what is wrong with it
  Judge judge(in, text);
  bool mine = false;
  for (const Document& document : config->documents) mine = judge.judge(document) || mine;
  if (!mine) return fail(Code::Unsupported, "no configuration of agents");
  return {};
}

}  // namespace

bool may_configure_agents(Bytes content) {
  if (content.size() > kMostBytes) return false;
  const std::string_view text = text_of(content);
  const std::size_t start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (start == std::string_view::npos || (text[start] != '{' && text[start] != '[' && text[start] != '/'))
    return false;
  const std::string_view first = text.substr(0, 65536);
  return std::ranges::any_of(kWords, [&](std::string_view word) { return holds_text(first, word); });
}

bool is_server_list(std::string_view key, std::string_view path) {
  return is_one_of(key, {"mcpServers", "mcp_servers", "context_servers"}) ||
         (key == "servers" && path == "servers");
}

bool is_tool(const Document& map) {
  const bool has_schema = map.find("inputSchema") != nullptr || map.find("input_schema") != nullptr ||
                          (map.find("parameters") != nullptr && map.find("name") != nullptr);
  return has_schema && !map.text("name").empty();
}

const Inspector agent_config{
    .name = "agent_config",
    .version = "1",
    .rules = kAgentRules,
    .family = "json",
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
