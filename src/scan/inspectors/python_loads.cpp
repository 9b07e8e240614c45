// What Python code loads, fetches and unpacks: BW-PY-101 … 106, 112 … 114.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "scan/inspectors/python_code.h"

namespace bulwark::scan::inspectors {
namespace {

using python::Argument;
using python::CallSite;
using python::Syntax;
using python::Value;

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string_view last_of(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}
std::string_view first_of(std::string_view name) {
  return name.substr(0, name.find('.'));
}

bool is_commit(const Argument* argument) {
  if (argument == nullptr || !argument->value.text) return false;
  const std::string& text = *argument->value.text;
  return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_local_host(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.starts_with("localhost") || url.starts_with("127.") || url.starts_with("[::1]") ||
         url.starts_with("0.0.0.0");
}

// The first argument, or the one of that keyword, if it is a constant text.
const std::string* text_argument(const CallSite& call, std::string_view keyword, int index) {
  const Argument* argument = call.argument(keyword, index);
  return argument == nullptr || !argument->value.text ? nullptr : argument->value.text.get();
}

// Functions that unpickle whatever they are given.
constexpr std::array<std::string_view, 33> kUnpicklers = {"pickle.load",
                                                          "pickle.loads",
                                                          "pickle.Unpickler",
                                                          "_pickle.load",
                                                          "_pickle.loads",
                                                          "cPickle.load",
                                                          "cPickle.loads",
                                                          "cPickle.Unpickler",
                                                          "six.moves.cPickle.load",
                                                          "six.moves.cPickle.loads",
                                                          "pickle5.load",
                                                          "pickle5.loads",
                                                          "dill.load",
                                                          "dill.loads",
                                                          "dill.load_session",
                                                          "dill.load_module",
                                                          "cloudpickle.load",
                                                          "cloudpickle.loads",
                                                          "ray.cloudpickle.load",
                                                          "ray.cloudpickle.loads",
                                                          "joblib.load",
                                                          "sklearn.externals.joblib.load",
                                                          "shelve.open",
                                                          "pandas.read_pickle",
                                                          "compress_pickle.load",
                                                          "compress_pickle.loads",
                                                          "jsonpickle.decode",
                                                          "jsonpickle.loads",
                                                          "fastai.learner.load_learner",
                                                          "fastai.vision.all.load_learner",
                                                          "fastai.basics.load_learner",
                                                          "fastai.tabular.all.load_learner",
                                                          "hickle.load"};

constexpr std::array<std::string_view, 8> kSafeLoaders = {
    "SafeLoader", "CSafeLoader", "BaseLoader",      "CBaseLoader",
    "FullLoader", "CFullLoader", "RoundTripLoader", "SafeUnknownLoader"};

// Folders that people save models to: "models/bert" is no repository of a hub.
constexpr std::array<std::string_view, 24> kLocalFolders = {
    "model", "models", "output",      "outputs",    "checkpoint", "checkpoints", "ckpt",  "ckpts",
    "data",  "saved",  "save",        "results",    "result",     "artifacts",   "runs",  "weights",
    "logs",  "tmp",    "experiments", "pretrained", "finetuned",  "trained",     "build", "exports"};
// First models of the hub have no owner in their name.
constexpr std::array<std::string_view, 15> kOldNames = {
    "bert-", "gpt2",   "t5-",        "roberta-",   "distilbert-", "distilgpt2", "distilroberta-", "albert-",
    "xlm-",  "xlnet-", "openai-gpt", "camembert-", "electra-",    "all-MiniLM", "all-mpnet"};

// Looks like a repository of a hub rather than a folder: "owner/name" or a well-known name.
bool is_hub_name(std::string_view name) {
  if (name.empty() || name.size() > 120) return false;
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") !=
      std::string_view::npos)
    return false;
  if (name.starts_with('.') || name.starts_with('/') || name.ends_with('/')) return false;
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos)
    return std::ranges::any_of(kOldNames, [&](std::string_view old) { return name.starts_with(old); });
  if (name.find('/', slash + 1) != std::string_view::npos) return false;
  if (name.ends_with(".pt") || name.ends_with(".bin") || name.ends_with(".json") || name.ends_with(".txt"))
    return false;
  const std::string owner = lower(name.substr(0, slash));
  return !contains(kLocalFolders, owner) && owner.find("_dir") == std::string::npos &&
         owner.find("output") == std::string::npos && owner.find("checkpoint") == std::string::npos;
}

bool is_http_client(const CallSite& call) {
  constexpr std::array<std::string_view, 12> kClients = {
      "requests",      "httpx",        "aiohttp", "urllib3",  "boto3",     "botocore",
      "elasticsearch", "opensearchpy", "hvac",    "niquests", "curl_cffi", "huggingface_hub"};
  const std::string& name = call.name();
  if (contains(kClients, first_of(name))) return true;
  constexpr std::array<std::string_view, 9> kMethods = {"get",  "post",    "put",     "delete", "patch",
                                                        "head", "request", "options", "Client"};
  if (!contains(kMethods, last_of(name))) return false;
  const std::string receiver =
      lower(name.substr(0, name.rfind('.') == std::string::npos ? 0 : name.rfind('.')));
  return receiver.ends_with("session") || receiver.ends_with("client") || receiver.ends_with("http") ||
         receiver.ends_with("requests");
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  bool blank = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!space) {
      if (blank && !line.empty() && line.back() != '(' && c != ')') line += ' ';
      line += c;
    }
    blank = space;
    if (line.size() > 400) break;
  }
  return line;
}

