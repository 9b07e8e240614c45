#pragma once
// What a machine-learning pipeline is made of, as far as a threat assessment has to know.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::assess {

// In the order of a pipeline, which is the order of reports. A kind without its detector does not link.
#define BULWARK_COMPONENT_KINDS(X)                                                                          \
  X(DataSource, data_source, "data-source", "data sources",                                                 \
    "addresses of buckets, databases, streams and files in code and configuration")                         \
  X(Dataset, dataset, "dataset", "data sets in the tree", "tables and records kept beside the code")        \
  X(MediaInput, media_input, "media-input", "images, sound and video",                                      \
    "libraries that read what sensors see and hear")                                                        \
  X(DataVersioning, data_versioning, "data-versioning", "data versioning", "DVC, lakeFS, Delta, Git LFS")   \
  X(FeatureStore, feature_store, "feature-store", "feature stores", "Feast, Tecton, Hopsworks")             \
  X(Notebook, notebook, "notebook", "notebooks", "Jupyter notebooks and servers")                           \
  X(Training, training, "training", "training code", "calls that fit a model, by framework")                \
  X(PretrainedModel, pretrained_model, "pretrained-model", "models taken from outside",                     \
    "downloads from model hubs and addresses")                                                              \
  X(Orchestrator, orchestrator, "orchestrator", "orchestrators",                                            \
    "Airflow, Kubeflow, Argo, Prefect, Dagster, Flyte, Metaflow, ZenML")                                    \
  X(Compute, compute, "compute", "compute clusters", "Ray, Spark, Dask, training operators, cloud jobs")    \
  X(Tracking, tracking, "tracking", "experiment tracking",                                                  \
    "MLflow, Weights & Biases, Comet, Neptune, ClearML, TensorBoard")                                       \
  X(Registry, registry, "registry", "model registries", "MLflow, hubs and cloud registries")                \
  X(ModelFile, model_file, "model-file", "model files", "files by their content, and code that loads some") \
  X(Dependencies, dependencies, "dependencies", "dependencies", "requirement and lock files")               \
  X(Container, container, "container", "containers", "Dockerfiles and compose files")                       \
  X(Ci, ci, "ci", "continuous integration", "GitHub Actions, GitLab CI, Jenkins, Tekton and others")        \
  X(Kubernetes, kubernetes, "kubernetes", "Kubernetes", "manifests, Helm charts, kustomizations")           \
  X(Infrastructure, infrastructure, "infrastructure", "infrastructure as code",                             \
    "Terraform, CloudFormation, Pulumi, Ansible")                                                           \
  X(Serving, serving, "serving", "model serving",                                                           \
    "KServe, Triton, TorchServe, Ray Serve, vLLM, TGI, BentoML, web frameworks")                            \
  X(VectorStore, vector_store, "vector-store", "vector stores", "stores and retrieval for generation")      \
  X(Llm, llm, "llm", "language models", "clients and libraries of language models")                         \
  X(Prompt, prompt, "prompt", "prompts", "prompt files and templates")                                      \
  X(Agent, agent, "agent", "agents", "agent frameworks, rules files of coding assistants")                  \
  X(AgentTool, agent_tool, "agent-tool", "tools of agents", "MCP servers, tool functions, skills")          \
  X(AgentMemory, agent_memory, "agent-memory", "memory of agents", "stores that outlive a conversation")    \
  X(Secrets, secrets, "secrets", "secrets", "stores, files and variables that hold secrets")                \
  X(Monitoring, monitoring, "monitoring", "monitoring", "drift, quality, metrics and traces")               \
  X(Feedback, feedback, "feedback", "feedback loops", "what users send that is trained on again")           \
  // end of list: one X(Enumerator, file, "id", "title", "what is looked for") a kind

enum class Kind : std::uint8_t {
#define BULWARK_KIND(enumerator, file, id, title, looks_for) enumerator,
  BULWARK_COMPONENT_KINDS(BULWARK_KIND)
#undef BULWARK_KIND
};

struct KindInfo {
  Kind kind;
  std::string_view id;         // in inventories and reports: "vector-store"
  std::string_view title;      // for people: "vector stores"
  std::string_view looks_for;  // what its detector looks for
};

// Every kind, in order.
[[nodiscard]] std::span<const KindInfo> kinds();
[[nodiscard]] const KindInfo& info(Kind kind);
[[nodiscard]] std::optional<Kind> kind_from(std::string_view id);

enum class Confidence : std::uint8_t {
  Possible,  // a dependency is named; whether it is used was not seen
  Likely,    // a name or an import says so
  Sure,      // its structure was read: a manifest, a call, a file's content
};
[[nodiscard]] std::string_view name_of(Confidence confidence);  // "possible", "likely", "sure"

// From where the component can be reached. What a repository shows is an estimate; an inventory can say
// better.
enum class Exposure : std::uint8_t { Unknown, Internal, Network, Public };
[[nodiscard]] std::string_view name_of(Exposure exposure);  // "unknown", "internal", "network", "public"
[[nodiscard]] std::optional<Exposure> exposure_from(std::string_view name);

// Where something was seen.
struct Sighting {
  Confidence confidence = Confidence::Possible;
  std::string path;        // below the assessed tree, '/'-separated
  std::uint32_t line = 0;  // from 1; 0: the file as a whole
  std::string text;        // the line, printable, secrets masked; may be empty
  std::string why;         // what it shows
};

struct Component {
  Kind kind = Kind::Dataset;
  std::string name;  // printable; one component per kind and name
  Confidence confidence = Confidence::Possible;
  Exposure exposure = Exposure::Unknown;
  std::vector<Sighting> seen;  // the surest first, then by path and line; at most kSightings
  std::uint32_t times = 0;     // sightings in all
  bool declared = false;       // stands in the inventory
  bool discovered = false;     // was found in the tree
  std::string note;            // from the inventory
};

// Places kept for one component: more say nothing new.
inline constexpr std::size_t kSightings = 12;

}  // namespace bulwark::assess
