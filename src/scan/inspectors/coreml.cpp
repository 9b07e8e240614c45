// Core ML models (apple/coremltools mlmodel/format): custom code, references to other files, metadata.
//
// A Core ML file names classes of the app that loads it (custom models and layers), other model files (linked
// models) and a weights file (ML programs). Pipelines hold whole models, networks hold networks; all are
// walked.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "scan/formats/protobuf.h"
#include "scan/formats/reference.h"
#include "scan/inspectors/list.h"
#include "scan/inspectors/metadata_text.h"

namespace bulwark::scan::inspectors {
namespace {

constexpr Rule kRules[] = {
    {
        .id = "BW-CML-001",
        .title = "Core ML model needs a custom class",
        .severity = Severity::Medium,
        .atlas = "AML.T0011.000",
        .why = "Custom models and layers are code of the loading app, chosen by a name in the file and given "
               "parameters from it; nobody has vouched for that code.",
        .fix = "Ask where the class comes from, review it, then allow it by name.",
    },
    {
        .id = "BW-CML-002",
        .title = "linked Core ML model lies outside the model's directory",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0074",
        .why = "What was reviewed is not what runs: the linked file is loaded from a place that others can "
               "write.",
        .fix = "Refuse the model; ask for one that holds all of its parts.",
    },
    {
        .id = "BW-CML-003",
        .title = "Core ML weights lie outside the model's package",
        .severity = Severity::High,
        .atlas = "AML.T0011.000 AML.T0037",
        .why = "Loading reads the file that the program names: any file of the user's.",
        .fix = "Refuse the model; weights belong under @model_path.",
    },
    {
        .id = "BW-CML-004",
        .title = "Core ML model holds a program or archive",
        .severity = Severity::High,
        .atlas = "AML.T0018.002 AML.T0074",
        .why = "Bytes that start like an executable, a script, an archive or a pickle are no parameter.",
        .fix = "Extract and judge the embedded file; refuse the model if nobody can explain it.",
    },
    kMetadataCommand,
};
constexpr const Rule& kCustom = kRules[0];
constexpr const Rule& kLinked = kRules[1];
constexpr const Rule& kWeights = kRules[2];
constexpr const Rule& kPayload = kRules[3];

constexpr FieldShape kDescription[] = {{1, WireType::Bytes},  {10, WireType::Bytes}, {11, WireType::Bytes},
                                       {12, WireType::Bytes}, {13, WireType::Bytes}, {20, WireType::Bytes},
                                       {21, WireType::Bytes}, {50, WireType::Bytes}, {100, WireType::Bytes}};

// The oneof of Model.proto: which kind of model it is.
constexpr std::uint32_t kTypes[] = {200, 201, 202, 300,  301,  302,  303,  304,  400,  401,  402, 403, 404,
                                    500, 501, 502, 555,  556,  560,  600,  601,  602,  603,  604, 606, 607,
                                    609, 610, 900, 2000, 2001, 2002, 2003, 2004, 2005, 2006, 3000};
constexpr std::uint64_t kLatestVersion = 100;  // the format is at 9 after eight years
constexpr std::string_view kModelPath = "@model_path/";

bool is_type(std::uint32_t number) {
  return std::ranges::find(kTypes, number) != std::end(kTypes);
}

Match recognises(Bytes content) {
  ProtoReader reader(content);
  ProtoField field;
  bool version = false;
  bool described = false;
  bool typed = false;
  bool fits = true;
  const auto look = [&](const ProtoField& part) {
    if (part.number == 1) {
      version = part.is_varint(1) && part.value >= 1 && part.value <= kLatestVersion;
      fits = fits && version;
    } else if (part.number == 2) {
      const ShapeMatch match = match_shape(part.bytes, kDescription, 16);
      described = part.is_bytes() && !match.contradicts && (match.known > 0 || part.bytes.empty());
      fits = fits && described;
    } else if (is_type(part.number)) {
      fits = fits && part.is_bytes();
      typed = true;
    }
  };
  while (fits && !(typed && described && version) && reader.next(field)) look(field);
  if (reader.stop() == ProtoReader::Stop::Malformed) return Match::No;
  if (reader.cut()) look(*reader.cut());
  // A file that is cut off in its description has no type yet; a description alone is too little to go by.
  const bool cut_early = reader.cut() && described && reader.cut()->number == 2 && content.size() >= 32;
  return fits && version && ((typed && described) || cut_early) ? Match::Weak : Match::No;
}

enum class Level : std::uint8_t {
  Model,
  Pipeline,  // and its classifier and regressor, which wrap it
  Network,   // NeuralNetwork and its classifier and regressor
  Layer,
  Program,
  Any,  // inside a program: functions, blocks, operations, values
};

class Walk {
 public:
  explicit Walk(Inspection& in) : in_(in) {}