std::string written_call(const CallSite& call) {
  if (call.chain == 0) return call.name() + "(…)";
  const auto& begin = call.tree.token(call.chain);
  const auto& end = call.tree.tokens[call.tree.at(call.part).end - 1];
  return one_line(call.tree.source.substr(begin.offset, end.offset + end.text.size() - begin.offset));
}

std::string corrected_call(const CallSite& call, std::string_view keyword, std::string_view value) {
  const std::string wanted = std::string(keyword) + "=" + std::string(value);
  std::string text = written_call(call);
  if (text.size() > 120 || call.chain == 0) return "write `" + wanted + "` in the call";
  if (const Argument* old = call.argument(keyword); old != nullptr) {
    const std::string was = std::string(keyword) + "=" + one_line(call.tree.written(old->node));
    if (const std::size_t at = text.find(was); at != std::string::npos)
      return "write `" + text.replace(at, was.size(), wanted) + "` instead";
    return "write `" + wanted + "` in the call";
  }
  if (!text.ends_with(')')) return "write `" + wanted + "` in the call";
  text.pop_back();
  while (text.ends_with(',') || text.ends_with(' ')) text.pop_back();
  return "write `" + text + (text.ends_with('(') ? "" : ", ") + wanted + ")` instead";
}

void CodeJudge::report(const Rule& rule, const CallSite& call, std::string message, Severity severity,
                       std::vector<Edit> edits) {
  raise_(rule, call.place,
         {.message = std::move(message),
          .evidence = written_call(call),
          .subject = call.name(),
          .severity = severity,
          .edits = std::move(edits)});
}

void CodeJudge::called(const CallSite& call) {
  const std::string& name = call.name();
  if (name.starts_with("hashlib.") || name.ends_with("hexdigest")) hashes_ = true;
  loads(call);
  hub(call);
  transport(call);
  archives(call);
  downloads(call);
  native(call);
  runs(call);
  applies(call);
  steers(call);
  tools(call);
  servers(call);
  installs(call);
  images(call);
  for (const Argument& argument : call.arguments)
    if (argument.value.text) credential_path(call.place, *argument.value.text);
}

