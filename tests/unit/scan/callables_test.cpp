#include "scan/knowledge/callables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "support/support.h"

namespace bulwark::scan {
namespace {

using Name = std::pair<std::string_view, std::string_view>;

std::string table() {
  return test::read_file(std::string(BULWARK_SOURCE_DIR) + "/data/knowledge/callables.tsv");
}

TEST(Callables, TableIsSortedBytewiseWithoutRepetition) {
  const std::string text = table();
  const auto rows = split(std::string_view(text).substr(0, text.size() - 1), '\n');
  ASSERT_GT(rows.size(), 5000U);
  std::string last;
  for (const std::string_view row : rows) {
    const auto columns = split(row, '\t');
    ASSERT_EQ(columns.size(), 6U) << row;
    std::string key = std::string(columns[0]) + "\t" + std::string(columns[1]);
    ASSERT_LT(last, key);
    last = std::move(key);
  }
}

TEST(Callables, EveryRowIsFoundAsItStandsAndSaysWhereItComesFrom) {
  const std::string text = table();
  for (const std::string_view row : split(std::string_view(text).substr(0, text.size() - 1), '\n')) {
    const auto columns = split(row, '\t');
    const Callable found = look_up(columns[0], columns[1]);
    ASSERT_EQ(found.trust, columns[2] == "safe" ? Trust::Safe : Trust::Dangerous) << row;
    ASSERT_EQ(found.provenance, columns[5]) << row;
    ASSERT_FALSE(found.provenance.empty()) << row;
    if (columns[2] == "safe") {
      ASSERT_TRUE(columns[3] == "-" || found.contract.call || found.contract.make || found.contract.build)
          << row;
      ASSERT_FALSE(columns[1].starts_with("*")) << "nobody vouches for a whole package: " << row;
    } else {
      ASSERT_EQ(name_of(found.effect), columns[3]) << row;
    }
  }
}

TEST(Callables, StandardLibraryNamesAreSorted) {
  const std::string text = test::read_file(std::string(BULWARK_SOURCE_DIR) + "/data/knowledge/stdlib.txt");
  const auto names = split(std::string_view(text).substr(0, text.size() - 1), '\n');
  EXPECT_TRUE(std::ranges::is_sorted(names));
  for (const std::string_view name : names) EXPECT_TRUE(is_standard_library(name)) << name;
  EXPECT_TRUE(is_standard_library("os.path"));
  EXPECT_TRUE(is_standard_library("_pyrepl.pager"));
  EXPECT_FALSE(is_standard_library(""));
  EXPECT_FALSE(is_standard_library("osx"));
  EXPECT_FALSE(is_standard_library("numpy"));
  EXPECT_FALSE(is_standard_library("o"));
}

// Gadgets of the advisories against picklescan, modelscan and fickling (scanners.md, section 5).
TEST(Callables, EveryKnownGadgetIsDangerous) {
  const std::vector<Name> gadgets = {
      {"pip", "main"},
      {"pip._internal", "main"},
      {"asyncio.unix_events", "_UnixSubprocessTransport._start"},
      {"functools", "partial"},
      {"pydoc", "pipepager"},
      {"pydoc", "locate"},
      {"venv", "create"},
      {"torch.serialization", "load"},
      {"torch._inductor.codecache", "compile_file"},
      {"torch.utils.bottleneck.__main__", "run_cprofile"},
      {"torch.utils.bottleneck.__main__", "run_autograd_prof"},
      {"torch._dynamo.guards", "GuardBuilder.get"},
      {"torch.fx.experimental.symbolic_shapes", "ShapeEnv.evaluate_guards_expression"},
      {"torch.utils.collect_env", "run"},
      {"torch.utils.data.datapipes.utils.decoder", "basichandlers"},
      {"torch.jit.unsupported_tensor_ops", "execWrapper"},
      {"torch.utils._config_module", "ConfigModule.load_config"},
      {"trace", "Trace.run"},
      {"profile", "Profile.runctx"},
      {"cProfile", "run"},
      {"lib2to3.pgen2.grammar", "Grammar.loads"},
      {"lib2to3.pgen2.pgen", "ParserGenerator.make_label"},
      {"idlelib.pyshell", "ModifiedInterpreter.runcode"},
      {"idlelib.calltip", "get_entity"},
      {"idlelib.run", "Executive.runcode"},
      {"idlelib.autocomplete", "AutoComplete.get_entity"},
      {"idlelib.debugobj", "ObjectTreeItem.SetText"},
      {"code", "InteractiveInterpreter.runcode"},
      {"ensurepip", "_run_pip"},
      {"doctest", "debug_script"},
      {"pty", "spawn"},
      {"ctypes", "CDLL"},
      {"distutils.file_util", "write_file"},
      {"numpy.f2py.crackfortran", "getlincoef"},
      {"_operator", "attrgetter"},
      {"operator", "methodcaller"},
      {"pkgutil", "resolve_name"},
      {"_io", "FileIO"},
      {"urllib.request", "urlopen"},
      {"logging", "FileHandler"},
      {"types", "CodeType"},
      {"types", "FunctionType"},
      {"cloudpickle.cloudpickle", "_make_function"},
      {"uuid", "_get_command_stdout"},
      {"_osx_support", "_read_output"},
      {"_aix_support", "_read_cmd_output"},
      {"imaplib", "IMAP4_stream"},
      {"_pyrepl.pager", "pipe_pager"},
      {"test.support.script_helper", "assert_python_ok"},
      {"runpy", "_run_code"},
      {"marshal", "loads"},
      {"importlib", "import_module"},
      {"multiprocessing.util", "spawnv_passfds"},
      {"builtins", "__import__"},
      {"_interpreters", "run_string"},
      {"_xxsubinterpreters", "create"},
      {"smtplib", "SMTP"},
      {"telnetlib", "Telnet"},
      {"mlflow.projects.backend.local", "_run_entry_point"},
      {"transformers.dynamic_module_utils", "get_class_from_dynamic_module"},
      {"pandas", "read_csv"},
      {"typing", "_eval_type"},
      {"pathlib", "Path.write_text"},
      {"dataclasses", "_create_fn"},
      {"logging.config", "_resolve"},
      {"fickling.hook", "remove_hook"},
      {"picklescan.scanner", "scan_file_path"},
      {"torch.hub", "load"},
      {"torch.ops", "load_library"},
      {"torch.utils.cpp_extension", "load_inline"},
      {"numpy.testing._private.utils", "runstring"},
      {"numpy.distutils.exec_command", "exec_command"},
      {"unittest.mock", "_importer"},
      {"rlcompleter", "Completer.attr_matches"},
      {"sqlite3", "connect"},
      {"zipfile", "ZipFile"},
      {"requests.api", "get"},
      {"dill._dill", "_create_function"},
      {"joblib", "load"},
      {"pandas.io.pickle", "read_pickle"},
  };
  for (const auto& [module, name] : gadgets) {
    EXPECT_EQ(look_up(module, name).trust, Trust::Dangerous) << module << " " << name;
    EXPECT_NE(look_up(module, name).effect, Effect::None) << module << " " << name;
  }
}

TEST(Callables, EffectsAreTheOnesOfTheGadget) {
  EXPECT_EQ(look_up("os", "system").effect, Effect::Execute);
  EXPECT_EQ(look_up("posix", "system").effect, Effect::Execute);
  EXPECT_EQ(look_up("builtins", "eval").effect, Effect::Evaluate);
  EXPECT_EQ(look_up("ctypes", "CDLL").effect, Effect::NativeLoad);
  EXPECT_EQ(look_up("socket", "create_connection").effect, Effect::Network);
  EXPECT_EQ(look_up("shutil", "rmtree").effect, Effect::FileWrite);
  EXPECT_EQ(look_up("builtins", "getattr").effect, Effect::Attribute);
  EXPECT_EQ(look_up("_pickle", "loads").effect, Effect::Unpickle);
  EXPECT_EQ(look_up("os", "getenv").effect, Effect::Environment);
  EXPECT_EQ(look_up("importlib", "import_module").effect, Effect::Import);
  EXPECT_EQ(look_up("builtins", "map").effect, Effect::Deferred);
  EXPECT_EQ(look_up("sys", "setrecursionlimit").effect, Effect::Tamper);
  EXPECT_EQ(look_up("torch.storage", "_load_from_bytes").effect, Effect::Unpickle);
}

TEST(Callables, UnlistedNamesOfTheStandardLibraryAreDangerous) {
  EXPECT_EQ(look_up("heapq", "heappush").trust, Trust::Dangerous);
  EXPECT_EQ(look_up("heapq", "heappush").effect, Effect::Unlisted);
  EXPECT_EQ(look_up("collections", "OrderedDict.fromkeys").trust, Trust::Dangerous);
  EXPECT_EQ(look_up("builtins", "str.format").trust, Trust::Dangerous);
}

TEST(Callables, WhatNobodyKnowsIsUnknown) {
  EXPECT_EQ(look_up("my_project.model", "Net").trust, Trust::Unknown);
  EXPECT_EQ(look_up("", "").trust, Trust::Unknown);
  EXPECT_EQ(look_up("torch.nn.modules.future", "BrandNew").trust, Trust::Unknown);
  EXPECT_EQ(look_up("pipeline.steps", "Step").trust, Trust::Unknown);  // only the package pip is pip
}

TEST(Callables, FunctionsOfMachineLearningPackagesAreNotVouchedForByTheirPackage) {
  EXPECT_EQ(look_up("numpy.random.whatever", "run_it").trust, Trust::Dangerous);
  EXPECT_EQ(look_up("torch.some.module", "call_this").trust, Trust::Dangerous);
  EXPECT_EQ(look_up("sklearn.nowhere", "Estimator.fit").trust, Trust::Dangerous);
}

// What torch.load(weights_only=True) of PyTorch 2.9 accepts without registration.
TEST(Callables, EveryNameOfTheWeightsOnlyListIsKnown) {
  std::vector<Name> names = {{"collections", "OrderedDict"},
                             {"collections", "Counter"},
                             {"torch.nn.parameter", "Parameter"},
                             {"torch.serialization", "_get_layout"},
                             {"torch", "Size"},
                             {"torch", "Tensor"},
                             {"torch", "device"},
                             {"_codecs", "encode"},
                             {"builtins", "bytearray"},
                             {"builtins", "set"},
                             {"builtins", "complex"},
                             {"torch._tensor", "_rebuild_from_type_v2"},
                             {"torch.storage", "TypedStorage"},
                             {"torch.storage", "UntypedStorage"}};
  for (const char* name :
       {"_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_qtensor", "_rebuild_tensor",
        "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_sparse_tensor",
        "_rebuild_meta_tensor_no_storage", "_rebuild_wrapper_subclass", "_rebuild_device_tensor_from_numpy",
        "_rebuild_device_tensor_from_cpu_tensor"})
    names.emplace_back("torch._utils", name);
  for (const char* name :
       {"float32", "bfloat16", "qint8", "uint16", "float8_e4m3fn", "int4", "uint7", "complex64",
        "FloatStorage", "QUInt2x4Storage", "LongTensor", "per_channel_affine_float_qparams"})
    names.emplace_back("torch", name);
  for (const auto& [module, name] : names) {
    const Callable found = look_up(module, name);
    EXPECT_EQ(found.trust, Trust::Safe) << module << " " << name;
    EXPECT_TRUE(found.weights_only) << module << " " << name;
  }
  EXPECT_FALSE(look_up("numpy.core.multiarray", "_reconstruct").weights_only);
  EXPECT_FALSE(look_up("torch.nn.modules.linear", "Linear").weights_only);
}

TEST(Callables, WhatRealModelsNameIsSafe) {
  const std::vector<Name> called = {
      {"builtins", "set"},
      {"builtins", "range"},
      {"datetime", "datetime"},
      {"decimal", "Decimal"},
      {"argparse", "Namespace"},
      {"copyreg", "_reconstructor"},
      {"numpy.core.multiarray", "_reconstruct"},
      {"numpy._core.multiarray", "scalar"},
      {"numpy.random._pickle", "__randomstate_ctor"},
      {"numpy", "dtype"},
      {"joblib.numpy_pickle", "NumpyArrayWrapper"},
      {"pandas.core.indexes.base", "_new_Index"},
      {"sklearn.tree._tree", "Tree"},
      {"torch.jit._pickle", "build_intlist"},
      {"logging", "getLogger"},
      {"re", "_compile"},
  };
  for (const auto& [module, name] : called)
    EXPECT_TRUE(look_up(module, name).contract.call) << module << " " << name;
  const std::vector<Name> built = {
      {"torch.nn.modules.linear", "Linear"},
      {"torch.nn.modules.rnn", "LSTM"},
      {"torch.nn.modules.container", "Sequential"},
      {"torch.nn.modules.activation", "MultiheadAttention"},
      {"torch.optim.adam", "Adam"},
      {"torchvision.models.resnet", "ResNet"},
      {"sklearn.pipeline", "Pipeline"},
      {"sklearn.linear_model._logistic", "LogisticRegression"},
      {"sklearn.ensemble._forest", "RandomForestClassifier"},
      {"sklearn.compose._column_transformer", "ColumnTransformer"},
      {"xgboost.sklearn", "XGBClassifier"},
      {"lightgbm.basic", "Booster"},
      {"pandas.core.frame", "DataFrame"},
      {"scipy.sparse._csr", "csr_matrix"},
      {"ultralytics.nn.tasks", "DetectionModel"},
      {"transformers.models.bert.modeling_bert", "BertModel"},
  };
  for (const auto& [module, name] : built) {
    EXPECT_TRUE(look_up(module, name).contract.build) << module << " " << name;
    EXPECT_TRUE(look_up(module, name).contract.make) << module << " " << name;
  }
}

TEST(Callables, SeparatorsInsideAHostileNameReachNoColumn) {
  EXPECT_EQ(look_up("numpy", "ndarray\tsafe").trust, Trust::Unknown);
  EXPECT_EQ(look_up("numpy\tndarray", "safe").trust, Trust::Unknown);
  EXPECT_EQ(look_up("os\nnumpy", "ndarray").trust, Trust::Unknown);
  EXPECT_NE(look_up("numpy", std::string(100'000, 'x')).trust, Trust::Safe);
  EXPECT_NE(look_up(std::string(100'000, '.'), "x").trust, Trust::Safe);
  EXPECT_NE(look_up("numpy", "*").trust, Trust::Safe);
}

}  // namespace
}  // namespace bulwark::scan
