#include "support/secret_corpus.h"

#include <array>
#include <string_view>

namespace bulwark::test {
namespace {

// splitmix64: the same numbers on every machine, unlike the distributions of the library.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
  std::string of(std::string_view alphabet, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += alphabet[below(alphabet.size())];
    return text;
  }
  template <class List>
  const auto& pick(const List& list) {
    return list[below(list.size())];
  }

 private:
  std::uint64_t state_;
};

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kAlnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kDigits = "0123456789";

std::string uuid(Chance& c) {
  return c.of(kHex, 8) + "-" + c.of(kHex, 4) + "-4" + c.of(kHex, 3) + "-" + c.of("89ab", 1) + c.of(kHex, 3) +
         "-" + c.of(kHex, 12);
}

std::string with_crc(Chance& c, const std::string& prefix) {
  const std::string body = c.of(kAlnum, 30);
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char ch : body) {
    crc ^= static_cast<unsigned char>(ch);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  crc = ~crc;
  constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string check(6, '0');
  for (std::size_t i = check.size(); i-- > 0; crc /= 62) check[i] = kBase62[crc % 62];
  return prefix + body + check;
}

// A password as people make them: words, a number, a sign.
std::string password(Chance& c) {
  static constexpr std::array<std::string_view, 16> kWords = {
      "Summer", "winter", "Berlin", "dragon", "Falcon", "coffee", "Madrid", "tiger",
      "Orange", "silver", "Rocket", "violet", "Monday", "castle", "Pepper", "harbor"};
  static constexpr std::string_view kSigns = "!@#$%&*?";
  switch (c.below(4)) {
    case 0: return std::string(c.pick(kWords)) + c.of(kDigits, 4) + c.of(kSigns, 1);
    case 1: return std::string(c.pick(kWords)) + "-" + std::string(c.pick(kWords)) + "-" + c.of(kDigits, 2);
    case 2: return c.of(kAlnum, 12) + c.of(kSigns, 1) + c.of(kAlnum, 3);
    default: return c.of(kAlnum, 16);
  }
}

struct Named {
  std::string kind;
  std::string name;  // as a variable would be called
  std::string value;
};

Named secret(Chance& c) {
  switch (c.below(34)) {
    case 0: return {"aws", "AWS_ACCESS_KEY_ID", "AKIA" + c.of(kBase32, 16)};
    case 1: return {"aws", "AWS_SECRET_ACCESS_KEY", c.of(kBase64, 40)};
    case 2: return {"gcp", "GOOGLE_MAPS_KEY", "AIza" + c.of(kUrl, 35)};
    case 3: return {"github", "GH_TOKEN", with_crc(c, "ghp_")};
    case 4: return {"github", "GITHUB_TOKEN", "github_pat_" + c.of(kAlnum, 22) + "_" + c.of(kAlnum, 59)};
    case 5: return {"gitlab", "GITLAB_TOKEN", "glpat-" + c.of(kUrl, 20)};
    case 6: return {"hugging face", "HF_TOKEN", "hf_" + c.of(kAlnum.substr(0, 52), 34)};
    case 7: return {"openai", "OPENAI_API_KEY", "sk-" + c.of(kAlnum, 20) + "T3BlbkFJ" + c.of(kAlnum, 20)};
    case 8:
      return {"openai", "OPENAI_API_KEY", "sk-proj-" + c.of(kUrl, 74) + "T3BlbkFJ" + c.of(kUrl, 73) + "A"};
    case 9: return {"anthropic", "ANTHROPIC_API_KEY", "sk-ant-api03-" + c.of(kUrl, 93) + "AA"};
    case 10: return {"wandb", "WANDB_API_KEY", c.of(kHex, 40)};
    case 11: return {"databricks", "DATABRICKS_TOKEN", "dapi" + c.of(kHex, 32)};
    case 12:
      return {"slack", "SLACK_BOT_TOKEN",
              "xoxb-" + c.of(kDigits, 12) + "-" + c.of(kDigits, 12) + "-" + c.of(kAlnum, 24)};
    case 13:
      return {"slack", "SLACK_HOOK",
              "https://hooks.slack.com/services/T" + c.of(kBase32, 8) + "/B" + c.of(kBase32, 8) + "/" +
                  c.of(kAlnum, 24)};
    case 14: return {"npm", "NPM_TOKEN", with_crc(c, "npm_")};
    case 15: return {"pypi", "TWINE_PASSWORD", "pypi-AgEIcHlwaS5vcmcC" + c.of(kUrl, 120)};
    case 16: return {"stripe", "STRIPE_KEY", "sk_live_" + c.of(kAlnum, 24)};
    case 17: return {"sendgrid", "SENDGRID_API_KEY", "SG." + c.of(kUrl, 22) + "." + c.of(kUrl, 43)};
    case 18:
      return {"telegram", "TELEGRAM_TOKEN", c.of("123456789", 1) + c.of(kDigits, 8) + ":A" + c.of(kUrl, 34)};
    case 19: return {"twilio", "TWILIO_KEY", "SK" + c.of(kHex, 32)};
    case 20: return {"groq", "GROQ_API_KEY", "gsk_" + c.of(kAlnum, 52)};
    case 21: return {"nvidia", "NVIDIA_API_KEY", "nvapi-" + c.of(kUrl, 63) + "x"};
    case 22: return {"vault", "VAULT_TOKEN", "hvs." + c.of(kUrl, 94) + "Q"};
    case 23:
      return {"azure", "AZURE_CLIENT_SECRET", c.of(kAlnum, 3) + c.of(kDigits, 1) + "Q~" + c.of(kAlnum, 34)};
    case 24:
      return {"azure", "AZURE_STORAGE",
              "DefaultEndpointsProtocol=https;AccountName=ml;AccountKey=" + c.of(kBase64, 85) + "A=="};
    case 25:
      return {"url", "DATABASE_URL",
              "postgresql://svc:" + c.of(kAlnum, 18) + "@db.internal.acme-ml.com:5432/features"};
    case 26:
      return {
          "jwt", "SESSION",
          "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI" + c.of(kAlnum, 40) + "." + c.of(kUrl, 42) + "x"};
    case 27: return {"generic", "INTERNAL_API_KEY", c.of(kAlnum, 32)};
    case 28: return {"generic", "auth_token", c.of(kHex, 40)};
    case 29: return {"generic", "client_secret", c.of(kUrl.substr(0, 62), 40)};
    case 30: return {"generic", "signing_secret", c.of(kLower, 24)};
    case 31: return {"password", "DB_PASSWORD", password(c)};
    case 32: return {"password", "smtp_password", password(c)};
    default: return {"password", "admin_passwd", password(c)};
  }
}

// Where it stands. `%n` is the name, `%v` the value.
struct Place {
  std::string_view path;
  std::string_view line;
};
constexpr std::array<Place, 18> kPlaces = {{
    {"train.py", "%n = \"%v\"\n"},
    {"serve.py", "os.environ[\"%n\"] = '%v'\n"},
    {"client.py", "client = connect(endpoint, %n=\"%v\", retries=3)\n"},
    {"config.py", "%n: str = \"%v\"  # rotate\n"},
    {".env", "%n=%v\n"},
    {"deploy.sh", "export %n=\"%v\"\n"},
    {"settings.yaml", "  %n: \"%v\"\n"},
    {"values.yaml", "  %n: %v\n"},
    {"pod.yaml", "        - name: %n\n          value: \"%v\"\n"},
    {"config.json", "  \"%n\": \"%v\",\n"},
    {"pipeline.toml", "%n = \"%v\"\n"},
    {"app.properties", "%n=%v\n"},
    {"index.ts", "const %n: string = '%v';\n"},
    {"Main.java", "  private static final String %n = \"%v\";\n"},
    {"main.go", "\t%n := \"%v\"\n"},
    {"notebook.ipynb", "    \"%n = \\\"%v\\\"\\n\",\n"},
    {"web.config", "    <add key=\"%n\" value=\"%v\" />\n"},
    {"job.log", "2026-03-01 12:00:01 INFO env %n=%v\n"},
}};

// What only looks like a secret.
std::string decoy(Chance& c) {
  switch (c.below(44)) {
    case 0: return "commit " + c.of(kHex, 40) + "\n";
    case 1: return "sha256 = \"" + c.of(kHex, 64) + "\"\n";
    case 2: return "request_id: " + uuid(c) + "\n";
    case 3: return "\"integrity\": \"sha512-" + c.of(kBase64, 86) + "==\",\n";
    case 4: return "image: registry.acme-ml.com/train@sha256:" + c.of(kHex, 64) + "\n";
    case 5: return "![plot](data:image/png;base64,iVBORw0KGgo" + c.of(kBase64, 400) + ")\n";
    case 6: return "    --hash=sha256:" + c.of(kHex, 64) + " \\\n";
    case 7: return "API_KEY = os.environ[\"API_KEY\"]\n";
    case 8: return "token: ${{ secrets.HF_TOKEN }}\n";
    case 9: return "password: {{ .Values.db.password }}\n";
    case 10: return "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n";
    case 11: return "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n";
    case 12: return "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
    case 13: return "hf_token = \"hf_your_token_here_please_replace_me00\"\n";
    case 14: return "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ" + c.of(kBase64, 340) + " dev@host\n";
    case 15: return "tokenizer_class = \"LlamaTokenizerFast\"\n\"eos_token_id\": 128009,\n";
    case 16: return "primary_key = \"user_id_" + c.of(kDigits, 6) + "\"\n";
    case 17: return "cache_key = \"v3-" + c.of(kHex, 32) + "\"\n";
    case 18:
      return "<a class=\"css-" + c.of(kLower, 7) + "\" data-key=\"row" + c.of(kDigits, 3) + "\">x</a>\n";
    case 19:
      return "!function(e,t){var n=t.key=\"" + c.of("abcdefghijklmnop", 6) +
             "\",r=e.token||n.auth;return r}(a" + c.of(kLower, 3) + ",b);\n";
    case 20: return "public_key = \"" + c.of(kBase64, 43) + "=\"\n";
    case 21: return "etag: \"" + c.of(kHex, 32) + "\"\n";
    case 22: return "resolved \"https://packages.example.org/x/-/x-1.2.3.tgz#" + c.of(kHex, 40) + "\"\n";
    case 23: return "postgres://user:password@localhost:5432/db\n";
    case 24: return "git+https://git@github.com/acme/repo.git@" + c.of(kHex, 40) + "\n";
    case 25: return "key_id = \"" + uuid(c) + "\"\n";
    case 26: return "arn:aws:iam::" + c.of(kDigits, 12) + ":role/sagemaker-" + c.of(kLower, 8) + "\n";
    case 27: return "model_checksum = \"" + c.of(kHex, 64) + "\"\n";
    case 28: return "curl -H \"Authorization: Bearer $TOKEN\" https://api.acme-ml.com/v1\n";
    case 29: return "curl -u \"$USER:$PASSWORD\" https://api.acme-ml.com/v1\n";
    case 30: return "password = getpass.getpass(\"Password: \")\n";
    case 31: return "assert response.json()[\"access_token\"] == token2.value\n";
    case 32:
      return "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA" + c.of(kBase64, 300) +
             "\n-----END PUBLIC KEY-----\n";
    case 33: return "\"token_type\": \"Bearer\", \"expires_in\": 3600,\n";
    case 34: return "secret_name = \"prod/ml/api-key-2024\"\n";
    case 35: return "translation_key: \"errors.auth.token_expired_v2\"\n";
    case 36: return "run = wandb.init(project=\"resnet50\", id=\"" + c.of(kLower, 8) + "\")\n";
    case 37: return "csrf_token = \"" + c.of(kAlnum, 43) + "\"\n";
    case 38: return "keyword_args = {\"key_proj\": 4096, \"num_key_value_heads\": 8}\n";
    case 39: return "DB_PASSWORD=changeme\nSECRET_KEY=${SECRET_KEY:-}\n";
    case 40: return "0x" + c.of(kHex, 40) + " transferred to 0x" + c.of(kHex, 40) + "\n";
    case 41: return "AUTH_METHOD = \"oauth2_client_credentials\"\nKEYBOARD = \"qwertz105keys\"\n";
    case 42: return "\"hidden_size\": 4096, \"vocab_key\": \"tok" + c.of(kDigits, 5) + "\",\n";
    default: return "password_hash = \"$2b$12$" + c.of(kAlnum, 53) + "\"\n";
  }
}

std::string plain(Chance& c) {
  static constexpr std::array<std::string_view, 10> kLines = {"import torch\n",
                                                              "model.fit(train, epochs=10)\n",
                                                              "# load the features of last month\n",
                                                              "replicas: 3\n",
                                                              "for batch in loader:\n",
                                                              "    loss.backward()\n",
                                                              "resources:\n  limits:\n    cpu: 2\n",
                                                              "The model was trained on 12,000 images.\n",
                                                              "logger.info(\"step %d\", step)\n",
                                                              "\"learning_rate\": 0.0003,\n"};
  return std::string(c.pick(kLines));
}

void put(SeededFile& file, std::string_view pattern, const Named& secret) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      file.text += pattern[i];
      continue;
    }
    ++i;
    const std::uint64_t begin = file.text.size();
    file.text += pattern[i] == 'n' ? secret.name : secret.value;
    if (pattern[i] == 'v') file.secrets.push_back({secret.kind, begin, file.text.size()});
  }
}

}  // namespace

std::vector<SeededFile> secret_corpus(std::uint64_t seed, std::size_t files) {
  Chance chance(seed);
  std::vector<SeededFile> corpus;
  for (std::size_t i = 0; i < files; ++i) {
    const Place& place = chance.pick(kPlaces);
    SeededFile file{
        .path = "repo/src/" + std::to_string(i) + "/" + std::string(place.path), .text = {}, .secrets = {}};
    const std::size_t lines = 10 + chance.below(30);
    for (std::size_t line = 0; line < lines; ++line) {
      switch (chance.below(10)) {
        case 0: put(file, place.line, secret(chance)); break;
        case 1:
        case 2:
        case 3: file.text += decoy(chance); break;
        default: file.text += plain(chance);
      }
    }
    corpus.push_back(std::move(file));
  }
  return corpus;
}

}  // namespace bulwark::test
