#include "ledger/statement.h"

#include <algorithm>
#include <array>

#include "base/json_text.h"
#include "base/text.h"
#include "ledger/tiles.h"

namespace bulwark::ledger {
namespace {

constexpr std::string_view kDigestPrefix = "sha256:";
constexpr std::size_t kDigestDigits = 64;
constexpr std::size_t kMaxKind = 64;
constexpr std::size_t kMaxAtlasId = 32;

bool all_of(std::string_view text, std::string_view letters) {
  return text.find_first_not_of(letters) == std::string_view::npos;
}

bool is_kind(std::string_view text) {
  return !text.empty() && text.size() <= kMaxKind && text.front() >= 'a' && text.front() <= 'z' &&
         all_of(text, "abcdefghijklmnopqrstuvwxyz0123456789.-");
}

bool is_atlas_id(std::string_view text) {
  return text.starts_with("AML.") && text.size() > 4 && text.size() <= kMaxAtlasId &&
         all_of(text.substr(4), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.");
}

std::unexpected<Error> wrong(std::string_view member, std::string_view value, std::string_view expected) {
  return fail(Code::InvalidInput, "statement: " + std::string(member) + " '" + printable(value, 80) +
                                      "' is not " + std::string(expected));
}

Result<void> check_text(std::string_view member, std::string_view text, bool needed, std::size_t limit) {
  if (needed && text.empty()) return fail(Code::InvalidInput, "statement: no " + std::string(member));
  if (text.size() > limit)
    return fail(Code::LimitReached, "statement: " + std::string(member) + " has " +
                                        std::to_string(text.size()) + " bytes, at most " +
                                        std::to_string(limit));
  if (!is_utf8(text)) return wrong(member, text, "UTF-8");
  return {};
}

Result<void> check_list(std::string_view member, const std::vector<std::string>& list, std::size_t limit,
                        bool (*accepts)(std::string_view), std::string_view expected) {
  if (list.size() > limit)
    return fail(Code::LimitReached, "statement: " + std::to_string(list.size()) + " in " +
                                        std::string(member) + ", at most " + std::to_string(limit));
  for (const std::string& one : list)
    if (!accepts(one)) return wrong(member, one, expected);
  if (std::ranges::adjacent_find(list, std::greater_equal<>()) != list.end())
    return fail(Code::InvalidInput, "statement: " + std::string(member) + " is not in ascending order");
  return {};
}

Result<void> check(const Statement& statement, const StatementLimits& limits) {
  if (!is_kind(statement.kind))
    return wrong("kind", statement.kind, "a word of a-z, 0-9, '.' and '-' that starts with a letter");
  TRY(check_text("subject", statement.subject, true, limits.text_bytes));
  TRY(check_text("tool", statement.tool, true, limits.text_bytes));
  TRY(check_text("outcome", statement.outcome, false, limits.text_bytes));
  TRY(check_text("note", statement.note, false, limits.text_bytes));
  constexpr std::string_view kDigest = "\"sha256:\" and 64 lower-case hex digits";
  if (!statement.artifact.empty() && !is_digest(statement.artifact))
    return wrong("artifact", statement.artifact, kDigest);
  TRY(check_list("evidence", statement.evidence, limits.digests, is_digest, kDigest));
  return check_list("atlas", statement.atlas, limits.techniques, is_atlas_id,
                    "an ATLAS id such as AML.T0010.003");
}

Document list_of(const std::vector<std::string>& texts) {
  std::vector<Document> list;
  for (const std::string& text : texts) list.push_back(json_string(text));
  return json_list(std::move(list));
}

Document document_of(const Statement& statement) {
  std::vector<Document::Entry> members;
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) members.emplace_back(name, json_string(text));
  };
  members.emplace_back("schema", json_string(std::string(kStatementSchema)));
  add("kind", statement.kind);
  add("subject", statement.subject);
  add("artifact", statement.artifact);
  if (!statement.evidence.empty()) members.emplace_back("evidence", list_of(statement.evidence));
  if (!statement.atlas.empty()) members.emplace_back("atlas", list_of(statement.atlas));
  add("outcome", statement.outcome);
  add("note", statement.note);
  members.emplace_back("time", json_string(instant_text(statement.time)));
  add("tool", statement.tool);
  return json_map(std::move(members));
}

void put_in_order(std::vector<std::string>& list) {
  std::ranges::sort(list);
  const auto rest = std::ranges::unique(list);
  list.erase(rest.begin(), rest.end());
}

Result<std::string> text_from(const Document::Entry& member) {
  if (member.second.is_string()) return member.second.string;
  return fail(Code::InvalidInput, "statement: " + member.first + " is no text");
}

Result<std::vector<std::string>> list_from(const Document::Entry& member) {
  if (!member.second.is_list()) return fail(Code::InvalidInput, "statement: " + member.first + " is no list");
  std::vector<std::string> list;
  for (const Document& one : member.second.list) {
    if (!one.is_string()) return fail(Code::InvalidInput, "statement: " + member.first + " holds no texts");
    list.push_back(one.string);
  }
  return list;
}

Result<void> take(const Document::Entry& member, Statement& statement) {
  struct Text {
    std::string_view name;
    std::string Statement::* member;
  };
  constexpr auto kTexts = std::to_array<Text>({{"kind", &Statement::kind},
                                               {"subject", &Statement::subject},
                                               {"artifact", &Statement::artifact},
                                               {"outcome", &Statement::outcome},
                                               {"note", &Statement::note},
                                               {"tool", &Statement::tool}});
  const std::string& name = member.first;
  if (const auto row = std::ranges::find(kTexts, name, &Text::name); row != kTexts.end()) {
    statement.*(row->member) = TRY(text_from(member));
    return {};
  }
  if (name == "evidence" || name == "atlas") {
    (name == "atlas" ? statement.atlas : statement.evidence) = TRY(list_from(member));
    return {};
  }
  const std::string text = TRY(text_from(member));
  if (name == "schema" && text == kStatementSchema) return {};
  if (name == "schema") return wrong("schema", text, std::string(kStatementSchema));
  if (name != "time")
    return fail(Code::InvalidInput, "statement: unknown member '" + printable(name, 60) + "'");
  const auto time = instant_from(text);
  if (!time) return wrong("time", text, "a time (2026-11-20T15:04:05Z)");
  statement.time = *time;
  return {};
}

Result<Statement> read_members(std::string_view text, bool whole) {
  if (text.size() > kMaxEntryBytes) return fail(Code::LimitReached, "statement: too long for an entry");
  Limits document_limits;
  document_limits.document_depth = 4;
  const ParsedDocument parsed = TRY(parse_json(text, document_limits));
  if (!parsed.root.is_map()) return fail(Code::InvalidInput, "statement: no JSON object");
  if (!parsed.duplicates.empty())
    return fail(Code::InvalidInput,
                "statement: '" + printable(parsed.duplicates.front().key, 60) + "' comes twice");
  for (const char* name : {"schema", "time"})
    if (whole && parsed.root.find(name) == nullptr)
      return fail(Code::InvalidInput, "statement: no " + std::string(name));
  Statement statement;
  for (const Document::Entry& member : parsed.root.map) TRY(take(member, statement));
  return statement;
}

}  // namespace

