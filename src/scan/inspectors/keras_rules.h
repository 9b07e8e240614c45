#pragma once
// The rules about the configuration of a Keras model; raised by every inspector that finds one.

#include "core/rule.h"

namespace bulwark::scan {

inline constexpr Rule kKerasLambda{
    .id = "BW-KERAS-001",
    .title = "Keras model carries Python code in a Lambda",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0018.001 AML.T0050",
    .why =
        "The code of a Lambda runs when the model is loaded or called (CVE-2024-3660); safe_mode stops it "
        "only in "
        "the loaders that know it.",
    .fix = "Do not load the model; ask for a version whose Lambda layers are replaced by registered layers.",
};
inline constexpr Rule kKerasTensorflowOp{
    .id = "BW-KERAS-002",
    .title = "Keras layer calls a TensorFlow function by name",
    .severity = Severity::Info,
    .atlas = "AML.T0018.001",
    .why = "Such layers call any TensorFlow symbol; some of them read or write files or load libraries.",
    .fix = "Check that the function is one that computes.",
};
inline constexpr Rule kKerasModule{
    .id = "BW-KERAS-003",
    .title = "Keras configuration names a class or function outside of Keras",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0018.001",
    .why =
        "Loading imports the module that the file names and calls what it names in it (CVE-2025-1550): a "
        "file that "
        "names the right function runs commands.",
    .fix = "Do not load the model unless the module is your own; load with an explicit custom_objects table.",
};
inline constexpr Rule kKerasGetFile{
    .id = "BW-KERAS-004",
    .title = "Keras configuration downloads a file while it is loaded",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.001",
    .why =
        "keras.utils.get_file fetches and unpacks what a URL names, to a place that the file chooses "
        "(CVE-2025-8747).",
    .fix = "Do not load the model.",
};
inline constexpr Rule kKerasUnsafe{
    .id = "BW-KERAS-005",
    .title = "Keras configuration switches the safe mode off",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0107",
    .why =
        "keras.config.enable_unsafe_deserialization called by the file itself lets the rest of the file run "
        "code "
        "(CVE-2025-9906).",
    .fix = "Do not load the model.",
};
inline constexpr Rule kKerasTorch{
    .id = "BW-KERAS-006",
    .title = "Keras layer unpickles a PyTorch module",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0018.001",
    .why =
        "TorchModuleWrapper passes bytes of the file to torch.load without weights_only before Keras 3.11.3 "
        "(CVE-2025-49655).",
    .fix = "Do not load the model with an older Keras; ask for the PyTorch module as safetensors.",
};
inline constexpr Rule kKerasLegacy{
    .id = "BW-KERAS-008",
    .title = "Lambda in an HDF5 model, where safe_mode is ignored",
    .severity = Severity::Critical,
    .atlas = "AML.T0011.000 AML.T0107",
    .why = "The loader of .h5 files runs the code of Lambda layers even with safe_mode=True (CVE-2025-9905).",
    .fix = "Do not load the model; ask for a .keras file without Lambda layers.",
};
inline constexpr Rule kKerasVocabulary{
    .id = "BW-KERAS-013",
    .title = "Keras preprocessing layer reads a file or URL when it is loaded",
    .severity = Severity::High,
    .atlas = "AML.T0011.000 AML.T0037",
    .why =
        "A vocabulary given as a path is opened on the machine that loads the model, and its lines end up in "
        "the "
        "model (CVE-2025-12058).",
    .fix = "Do not load the model; ask for a version whose vocabulary is stored in it.",
};

}  // namespace bulwark::scan
