#include "scan/knowledge/environment_secrets.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <vector>

#include "base/text.h"

namespace bulwark::scan {
namespace {

// Longer names and values are cut: no variable of any tool comes near.
constexpr std::size_t kLongestName = 256;
constexpr std::size_t kLongestValue = 8192;

using Names = std::span<const std::string_view>;

bool among(std::string_view word, Names names) {
  return std::ranges::find(names, word) != names.end();
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "awsSecretKey", "AWS_SECRET_KEY", "aws.secret-key" -> {"aws", "secret", "key"}.
std::vector<std::string> words_of_name(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  name = name.substr(0, kLongestName);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool separator = !is_upper(c) && !is_digit(c) && !(c >= 'a' && c <= 'z');
    const bool hump = i > 0 && is_upper(c) && name[i - 1] >= 'a' && name[i - 1] <= 'z';
    if ((separator || hump) && !word.empty()) {
      words.push_back(lower(word));
      word.clear();
    }
    if (!separator) word += c;
  }
  if (!word.empty()) words.push_back(lower(word));
  return words;
}

constexpr std::string_view kSecretWords[] = {
    "password",    "passwd",    "passphrase", "token",     "secret",     "apikey",
    "pwd",         "authtoken", "accesskey",  "secretkey", "privatekey", "credential",
    "credentials", "dbpass",    "userpass",   "pass",      "pat"};
// Alone they mean something else: the working directory, a path, a pass over the data.
constexpr std::string_view kNeedCompany[] = {"pwd", "pass", "pat", "credential", "credentials"};
// "KEY" is a credential only behind one of these.
constexpr std::string_view kKeysOf[] = {
    "api",     "access",  "secret", "private", "auth",    "encryption",   "fernet",
    "signing", "account", "master", "webhook", "client",  "app",          "service",
    "storage", "admin",   "jwt",    "session", "license", "subscription", "hmac"};
// A name that ends so speaks about a credential and holds none.
constexpr std::string_view kAbout[] = {
    "file",      "path",     "dir",        "name",     "names",   "url",      "uri",      "endpoint",
    "host",      "id",       "arn",        "length",   "size",    "min",      "max",      "ttl",
    "expiry",    "expires",  "expiration", "lifetime", "timeout", "type",     "kind",     "format",
    "algorithm", "header",   "prefix",     "suffix",   "enabled", "disabled", "required", "policy",
    "version",   "count",    "limit",      "ref",      "store",   "provider", "backend",  "manager",
    "engine",    "location", "folder",     "mount",    "field",   "column",   "regex",    "pattern",
    "duration",  "issuer",   "audience",   "scope",    "mode",    "hint",     "hash",     "rotation",
    "region",    "cache",    "seconds",    "minutes",  "days",    "per"};
// In front of it: no secret, or published on purpose.
constexpr std::string_view kPublic[] = {
    "public", "pub",     "gpg",  "pgp",   "publishable", "tokenizer", "tokenizers", "max",   "min", "num",
    "no",     "disable", "skip", "allow", "primary",     "foreign",   "partition",  "sort",  "eos", "bos",
    "pad",    "unk",     "stop", "mask",  "sep",         "cls",       "special",    "bypass"};
// Ids that are half of a credential and by convention are kept with it.
constexpr std::string_view kWholeNames[] = {
    "aws_access_key_id", "pgpassword",       "mysql_pwd",
    "redis_auth",        "hf_token",         "kaggle_key",
    "vault_token",       "redisclipassword", "database_url_with_password",
    "sshpass",           "rediscli_auth"};
constexpr std::string_view kFileNames[] = {"google_application_credentials",
                                           "aws_config_file",
                                           "aws_shared_credentials_file",
                                           "netrc",
                                           "kubeconfig",
                                           "docker_auth_config",
                                           "pip_config_file",
                                           "npm_config_userconfig",
                                           "hf_token_path",
                                           "boto_config"};

bool ends_as(const std::string& name, Names endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) {
    return name == ending || (name.ends_with(ending) && name[name.size() - ending.size() - 1] == '_');
  });
}