void CodeJudge::loads(const CallSite& call) {
  const std::string& name = call.name();
  if (call.callee.dotted.empty() && call.callee.from.empty() && !name.ends_with("load_local")) return;
  if (name == "torch.load") return torch_load(call);
  if (name.starts_with("yaml.") || name.starts_with("ruamel.yaml.")) return yaml_load(call);
  if (contains(kUnpicklers, name)) {
    // A copy by pickling reads what it has just written.
    if (!call.arguments.empty() && call.arguments[0].value.from.ends_with(".dumps()")) return;
    const bool remote = !call.arguments.empty() &&
                        (call.arguments[0].value.taint.remote || call.arguments[0].value.taint.input);
    return report(kUnsafeLoad, call,
                  name + (remote ? " unpickles what comes from the network" : " runs what the pickle names") +
                      "; keep the data in a format without code (safetensors, npz, parquet, skops)",
                  remote ? Severity::Critical : Severity::High);
  }
  if ((name == "numpy.load" || name == "numpy.lib.npyio.load") && call.says("allow_pickle", "True"))
    return report(
        kUnsafeLoad, call,
        "allow_pickle=True unpickles object arrays; " + corrected_call(call, "allow_pickle", "False"),
        Severity::High, mended_call(call, "allow_pickle", "False"));
  if (call.says("safe_mode", "False") && name.find("load_model") != std::string::npos)
    return report(
        kUnsafeLoad, call,
        "safe_mode=False runs the lambdas inside the model; " + corrected_call(call, "safe_mode", "True"),
        Severity::High, mended_call(call, "safe_mode", "True"));
  if (name.ends_with("enable_unsafe_deserialization"))
    return report(kUnsafeLoad, call,
                  "every Keras model that is loaded from here on may run its lambdas; remove the call",
                  Severity::High);
  if (call.says("allow_dangerous_deserialization", "True"))
    return report(kUnsafeLoad, call,
                  "allow_dangerous_deserialization=True unpickles the index; rebuild it or keep it where "
                  "only this service writes",
                  Severity::High);
  if (last_of(name) == "load_from_checkpoint" && call.says("weights_only", "False"))
    return report(kUnsafeLoad, call,
                  "weights_only=False unpickles; " + corrected_call(call, "weights_only", "True"),
                  Severity::High, mended_call(call, "weights_only", "True"));
  if (name == "mlflow.pyfunc.load_model" || name == "mlflow.sklearn.load_model") {
    const std::string* uri = text_argument(call, "model_uri", 0);
    if (uri != nullptr &&
        (uri->starts_with("http://") || uri->starts_with("https://") || uri->starts_with("ftp")))
      report(kUnsafeLoad, call,
             "an MLflow model is Python code, and this one comes from an address; load it from the registry "
             "by version",
             Severity::High);
  }
  if (name == "skops.io.load" && call.says("trusted", "True"))
    report(kUnsafeLoad, call, "trusted=True loads every type; " + corrected_call(call, "trusted", "[…]"),
           Severity::High);
}

void CodeJudge::torch_load(const CallSite& call) {
  const Argument* only = call.argument("weights_only");
  if (only != nullptr) {
    if (only->value.word == "True") return;
    if (only->value.word == "False")
      return report(kUnsafeLoad, call,
                    "weights_only=False unpickles whatever the file names; " +
                        corrected_call(call, "weights_only", "True"),
                    Severity::High, mended_call(call, "weights_only", "True"));
    return report(kUnsafeLoad, call,
                  "whether torch.load unpickles is decided at run time; " +
                      corrected_call(call, "weights_only", "True"),
                  Severity::Low);
  }
  if (call.unpacks("**")) return;
  report(kUnsafeLoad, call,
         "torch.load unpickles whatever the file names, by default before PyTorch 2.6; " +
             corrected_call(call, "weights_only", "True"),
         Severity::High,
         // Both together are refused.
         call.argument("pickle_module") != nullptr ? std::vector<Edit>()
                                                   : mended_call(call, "weights_only", "True"));
}

void CodeJudge::yaml_load(const CallSite& call) {
  const std::string& name = call.name();
  if (name == "yaml.unsafe_load" || name == "yaml.unsafe_load_all")
    return report(kUnsafeLoad, call, name + " builds any Python object; write yaml.safe_load instead",
                  Severity::High,
                  mended_method(call, last_of(name), name.ends_with("_all") ? "safe_load_all" : "safe_load"));
  if (name == "ruamel.yaml.YAML") {
    const std::string* type = text_argument(call, "typ", 0);
    if (type != nullptr && *type == "unsafe")
      report(kUnsafeLoad, call,
             "typ='unsafe' builds any Python object; " + corrected_call(call, "typ", "'safe'"),
             Severity::High);
    return;
  }
  if (name != "yaml.load" && name != "yaml.load_all") return;
  const Argument* loader = call.argument("Loader", 1);
  if (loader != nullptr) {
    const std::string_view chosen = last_of(loader->value.name());
    // An own class: what it derives from is not followed.
    if (contains(kSafeLoaders, chosen) || loader->value.dotted.empty()) return;
    if (chosen != "Loader" && chosen != "CLoader" && chosen != "UnsafeLoader" && chosen != "CUnsafeLoader")
      return;
  } else if (call.unpacks("**")) {
    return;
  }
  report(kUnsafeLoad, call,
         "yaml.load without a safe loader builds any Python object; " +
             corrected_call(call, "Loader", "yaml.SafeLoader"),
         Severity::High,
         loader != nullptr ? mended_loader(call, *loader)
                           : mended_method(call, last_of(name), "safe_" + std::string(last_of(name))));
}

