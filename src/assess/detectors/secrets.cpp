// Where secrets are kept, and where they are handed over. Their values are never shown.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Path, ".env", "environment files"},
    {In::Path, ".env.*", "environment files"},
    {In::Path, "*.pem", "key files"},
    {In::Path, "*.key", "key files"},
    {In::Path, "*.p12", "key files"},
    {In::Path, "*.pfx", "key files"},
    {In::Path, "id_rsa", "key files"},
    {In::Path, "id_ed25519", "key files"},
    {In::Path, ".netrc", "key files"},
    {In::Path, "kaggle.json", "key files"},
    {In::Path, "credentials.json", "key files"},
    {In::Path, "service-account*.json", "key files"},
    {In::Object, "/Secret", "Kubernetes secrets"},
    {In::Object, "external-secrets.io/*", "External Secrets"},
    {In::Object, "bitnami.com/SealedSecret", "Sealed Secrets"},
    {In::Config, "secretkeyref", "Kubernetes secrets"},
    {In::Import, "hvac", "HashiCorp Vault"},
    {In::Config, "vault_addr", "HashiCorp Vault"},
    {In::Config, "hashicorp/vault", "HashiCorp Vault"},
    {In::Import, "google.cloud.secretmanager", "cloud secret manager"},
    {In::Import, "azure.keyvault", "cloud secret manager"},
    {In::Config, "sops", "SOPS"},
    {In::Config, "/run/secrets", "mounted secrets"},
    {In::Call, "airflow.models.Variable.get", "Airflow variables"},
    {In::Call, "airflow.sdk.Variable.get", "Airflow variables"},
    {In::Config, "${{ secrets.", "secrets of CI"},
    {In::Config, "aws_secret_access_key", "secrets in configuration"},
    {In::Config, "postgres_password", "secrets in configuration"},
    {In::Config, "minio_root_password", "secrets in configuration"},
    {In::Config, "mlflow_tracking_password", "secrets in configuration"},
    {In::Config, "openai_api_key", "secrets in configuration"},
    {In::Config, "admin_password", "secrets in configuration"},
    {In::Config, "anthropic_api_key", "secrets in configuration"},
    {In::Config, "hf_token", "secrets in configuration"},
    {In::Config, "wandb_api_key", "secrets in configuration"},
};

}  // namespace

const Detector secrets{.kind = Kind::Secrets, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
