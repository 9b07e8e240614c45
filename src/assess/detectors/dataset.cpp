// Tables and records that lie in the tree, by folder.

#include <array>

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr std::array<std::string_view, 15> kEnds = {
    ".csv",      ".tsv",       ".parquet", ".jsonl",  ".arrow", ".feather", ".orc",   ".avro",
    ".tfrecord", ".tfrecords", ".npz",     ".libsvm", ".arff",  ".ndjson",  ".csv.gz"};

void look(const File& file, Findings& findings) {
  for (const std::string_view end : kEnds) {
    if (!file.name().ends_with(end)) continue;
    const std::string folder = file.path.substr(0, file.path.size() - file.name().size());
    findings.add(Kind::Dataset, folder + "*" + std::string(end), Confidence::Likely, file, 0, {},
                 "is named like data");
    return;
  }
}

}  // namespace

const Detector dataset{.kind = Kind::Dataset, .markers = {}, .look = look};

}  // namespace bulwark::assess::detectors
