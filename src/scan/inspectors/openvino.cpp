// OpenVINO intermediate representation: the network as XML, its weights in a file beside it.

#include <algorithm>
#include <charconv>
#include <optional>
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
        .id = "BW-OV-001",
        .title = "OpenVINO layer names a native library",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0018.002",
        .why = "A library that is loaded for a layer runs its constructors with the rights of the serving "
               "process.",
        .fix = "Refuse the model; extensions are installed by the operator, never named by a model.",
    },
    {
        .id = "BW-OV-002",
        .title = "layer is no operation of OpenVINO",
        .severity = Severity::Medium,
        .atlas = "AML.T0011.000",
        .why = "Its implementation is code from an extension that nobody has vouched for.",
        .fix = "Ask where the layer comes from, review the extension, then allow it by name.",
    },
    {
        .id = "BW-OV-003",
        .title = "OpenVINO constant lies outside the weights file",
        .severity = Severity::High,
        .atlas = "AML.T0011.000",
        .why = "A runtime that maps the weights with this offset and size reads memory that is not the "
               "tensor's.",
        .fix = "Refuse the model; convert it again.",
    },
    {
        .id = "BW-OV-004",
        .title = "OpenVINO weights are in another file",
        .severity = Severity::Info,
        .atlas = "AML.T0018",
        .why = "This file holds the network only; its weights must be scanned, too.",
        .fix = "Scan the .bin file that belongs to it.",
    },
    kXmlEntity,
    kXmlReference,
    kXmlInclude,
    kXmlExpansion,
    kMetadataCommand,
};
constexpr const Rule& kLibrary = kRules[0];
constexpr const Rule& kCustom = kRules[1];
constexpr const Rule& kRange = kRules[2];
constexpr const Rule& kWeights = kRules[3];

Match recognises(Bytes content) {
  if (xml_root(content) != "net") return Match::No;
  constexpr std::size_t kHead = 64 * 1024;
  const std::string_view head = text_of(content.first(std::min(content.size(), kHead)));
  const bool versioned = head.find("version") != std::string_view::npos || content[1] == 0 || content[0] == 0;
  return versioned ? Match::Strong : Match::No;
}

// "libx.so.1", "C:\\x.dll", "../plugins/op", a URL: a file, not a label such as "CPU".
bool names_file(std::string_view value) {
  const std::string name = lower(value);
  return name.find('/') != std::string::npos || name.find('\\') != std::string::npos ||
         name.ends_with(".so") || name.find(".so.") != std::string::npos || name.ends_with(".dll") ||
         name.ends_with(".dylib") || name.ends_with(".py");
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class Network {
 public:
  Network(Inspection& in, XmlWalk& walk) : in_(in), walk_(walk) {
    const std::string& self = in.artifact().origin.empty() ? std::string() : in.artifact().origin.back();
    if (in.package() != nullptr && self.ends_with(".xml"))
      weights_ = in.package()->find(self.substr(0, self.size() - 4) + ".bin");
  }

  void read(const XmlToken& token) {
    if (token.kind != XmlToken::Kind::Start) return;
    if (token.name == "net") {
      if (const XmlAttribute* version = token.find("version")) in_.fact("version", version->value);
    }
    if (token.name == "layer") read_layer(token);
    if (token.name == "data") judge_range(token);
    for (const XmlAttribute& attribute : token.attributes) judge_attribute(token, attribute);
  }

  void finish() {
    if (weights_ == nullptr) in_.report(kWeights, {.place = walk_.place(0)});
  }

 private:
  void read_layer(const XmlToken& token) {
    const XmlAttribute* type = token.find("type");
    const XmlAttribute* version = token.find("version");
    if (type == nullptr) return;
    const std::string name = unescape_xml(type->value);
    const bool python = name == "Python" || name == "PythonOp" || name == "PyOp";
    // Operation sets are "opset1" … and "experimental"; conversion tools mark operations of extensions.
    const bool foreign = version != nullptr && !version->value.empty() &&
                         !version->value.starts_with("opset") && version->value != "experimental" &&
                         version->value != "ie_internal_opset" && version->value != "type_relaxed_opset" &&
                         version->value != "util";
    if (!python && !foreign && lower(name) != "custom") return;
    in_.report(kCustom, {.place = walk_.place(type->offset),
                         .message = python ? "layer runs Python code"
                                           : "layer " + printable(name, 60) + " needs an extension",
                         .evidence = name,
                         .subject = name,
                         .severity = python ? Severity::High : Severity::Medium});
  }

  void judge_attribute(const XmlToken& token, const XmlAttribute& attribute) {
    const std::string_view name = attribute.name;
    const std::string value = unescape_xml(attribute.value);
    const bool refers = name == "library" || name == "implementation" || name == "path" ||
                        name == "extension" || name == "plugin" || name == "kernel" || name == "so" ||
                        name == "dll";
    if (refers && names_file(value)) {
      in_.report(kLibrary, {.place = walk_.place(attribute.offset),
                            .message = "attribute " + std::string(name) + " of " + std::string(token.name) +
                                       " names a file to load",
                            .evidence = value});
    } else if (name == "value" || refers) {
      judge_metadata_text(in_, value, walk_.offset_of(attribute.offset),
                          "attribute of " + std::string(token.name));
    }
  }

  void judge_range(const XmlToken& token) {
    const XmlAttribute* offset = token.find("offset");
    const XmlAttribute* size = token.find("size");
    if (offset == nullptr || size == nullptr) return;
    const auto start = number(offset->value);
    const auto length = number(size->value);
    std::uint64_t end = 0;
    // Other layers have an "offset" of their own, a real number.
    const bool real =
        offset->value.find('.') != std::string_view::npos || token.find("element_type") == nullptr;
    if (real) return;
    const bool impossible =
        !start || !length || __builtin_add_overflow(*start, *length, &end) || end > (std::uint64_t{1} << 62);
    const bool beyond = !impossible && weights_ != nullptr && weights_->size != 0 && end > weights_->size;
    if (!impossible && !beyond) return;
    in_.report(kRange, {.place = walk_.place(offset->offset),
                        .message = beyond ? "constant ends at byte " + std::to_string(end) +
                                                " of a weights file of " + std::to_string(weights_->size)
                                          : "offset and size of a constant are impossible",
                        .evidence = std::string(offset->value) + " + " + std::string(size->value)});
  }

  Inspection& in_;
  XmlWalk& walk_;
  const Member* weights_ = nullptr;
};

Result<void> inspect(Inspection& in) {
  XmlWalk walk(in);
  Network network(in, walk);
  TRY(walk.run([&](const XmlToken& token, const XmlReader&) { network.read(token); }, true));
  network.finish();
  return {};
}

}  // namespace

const Inspector openvino{
    .name = "openvino",
    .version = "1",
    .rules = kRules,
    .family = "xml",
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
