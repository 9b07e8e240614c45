// Secrets in texts: sources, configurations, notebooks with their outputs, data sets; and in the metadata of
// binary formats. The search itself is scan/secrets/; here its hits become findings.
//
// A finding never shows a value: four characters, the length and a keyed fingerprint are enough to find and
// to accept it.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/formats/notebook_cells.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/secret_text.h"
#include "scan/inspectors/siblings.h"
#include "scan/secrets/rules.h"
#include "scan/secrets/search.h"
#include "scan/secrets/special.h"

namespace bulwark::scan {
namespace {

constexpr std::size_t kShortestText = 8;
constexpr std::size_t kSniffed = 4'096;
constexpr std::size_t kMetadataBytes = 64 << 20;
// Texts are searched in pieces, so that the time of a data set is asked for in between. A secret that lies
// across an edge is whole in one of the two pieces.
constexpr std::size_t kPiece = 256 << 20;
constexpr std::size_t kOverlap = 256 << 10;

const Rule& rule_named(std::string_view id) {
  return *std::ranges::find(secrets::kRules, id, &Rule::id);
}

// Where the text lies: its own line and column, or an offset within something binary.
struct Ground {
  std::string_view text;     // that was searched
  std::uint64_t offset = 0;  // of its first byte in the artifact; kNoOffset if unknown
  std::uint64_t width = 1;   // bytes of the artifact for one of the text: 2 for UTF-16
  bool has_lines = true;
  std::string_view where = {};  // the field, for metadata
};

// The rule of the place outranks that of the provider: a secret is one finding.
const Rule& rule_for(const secrets::Hit& hit, bool notebook, const secrets::Context& context) {
  if (notebook) return rule_named("BW-NB-001");
  return context.agent ? rule_named("BW-SEC-029") : *hit.detector->rule;
}

std::string message_of(const secrets::Hit& hit, const std::string& where) {
  std::string message = std::string(hit.detector->name);
  std::ranges::replace(message, '-', ' ');
  if (!where.empty()) message += " in " + where;
  if (!hit.note.empty()) message += "; " + hit.note;
  return message;
}

void report_hit(Inspection& in, const Ground& ground, const secrets::Hit& hit,
                const secrets::Context& context, const NotebookCells* cells) {
  const std::string_view value = ground.text.substr(hit.secret.begin, hit.secret.size());
  in.conceal(value);
  std::string where(ground.where);
  if (cells != nullptr) where = cells->describe(hit.secret.begin);
  FindingDetails details;
  if (ground.has_lines) {
    const LineColumn at = line_column(ground.text, hit.secret.begin);
    details.place.line = at.line;
    details.place.column = at.column;
  }
  if (ground.offset != kNoOffset) details.place.offset = ground.offset + ground.width * hit.secret.begin;
  details.message = message_of(hit, where);
  details.evidence = secrets::shown_part(value) + " (" + std::to_string(value.size()) + " characters";
  if (in.options().fingerprint) {
    const std::string fingerprint = in.options().fingerprint(value);
    if (!fingerprint.empty()) {
      details.subject = "secret:" + fingerprint;
      details.evidence += ", fingerprint " + fingerprint;
    }
  }
  details.evidence += ")";
  details.severity = hit.severity;
  in.report(rule_for(hit, cells != nullptr, context), std::move(details));
}

Result<void> search(Inspection& in, const Ground& ground) {
  const std::string_view path = name_of(in.artifact());
  const secrets::Context context(path);
  std::optional<NotebookCells> cells;
  for (std::size_t start = 0; start < ground.text.size(); start += kPiece - kOverlap) {
    TRY(in.budget().check_time("search for secrets"));
    const std::string_view piece = ground.text.substr(start, kPiece);
    const bool last = start + piece.size() == ground.text.size();
    const secrets::Found found = TRY(secrets::find_secrets(piece, path));
    if (!found.complete)
      in.gap(GapReason::Limit,
             "the text holds so many words that announce secrets that its end was not judged");
    if (!found.hits.empty() && !cells && ground.has_lines && looks_like_notebook(ground.text))
      cells.emplace(ground.text);
    for (secrets::Hit hit : found.hits) {
      const bool mine = (start == 0 || hit.secret.begin >= kOverlap / 2) &&
                        (last || hit.secret.begin < piece.size() - kOverlap / 2);
      if (!mine) continue;
      hit.secret.begin += start;
      hit.secret.end += start;
      report_hit(in, ground, hit, context, cells ? &*cells : nullptr);
    }
    if (last) break;
  }
  return {};
}

bool is_utf16(Bytes content) {
  return content.size() >= 4 &&
         ((content[0] == 0xFF && content[1] == 0xFE) || (content[0] == 0xFE && content[1] == 0xFF));
}

// The ASCII characters of UTF-16; secrets have no others.
std::string narrowed(Bytes content) {
  const bool little = content[0] == 0xFF;
  std::string text;
  text.reserve(content.size() / 2);
  for (std::size_t i = 2; i + 1 < content.size(); i += 2) {
    const std::uint8_t low = little ? content[i] : content[i + 1];
    const std::uint8_t high = little ? content[i + 1] : content[i];
    text += high == 0 && low < 0x80 ? static_cast<char>(low) : '?';
  }
  return text;
}

bool is_key_store(std::string_view path) {
  const std::string name = lower(path);
  return name.ends_with(".p12") || name.ends_with(".pfx");
}

}  // namespace

bool is_text(Bytes content) {
  const Bytes head = content.first(std::min(content.size(), kSniffed));
  if (head.size() < kShortestText) return false;
  const auto binary = std::ranges::count_if(head, [](std::uint8_t c) {
    return c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1B;
  });
  return binary == 0;
}

void report_secrets_in_metadata(Inspection& in, std::string_view text, std::uint64_t offset,
                                std::string_view where) {
  if (text.size() < kShortestText || is_text(in.bytes())) return;
  const Ground ground{
      .text = text.substr(0, kMetadataBytes), .offset = offset, .has_lines = false, .where = where};
  const auto done = search(in, ground);
  if (!done) in.gap(done.error());
}

namespace inspectors {
namespace {

Match recognises(Bytes content) {
  return content.size() < kShortestText || is_text(content) || is_utf16(content) ? Match::Beside : Match::No;
}

Match recognises_file(std::string_view path, Bytes content) {
  return content.size() >= kShortestText && content[0] == 0x30 && is_key_store(path) ? Match::Beside
                                                                                     : Match::No;
}

Result<void> inspect(Inspection& in) {
  const Bytes content = in.bytes();
  if (!is_utf16(content) && !is_text(content)) {
    if (recognises_file(name_of(in.artifact()), content) == Match::No) return {};
    in.report(rule_named("BW-SEC-001"),
              {.place = {.offset = 0}, .message = "key store (PKCS #12)", .severity = Severity::Medium});
    return {};
  }
  if (!is_utf16(content)) return search(in, {.text = text_of(content)});
  const std::string text = narrowed(content);
  return search(in, {.text = text, .offset = 2, .width = 2});
}

}  // namespace

const Inspector secrets{
    .name = "secrets",
    .version = "1",
    .rules = bulwark::scan::secrets::kRules,
    .recognises = recognises,
    .recognises_file = recognises_file,
    .inspect = inspect,
};

}  // namespace inspectors
}  // namespace bulwark::scan
