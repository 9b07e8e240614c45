#pragma once
// TensorFlow's operators that reach outside of the graph.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace bulwark::scan {

enum class TfAct : std::uint8_t {
  Python,
  LoadLibrary,
  Write,    // writes any file
  Read,     // reads any file
  Save,     // writes a checkpoint: ordinary in itself, judged by its path
  Restore,  // reads a checkpoint: the same
  Dataset,  // reads training data: unusual in a model that is served
  Debug,
  Network,
};
struct TfOperator {
  std::string_view name;
  TfAct act;
};
// TensorFlow's core operators that reach outside of the graph (tensorflow/core/ops/*.cc).
inline constexpr TfOperator kTfOperators[] = {
    {"PyFunc", TfAct::Python},
    {"PyFuncStateless", TfAct::Python},
    {"EagerPyFunc", TfAct::Python},
    {"NumpyFunction", TfAct::Python},
    {"LoadLibrary", TfAct::LoadLibrary},
    {"WriteFile", TfAct::Write},
    {"DatasetToTFRecord", TfAct::Write},
    {"ExperimentalDatasetToTFRecord", TfAct::Write},
    {"SaveDataset", TfAct::Write},
    {"SaveDatasetV2", TfAct::Write},
    {"DistributedSave", TfAct::Write},
    {"ReadFile", TfAct::Read},
    {"MatchingFiles", TfAct::Read},
    {"MatchingFilesDataset", TfAct::Read},
    {"ExperimentalMatchingFilesDataset", TfAct::Read},
    {"ImmutableConst", TfAct::Read},
    {"Save", TfAct::Save},
    {"SaveV2", TfAct::Save},
    {"SaveSlices", TfAct::Save},
    {"MergeV2Checkpoints", TfAct::Save},
    {"CreateSummaryFileWriter", TfAct::Save},
    {"CreateSummaryDbWriter", TfAct::Save},
    {"Restore", TfAct::Restore},
    {"RestoreV2", TfAct::Restore},
    {"RestoreSlice", TfAct::Restore},
    {"TextLineReader", TfAct::Dataset},
    {"TextLineReaderV2", TfAct::Dataset},
    {"WholeFileReader", TfAct::Dataset},
    {"WholeFileReaderV2", TfAct::Dataset},
    {"FixedLengthRecordReader", TfAct::Dataset},
    {"FixedLengthRecordReaderV2", TfAct::Dataset},
    {"TFRecordReader", TfAct::Dataset},
    {"TFRecordReaderV2", TfAct::Dataset},
    {"LMDBReader", TfAct::Dataset},
    {"TextLineDataset", TfAct::Dataset},
    {"TFRecordDataset", TfAct::Dataset},
    {"TFRecordDatasetV2", TfAct::Dataset},
    {"CSVDataset", TfAct::Dataset},
    {"CSVDatasetV2", TfAct::Dataset},
    {"FixedLengthRecordDataset", TfAct::Dataset},
    {"FixedLengthRecordDatasetV2", TfAct::Dataset},
    {"LoadDataset", TfAct::Dataset},
    {"SnapshotDataset", TfAct::Dataset},
    {"SnapshotDatasetV2", TfAct::Dataset},
    {"LMDBDataset", TfAct::Dataset},
    {"SqlDataset", TfAct::Dataset},
    {"DebugIdentity", TfAct::Debug},
    {"DebugIdentityV2", TfAct::Debug},
    {"DebugIdentityV3", TfAct::Debug},
    {"DebugNanCount", TfAct::Debug},
    {"DebugNumericSummary", TfAct::Debug},
    {"DebugNumericSummaryV2", TfAct::Debug},
    {"Rpc", TfAct::Network},
    {"TryRpc", TfAct::Network},
    {"RpcCall", TfAct::Network},
    {"RpcClient", TfAct::Network},
    {"RpcServer", TfAct::Network},
    {"DataServiceDataset", TfAct::Network},
    {"DataServiceDatasetV2", TfAct::Network},
    {"DataServiceDatasetV3", TfAct::Network},
    {"DataServiceDatasetV4", TfAct::Network},
    {"BigQueryReader", TfAct::Network},
    {"BigtableClient", TfAct::Network},
    {"KafkaDataset", TfAct::Network},
    {"PubSubDataset", TfAct::Network},
};

// Null for an operator that only computes.
[[nodiscard]] constexpr const TfOperator* find_tf_operator(std::string_view op) {
  const auto* found = std::ranges::find(kTfOperators, op, &TfOperator::name);
  return found == std::end(kTfOperators) ? nullptr : found;
}

}  // namespace bulwark::scan