// Models and datasets of a hub: their code, and which version of them.
void CodeJudge::hub(const CallSite& call) {
  const std::string& name = call.name();
  const bool says_so = call.says("trust_remote_code", "True");
  bool hands_over = false;  // in a map of arguments
  for (const Argument& argument : call.arguments) {
    if (call.tree.kind(argument.node) != Syntax::Dict) continue;
    for (const python::NodeId pair : call.tree.children(argument.node)) {
      const python::NodeId key = call.tree.first(pair);
      const python::NodeId value = call.tree.next(key);
      hands_over = hands_over || (call.tree.kind(key) == Syntax::String &&
                                  call.tree.kind(value) == Syntax::Name && call.tree.text(value) == "True" &&
                                  python::literal_of(call.tree.text(key)).text == "trust_remote_code");
    }
  }
  const bool pinned = is_commit(call.argument("revision"));
  if (says_so || hands_over)
    report(kTrustRemoteCode, call,
           pinned ? "runs the Python code of the model's repository, at a pinned commit"
                  : "runs the Python code of the model's repository; " +
                        corrected_call(call, "trust_remote_code", "False"),
           pinned ? Severity::Medium : Severity::High,
           pinned || hands_over ? std::vector<Edit>() : mended_call(call, "trust_remote_code", "False"));
  if (name == "torch.hub.load" || name == "torch.hub.list" || name == "torch.hub.help")
    return torch_hub(call);
  const std::string_view method = last_of(name);
  const std::string* repository = nullptr;
  if (method == "from_pretrained") {
    repository = text_argument(call, "pretrained_model_name_or_path", 0);
  } else if (name == "huggingface_hub.hf_hub_download" || name == "huggingface_hub.snapshot_download" ||
             name == "huggingface_hub.cached_download") {
    repository = text_argument(call, "repo_id", 0);
  } else if (name == "datasets.load_dataset" || name == "sentence_transformers.SentenceTransformer" ||
             name == "sentence_transformers.CrossEncoder") {
    repository = text_argument(call, name == "datasets.load_dataset" ? "path" : "model_name_or_path", 0);
  } else if (name == "transformers.pipeline" || name == "vllm.LLM") {
    repository = text_argument(call, "model", name == "vllm.LLM" ? 0 : 1);
  }
  if (repository == nullptr || !is_hub_name(*repository) || pinned || call.says("local_files_only", "True") ||
      call.unpacks("**"))
    return;
  const Argument* revision = call.argument("revision");
  if (revision != nullptr && !revision->value.text) return;  // decided elsewhere
  report(
      kUnpinnedDownload, call,
      (revision == nullptr ? "takes whatever " + *repository + " holds today; "
                           : "revision " + *revision->value.text + " of " + *repository + " can be moved; ") +
          corrected_call(call, "revision", "\"<commit of 40 hex digits>\""),
      Severity::Medium);
}

void CodeJudge::torch_hub(const CallSite& call) {
  const std::string* repository = text_argument(call, "repo_or_dir", 0);
  const std::string* source = text_argument(call, "source", -1);
  if (repository == nullptr || (source != nullptr && *source == "local")) return;
  const std::size_t colon = repository->find(':');
  const std::string reference = colon == std::string::npos ? "" : repository->substr(colon + 1);
  const bool pinned =
      reference.size() == 40 && reference.find_first_not_of("0123456789abcdef") == std::string::npos;
  const bool trusts = call.says("trust_repo", "True");
  if (pinned && !trusts) return;
  report(kTorchHub, call,
         trusts ? "trust_repo=True runs " + *repository + " without asking; " +
                      corrected_call(call, "trust_repo", "\"check\"")
                : "runs hubconf.py of " + *repository + " as it is today; name a commit: \"" +
                      repository->substr(0, colon) + ":<40 hex digits>\"",
         trusts && !pinned ? Severity::High : Severity::Medium);
}

