// HDF5 files: what makes the reader open other files, what hides in front of the file, and Keras models
// inside.

#include "scan/formats/hdf5/file.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/document.h"
#include "base/text.h"
#include "scan/inspectors/keras_config.h"
#include "scan/inspectors/list.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr std::string_view kWhyFiles =
    "Opening the dataset reads a file that the model names, with the rights of whoever loads it; its content "
    "ends up in "
    "the weights.";
constexpr std::string_view kFixFiles = "Do not load the model; ask for a file that holds all of its data.";

constexpr Rule kExternalLink{.id = "BW-KERAS-009",
                             .title = "HDF5 external link opens another file",
                             .severity = Severity::High,
                             .atlas = "AML.T0011.000 AML.T0037",
                             .why = kWhyFiles,
                             .fix = kFixFiles};
constexpr Rule kExternalStorage{.id = "BW-KERAS-010",
                                .title = "HDF5 dataset takes its bytes from another file",
                                .severity = Severity::High,
                                .atlas = "AML.T0011.000 AML.T0037",
                                .why = kWhyFiles,
                                .fix = kFixFiles};
constexpr Rule kVirtual{.id = "BW-KERAS-011",
                        .title = "HDF5 virtual dataset is put together from other files",
                        .severity = Severity::High,
                        .atlas = "AML.T0011.000 AML.T0037",
                        .why = kWhyFiles,
                        .fix = kFixFiles};
constexpr Rule kUserBlock{
    .id = "BW-KERAS-012",
    .title = "HDF5 file begins with foreign content",
    .severity = Severity::High,
    .atlas = "AML.T0074 AML.T0018.002",
    .why =
        "Bytes before the superblock are skipped by HDF5 and read by everything else: the "
        "place for a second file.",
    .fix = "Refuse the file; the bytes were inspected as a file of their own."};
constexpr std::array kRules = {kExternalLink, kExternalStorage, kVirtual, kUserBlock};
constexpr std::string_view kMatlab = "MATLAB 7.3 MAT-file";

Match recognises(Bytes content) {
  return hdf5::find_superblock(content) ? Match::Strong : Match::No;
}

void judge_user_block(const hdf5::File& file, Inspection& in) {
  const Bytes block = in.bytes().first(file.user_block);
  if (std::ranges::all_of(block, [](std::uint8_t byte) { return byte == 0; })) return;
  const std::string_view text = trim(text_of(block.first(std::min<std::size_t>(block.size(), 512))));
  const bool matlab = text.starts_with(kMatlab);
  const bool prose = !text.starts_with("#!") && std::ranges::all_of(block, [](std::uint8_t byte) {
    return byte == 0 || byte >= 0x80 || (byte >= 0x20 && byte < 0x7F) || (byte >= 0x09 && byte <= 0x0D);
  }) && is_utf8(text.substr(0, text.find('\0')));
  in.report(kUserBlock, {.place = {.offset = 0},
                         .message = std::to_string(file.user_block) + " bytes precede the superblock",
                         .evidence = std::string(text.substr(0, 100)),
                         .severity = matlab  ? Severity::Info
                                     : prose ? Severity::Medium
                                             : Severity::High});
  if (!matlab) in.child("user block", block);
}

std::string_view text_attribute(const hdf5::Object& object, std::string_view name) {
  for (const auto& attribute : object.attributes) {
    if (attribute.name == name && !attribute.texts.empty()) return attribute.texts.front().value;
  }
  return {};
}

// Attributes whose bytes are another format: PyTables keeps pickles in them.
void embedded(const hdf5::Attribute& attribute, Inspection& in) {
  const Bytes content = attribute.content;
  const bool pickle = content.size() > 3 && content[0] == 0x80 && content[1] >= 2 && content[1] <= 5;
  if (pickle) in.child("attribute " + printable(attribute.name, 60), content);
}

void judge_config(const hdf5::Text& text, std::string_view version, Inspection& in) {
  const auto parsed = parse_json(text.value, in.limits());
  if (!parsed) {
    in.gap(GapReason::Malformed, "model_config: " + parsed.error().message, {.offset = text.offset});
    return;
  }
  judge_keras_config(parsed->root,
                     {.offset = text.offset, .keras_version = std::string(version), .legacy_h5 = true}, in);
}

void judge_object(const hdf5::Object& object, std::string_view version, Inspection& in) {
  for (const auto& link : object.links) {
    if (link.kind == hdf5::LinkKind::External)
      in.report(kExternalLink, link.offset,
                "link " + object.path + " " + link.name + " opens " + link.target_file,
                link.target_file + ":" + link.target_path);
  }
  for (const auto& source : object.external)
    in.report(kExternalStorage, source.offset, "dataset " + object.path + " reads " + source.file,
              source.file);
  for (const auto& source : object.virtual_sources) {
    in.report(kVirtual, {.place = {.offset = source.offset},
                         .message = "dataset " + object.path + " is mapped from " + source.file,
                         .evidence = source.file,
                         .severity = source.file == "." ? Severity::Low : Severity::High});
  }
  for (const auto& attribute : object.attributes) {
    const bool config = attribute.name == "model_config" || attribute.name == "training_config";
    if (config && !attribute.texts.empty())
      judge_config(attribute.texts.front(), version, in);
    else
      embedded(attribute, in);
  }
}

Result<void> inspect(Inspection& in) {
  const hdf5::File file = TRY(hdf5::read(in.bytes(), in.limits()));
  if (file.user_block > 0) judge_user_block(file, in);
  if (file.end > in.bytes().size())
    in.gap(GapReason::Truncated, "superblock says " + std::to_string(file.end) + " bytes, " +
                                     std::to_string(in.bytes().size()) + " are there");
  for (const Error& problem : file.problems) in.gap(problem);
  std::string version;
  if (!file.objects.empty()) version = text_attribute(file.objects.front(), "keras_version");
  if (!version.empty()) in.fact("keras_version", version);
  for (const auto& object : file.objects) judge_object(object, version, in);
  in.fact("objects", std::to_string(file.objects.size()));
  return {};
}

Result<ModelGraph> graph(Inspection& in) {
  const hdf5::File file = TRY(hdf5::read(in.bytes(), in.limits()));
  if (!file.problems.empty()) return std::unexpected(file.problems.front());
  ModelGraph model{.format = "hdf5", .tensors = {}, .nodes = {}};
  for (const auto& object : file.objects) {
    if (object.dataset)
      model.tensors.push_back(
          {.name = object.path, .type = object.type, .shape = object.shape, .content = object.content});
    for (const auto& attribute : object.attributes) {
      if (attribute.name != "model_config" || attribute.texts.empty()) continue;
      const ParsedDocument config = TRY(parse_json(attribute.texts.front().value, in.limits()));
      model.nodes = keras_graph(config.root).nodes;
    }
  }
  return model;
}

}  // namespace

const Inspector hdf5{
    .name = "hdf5",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
    .graph = graph,
};

}  // namespace bulwark::scan::inspectors
