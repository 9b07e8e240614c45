#include "trust/statement.h"

#include "base/json_text.h"
#include "base/text.h"
#include "trust/fields.h"
#include "trust/limits.h"

namespace bulwark::trust {
namespace {

Result<Subject> subject_of(const Document& value, const std::string& path) {
  const Fields fields = TRY(Fields::of(value, path));
  Subject subject;
  subject.name = TRY(fields.text_or("name", ""));
  const Document* digests = TRY(fields.required("digest"));
  if (!digests->is_map() || digests->map.empty())
    return fail(Code::InvalidInput, path + ".digest: expected an object with at least one digest");
  for (const Document::Entry& entry : digests->map) {
    const auto bytes = entry.second.is_string() ? bytes_of_hex(entry.second.string) : std::nullopt;
    if (!bytes || bytes->empty())
      return fail(Code::InvalidInput,
                  path + ".digest." + printable(entry.first, 40) + ": expected lower-case hex");
    subject.digests.emplace_back(entry.first, entry.second.string);
  }
  return subject;
}

}  // namespace

std::string_view Subject::digest(std::string_view algorithm) const {
  for (const auto& [name_of_it, hex_digest] : digests)
    if (name_of_it == algorithm) return hex_digest;
  return {};
}

Result<Statement> read_statement(Bytes payload) {
  const Document document = TRY(read_object(text_of(payload), "statement"));
  const Fields fields = TRY(Fields::of(document, "statement"));
  const std::string type = TRY(fields.text("_type"));
  if (type != kStatementType)
    return fail(Code::Unsupported, "statement._type: '" + printable(type, 80) + "', expected '" +
                                       std::string(kStatementType) + "'");
  TRY(fields.only({"_type", "subject", "predicateType", "predicate"}));
  Statement statement;
  statement.predicate_type = TRY(fields.text("predicateType"));
  const auto* subjects = TRY(fields.list("subject", TrustLimits::kSubjects));
  if (subjects->empty()) return fail(Code::InvalidInput, "statement.subject is empty");
  for (std::size_t i = 0; i < subjects->size(); ++i) {
    Subject subject = TRY(subject_of((*subjects)[i], "statement.subject[" + std::to_string(i) + "]"));
    statement.subjects.push_back(std::move(subject));
  }
  if (const Document* predicate = fields.find("predicate")) {
    if (!predicate->is_map()) return fail(Code::InvalidInput, "statement.predicate: expected an object");
    statement.predicate = *predicate;
  }
  return statement;
}

Result<std::string> write_statement(const Statement& statement) {
  std::vector<Document> subjects;
  for (const Subject& subject : statement.subjects) {
    Document digests = json_map();
    for (const auto& [algorithm, hex_digest] : subject.digests)
      digests.map.emplace_back(algorithm, json_string(hex_digest));
    subjects.push_back(json_map({{"name", json_string(subject.name)}, {"digest", std::move(digests)}}));
  }
  Document json = json_map({{"_type", json_string(std::string(kStatementType))},
                            {"subject", json_list(std::move(subjects))},
                            {"predicateType", json_string(statement.predicate_type)}});
  if (statement.predicate.is_map()) json.map.emplace_back("predicate", statement.predicate);
  return canonical_json(json);
}

}  // namespace bulwark::trust