void CodeJudge::transport(const CallSite& call) {
  const std::string& name = call.name();
  if (name == "ssl._create_unverified_context" ||
      (name == "ssl._create_stdlib_context" && !call.says("cert_reqs", "ssl.CERT_REQUIRED")))
    return report(kNoTls, call, "accepts any certificate; write `ssl.create_default_context()` instead",
                  Severity::High);
  const Argument* required = call.argument("cert_reqs");
  const bool none = required != nullptr && (required->value.dotted == "ssl.CERT_NONE" ||
                                            (required->value.text && *required->value.text == "CERT_NONE"));
  std::string_view keyword = none ? "cert_reqs" : "";
  for (const std::string_view each : {"verify", "verify_ssl", "ssl", "verify_certs"})
    if (call.says(each, "False")) keyword = each;
  // These two mean nothing else, whoever is told so (loaders of documents, clients of vector stores).
  const bool clear = none || keyword == "verify_ssl" || keyword == "verify_certs";
  if (keyword.empty() || (!clear && !is_http_client(call))) return;
  if (!none && call.name().starts_with("aiohttp.") && keyword == "verify") return;
  bool local = false;
  for (const Argument& argument : call.arguments)
    local = local || (argument.value.text && argument.value.text->find("://") != std::string::npos &&
                      is_local_host(*argument.value.text));
  report(kNoTls, call,
         "accepts any certificate; " + corrected_call(call, keyword,
                                                      none                  ? "ssl.CERT_REQUIRED"
                                                      : keyword == "verify" ? "True"
                                                                            : "True"),
         local ? Severity::Low : Severity::High,
         local || none ? std::vector<Edit>() : mended_call(call, keyword, "True"));
}

void CodeJudge::archives(const CallSite& call) {
  const std::string_view method = call.method;
  if (method != "extractall" && method != "extract" && method != "unpack_archive" &&
      call.name() != "shutil.unpack_archive")
    return;
  const Argument* filter = call.argument("filter");
  const bool careless = filter != nullptr && filter->value.text && *filter->value.text == "fully_trusted";
  if ((filter != nullptr && !careless) || call.unpacks("**")) return;
  const std::string& from = call.name();
  if (from == "shutil.unpack_archive") {
    const std::string* format = text_argument(call, "format", 2);
    const std::string* file = text_argument(call, "filename", 0);
    const bool zip = (format != nullptr && *format == "zip") || (file != nullptr && file->ends_with(".zip"));
    if (!zip)
      report(kExtracts, call, "members may leave the folder; " + corrected_call(call, "filter", "\"data\""),
             Severity::Medium);
    return;
  }
  const std::string receiver = lower(call.subject.name());
  const bool tar = from.starts_with("tarfile.") ||
                   (call.subject.from.empty() && call.subject.dotted.empty() && method == "extractall" &&
                    (receiver.find("tar") != std::string::npos || receiver == "tf" || receiver == "tgz"));
  // One member by a fixed name goes where the name says.
  if (!tar || (method == "extract" && text_argument(call, "member", 0) != nullptr)) return;
  const bool chosen = call.argument("members", 1) != nullptr;
  report(kExtracts, call,
         std::string(chosen ? "members are chosen by hand, links and modes are not looked at; "
                            : "members named ../… or links leave the folder; ") +
             corrected_call(call, "filter", "\"data\""),
         chosen ? Severity::Low : Severity::High);
}

