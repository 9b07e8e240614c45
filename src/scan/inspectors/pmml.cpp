// PMML: models as XML. Extensions are where vendors, and attackers, put what the standard does not have.

#include <algorithm>
#include <string>

#include "base/text.h"
#include "scan/formats/reference.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"
#include "scan/inspectors/xml_rules.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kRules[] = {
    {
        .id = "BW-PMML-001",
        .title = "PMML extension holds a script",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0018.002",
        .why = "The standard has no scripts; a consumer that evaluates extensions runs this one.",
        .fix = "Refuse the model, or remove the extension.",
    },
    {
        .id = "BW-PMML-002",
        .title = "PMML function is a Java class",
        .severity = Severity::Medium,
        .atlas = "AML.T0011.000",
        .why = "Java evaluators load the class that a function names; nobody has vouched for it.",
        .fix = "Ask where the class comes from, review it, then allow it by name.",
    },
    kXmlEntity,
    kXmlReference,
    kXmlInclude,
    kXmlExpansion,
    kMetadataCommand,
};
constexpr const Rule& kScript = kRules[0];
constexpr const Rule& kClass = kRules[1];
constexpr const Rule& kReference = kRules[3];

// Attributes that make an element refer to a resource, whatever the element.
constexpr std::string_view kReferring[] = {"source",   "href", "src",  "url",     "uri",
                                           "location", "file", "path", "systemId"};

bool is_url(std::string_view text) {
  const Reference reference = judge_reference(trim(text));
  return reference.reach == Reach::Outside && reference.why == "is a URL";
}

Match recognises(Bytes content) {
  return xml_root(content) == "PMML" ? Match::Strong : Match::No;
}

class Model {
 public:
  Model(Inspection& in, XmlWalk& walk) : in_(in), walk_(walk) {}

  void read(const XmlToken& token, const XmlReader& reader) {
    const bool text = token.kind == XmlToken::Kind::Text || token.kind == XmlToken::Kind::CData;
    if (token.kind == XmlToken::Kind::Start) read_start(token);
    if (!text || !inside_extension(reader)) return;
    const std::string content = unescape_xml(token.text);
    judge_metadata_text(in_, content, walk_.offset_of(token.offset), "extension");
    if (is_url(content)) refer(token.offset, "an extension", content);
  }

 private:
  static bool inside_extension(const XmlReader& reader) {
    return std::ranges::any_of(reader.open(),
                               [](std::string_view name) { return xml_local_name(name) == "Extension"; });
  }

  void read_start(const XmlToken& token) {
    const std::string_view element = xml_local_name(token.name);
    if (element == "PMML") {
      if (const XmlAttribute* version = token.find("version")) in_.fact("version", version->value);
    }
    if (lower(element) == "script") {
      in_.report(kScript, {.place = walk_.place(token.offset),
                           .message = "element " + printable(token.name, 40) + " holds a script"});
    }
    if (element == "Apply") judge_function(token);
    for (const XmlAttribute& attribute : token.attributes) judge_attribute(token, element, attribute);
  }

  void judge_function(const XmlToken& token) {
    const XmlAttribute* function = token.find("function");
    if (function == nullptr) return;
    const std::string name = unescape_xml(function->value);
    // Built-in functions of the standard have no dots; a class path has two or more.
    if (std::ranges::count(name, '.') < 2) return;
    const bool of_java = name.starts_with("java.") || name.starts_with("javax.") ||
                         name.starts_with("sun.") || name.starts_with("com.sun.");
    in_.report(kClass, {.place = walk_.place(function->offset),
                        .message = "function is the class " + printable(name, 100),
                        .evidence = name,
                        .subject = name,
                        .severity = of_java ? Severity::High : Severity::Medium});
  }

  void judge_attribute(const XmlToken& token, std::string_view element, const XmlAttribute& attribute) {
    if (attribute.name.starts_with("xmlns") || attribute.name.find(':') != std::string_view::npos) return;
    const std::string value = unescape_xml(attribute.value);
    const bool extension = element == "Extension" && attribute.name == "value";
    if (extension) judge_metadata_text(in_, value, walk_.offset_of(attribute.offset), "extension");
    const bool refers = std::ranges::find(kReferring, attribute.name) != std::end(kReferring);
    if ((extension || refers || is_foreign_value(token, element)) && is_url(value))
      refer(attribute.offset, "attribute " + std::string(attribute.name) + " of " + std::string(token.name),
            value);
  }

  // <Value property="…"> may say valid, invalid or missing; another word makes a vendor do something with the
  // value.
  static bool is_foreign_value(const XmlToken& token, std::string_view element) {
    const XmlAttribute* property = element == "Value" ? token.find("property") : nullptr;
    return property != nullptr && property->value != "valid" && property->value != "invalid" &&
           property->value != "missing";
  }

  void refer(std::uint64_t offset, const std::string& what, const std::string& url) {
    in_.report(kReference, {.place = walk_.place(offset),
                            .message = what + " refers to an outside resource",
                            .evidence = std::string(trim(url))});
  }

  Inspection& in_;
  XmlWalk& walk_;
};

Result<void> inspect(Inspection& in) {
  XmlWalk walk(in);
  Model model(in, walk);
  return walk.run([&](const XmlToken& token, const XmlReader& reader) { model.read(token, reader); }, true);
}

}  // namespace

const Inspector pmml{
    .name = "pmml",
    .version = "1",
    .rules = kRules,
    .family = "xml",
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