bool has_any(std::string_view text, Names parts) {
  return std::ranges::any_of(parts,
                             [&](std::string_view p) { return text.find(p) != std::string_view::npos; });
}

std::string_view unquoted(std::string_view value) {
  value = trim(value.substr(0, kLongestValue));
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
    value = value.substr(1, value.size() - 2);
  return value;
}

bool is_reference(std::string_view value) {
  if (value.starts_with('$') || value.starts_with('`')) return true;
  if (value.starts_with('<') && value.ends_with('>')) return true;
  if (value.starts_with("%(") || (value.size() > 2 && value.front() == '%' && value.back() == '%'))
    return true;
  if (value.starts_with("@") && value.ends_with("@")) return true;
  // "postgres://u:${PASSWORD}@db": the secret in it is filled in.
  constexpr std::string_view kInside[] = {"${", "$(", "{{", "<%"};
  constexpr std::string_view kSchemes[] = {
      "op://",   "vault:",  "arn:aws:", "secretref:", "aws-sm:",   "ssm:",
      "gcp-sm:", "awskms:", "file://",  "env:",       "keyvault:", "sops:"};
  return has_any(value, kInside) ||
         std::ranges::any_of(kSchemes, [&](std::string_view s) { return value.starts_with(s); });
}

// A word of the value, not a part of one: "test" in "test-token", not in "latest".
bool has_word(const std::vector<std::string>& words, Names names) {
  return std::ranges::any_of(words, [&](const std::string& word) { return among(word, names); });
}

bool is_placeholder(std::string_view value) {
  const std::string low = lower(value);
  constexpr std::string_view kParts[] = {
      "changeme",   "change_me",  "change-me", "change me", "replace", "placeholder", "insert",    "redacted",
      "example",    "fixme",      "dummy",     "sample",    "notreal", "not-real",    "goes-here", "_here",
      "-here",      "*****",      "xxxx",      "mock",      "tbd",     "todo",        "fill_in",   "...",
      "not-needed", "not_needed", "notneeded", "unused",    "your_",   "your-"};
  constexpr std::string_view kWords[] = {"your", "my",   "fake",      "test",   "todo", "empty",
                                         "none", "null", "undefined", "sk-xxx", "abc",  "abc123",
                                         "foo",  "bar",  "baz",       "some"};
  if (has_any(low, kParts) || has_word(words_of_name(value), kWords)) return true;
  // One character over and over.
  return value.size() >= 3 && value.find_first_not_of(value.front()) == std::string_view::npos;
}

bool is_path_or_url(std::string_view value) {
  if (const std::size_t scheme = value.find("://"); scheme != std::string_view::npos) {
    const std::size_t end = value.find('/', scheme + 3);
    const std::string_view host =
        value.substr(scheme + 3, end == std::string_view::npos ? end : end - scheme - 3);
    const std::size_t at = host.rfind('@');
    return at == std::string_view::npos || host.substr(0, at).find(':') == std::string_view::npos;
  }
  const bool rooted = value.starts_with("/") || value.starts_with("./") || value.starts_with("../") ||
                      value.starts_with("~/");
  if (!rooted) return false;
  // Base64 may start with a slash, too; a path has a second one or an extension.
  return value.find('/', 1) != std::string_view::npos || value.find('.') != std::string_view::npos;
}

bool is_switch(std::string_view value) {
  constexpr std::string_view kSwitches[] = {"true",     "false",    "yes",      "no",     "on",
                                            "off",      "auto",     "default",  "none",   "null",
                                            "required", "optional", "disabled", "enabled"};
  if (value.empty() || among(lower(value), kSwitches)) return true;
  return value.size() <= 3 && std::ranges::all_of(value, is_digit);
}

}  // namespace

bool names_credential_file(std::string_view name) {
  std::string low = lower(name.substr(0, kLongestName));
  std::ranges::replace(low, '-', '_');
  if (ends_as(low, kFileNames)) return true;
  const std::vector<std::string> words = words_of_name(name);
  return words.size() >= 2 && words.back() == "file" && among(words[words.size() - 2], kSecretWords);
}

