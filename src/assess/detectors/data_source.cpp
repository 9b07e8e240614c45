// Where data come from: libraries that fetch them, and addresses in code and configuration.

#include <algorithm>
#include <array>

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Import, "pyspark.sql", "Spark tables"},
    {In::Import, "kafka", "Kafka"},
    {In::Import, "confluent_kafka", "Kafka"},
    {In::Import, "aiokafka", "Kafka"},
    {In::Import, "snowflake", "Snowflake"},
    {In::Import, "google.cloud.bigquery", "BigQuery"},
    {In::Import, "google.cloud.storage", "Google Cloud Storage"},
    {In::Import, "pymongo", "MongoDB"},
    {In::Import, "azure.storage", "Azure storage"},
    {In::Call, "pandas.read_sql", "SQL database"},
    {In::Call, "pandas.read_sql_query", "SQL database"},
    {In::Call, "pandas.read_sql_table", "SQL database"},
    {In::Call, "sqlalchemy.create_engine", "SQL database"},
    {In::Call, "psycopg2.connect", "SQL database"},
    {In::Call, "psycopg.connect", "SQL database"},
    {In::Call, "datasets.load_dataset", "Hugging Face datasets"},
    {In::Call, "tensorflow_datasets.load", "TensorFlow datasets"},
    {In::Call, "kagglehub.dataset_download", "Kaggle"},
    {In::Call, "kaggle.api.dataset_download_files", "Kaggle"},
    {In::Call, "sklearn.datasets.fetch_openml", "scikit-learn datasets"},
    {In::Call, "langchain_community.document_loaders.WebBaseLoader", "web pages"},
    {In::Call, "langchain_community.document_loaders.RecursiveUrlLoader", "web pages"},
    {In::Call, "langchain_community.document_loaders.SitemapLoader", "web pages"},
    {In::Call, "langchain_community.document_loaders.FireCrawlLoader", "web pages"},
    {In::Call, "langchain_community.document_loaders.ConfluenceLoader", "Confluence"},
    {In::Call, "langchain_community.document_loaders.SlackDirectoryLoader", "Slack"},
    {In::Call, "langchain_community.document_loaders.NotionDBLoader", "Notion"},
    {In::Call, "langchain_community.document_loaders.DirectoryLoader", "documents"},
    {In::Call, "langchain_community.document_loaders.PyPDFLoader", "documents"},
    {In::Call, "llama_index.core.SimpleDirectoryReader", "documents"},
    {In::Config, "bootstrap_servers", "Kafka"},
    {In::Config, "bootstrap.servers", "Kafka"},
};

struct Scheme {
  std::string_view start;
  bool always;  // else only where data are read, or where the address ends like data
};
constexpr std::array<Scheme, 19> kSchemes = {{
    {"s3://", true},        {"s3a://", true},      {"gs://", true},         {"abfs://", true},
    {"abfss://", true},     {"wasbs://", true},    {"hdfs://", true},       {"postgresql://", true},
    {"postgres://", true},  {"mysql://", true},    {"mongodb://", true},    {"mongodb+srv://", true},
    {"snowflake://", true}, {"redshift://", true}, {"clickhouse://", true}, {"kafka://", true},
    {"ftp://", true},       {"http://", false},    {"https://", false},
}};
constexpr std::array<std::string_view, 11> kDataEnds = {
    ".csv", ".tsv", ".parquet", ".jsonl", ".json", ".zip", ".tar.gz", ".arrow", ".avro", ".npz", ".xlsx"};

bool reads_data(std::string_view callee) {
  return callee.starts_with("pandas.read_") || callee.starts_with("polars.read_") ||
         callee.starts_with("polars.scan_") || callee.find("urlretrieve") != std::string_view::npos;
}

// "s3://bucket", "postgresql://host:5432", "http://host": who holds the data, without user, password and
// path.
std::string holder_of(std::string_view address, std::size_t scheme) {
  std::size_t end = scheme;
  while (end < address.size() &&
         std::string_view("/ \t\"'`?#,;)]}<>|").find(address[end]) == std::string_view::npos)
    ++end;
  std::string_view host = address.substr(scheme, end - scheme);
  const std::size_t user = host.rfind('@');
  if (user != std::string_view::npos) host.remove_prefix(user + 1);
  if (host.empty() || host.find_first_of("{$%(") != std::string_view::npos) return {};
  return std::string(address.substr(0, scheme)) + std::string(host);
}

void look_at(const File& file, std::string_view text, std::uint32_t line, std::string_view evidence,
             bool data, Findings& findings) {
  for (const Scheme& scheme : kSchemes) {
    for (std::size_t at = text.find(scheme.start); at != std::string_view::npos;
         at = text.find(scheme.start, at + 1)) {
      if (at > 0 && ((text[at - 1] >= 'a' && text[at - 1] <= 'z') || text[at - 1] == '+')) continue;
      const std::string_view address = text.substr(at);
      const std::string_view whole = address.substr(0, address.find_first_of(" \t\"'"));
      if (!scheme.always && !data &&
          std::ranges::none_of(kDataEnds, [&](std::string_view end) { return whole.ends_with(end); }))
        continue;
      std::string holder = holder_of(address, scheme.start.size());
      if (!holder.empty())
        findings.add(Kind::DataSource, std::move(holder), Confidence::Likely, file, line, evidence,
                     "holds an address of data");
    }
  }
}

void look(const File& file, Findings& findings) {
  for (const PythonText& text : file.python.texts)
    look_at(file, text.text, text.line, text.text, reads_data(text.callee), findings);
  for (std::size_t i = 0; i < file.lines.size(); ++i)
    if (file.lines[i].find("://") != std::string_view::npos)
      look_at(file, file.lines[i], static_cast<std::uint32_t>(i + 1), file.lines[i], false, findings);
}

}  // namespace

const Detector data_source{.kind = Kind::DataSource, .markers = kMarkers, .look = look};

}  // namespace bulwark::assess::detectors