void CodeJudge::downloads(const CallSite& call) {
  const std::string& name = call.name();
  constexpr std::array<std::string_view, 12> kFiles = {"urllib.request.urlretrieve",
                                                       "urllib.urlretrieve",
                                                       "wget.download",
                                                       "gdown.download",
                                                       "pandas.read_csv",
                                                       "pandas.read_parquet",
                                                       "pandas.read_json",
                                                       "pandas.read_excel",
                                                       "pandas.read_table",
                                                       "datasets.load_dataset",
                                                       "numpy.genfromtxt",
                                                       "torch.hub.load_state_dict_from_url"};
  constexpr std::array<std::string_view, 6> kRequests = {
      "requests.get", "urllib.request.urlopen", "httpx.get",
      "httpx.stream", "requests.Session().get", "urllib2.urlopen"};
  const bool keras = name.ends_with("utils.get_file");
  const bool vision = name.starts_with("torchvision.datasets.utils.download") ||
                      name.ends_with("download_and_extract_archive");
  const bool file = contains(kFiles, name) || keras || vision;
  if (!file && !contains(kRequests, name)) return;
  const std::string* url = nullptr;
  for (const Argument& argument : call.arguments) {
    const Value& value = argument.value;
    if (value.text && (value.text->starts_with("http://") || value.text->starts_with("https://")))
      url = value.text.get();
  }
  if (url == nullptr || is_local_host(*url)) return;
  for (const std::string_view hash : {"file_hash", "md5_hash", "md5", "known_hash", "hash_prefix", "sha256"})
    if (const Argument* given = call.argument(hash);
        given != nullptr && given->value.word != "None" && given->value.word != "False")
      return;
  const bool plain = url->starts_with("http://");
  constexpr std::array<std::string_view, 20> kData = {
      ".csv", ".tsv", ".json", ".jsonl", ".parquet", ".zip", ".gz",  ".tgz", ".tar",  ".bz2",
      ".xz",  ".npz", ".npy",  ".h5",    ".pt",      ".pth", ".pkl", ".bin", ".onnx", ".txt"};
  const std::string_view path = std::string_view(*url).substr(0, url->find('?'));
  const bool data = std::ranges::any_of(kData, [&](std::string_view end) { return path.ends_with(end); });
  // A request may be for anything; only what names a data file counts as one.
  if (!file && !data) return;
  downloads_.push_back(
      {call.place,
       {.message = plain ? "fetches " + *url + " over http; write `https://` and compare its SHA-256"
                         : "nothing compares what " + *url + " delivers with a known SHA-256",
        .evidence = written_call(call),
        .subject = name,
        .severity = plain ? Severity::Medium : Severity::Low},
       plain});
}

void CodeJudge::native(const CallSite& call) {
  const std::string& name = call.name();
  std::string_view what;
  if (name.ends_with(".register_custom_ops_library") || name.ends_with(".register_custom_ops_libraries"))
    what = "ONNX Runtime loads a library of operators";
  if (name == "tensorflow.load_op_library" || name == "tensorflow.load_library")
    what = "TensorFlow loads a library of operators";
  if (name == "torch.ops.load_library" || name == "torch.classes.load_library")
    what = "PyTorch loads a library of operators";
  if (!what.empty())
    report(kOperatorLibrary, call, std::string(what) + " and runs its constructor", Severity::Medium);
  if (name == "tensorflow.py_function" || name == "tensorflow.numpy_function" ||
      name == "tensorflow.py_func" || name == "tensorflow.compat.v1.py_func")
    report(kOperatorLibrary, call,
           "the graph calls back into Python: a model saved with it needs this process", Severity::Info);
}

void CodeJudge::credential_path(const python::Token& at, const std::string& text) {
  if (text.size() < 6 || text.size() > 300 || text.find('\n') != std::string::npos ||
      text.find(' ') != std::string::npos)
    return;
  constexpr std::array<std::string_view, 13> kFiles = {"/.aws/credentials",
                                                       "/.ssh/id_",
                                                       "/.kaggle/kaggle.json",
                                                       "/.huggingface/token",
                                                       "/huggingface/token",
                                                       "/.config/gcloud/",
                                                       "/.kube/config",
                                                       "/.docker/config.json",
                                                       "/.git-credentials",
                                                       "/.netrc",
                                                       "/.pypirc",
                                                       "/.azure/accessTokens.json",
                                                       "/.databrickscfg"};
  const bool rooted = text[0] == '/' || text[0] == '~' || text.starts_with("C:\\") || text.starts_with("C:/");
  if (!rooted) return;
  const std::string small = lower(text);
  const bool key = small.ends_with(".json") && (small.find("service-account") != std::string::npos ||
                                                small.find("service_account") != std::string::npos ||
                                                small.find("credentials") != std::string::npos ||
                                                small.find("client_secret") != std::string::npos);
  const bool named = std::ranges::any_of(
      kFiles, [&](std::string_view file) { return small.find(file) != std::string::npos; });
  if (!key && !named) return;
  if (!paths_.insert(text).second) return;
  raise_(kCredentialPath, at,
         {.message = "names the credential file " + text,
          .evidence = text,
          .subject = text,
          .severity = Severity::Low});
}

