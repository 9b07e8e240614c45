#include "policy/approvals.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/byte_reader.h"
#include "base/document.h"
#include "base/document_checks.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace bulwark::policy {
namespace {

// Enough to tell the lines of one text apart. The digest of the whole decides what is approved.
constexpr std::size_t kLongest = 4000;  // of a path or name that is written
constexpr std::size_t kLineDigits = 12;

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

Result<std::string> line_digest(std::string_view line) {
  const std::string digest = TRY(crypto::sha256(bytes_of(line)));
  return digest.substr(0, kLineDigits);
}

Result<Approval> read_approval(const Document& entry) {
  TRY(check_keys(entry, "an approval", {"path", "kind", "name", "sha256", "lines"}));
  Approval read;
  read.path = entry.text("path");
  read.kind = entry.text("kind");
  read.name = entry.text("name");
  read.sha256 = entry.text("sha256");
  read.line = entry.line;
  if (read.path.empty()) return wrong(entry, "an approval needs a 'path'");
  if (read.kind.empty()) return wrong(entry, "an approval needs a 'kind'");
  if (!is_hex(read.sha256, 64))
    return wrong(entry, "an approval needs a 'sha256' of 64 lower-case hex digits");
  for (const std::string_view digest : words(entry.text("lines"))) {
    if (!is_hex(digest, kLineDigits))
      return wrong(entry,
                   "'" + printable(digest, 40) + "' is no digest of a line (12 lower-case hex digits)");
    read.lines.emplace_back(digest);
  }
  return read;
}

}  // namespace

Result<std::vector<Approval>> read_approvals(std::string_view text) {
  const std::vector<Document> documents = TRY(parse_yaml(text, Limits{}));
  std::vector<Approval> approvals;
  if (documents.empty()) return fail(Code::InvalidInput, "a lock needs 'version: 1'");
  const Document& root = documents.front();
  if (documents.size() > 1) return wrong(documents[1], "one document only");
  TRY(check_keys(root, "a lock", {"version", "texts"}));
  const Document* version = root.find("version");
  if (version == nullptr || version->string != "1") return wrong(root, "a lock needs 'version: 1'");
  const Document* texts = root.find("texts");
  if (texts == nullptr || texts->kind == Document::Kind::Null) return approvals;
  if (!texts->is_list()) return wrong(*texts, "texts must be a list");
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  for (const Document& entry : texts->list) {
    Approval read = TRY(read_approval(entry));
    if (!seen.emplace(read.path, read.kind, read.name).second)
      return wrong(entry, "this text is approved twice");
    approvals.push_back(std::move(read));
  }
  return approvals;
}

Result<std::string> write_approvals(std::vector<AgentText> texts) {
  std::ranges::sort(texts, {},
                    [](const AgentText& text) { return std::tie(text.path, text.kind, text.name); });
  const auto again = std::ranges::unique(texts, [](const AgentText& a, const AgentText& b) {
    return std::tie(a.path, a.kind, a.name) == std::tie(b.path, b.kind, b.name);
  });
  texts.erase(again.begin(), again.end());
  std::string out =
      "# Texts of agents that somebody has read and approved: bulwark scan . --lock THIS-FILE\n"
      "# Made by --write-lock; docs/formats/lock.md says what is in it.\n"
      "version: 1\ntexts:\n";
  for (const AgentText& text : texts) {
    out += "  - path: " + quoted(text.path, kLongest) + "\n    kind: " + text.kind + "\n";
    if (!text.name.empty()) out += "    name: " + quoted(text.name, kLongest) + "\n";
    const std::string digest = TRY(crypto::sha256(bytes_of(text.text)));
    out += "    sha256: \"" + digest + "\"\n    lines: \"";
    std::string_view blank;
    for (const std::string_view line : lines_of(text.text)) {
      const std::string each = TRY(line_digest(line));
      out.append(blank).append(each);
      blank = " ";
    }
    out += "\"\n";
  }
  return out;
}

Result<Difference> compare(const AgentText& text, const Approval* approval) {
  Difference difference;
  if (approval == nullptr) {
    difference.approved = Approved::Never;
    return difference;
  }
  const std::string digest_now = TRY(crypto::sha256(bytes_of(text.text)));
  if (digest_now == approval->sha256) return difference;
  difference.approved = Approved::Changed;
  std::map<std::string_view, std::size_t> left;
  for (const std::string& digest : approval->lines) ++left[digest];
  for (const std::string_view line : lines_of(text.text)) {
    const std::string digest = TRY(line_digest(line));
    const auto known = left.find(digest);
    if (known == left.end() || known->second == 0) {
      difference.added.push_back(line);
    } else {
      --known->second;
    }
  }
  for (const auto& [digest, count] : left) difference.removed += count;
  return difference;
}

}  // namespace bulwark::policy