bool is_digest(std::string_view text) {
  return text.starts_with(kDigestPrefix) && text.size() == kDigestPrefix.size() + kDigestDigits &&
         all_of(text.substr(kDigestPrefix.size()), "0123456789abcdef");
}

Result<std::string> to_entry(Statement statement, const StatementLimits& limits) {
  put_in_order(statement.evidence);
  put_in_order(statement.atlas);
  TRY(check(statement, limits));
  std::string entry = TRY(canonical_json(document_of(statement)));
  if (entry.size() > kMaxEntryBytes)
    return fail(Code::LimitReached, "statement: " + std::to_string(entry.size()) + " bytes, at most " +
                                        std::to_string(kMaxEntryBytes) +
                                        "; keep large evidence in the store and its digest here");
  return entry;
}

Result<Statement> parse_draft(std::string_view text, const StatementLimits& limits) {
  Statement statement = TRY(read_members(text, false));
  put_in_order(statement.evidence);
  put_in_order(statement.atlas);
  Statement whole = statement;
  if (whole.tool.empty()) whole.tool = "-";
  TRY(check(whole, limits));
  return statement;
}

Result<Statement> parse_statement(std::string_view entry, const StatementLimits& limits) {
  const Statement statement = TRY(read_members(entry, true));
  TRY(check(statement, limits));
  // One spelling: what we would write is what was read.
  const std::string canonical = TRY(canonical_json(document_of(statement)));
  if (canonical != entry) return fail(Code::InvalidInput, "statement: not in canonical form (RFC 8785)");
  return statement;
}

}  // namespace bulwark::ledger