  Result<void> run() {
    push({.number = 1, .type = WireType::Bytes, .value = 0, .bytes = in_.bytes(), .offset = 0}, Level::Model,
         0);
    while (!work_.empty()) {
      const Work work = work_.back();
      work_.pop_back();
      if ((++steps_ & 0xFFF) == 0) TRY(in_.budget().check_time("coreml"));
      read(work);
    }
    return {};
  }

 private:
  struct Work {
    ProtoField message;
    Level level;
    std::uint32_t depth;
  };

  void push(const ProtoField& message, Level level, std::uint32_t depth) {
    if (depth > in_.limits().message_depth) {
      if (!std::exchange(too_deep_, true))
        in_.gap(GapReason::Limit, "messages are nested deeper than the limit", {.offset = message.offset});
      return;
    }
    work_.push_back({message, level, depth});
  }

  void read(const Work& work) {
    ProtoReader reader(work.message);
    ProtoField field;
    const auto visit = [&](const ProtoField& part) {
      switch (work.level) {
        case Level::Model: read_model(part, work.depth); break;
        case Level::Pipeline:
          if (part.is_bytes(1))
            push(part, wraps_pipeline(part) ? Level::Pipeline : Level::Model, work.depth + 1);
          break;
        case Level::Network:
          if (part.is_bytes(1)) push(part, Level::Layer, work.depth + 1);
          break;
        case Level::Layer: read_layer(part, work.depth); break;
        case Level::Program:
          if (part.is_bytes()) push(part, Level::Any, work.depth + 1);
          break;
        case Level::Any: read_any(work, part); break;
      }
    };
    while (reader.next(field)) visit(field);
    // Inside a program not every field of bytes is a message, so a defect there says nothing.
    if (work.level == Level::Any) return;
    if (reader.cut()) visit(*reader.cut());
    if (reader.stop() == ProtoReader::Stop::None || std::exchange(defect_, true)) return;
    const bool cut = reader.stop() == ProtoReader::Stop::Truncated;
    in_.gap(cut ? GapReason::Truncated : GapReason::Malformed,
            cut ? "model ends inside a field" : "field is malformed", {.offset = reader.offset()});
  }

  // Pipeline { repeated Model models = 1; names = 2 } against PipelineClassifier { Pipeline pipeline = 1 }: a
  // Model starts with its version.
  static bool wraps_pipeline(const ProtoField& field) {
    ProtoReader reader(field);
    ProtoField first;
    return reader.next(first) && first.is_bytes(1);
  }

  void read_model(const ProtoField& field, std::uint32_t depth) {
    if (field.is_varint(1)) in_.fact("specification_version", std::to_string(field.value));
    if (!field.is_bytes()) return;
    switch (field.number) {
      case 2: read_description(field); break;
      case 200:
      case 201:
      case 202: push(field, Level::Pipeline, depth + 1); break;
      case 303:
      case 403:
      case 500: push(field, Level::Network, depth + 1); break;
      case 502: push(field, Level::Program, depth + 1); break;
      case 555: judge_custom(field, "model"); break;
      case 556: read_linked(field); break;
      default: break;
    }
  }

  void read_description(const ProtoField& description) {
    ProtoReader reader(description);
    ProtoField field;
    while (reader.next(field))
      if (field.is_bytes(100)) read_metadata(field);
    if (reader.cut() && reader.cut()->number == 100) read_metadata(*reader.cut());
  }

  void read_metadata(const ProtoField& metadata) {
    constexpr std::string_view kNames[] = {"", "description", "version", "author", "license"};
    ProtoReader reader(metadata);
    ProtoField field;
    while (reader.next(field)) {
      if (field.is_bytes() && field.number >= 1 && field.number <= 4)
        judge_text(field, "metadata " + std::string(kNames[field.number]));
      if (field.is_bytes(100)) read_pair(field, "metadata ");
    }
  }

  // A map entry whose value is a text, or a parameter with one inside.
  void read_pair(const ProtoField& entry, const std::string& what) {
    ProtoReader reader(entry);
    ProtoField part;
    std::string_view key;
    while (reader.next(part)) {
      if (part.is_bytes(1)) key = part.text();
      if (part.is_bytes(2)) judge_text(part, what + "\"" + printable(key, 60) + "\"");
    }
  }

  void read_parameter(const ProtoField& entry, const std::string& what) {
    ProtoReader reader(entry);
    ProtoField part;
    std::string_view key;
    while (reader.next(part)) {
      if (part.is_bytes(1)) key = part.text();
      if (!part.is_bytes(2)) continue;
      ProtoReader value(part);
      ProtoField text;
      while (value.next(text))
        if (text.is_bytes(20) || text.is_bytes(60)) judge_text(text, what + "\"" + printable(key, 60) + "\"");
    }
  }

  void judge_text(const ProtoField& text, const std::string& where) {
    if (!judge_payload(in_, kPayload, text.bytes, text.offset, where))
      judge_metadata_text(in_, text.text(), text.offset, where);
  }

