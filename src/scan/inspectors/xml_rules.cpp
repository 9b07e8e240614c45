#include "scan/inspectors/xml_rules.h"

#include <algorithm>

#include "base/text.h"
#include "scan/formats/reference.h"

namespace bulwark::scan {
namespace {

// More than this from one entity is no abbreviation.
constexpr std::uint64_t kMostExpanded = 1'000'000;
// A small bomb is a rehearsal: entities of entities that multiply. Documents for people nest abbreviations,
// models have none to nest.
constexpr std::uint64_t kGrowth = 8;
constexpr std::string_view kIncludeNamespace = "http://www.w3.org/2001/XInclude";

// Published document types of standards bodies and vendors are fetched from the network by no reader in use.
// A URN is a name without a place, and /usr/share/xml holds the copies that distributions install.
bool is_published(const XmlDoctype& doctype) {
  constexpr std::string_view kInstalled = "file:///usr/share/xml/";
  const std::string_view system = doctype.system;
  if (system.starts_with("urn:")) return true;
  return doctype.declares_public &&
         (system.starts_with("http://www.") || system.starts_with("https://www.") ||
          (system.starts_with(kInstalled) && system.ends_with(".dtd") && !system.contains("..")));
}

// A file beside the document, or above it: what documents for people are put together from. A file elsewhere
// or an address is what XXE asks for.
bool is_neighbour(std::string_view system, bool may_climb) {
  return !system.empty() && !system.contains(':') && !system.contains('\\') && !system.contains('%') &&
         system.front() != '/' && (may_climb || !system.contains(".."));
}

bool multiplies(const XmlExpansion& expansion, const std::vector<XmlEntity>& entities, bool as_model) {
  if (as_model || expansion.levels == 0) return expansion.levels > 0;
  std::uint64_t longest = 0;
  for (const XmlEntity& entity : entities) longest = std::max<std::uint64_t>(longest, entity.value.size());
  return expansion.levels > 1 && expansion.bytes > kGrowth * longest;
}

}  // namespace

Place XmlWalk::place(std::uint64_t offset) {
  constexpr std::uint32_t kPlaced = 300;
  if (text_.is_converted) return {};
  if (++placed_ > kPlaced) return {.offset = offset};
  const LineColumn at = line_column(text_.view(), offset);
  return {.offset = offset, .line = at.line, .column = at.column};
}

void XmlWalk::judge_doctype(const XmlToken& token, bool as_model) {
  const XmlDoctype& doctype = token.doctype;
  if (doctype.external && !is_published(doctype)) {
    in_.report(
        kXmlEntity,
        {.place = place(token.offset),
         .message = "document type is read from another file",
         .evidence = std::string(doctype.system),
         .severity = !as_model && is_neighbour(doctype.system, true) ? Severity::Low : kXmlEntity.severity});
  }
  bool outside = doctype.external;
  for (const XmlEntity& entity : doctype.entities) {
    if (!entity.external) continue;
    outside = true;
    in_.report(
        kXmlEntity,
        {.place = place(entity.offset),
         .message = std::string(entity.parameter ? "parameter entity " : "entity ") +
                    printable(entity.name, 60) + " is read from outside of the document",
         .evidence = std::string(entity.system),
         .severity = !as_model && is_neighbour(entity.system, false) ? Severity::Low : kXmlEntity.severity});
  }
  const XmlExpansion expansion = xml_expansion(doctype.entities);
  if (expansion.circular || expansion.bytes > kMostExpanded ||
      multiplies(expansion, doctype.entities, as_model)) {
    const XmlEntity& entity = doctype.entities[expansion.entity];
    in_.report(kXmlExpansion,
               {.place = place(entity.offset),
                .message = "entity " + printable(entity.name, 60) +
                           (expansion.circular ? std::string(" refers to itself")
                                               : " expands to " + human_size(expansion.bytes))});
  } else if (as_model && !outside) {
    in_.report(kXmlEntity, {.place = place(token.offset),
                            .message = "document has a document type, which models do without",
                            .evidence = std::string(doctype.name),
                            .severity = Severity::Low});
  }
}

void XmlWalk::judge_start(const XmlToken& token) {
  for (const XmlAttribute& attribute : token.attributes) {
    if (!attribute.name.starts_with("xmlns") || unescape_xml(attribute.value) != kIncludeNamespace) continue;
    in_.report(kXmlInclude, {.place = place(attribute.offset),
                             .message = "element " + printable(token.name, 60) + " declares XInclude",
                             .evidence = std::string(attribute.value)});
  }
}

// <?xml-stylesheet href="…"?>: XSLT is a program.
void XmlWalk::judge_instruction(const XmlToken& token) {
  if (token.name != "xml-stylesheet") return;
  const std::size_t at = token.text.find("href");
  const std::string_view href = at == std::string_view::npos ? std::string_view() : token.text.substr(at);
  in_.report(kXmlReference,
             {.place = place(token.offset),
              .message = "a style sheet is applied to the document",
              .evidence = std::string(href),
              .severity = href.find("://") != std::string_view::npos ? Severity::High : Severity::Medium});
}

Result<void> XmlWalk::run(const std::function<void(const XmlToken&, const XmlReader&)>& visit,
                          bool as_model) {
  text_ = TRY(xml_text(in_.bytes(), in_.limits()));
  XmlReader reader(text_.view());
  XmlToken token;
  std::uint64_t steps = 0;
  for (;;) {
    if ((++steps & 0xFFF) == 0) TRY(in_.budget().check_time("xml"));
    const auto more = reader.next(token);
    if (!more && reader.truncated()) {
      in_.gap(GapReason::Truncated, more.error().message, place(more.error().offset));
      return {};
    }
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    if (token.kind == XmlToken::Kind::Doctype) judge_doctype(token, as_model);
    if (token.kind == XmlToken::Kind::Start) judge_start(token);
    if (token.kind == XmlToken::Kind::Instruction) judge_instruction(token);
    if (visit) visit(token, reader);
  }
}

}  // namespace bulwark::scan
