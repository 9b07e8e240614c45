// Docker Compose files: what a service may do to its host, whom it answers, and with which password.

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "base/text.h"
#include "scan/formats/compose.h"
#include "scan/formats/config.h"
#include "scan/formats/yaml_source.h"
#include "scan/inspectors/compose_rules.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/server_rules.h"
#include "scan/inspectors/service_settings.h"
#include "scan/inspectors/siblings.h"
#include "scan/knowledge/environment_secrets.h"
#include "scan/mend.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr auto kRules =
    both(both(both(kComposeRules, kLaunchRules), kSettingRules), std::array{kTritonPythonBackend});

Match recognises(Bytes content) {
  if (!looks_like_yaml(content)) return Match::No;
  const std::string_view text = text_of(content.first(std::min<std::size_t>(content.size(), 65536)));
  return text.starts_with("services:") || text.find("\nservices:") != std::string_view::npos ? Match::Weak
                                                                                             : Match::No;
}

Match recognises_file(std::string_view path, Bytes) {
  const std::string name = lower(path.substr(path.rfind('/') + 1));
  const bool yaml = name.ends_with(".yml") || name.ends_with(".yaml");
  const bool named =
      name.starts_with("docker-compose") || name.starts_with("compose.") || name.starts_with("compose-");
  return yaml && named ? Match::Weak : Match::No;
}

// Ports behind which data or an administration answers, in the container.
struct KnownPort {
  int port;
  std::string_view server;
};
constexpr KnownPort kKnownPorts[] = {{5432, "PostgreSQL"},
                                     {3306, "MySQL"},
                                     {6379, "Redis"},
                                     {27017, "MongoDB"},
                                     {9000, "MinIO"},
                                     {9001, "MinIO's console"},
                                     {5000, "MLflow"},
                                     {8265, "Ray's dashboard"},
                                     {8888, "Jupyter"},
                                     {9200, "Elasticsearch"},
                                     {5672, "RabbitMQ"},
                                     {15672, "RabbitMQ's console"},
                                     {9092, "Kafka"},
                                     {2375, "the Docker engine"},
                                     {2379, "etcd"},
                                     {11211, "memcached"},
                                     {6333, "Qdrant"},
                                     {11434, "Ollama"},
                                     {19530, "Milvus"},
                                     {8081, "TorchServe's management API"},
                                     {5555, "Flower"},
                                     {4040, "Spark"},
                                     {7077, "Spark's master"},
                                     {6006, "TensorBoard"},
                                     {1433, "SQL Server"},
                                     {9042, "Cassandra"},
                                     {2181, "ZooKeeper"},
                                     {8123, "ClickHouse"},
                                     {18789, "an agent's control page"}};

struct DefaultCredential {
  std::string_view value;
  std::string_view name_part;  // of the variable; empty: any credential
};
constexpr DefaultCredential kDefaults[] = {
    {"minioadmin", ""},    {"minio123", ""},        {"airflow", ""},      {"postgres", ""},
    {"password1234", ""},  {"admin", "GF_"},        {"admin", "GRAFANA"}, {"admin", "ADMIN"},
    {"guest", "RABBITMQ"}, {"root", "MYSQL"},       {"root", "MARIADB"},  {"neo4j/neo4j", "NEO4J"},
    {"elastic", ""},       {"changeme", "ELASTIC"}, {"mlflow", ""},       {"mysql", ""},
    {"mongo", "MONGO"},    {"root", "MONGO"},       {"clickhouse", ""},   {"redis", ""}};

bool is_default(std::string_view name, std::string_view value) {
  return std::ranges::any_of(kDefaults, [&](const DefaultCredential& known) {
    return known.value == value && name.find(known.name_part) != std::string_view::npos;
  });
}

int number(std::string_view text) {
  int value = -1;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  return ec == std::errc() && end == text.data() + text.size() ? value : -1;
}

