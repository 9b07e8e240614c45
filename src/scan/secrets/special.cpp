#include "scan/secrets/special.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "scan/secrets/value.h"

namespace bulwark::scan::secrets {
namespace {

constexpr std::size_t kLongestKey = 65'536;  // a PEM block; RSA keys of 16,384 bits have 13 KB
constexpr std::size_t kShortestKey = 64;
constexpr std::size_t kLongestUserinfo = 300;
constexpr std::size_t kCommandBytes = 2'000;
constexpr std::size_t kCommandLines = 6;
constexpr std::size_t kManifestBytes = 65'536;

bool is_base64(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
         c == '=';
}

// The characters of a PEM body, freed from the escapes and quotes of the language that it is written in.
std::string body_of(std::string_view block) {
  std::string body;
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (block[i] == '\\') {
      ++i;  // \n, \r, \", a line continued
    } else if (is_base64(block[i])) {
      body += block[i];
    }
  }
  return body;
}

// A DER SEQUENCE that is as long as it says.
bool is_whole_der(std::string_view bytes) {
  if (bytes.size() < 4 || bytes[0] != '\x30') return false;
  const auto first = static_cast<unsigned char>(bytes[1]);
  if (first < 0x80) return bytes.size() == 2U + first;
  const std::size_t count = first & 0x7FU;
  if (count == 0 || count > 3 || bytes.size() < 2 + count) return false;
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) length = length << 8 | static_cast<unsigned char>(bytes[2 + i]);
  return bytes.size() == 2 + count + length;
}

Candidate judge_key(Span secret, std::string_view label, std::string_view block) {
  Candidate candidate{.secret = secret};
  if (label.contains("ENCRYPTED") || block.contains("4,ENCRYPTED")) {
    candidate.severity = Severity::Medium;
    candidate.note = "the key is protected by a passphrase";
  } else if (!label.contains("PGP")) {
    const auto bytes = decode_base64(body_of(block), Base64::Standard);
    const bool openssh = bytes && bytes->starts_with("openssh-key-v1");
    if (openssh && bytes->find("none") > 40) {
      candidate.severity = Severity::Medium;
      candidate.note = "the key is protected by a passphrase";
    } else if (!openssh && (!bytes || !is_whole_der(*bytes))) {
      candidate.severity = Severity::Medium;
      candidate.note = "the block does not decode to a whole key: cut or made up";
    }
  }
  return candidate;
}

bool is_userinfo_end(char c) {
  return c == '/' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == '\\' || c == ' ' ||
         c == '\t' || c == '\n' || c == '\r' || c == '?' || c == '#' || c == '|' || c == ',' || c == '\0';
}

// A host that only the machine itself, its containers or a document has.
bool is_local_host(std::string_view host) {
  const std::string name = lower(host.substr(0, host.find_first_of(":/?#\"'`, \t\r\n)>;")));
  return !name.contains('.') || name.starts_with("127.") || name.starts_with("0.0.0.0") ||
         name.contains("example") || name.ends_with(".local") || name.ends_with(".test") ||
         name.ends_with(".invalid") || name == "host.docker.internal";
}

// Lines of `text` from `from`, at most `lines` and `bytes` of them.
std::size_t end_of_lines(std::string_view text, std::size_t from, std::size_t lines, std::size_t bytes) {
  const std::size_t last = std::min(text.size(), from + bytes);
  std::size_t at = from;
  for (std::size_t i = 0; i < lines && at < last; ++i) {
    const std::size_t end = text.find('\n', at);
    if (end >= last) return last;
    at = end + 1;
  }
  return at;
}

}  // namespace

std::size_t Work::take(std::uint64_t wanted) {
  const std::uint64_t given = std::min(wanted, left_);
  if (given < wanted) exhausted_ = true;
  left_ -= given;
  return static_cast<std::size_t>(given);
}

std::optional<Candidate> private_key(const Scene& scene) {
  constexpr std::string_view kKey = "PRIVATE KEY";
  constexpr std::size_t kLabel = 120;
  const std::string_view rest = scene.text.substr(scene.keyword.end);
  const std::size_t dashes = rest.substr(0, kLabel).find("-----");
  if (dashes == std::string_view::npos) return std::nullopt;
  const std::string_view label = rest.substr(0, dashes);
  const std::size_t key = label.find(kKey);
  if (key == std::string_view::npos || label.contains('\n')) return std::nullopt;
  const std::string_view tail = label.substr(key + kKey.size());
  if (!tail.empty() && tail != " BLOCK") return std::nullopt;

  const std::string_view after = rest.substr(dashes + 5);
  const std::string_view window = after.substr(0, scene.work.take(std::min(kLongestKey, after.size())));
  const std::size_t end = window.find("-----END");
  if (end == std::string_view::npos || end < kShortestKey) return std::nullopt;
  const std::string_view block = window.substr(0, end);
  if (block.contains("...") || block.contains("xxxxx") || entropy(block) < 3) return std::nullopt;
  const std::size_t begin = scene.keyword.end + dashes + 5;
  return judge_key({begin, begin + end}, label, block);
}