  // CustomModel and CustomLayerParams share the numbers that matter.
  void judge_custom(const ProtoField& custom, const std::string& what) {
    ProtoReader reader(custom);
    ProtoField field;
    std::string name;
    std::uint64_t offset = custom.offset;
    while (reader.next(field)) {
      if (field.is_bytes(10)) {
        name = std::string(field.text());
        offset = field.offset;
      }
      if (field.is_bytes(30)) read_parameter(field, "custom " + what + " parameter ");
      if (field.is_bytes(40)) judge_text(field, "custom " + what + " description");
    }
    in_.report(kCustom, {.place = {.offset = offset},
                         .message = "custom " + what + " needs the class " + printable(name, 80),
                         .evidence = name,
                         .subject = name});
  }

  void read_layer(const ProtoField& field, std::uint32_t depth) {
    if (field.is_bytes(500)) judge_custom(field, "layer");
    // Branch (if, else) and loop (condition, body) layers hold networks.
    if (!field.is_bytes(605) && !field.is_bytes(615)) return;
    const std::uint32_t first = field.number == 605 ? 1 : 3;
    ProtoReader reader(field);
    ProtoField part;
    while (reader.next(part))
      if (part.is_bytes(first) || part.is_bytes(first + 1)) push(part, Level::Network, depth + 2);
  }

  // LinkedModel { LinkedModelFile file = 1 { StringParameter name = 1, searchPath = 2 { defaultValue = 1 } }
  // }
  void read_linked(const ProtoField& linked) {
    ProtoReader files(linked);
    ProtoField file;
    while (files.next(file)) {
      if (!file.is_bytes(1)) continue;
      ProtoReader parameters(file);
      ProtoField parameter;
      while (parameters.next(parameter)) {
        if (!parameter.is_bytes(1) && !parameter.is_bytes(2)) continue;
        ProtoReader values(parameter);
        ProtoField value;
        while (values.next(value))
          if (value.is_bytes(1)) judge_linked(value, parameter.number == 1 ? "file" : "search path");
      }
    }
  }

  void judge_linked(const ProtoField& value, const std::string& what) {
    const Reference reference = judge_reference(value.text());
    if (reference.reach == Reach::Inside) return;
    in_.report(kLinked, {.place = {.offset = value.offset},
                         .message = what + " of the linked model " + std::string(reference.why),
                         .evidence = std::string(value.text()),
                         .severity = reference.reach == Reach::Detour ? Severity::Low : Severity::High});
  }

  // A program is a tree of messages in which only two things concern us: BlobFileValue { fileName = 1, offset
  // = 2 } in field 5 of a Value, and operations of the type custom_layer. Everything is tried as a message;
  // text is not one.
  void read_any(const Work& work, const ProtoField& field) {
    if (!field.is_bytes() || field.bytes.empty()) return;
    if (field.number == 1 && field.text() == "custom_layer") {
      in_.report(kCustom, {.place = {.offset = field.offset},
                           .message = "program calls a custom layer",
                           .evidence = "custom_layer",
                           .subject = "custom_layer"});
      return;
    }
    if (field.number == 5 && judge_blob(field)) return;
    // Tensors of plain numbers (ImmediateValue) are large and hold no messages below their third level.
    constexpr std::size_t kProbe = 16;
    const ShapeMatch match = match_shape(field.bytes, {}, kProbe);
    if (!match.contradicts && !match.truncated && match.unknown > 0) push(field, Level::Any, work.depth + 1);
  }

  bool judge_blob(const ProtoField& message) {
    ProtoReader reader(message);
    ProtoField field;
    ProtoField name;
    while (reader.next(field)) {
      if (field.is_bytes(1)) name = field;
      if (field.number > 2) return false;
    }
    if (reader.stop() != ProtoReader::Stop::None || !name.is_bytes() || !is_name(name.text(), 4096))
      return false;
    std::string_view path = name.text();
    if (path.find('/') == std::string_view::npos && path.find('\\') == std::string_view::npos) return false;
    if (path.starts_with(kModelPath)) path.remove_prefix(kModelPath.size());
    const Reference reference = judge_reference(path);
    if (reference.reach != Reach::Inside) {
      in_.report(kWeights, {.place = {.offset = name.offset},
                            .message = "path of a weights file " + std::string(reference.why),
                            .evidence = std::string(name.text()),
                            .severity = reference.reach == Reach::Detour ? Severity::Low : Severity::High});
    }
    return true;
  }

  Inspection& in_;
  std::vector<Work> work_;
  std::uint64_t steps_ = 0;
  bool too_deep_ = false;
  bool defect_ = false;
};

Result<void> inspect(Inspection& in) {
  Walk walk(in);
  return walk.run();
}

}  // namespace

const Inspector coreml{
    .name = "coreml",
    .version = "1",
    .rules = kRules,
    .recognises = recognises,
    .inspect = inspect,
};

}  // namespace bulwark::scan::inspectors