class ServiceJudge {
 public:
  ServiceJudge(Inspection& in, const ComposeService& service) : in_(in), service_(service) {}

  void judge() {
    judge_host();
    judge_volumes();
    for (const ComposePort& port : service_.ports) judge_port(port);
    std::vector<Setting> settings;
    for (const ComposeVariable& variable : service_.environment) {
      judge_variable(variable);
      if (variable.has_value) settings.push_back({variable.name, variable.value, place_of(*variable.at)});
    }
    judge_settings(in_, settings);
    judge_command(settings);
    judge_limits();
  }

 private:
  [[nodiscard]] std::string_view text() const { return text_of(in_.bytes()); }

  void report(const Rule& rule, const Document& at, std::string message,
              std::optional<Severity> severity = {}, std::vector<Edit> edits = {}) {
    report_at(in_, rule, place_of(at), service_.name + ": " + std::move(message),
              std::string(line_around(text(), at.offset)), severity, std::move(edits));
  }

  void judge_host() {
    if (const Document* value = service_.root->find("privileged"); says_true(value))
      report(kPrivilegedService, *value, "drop `privileged: true`", {},
             mend_switch(text_of(in_.bytes()), value->offset, false));
    for (const std::string_view key : {"network_mode", "pid", "ipc"}) {
      const Document* value = service_.root->find(key);
      if (value != nullptr && value->string == "host")
        report(kServiceHostNamespace, *value,
               "drop `" + std::string(key) + ": host`" + (key == "ipc" ? " and set `shm_size` instead" : ""));
    }
  }

  void judge_volumes() {
    for (const ComposeVolume& volume : service_.volumes) {
      constexpr std::string_view kSockets[] = {"docker.sock", "containerd.sock", "podman.sock", "crio.sock"};
      for (const std::string_view socket : kSockets)
        if (volume.source.ends_with(socket) || volume.target.ends_with(socket)) {
          report(kDockerSocket, *volume.at, "drop the mount of " + volume.source);
          break;
        }
    }
  }

  // --- Ports

  void judge_port(const ComposePort& port) {
    if (!published_everywhere(port)) return;
    const std::string target = compose_value(port.target).value_or("");
    const std::size_t dash = target.find('-');
    const int first = number(std::string_view(target).substr(0, dash));
    const int last = dash == std::string::npos ? first : number(std::string_view(target).substr(dash + 1));
    if (first < 0) return;
    const std::string fixed =
        "`127.0.0.1:" + (port.published.empty() ? port.target : port.published) + ":" + port.target + "`";
    if (first <= 10001 && 10001 <= last)
      report(kRayClient, *port.at,
             "Ray's client port is published on every interface; write " + fixed + " instead");
    for (const KnownPort& known : kKnownPorts) {
      if (known.port < first || known.port > last) continue;
      report(kPublishedPort, *port.at,
             "port " + std::to_string(known.port) + " (" + std::string(known.server) +
                 ") is published on every interface; write " + fixed + " instead");
      return;
    }
  }

  static bool published_everywhere(const ComposePort& port) {
    if (port.at != nullptr && port.at->is_map() && port.published.empty()) return false;
    const auto address = compose_value(port.host_ip);
    if (!address) return false;  // only the environment knows
    return address->empty() || is_every_interface(*address);
  }

  [[nodiscard]] bool reachable() const {
    const Document* network = service_.find("network_mode");
    if (network != nullptr && network->string == "host") return true;
    if (service_.extends_elsewhere && service_.root->find("ports") == nullptr) return false;
    if (service_.root->find("ports") != nullptr)
      return std::ranges::any_of(service_.ports, [](const ComposePort& port) {
        const std::string address = compose_value(port.host_ip).value_or("127.0.0.1");
        return !is_loopback(address);
      });
    for (const Document* parent : service_.parents)
      for (const Document& item : list_under(*parent, "ports")) {
        const std::string address =
            compose_value(parse_compose_port(item.string).host_ip).value_or("127.0.0.1");
        if (!is_loopback(address)) return true;
      }
    return false;
  }