std::optional<Candidate> gcp_service_account(const Scene& scene) {
  constexpr std::size_t kNear = 6'000;
  const std::size_t from = scene.keyword.begin > kNear ? scene.keyword.begin - kNear : 0;
  const std::size_t size = scene.work.take(std::min(2 * kNear, scene.text.size() - from));
  const std::string_view window = scene.text.substr(from, size);
  constexpr std::string_view kBegin = "-----BEGIN PRIVATE KEY";
  const std::size_t field = window.find("\"private_key\"");
  if (field == std::string_view::npos) return std::nullopt;
  const std::size_t at = window.find(kBegin, field);
  if (at == std::string_view::npos || at > field + 40) return std::nullopt;
  const std::size_t dashes = from + at + std::string_view("-----BEGIN").size();
  return private_key(
      {.text = scene.text, .keyword = {from + at, dashes}, .context = scene.context, .work = scene.work});
}

std::optional<Candidate> url_password(const Scene& scene) {
  const std::string_view text = scene.text;
  const std::size_t start = scene.keyword.end;
  std::size_t colon = 0;
  std::size_t at_sign = 0;
  const std::size_t last = std::min(text.size(), start + kLongestUserinfo);
  for (std::size_t i = start; i < last && !is_userinfo_end(text[i]); ++i) {
    if (text[i] == ':' && colon == 0) colon = i;
    if (text[i] == '@') at_sign = i;
  }
  if (colon == 0 || at_sign <= colon + 3) return std::nullopt;
  if (scene.keyword.begin == 0 || !std::isalnum(static_cast<unsigned char>(text[scene.keyword.begin - 1])))
    return std::nullopt;
  const std::string_view user = text.substr(start, colon - start);
  const std::string_view password = text.substr(colon + 1, at_sign - colon - 1);
  // CVS roots are written cvs://:pserver:user@host.
  if (user.empty() && (password.starts_with("pserver:") || password.starts_with("ext:"))) return std::nullopt;
  if (is_placeholder(password) || is_password_word(password) ||
      password.find_first_of("{}()$[]*") != std::string_view::npos)
    return std::nullopt;
  Candidate candidate{.secret = {colon + 1, at_sign}};
  if (password == user || is_local_host(text.substr(at_sign + 1, 256)) ||
      lower(password).contains("password")) {
    candidate.severity = Severity::Low;
    candidate.note = "a default, or a host that is only reached locally";
  } else if (password.size() < 8 || entropy(password) < 2.5) {
    candidate.severity = Severity::Medium;
  }
  return candidate;
}

std::optional<Candidate> curl_credential(const Scene& scene, const Pattern& pattern, bool user) {
  const std::size_t end = end_of_lines(scene.text, scene.keyword.end, kCommandLines, kCommandBytes);
  const std::size_t size = scene.work.take(end - scene.keyword.end);
  const std::string_view window = scene.text.substr(scene.keyword.end, size);
  const auto found = pattern.find(window, 0, false);
  if (!found) return std::nullopt;
  Candidate candidate{.secret = {scene.keyword.end + found->begin, scene.keyword.end + found->end}};
  const auto is_quote = [](char c) { return c == '"' || c == '\''; };
  if (found->size() > 2 && is_quote(scene.text[candidate.secret.begin])) {
    ++candidate.secret.begin;
    --candidate.secret.end;
  }
  const std::string_view value = scene.text.substr(candidate.secret.begin, candidate.secret.size());
  if (is_placeholder(value) || is_password_word(value)) return std::nullopt;
  if (user && (value.starts_with("${") || value.starts_with('['))) return std::nullopt;
  return candidate;
}

// kind: Secret, with data or stringData, in one document of a YAML stream.
std::optional<Candidate> kubernetes_secret(const Scene& scene) {
  const std::string_view text = scene.text;
  const std::string_view kind = trim(text.substr(
      scene.keyword.end, std::min<std::size_t>(40, text.find('\n', scene.keyword.end) - scene.keyword.end)));
  if (kind != "Secret" && kind != "\"Secret\"" && kind != "'Secret'" && !kind.starts_with("Secret #"))
    return std::nullopt;
  const std::size_t marker = text.rfind("\n---", scene.keyword.begin);
  std::size_t begin = marker == std::string_view::npos ? 0 : marker + 1;
  begin = std::max(begin, scene.keyword.begin > kManifestBytes ? scene.keyword.begin - kManifestBytes : 0);
  std::size_t end = std::min(text.find("\n---", scene.keyword.end), text.size());
  end = std::min(end, scene.keyword.end + kManifestBytes);
  const std::size_t size = scene.work.take(end - begin);
  const std::string_view document = text.substr(begin, size);
  bool inside = false;
  std::size_t at = begin;
  for (const std::string_view line : split(document, '\n')) {
    const std::size_t start = at;
    at += line.size() + 1;
    const std::string_view word = trim(line);
    if (word.empty() || word.front() == '#') continue;
    if (line.front() != ' ' && line.front() != '\t') {
      inside = word == "data:" || word == "stringData:";
      continue;
    }
    const std::size_t colon = line.find(": ");
    if (!inside || colon == std::string_view::npos) continue;
    std::string_view value = trim(line.substr(colon + 2));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\''))
      value = value.substr(1, value.size() - 2);
    if (value.size() < 8 || is_placeholder(value) || is_password_word(value) || value.front() == '|' ||
        value.front() == '>' || value.contains("ENC["))
      continue;
    const std::size_t offset = start + static_cast<std::size_t>(value.data() - line.data());
    return Candidate{.secret = {offset, offset + value.size()}};
  }
  return std::nullopt;
}

}  // namespace bulwark::scan::secrets