bool names_credential(std::string_view name) {
  std::string low = lower(name.substr(0, kLongestName));
  std::ranges::replace(low, '-', '_');
  if (ends_as(low, kWholeNames)) return true;
  const std::vector<std::string> words = words_of_name(name);
  if (words.empty() || has_word(words, kPublic) || among(words.back(), kAbout)) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool alone = words.size() == 1;
    if (among(words[i], kSecretWords)) {
      const bool last = i + 1 == words.size();
      if (among(words[i], kNeedCompany) && (alone || !last)) continue;
      if (words[i] == "pat" && !last) continue;
      if (words[i] == "pwd" && words.size() > 1 && words[0] == "old") continue;
      return true;
    }
    if (words[i] == "key" && i > 0 && among(words[i - 1], kKeysOf)) return true;
  }
  // "WANDB_KEY", "DD_KEY" and the like: KEY at the end of a name of two words; "KEY" alone says nothing.
  constexpr std::string_view kVendors[] = {"wandb",  "openai", "anthropic", "kaggle",  "azure",    "aws",
                                           "gcp",    "stripe", "comet",     "neptune", "cohere",   "datadog",
                                           "dd",     "minio",  "s3",        "sentry",  "pinecone", "ssh",
                                           "deploy", "groq",   "mistral"};
  return words.size() >= 2 && words.back() == "key" && among(words[words.size() - 2], kVendors);
}

SecretValue secret_value(std::string_view value) {
  value = unquoted(value);
  if (is_switch(value)) return SecretValue::None;
  if (is_reference(value)) return SecretValue::Reference;
  if (is_path_or_url(value)) return SecretValue::File;
  if (is_placeholder(value)) return SecretValue::Placeholder;
  return SecretValue::Literal;
}

bool is_literal_credential(std::string_view name, std::string_view value) {
  return names_credential(name) && secret_value(value) == SecretValue::Literal;
}

std::string_view password_in_url(std::string_view url, std::string_view* user) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view rest = url.substr(scheme + 3);
  const std::size_t at = rest.substr(0, rest.find('/')).rfind('@');
  const std::size_t colon = rest.find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return {};
  if (user != nullptr) *user = rest.substr(0, colon);
  return rest.substr(colon + 1, at - colon - 1);
}

std::string masked_secret(std::string_view value) {
  value = unquoted(value);
  const std::size_t shown = std::min<std::size_t>(4, value.size() / 4);
  return std::string(value.substr(0, shown)) + "…";
}

bool is_credential_file(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  const std::string name = lower(slash == std::string_view::npos ? path : path.substr(slash + 1));
  const std::string whole = "/" + lower(path.substr(0, kLongestValue));
  constexpr std::string_view kExamples[] = {"example", "sample", "template", ".dist", ".tpl", ".j2", ".pub"};
  if (has_any(name, kExamples)) return false;
  constexpr std::string_view kNames[] = {".env",
                                         ".netrc",
                                         "_netrc",
                                         "id_rsa",
                                         "id_dsa",
                                         "id_ecdsa",
                                         "id_ed25519",
                                         "kaggle.json",
                                         ".pypirc",
                                         ".pgpass",

                                         ".git-credentials",
                                         "credentials.json",
                                         "service-account.json",
                                         "service_account.json",
                                         ".dockercfg",
                                         ".boto",
                                         ".s3cfg",
                                         ".htpasswd",
                                         ".aws",
                                         ".ssh",
                                         ".kube",
                                         "client_secret.json",
                                         "secrets.yaml",
                                         "secrets.yml",
                                         "secrets.json",
                                         "secrets.env",
                                         ".huggingface",
                                         "kubeconfig",
                                         ".vault-token"};
  if (among(name, kNames)) return true;
  if (name.starts_with(".env.")) return true;
  constexpr std::string_view kEnds[] = {"/.aws/credentials",
                                        "/.aws/config",
                                        "/.docker/config.json",
                                        "/.kube/config",
                                        "/.huggingface/token",
                                        "/.cache/huggingface/token",
                                        "/huggingface/stored_tokens",
                                        "/.config/gcloud/application_default_credentials.json",
                                        "/.config/gcloud",
                                        "/.ssh/id_rsa"};
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return whole.ends_with(end); });
}

}  // namespace bulwark::scan