  // --- Environment

  void judge_variable(const ComposeVariable& variable) {
    if (!variable.has_value) return;
    const auto value = compose_value(variable.value);
    if (!value || value->empty()) return;
    // A default is in effect whenever nobody has set the variable.
    const bool fallback = variable.value != *value && variable.value.find("${") != std::string::npos;
    std::string_view user;
    const std::string_view in_url = password_in_url(*value, &user);
    const bool named = names_credential(variable.name) && !names_credential_file(variable.name);
    if (is_access_key_id(variable.name, *value)) return;
    const bool pair = !in_url.empty() && (in_url == user || is_default(variable.name, in_url));
    if (pair || (named && is_default(variable.name, *value))) {
      report_variable(kDefaultCredential, variable, pair ? in_url : std::string_view(*value),
                      "default password in " + variable.name, fallback);
      return;
    }
    const SecretValue kind = secret_value(*value);
    const bool weak = kind == SecretValue::Placeholder;
    if (in_url.empty() ? named && (kind == SecretValue::Literal || weak)
                       : secret_value(in_url) == SecretValue::Literal)
      report_variable(kLiteralPassword, variable, in_url.empty() ? std::string_view(*value) : in_url,
                      "password of " + variable.name + " is written down", fallback || weak);
  }

  // The public half of a key pair, unless it is one of a real account.
  static bool is_access_key_id(std::string_view name, std::string_view value) {
    return lower(name).ends_with("access_key_id") && !value.starts_with("AKIA") && !value.starts_with("ASIA");
  }

  void report_variable(const Rule& rule, const ComposeVariable& variable, std::string_view secret,
                       std::string message, bool weaker) {
    report_at(in_, rule, place_of(*variable.at),
              service_.name + ": " + message + (weaker ? ", in effect unless it is replaced" : "") +
                  "; write `" + variable.name + "=${" + variable.name + ":?}` instead",
              variable.name + "=" + masked_secret(secret),
              weaker ? std::optional(Severity::Medium) : std::nullopt);
  }

  // --- Command

  static void add_words(const Document* value, std::vector<ShellWord>& words) {
    if (value == nullptr) return;
    for (const Document& item : value->list) {
      if (item.is_map() || item.is_list()) continue;
      ShellWord word;
      word.text = item.string;
      word.offset = item.offset;
      words.push_back(std::move(word));
    }
    if (value->is_list() || value->is_map()) return;
    for (const SimpleCommand& command : parse_shell(value->string).commands)
      for (ShellWord word : command.words) {
        word.offset = value->offset;
        words.push_back(std::move(word));
      }
  }

