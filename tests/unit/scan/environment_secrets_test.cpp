#include "scan/knowledge/environment_secrets.h"

#include <gtest/gtest.h>

#include <string>

namespace bulwark::scan {
namespace {

TEST(EnvironmentSecrets, NamesOfCredentials) {
  for (const std::string_view name : {"HF_TOKEN",
                                      "POSTGRES_PASSWORD",
                                      "AWS_SECRET_ACCESS_KEY",
                                      "AWS_ACCESS_KEY_ID",
                                      "VITE_AWS_ACCESS_KEY_ID",
                                      "apiKey",
                                      "OPENAI_API_KEY",
                                      "DB_PASS",
                                      "password",
                                      "SECRET",
                                      "GITHUB_PAT",
                                      "GITHUB_TOKEN",
                                      "WANDB_API_KEY",
                                      "MYSQL_PWD",
                                      "MLFLOW_TRACKING_PASSWORD",
                                      "MINIO_SECRET_KEY",
                                      "PGPASSWORD",
                                      "FERNET_KEY",
                                      "client-secret",
                                      "MINIO_ROOT_PASSWORD",
                                      "AIRFLOW__CORE__FERNET_KEY",
                                      "AIRFLOW__WEBSERVER__SECRET_KEY",
                                      "AZURE_STORAGE_KEY",
                                      "KAGGLE_KEY"})
    EXPECT_TRUE(names_credential(name)) << name;
}

TEST(EnvironmentSecrets, NamesThatSoundAlike) {
  for (const std::string_view name : {"TOKENIZERS_PARALLELISM",
                                      "MAX_TOKENS",
                                      "MAX_TOKEN_LENGTH",
                                      "GPG_KEY",
                                      "SECRET_NAME",
                                      "POSTGRES_PASSWORD_FILE",
                                      "PWD",
                                      "OLDPWD",
                                      "KEY",
                                      "PUBLIC_KEY",
                                      "TOKEN_URL",
                                      "PASSWORD_MIN_LENGTH",
                                      "CACHE_KEY",
                                      "PRIMARY_KEY",
                                      "KEYCLOAK_URL",
                                      "PATH",
                                      "COMPASS",
                                      "DISABLE_TOKEN_AUTH",
                                      "ACCESS_KEY_ID_HEADER",
                                      "TOKEN_TTL",
                                      "",
                                      "SSH_KEY_PATH",
                                      "PAD_TOKEN",
                                      "TS_DISABLE_TOKEN_AUTHORIZATION",
                                      "SECRETS_BACKEND",
                                      "MONKEY"})
    EXPECT_FALSE(names_credential(name)) << name;
}

TEST(EnvironmentSecrets, ValuesAreJudged) {
  using enum SecretValue;
  EXPECT_EQ(secret_value(""), None);
  EXPECT_EQ(secret_value("\"\""), None);
  EXPECT_EQ(secret_value("true"), None);
  EXPECT_EQ(secret_value("60"), None);
  for (const std::string_view text : {"$X", "${X}", "${{ secrets.X }}", "{{ .Values.x }}", "<token>",
                                      "$(cat f)", "op://v/i/f", "postgres://u:${P}@h/d", "%(pw)s"})
    EXPECT_EQ(secret_value(text), Reference) << text;
  for (const std::string_view text : {"/run/secrets/x", "./app/key.json", "https://issuer.example/token"})
    EXPECT_EQ(secret_value(text), File) << text;
  for (const std::string_view text :
       {"changeme", "your-token-here", "xxxxxxxx", "REPLACE_WITH_YOUR_OWN", "test", "<x"})
    EXPECT_NE(secret_value(text), None) << text;
  EXPECT_EQ(secret_value("REPLACE_WITH_YOUR_OWN"), Placeholder);
  for (const std::string_view text :
       {"postgres", "hunter2!", "postgres://u:pw@host/db", "latest9Qx", "s3cr3t"})
    EXPECT_EQ(secret_value(text), Literal) << text;
}

TEST(EnvironmentSecrets, SecretsAreShownInPart) {
  const std::string secret = "hf_" + std::string(30, 'q');
  EXPECT_EQ(masked_secret(secret), "hf_q…");
  EXPECT_EQ(masked_secret("abc"), "…");
}

TEST(EnvironmentSecrets, FilesOfCredentials) {
  for (const std::string_view path :
       {".env", "app/.env.production", "~/.netrc", "keys/id_rsa", "kaggle.json", ".aws/credentials",
        ".huggingface/token", "credentials.json", ".aws/", ".kube/config"})
    EXPECT_TRUE(is_credential_file(path)) << path;
  for (const std::string_view path :
       {".env.example", "id_rsa.pub", "env", "token", "config.json", "environment.yml", "config"})
    EXPECT_FALSE(is_credential_file(path)) << path;
  EXPECT_TRUE(names_credential_file("GOOGLE_APPLICATION_CREDENTIALS"));
  EXPECT_TRUE(names_credential_file("POSTGRES_PASSWORD_FILE"));
  EXPECT_FALSE(names_credential_file("LOG_FILE"));
}

}  // namespace
}  // namespace bulwark::scan
