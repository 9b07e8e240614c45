#pragma once
// What every XML model format judges alike: document types, entities, XInclude, style sheets.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/rule.h"
#include "scan/formats/xml.h"
#include "scan/inspector.h"

namespace bulwark::scan {

inline constexpr Rule kXmlEntity{
    .id = "BW-XML-001",
    .title = "document type or entity reaches outside of the document",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0037",
    .why = "A reader that processes it reads local files or asks a server while the model is parsed (XXE).",
    .fix = "Refuse the file: no model needs an external entity. Parse XML with DTDs switched off.",
};
inline constexpr Rule kXmlReference{
    .id = "BW-XML-002",
    .title = "document refers to an outside resource",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0025",
    .why =
        "A consumer that follows the reference fetches code or data that nobody reviewed, or tells a server "
        "that "
        "the model is used.",
    .fix = "Remove the reference, or refuse the file.",
};
inline constexpr Rule kXmlInclude{
    .id = "BW-XML-003",
    .title = "document includes another one",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0037",
    .why = "XInclude replaces the element with the content of a file or address when the document is read.",
    .fix = "Refuse the file; ask for one that is complete in itself.",
};
inline constexpr Rule kXmlExpansion{
    .id = "BW-XML-004",
    .title = "entities are nested and multiply",
    .severity = Severity::High,
    .atlas = "AML.T0029",
    .why = "A few lines of entities within entities expand to gigabytes when they are parsed, or never end.",
    .fix = "Refuse the file.",
};
inline constexpr std::array kXmlRules = {kXmlEntity, kXmlReference, kXmlInclude, kXmlExpansion};

// Walks a document and judges what is common to all formats.
class XmlWalk {
 public:
  // `in` must outlive the walk.
  explicit XmlWalk(Inspection& in) : in_(in) {}

  // Reads the whole document and hands every token to `visit` (may be empty). A defect is an error, except
  // where the document ends too early: then it is a gap. `as_model`: whether a mere document type is unusual.
  [[nodiscard]] Result<void> run(const std::function<void(const XmlToken&, const XmlReader&)>& visit,
                                 bool as_model);

  // An offset of the text as an offset of the artifact; kNoOffset if the text was converted.
  [[nodiscard]] std::uint64_t offset_of(std::uint64_t offset) const {
    return text_.is_converted ? kNoOffset : offset;
  }
  // The same with line and column, which take linear time: only the first few hundred have them.
  [[nodiscard]] Place place(std::uint64_t offset);

 private:
  void judge_doctype(const XmlToken& token, bool as_model);
  void judge_start(const XmlToken& token);
  void judge_instruction(const XmlToken& token);

  Inspection& in_;
  XmlText text_;
  std::uint32_t placed_ = 0;
};

}  // namespace bulwark::scan
