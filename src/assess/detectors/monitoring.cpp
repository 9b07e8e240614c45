// What watches data, models and services.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Import, "evidently", "Evidently"},
    {In::Import, "whylogs", "whylogs"},
    {In::Import, "nannyml", "NannyML"},
    {In::Import, "alibi_detect", "Alibi Detect"},
    {In::Import, "great_expectations", "Great Expectations"},
    {In::Import, "pandera", "Pandera"},
    {In::Import, "prometheus_client", "Prometheus"},
    {In::Import, "prometheus_fastapi_instrumentator", "Prometheus"},
    {In::Object, "monitoring.coreos.com/*", "Prometheus"},
    {In::Config, "prom/prometheus", "Prometheus"},
    {In::Path, "prometheus.y*ml", "Prometheus"},
    {In::Config, "grafana/grafana", "Grafana"},
    {In::Import, "opentelemetry", "OpenTelemetry"},
    {In::Import, "langfuse", "Langfuse"},
    {In::Import, "langsmith", "LangSmith"},
    {In::Import, "arize", "Arize"},
    {In::Import, "phoenix", "Arize"},
    {In::Import, "fiddler", "Fiddler"},
    {In::Import, "sentry_sdk", "Sentry"},
    {In::Package, "evidently", "Evidently"},
    {In::Package, "langfuse", "Langfuse"},
};

}  // namespace

const Detector monitoring{.kind = Kind::Monitoring, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