  void judge_command(std::span<const Setting> settings) {
    const Document* entry = service_.find("entrypoint");
    const Document* command = service_.find("command");
    if (entry != nullptr && entry != service_.root->find("entrypoint") &&
        command != service_.root->find("command"))
      return;
    std::vector<ShellWord> words = implied_program(image());
    if (entry != nullptr) words.clear();
    add_words(entry, words);
    const std::size_t before = words.size();
    add_words(command, words);
    if (words.size() == before && entry == nullptr) return;
    // The image's own program is only implied in front of options.
    if (entry == nullptr && before > 0 && !words[before].text.starts_with('-'))
      words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(before));
    const Document& first = entry != nullptr ? *entry : *command;
    const auto place = [&](const ShellWord& word) {
      if (word.offset == 0) return place_of(first);
      return Place{.offset =
                       word.offset == first.offset ? offset_of_piece(text(), first, word.text) : word.offset};
    };
    for (ShellWord& word : words) word.text = compose_value(word.text).value_or(word.text);
    judge_command_line(in_,
                       {.words = words, .environment = settings, .place = place, .reachable = reachable()});
    judge_model_repository(words);
  }

  void judge_model_repository(std::span<const ShellWord> words) {
    if (words.empty() || program_of(without_wrappers(words).front().text) != "tritonserver") return;
    for (const ShellWord& word : words) {
      constexpr std::string_view kOption = "--model-repository=";
      if (!word.text.starts_with(kOption)) continue;
      const std::string_view repository = std::string_view(word.text).substr(kOption.size());
      for (const ComposeVolume& volume : service_.volumes)
        if (!volume.read_only && !volume.target.empty() && repository.starts_with(volume.target))
          report(kTritonPythonBackend, *volume.at,
                 "the model repository is mounted writable; write `" + volume.source + ":" + volume.target +
                     ":ro` instead");
    }
  }

  // --- Limits

  [[nodiscard]] std::string image() const {
    const Document* image = service_.find("image");
    return image == nullptr ? std::string() : image->string;
  }

  [[nodiscard]] bool serves_models() const {
    std::string all = lower(service_.name + " " + image());
    for (const std::string_view key : {"command", "entrypoint"})
      if (const Document* value = service_.find(key)) {
        all += " " + lower(std::string_view(value->string).substr(0, 1024));
        for (std::size_t i = 0; i < std::min<std::size_t>(value->list.size(), 16); ++i)
          all += " " + lower(std::string_view(value->list[i].string).substr(0, 256));
      }
    constexpr std::string_view kMarks[] = {"triton",
                                           "torchserve",
                                           "tensorflow/serving",
                                           "tf-serving",
                                           "tfserving",
                                           "vllm",
                                           "text-generation",
                                           "ollama",
                                           "inference",
                                           "predict",
                                           "model-server",
                                           "modelserver",
                                           "bentoml",
                                           "seldon",
                                           "mlserver",
                                           "sglang",
                                           "models serve",
                                           "model-serving",
                                           "tei:",
                                           "text-embeddings"};
    return std::ranges::any_of(kMarks,
                               [&](std::string_view mark) { return all.find(mark) != std::string::npos; });
  }

  void judge_limits() {
    if (service_.extends_elsewhere || !serves_models()) return;
    for (const std::string_view key : {"mem_limit", "cpus", "cpu_quota"})
      if (service_.find(key) != nullptr) return;
    const Document* deploy = service_.find("deploy");
    const Document* limits = deploy == nullptr ? nullptr : value_at(*deploy, {"resources", "limits"});
    if (limits != nullptr && !limits->map.empty()) return;
    report(kServiceNoLimits, *service_.root, "no memory or processor limit; add `deploy.resources.limits`");
  }

  Inspection& in_;
  const ComposeService& service_;
};

// `extends: {file: …}`: what the other file says is judged there, if it is among the files at all.
void say_what_is_elsewhere(Inspection& in, const ComposeService& service) {
  if (!service.extends_elsewhere) return;
  const Document* extends = service.root->find("extends");
  const Document* file = extends == nullptr ? nullptr : extends->find("file");
  if (file == nullptr || !file->is_string()) return;
  std::string_view name = file->string;
  if (name.starts_with("./")) name.remove_prefix(2);
  if (Siblings(in).has(name)) {
    in.fact("extends", service.name + " extends a service of " + std::string(name));
    return;
  }
  in.gap(GapReason::Unsupported,
         service.name + " extends a service of " + printable(name, 100) +
             ", which is not among the files below this folder: scan it together with this one",
         place_of(*file));
}

Result<void> inspect(Inspection& in) {
  const auto file = parse_compose(text_of(in.bytes()), in.limits());
  if (!file) {
    // What is no YAML at all says so elsewhere.
    if (file.error().code == Code::Unsupported || !is_mostly_yaml(text_of(in.bytes())))
      return fail(Code::Unsupported, "no compose file");
    in.gap(file.error(), "compose file");
    return {};
  }
  for (const ComposeService& service : file->services) {
    ServiceJudge(in, service).judge();
    say_what_is_elsewhere(in, service);
  }
  return {};
}

}  // namespace

const Inspector compose{
    .name = "compose",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