void CodeJudge::assigned(const python::Tree& tree, python::NodeId target, const Value& value) {
  const python::Token& at = tree.token(target);
  if (value.text) credential_path(at, *value.text);
  if (tree.kind(target) != Syntax::Chain) return;
  const python::NodeId last = tree.last(target);
  const std::string written = one_line(tree.written(target));
  // A class that is a context of its own sets what its callers ask for, and so does a condition.
  if (written.starts_with("self.") && written.find('.', 5) == std::string::npos) return;
  if (value.choice) return;
  const auto raise = [&](std::string message, std::string evidence, Severity severity = Severity::High,
                         std::vector<Edit> edits = {}) {
    raise_(kNoTls, at,
           {.message = std::move(message),
            .evidence = std::move(evidence),
            .subject = written,
            .severity = severity,
            .edits = std::move(edits)});
  };
  if (tree.kind(last) == Syntax::Attribute) {
    const std::string_view attribute = tree.text(last);
    if (attribute == "_create_default_https_context" && value.dotted == "ssl._create_unverified_context")
      raise("every https connection of the program accepts any certificate; remove the line",
            written + " = ssl._create_unverified_context");
    if (attribute == "verify_mode" && value.dotted == "ssl.CERT_NONE")
      raise("accepts any certificate; write `" + written + " = ssl.CERT_REQUIRED` instead",
            written + " = ssl.CERT_NONE");
    if (attribute == "check_hostname" && value.word == "False")
      raise("accepts the certificate of any host; write `" + written + " = True` instead",
            written + " = False", Severity::Medium);
    const std::string receiver = lower(written);
    if (attribute == "verify" && value.word == "False" &&
        (receiver.find("session") != std::string::npos || receiver.find("client") != std::string::npos))
      raise("accepts any certificate; write `" + written + " = True` instead", written + " = False",
            Severity::High, switched_on(tree, target));
    return;
  }
  if (tree.kind(last) != Syntax::Item || !value.text || !written.starts_with("os.environ")) return;
  const bool off = (written.find("PYTHONHTTPSVERIFY") != std::string::npos && *value.text == "0") ||
                   (written.find("CURL_CA_BUNDLE") != std::string::npos && value.text->empty()) ||
                   (written.find("REQUESTS_CA_BUNDLE") != std::string::npos && value.text->empty()) ||
                   (written.find("GIT_SSL_NO_VERIFY") != std::string::npos && *value.text != "0");
  if (off)
    raise("programs of this environment accept any certificate; remove the line",
          written + " = \"" + *value.text + "\"");
}

bool is_test_code(const python::Tree& tree, const python::Program& program) {
  const bool imports = std::ranges::any_of(program.imports, [](std::string_view module) {
    const std::string_view top = first_of(module);
    return top == "pytest" || top == "unittest" || top == "nose" || top == "hypothesis";
  });
  if (!imports) return false;
  for (const python::Node& node : tree.nodes)
    if (node.kind == Syntax::Function && tree.tokens[node.token].text.starts_with("test")) return true;
  return false;
}

void CodeJudge::finish(const python::Program& program, bool hidden_code) {
  if (!hashes_)
    for (const Pending& pending : downloads_) raise_(kDataByHttp, pending.at, pending.details);
  if (!hidden_code) return;
  for (const python::Call& call : program.calls) {
    if (call.known.effect != Effect::Network || !call.taint.secret) continue;
    python::Token at;
    at.offset = call.offset;
    at.line = call.line;
    at.column = call.column;
    raise_(kSendsEnvironment, at,
           {.message = call.dotted + " sends what it reads from the environment",
            .evidence = call.dotted + "(" + call.arguments + ")",
            .subject = call.dotted});
  }
}

}  // namespace bulwark::scan::inspectors
