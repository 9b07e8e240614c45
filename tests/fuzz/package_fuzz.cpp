// Members of archives and directories seen together: the input is cut into members whose names the package
// inspectors ask for.
// fuzzes: keras mar mlflow nemo oci orbax skops torch

#include <array>
#include <string_view>

#include "one_inspector.h"
#include "scan/package.h"

namespace {

using bulwark::Bytes;
using namespace bulwark::scan;

constexpr std::array<std::string_view, 32> kNames = {"m/data.pkl",
                                                     "m/data/0",
                                                     "m/version",
                                                     "m/byteorder",
                                                     "m/constants.pkl",
                                                     "m/code/a.py",
                                                     "m/.data/extern_modules",
                                                     "m/archive_format",
                                                     "serialized_exported_program.json",
                                                     "pickle",
                                                     "storages",
                                                     "tensors",
                                                     "config.json",
                                                     "metadata.json",
                                                     "model.weights.h5",
                                                     "model.weights.npz",
                                                     "schema.json",
                                                     "MAR-INF/MANIFEST.json",
                                                     "requirements.txt",
                                                     "MLmodel",
                                                     "conda.yaml",
                                                     "model.pkl",
                                                     "model_config.yaml",
                                                     "weights.ckpt",
                                                     "index.json",
                                                     "oci-layout",
                                                     "_METADATA",
                                                     "manifest.ocdbt",
                                                     "tokenizer_config.json",
                                                     "model.safetensors.index.json",
                                                     "modeling_x.py",
                                                     "manifest.json"};

// One byte for the name and whether this is the last member, two for the length, the content.
class Cut : public Package {
 public:
  explicit Cut(Bytes input) : directory_(!input.empty() && input[0] % 2 == 0) {
    std::size_t at = 1;
    while (at + 3 < input.size() && members_.size() < 40) {
      const std::size_t length =
          std::min<std::size_t>(input[at + 1] + 256U * input[at + 2], input.size() - at - 3);
      contents_.push_back(input.subspan(at + 3, length));
      members_.push_back({.name = std::string(kNames[input[at] % kNames.size()]), .size = length});
      at += 3 + length;
    }
  }
  [[nodiscard]] std::string_view kind() const override { return directory_ ? "directory" : "zip"; }
  [[nodiscard]] bulwark::Result<Content> read(std::size_t index, Inspection&) const override {
    return Content{contents_[index], nullptr};
  }

 private:
  bool directory_;
  std::vector<Bytes> contents_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bulwark::fuzz::NoClock clock;
  bulwark::Limits limits;
  limits.held_bytes = std::uint64_t{16} << 20;
  limits.inflated_bytes = std::uint64_t{32} << 20;
  limits.evaluated_bytes = std::uint64_t{1} << 20;
  const Engine engine(builtin_inspectors(), limits, {.trace = true}, clock);
  (void)engine.scan_directory("fuzz", Cut(Bytes(data, size)));
  return 0;
}
