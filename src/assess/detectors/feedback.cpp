// What users send back and a model may be trained on.

#include "base/text.h"

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Path, "*feedback*.py", "feedback"},
    {In::Path, "*feedback*.jsonl", "feedback"},
    {In::Path, "*feedback*.csv", "feedback"},
    {In::Path, "*feedback*.parquet", "feedback"},
    {In::Path, "*ratings*.jsonl", "feedback"},
    {In::Import, "label_studio_sdk", "labelling"},
    {In::Import, "argilla", "labelling"},
    {In::Import, "prodigy", "labelling"},
    {In::Config, "heartexlabs/label-studio", "labelling"},
    {In::Config, "argilla/argilla-server", "labelling"},
    {In::Call, ".partial_fit", "online learning"},
    {In::Call, ".learn_one", "online learning"},
};

void look(const File& file, Findings& findings) {
  for (const PythonText& text : file.python.texts)
    if (lower(text.text).find("feedback") != std::string::npos && text.text.size() < 120 &&
        text.text.find(' ') == std::string::npos)
      findings.add(Kind::Feedback, "feedback", Confidence::Likely, file, text.line, text.text,
                   "reads or offers feedback");
}

}  // namespace

const Detector feedback{.kind = Kind::Feedback, .markers = kMarkers, .look = look};

}  // namespace bulwark::assess::detectors
