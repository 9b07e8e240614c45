#include "crypto/pkcs11.h"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "crypto/seal.h"

namespace bulwark::crypto {
namespace {

constexpr std::size_t kMostSlots = 256;
constexpr std::size_t kMostObjects = 4'096;
constexpr std::size_t kMostAttribute = std::size_t{1} << 16U;
constexpr std::size_t kMostWrapped = 256;
constexpr CK_ULONG kAesBytes = 32;

std::string number(CK_RV code) {
  std::string digits;
  for (int shift = 12; shift >= 0; shift -= 4)
    digits += "0123456789abcdef"[(code >> static_cast<unsigned>(shift)) & 0xFU];
  return "0x" + digits;
}

// What users meet; everything else is told by its number, which the token's manual explains.
Result<void> check(CK_RV code, const std::string& what) {
  switch (code) {
    case CKR_OK: return {};
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
      return fail(Code::Denied, what + ": wrong PIN; after a few more tries the token locks itself");
    case CKR_PIN_LOCKED:
      return fail(Code::Denied, what + ": the PIN is locked; its security officer can set a new one");
    case CKR_PIN_EXPIRED: return fail(Code::Denied, what + ": the PIN has expired");
    case CKR_USER_NOT_LOGGED_IN: return fail(Code::Denied, what + ": the token wants its PIN");
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_TOKEN_NOT_RECOGNIZED:
    case CKR_DEVICE_REMOVED:
    case CKR_DEVICE_ERROR:
    case CKR_SESSION_CLOSED:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_OBJECT_HANDLE_INVALID:
    case CKR_KEY_HANDLE_INVALID:
    case CKR_WRAPPING_KEY_HANDLE_INVALID:
    case CKR_UNWRAPPING_KEY_HANDLE_INVALID:
      return fail(Code::Unavailable, what + ": the token, or the key on it, is gone (" + number(code) + ")");
    case CKR_MECHANISM_INVALID:
    case CKR_MECHANISM_PARAM_INVALID:
    case CKR_FUNCTION_NOT_SUPPORTED:
    case CKR_CURVE_NOT_SUPPORTED:
      return fail(Code::Unsupported, what + ": the token cannot do that (" + number(code) + ")");
    case CKR_TOKEN_WRITE_PROTECTED: return fail(Code::Denied, what + ": the token is write-protected");
    case CKR_WRAPPED_KEY_INVALID:
    case CKR_WRAPPED_KEY_LEN_RANGE:
      return fail(Code::Corrupt, what + ": it does not verify: wrapped with another key, or changed bytes");
    default:
      return fail(Code::Unavailable, what + ": the token refuses (PKCS #11 error " + number(code) + ")");
  }
}

// A library stays loaded as long as somebody has a session; initialising it twice is an error.
class Module {
 public:
  static Result<std::shared_ptr<Module>> open(const std::string& path) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<Module>> open_modules;
    const std::lock_guard guard(mutex);
    if (auto loaded = open_modules[path].lock()) return loaded;
    auto module = TRY(load(path));
    open_modules[path] = module;
    return module;
  }
  ~Module() {
    if (ours_) functions_->C_Finalize(nullptr);
    // Not unloaded: libraries of tokens leave threads and exit handlers behind.
  }
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  [[nodiscard]] const CK_FUNCTION_LIST& call() const { return *functions_; }

 private:
  Module(CK_FUNCTION_LIST* functions, bool ours) : functions_(functions), ours_(ours) {}

  static Result<std::shared_ptr<Module>> load(const std::string& path) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char* reason = dlerror();
      return fail(Code::NotFound, "token library " + printable(path) + ": " +
                                      printable(reason == nullptr ? "cannot be loaded" : reason, 400));
    }
    auto* list = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
    CK_FUNCTION_LIST* functions = nullptr;
    if (list == nullptr || list(&functions) != CKR_OK || functions == nullptr)
      return fail(Code::InvalidInput, "token library " + printable(path) + ": it does not speak PKCS #11");
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    const CK_RV code = functions->C_Initialize(&arguments);
    if (code != CKR_CRYPTOKI_ALREADY_INITIALIZED) TRY(check(code, "token library " + printable(path)));
    return std::shared_ptr<Module>(new Module(functions, code == CKR_OK));
  }

  CK_FUNCTION_LIST* functions_;
  bool ours_;
};

// Fixed fields, padded with blanks.
template <std::size_t N>
std::string_view field(const unsigned char (&bytes)[N]) {
  return trim(text_of(Bytes(bytes, N)));
}

struct Slot {
  CK_SLOT_ID id = 0;
  std::string label;
};

bool fits(const TokenUri& uri, CK_SLOT_ID id, const CK_TOKEN_INFO& token) {
  const auto same = [](const std::string& wanted, std::string_view found) {
    return wanted.empty() || wanted == found;
  };
  return (token.flags & CKF_TOKEN_INITIALIZED) != 0 && (!uri.slot || *uri.slot == id) &&
         same(uri.token, field(token.label)) && same(uri.manufacturer, field(token.manufacturerID)) &&
         same(uri.model, field(token.model)) && same(uri.serial, field(token.serialNumber));
}

Result<Slot> find_slot(const Module& module, const TokenUri& uri) {
  CK_ULONG count = kMostSlots;
  std::vector<CK_SLOT_ID> ids(count);
  TRY(check(module.call().C_GetSlotList(CK_TRUE, ids.data(), &count), "list of tokens"));
  ids.resize(count);
  std::vector<Slot> found;
  std::string present;
  for (const CK_SLOT_ID id : ids) {
    CK_TOKEN_INFO token{};
    if (module.call().C_GetTokenInfo(id, &token) != CKR_OK) continue;
    if ((token.flags & CKF_TOKEN_INITIALIZED) != 0)
      present += (present.empty() ? "" : ", ") + printable(field(token.label), 40);
    if (fits(uri, id, token)) found.push_back({id, std::string(field(token.label))});
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1)
    return fail(Code::InvalidInput, "the URI fits several tokens; name one with serial=…");
  return fail(Code::Unavailable,
              "no token '" + printable(uri.token, 40) + "' is present" +
                  (present.empty() ? "; there is none at all" : "; there are: " + present));
}

CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
  // The interface is not const-correct; templates are only read.
  return {type, const_cast<void*>(value), static_cast<CK_ULONG>(size)};
}

template <class T>
CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const T& value) {
  return attribute(type, &value, sizeof value);
}

CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const std::string& text) {
  return attribute(type, text.data(), text.size());
}

CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, Bytes bytes) {
  return attribute(type, bytes.data(), bytes.size());
}

unsigned char* writable(Bytes bytes) {
  return const_cast<unsigned char*>(bytes.data());
}

constexpr CK_BBOOL kYes = CK_TRUE;
constexpr CK_BBOOL kNo = CK_FALSE;
constexpr CK_OBJECT_CLASS kSecretClass = CKO_SECRET_KEY;
constexpr CK_KEY_TYPE kGenericType = CKK_GENERIC_SECRET;

}  // namespace

struct TokenSession::State {
  std::shared_ptr<Module> module;
  CK_SESSION_HANDLE session = 0;

  [[nodiscard]] const CK_FUNCTION_LIST& call() const { return module->call(); }

  [[nodiscard]] Result<std::vector<std::uint8_t>> value_of(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                                                           const std::string& what) const {
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    TRY(check(call().C_GetAttributeValue(session, object, &wanted, 1), what));
    if (wanted.ulValueLen > kMostAttribute)
      return fail(Code::Unavailable, what + ": the token does not tell it");
    std::vector<std::uint8_t> value(wanted.ulValueLen);
    wanted.pValue = value.data();
    if (!value.empty()) TRY(check(call().C_GetAttributeValue(session, object, &wanted, 1), what));
    value.resize(std::min<std::size_t>(value.size(), wanted.ulValueLen));
    return value;
  }

  // A key that lives as long as one call.
  [[nodiscard]] Result<CK_OBJECT_HANDLE> passing_key(Bytes key) const {
    std::array<CK_ATTRIBUTE, 6> about = {
        attribute(CKA_CLASS, kSecretClass), attribute(CKA_KEY_TYPE, kGenericType), attribute(CKA_TOKEN, kNo),
        attribute(CKA_SENSITIVE, kNo),      attribute(CKA_EXTRACTABLE, kYes),      attribute(CKA_VALUE, key)};
    CK_OBJECT_HANDLE handle = 0;
    TRY(check(call().C_CreateObject(session, about.data(), about.size(), &handle), "wrapping a key"));
    return handle;
  }
};

TokenSession::TokenSession(std::unique_ptr<State> state) : state_(std::move(state)) {}

TokenSession::~TokenSession() {
  static_cast<void>(state_->call().C_CloseSession(state_->session));
}

Result<std::unique_ptr<TokenSession>> TokenSession::open(const TokenUri& uri, const Pin* pin, bool changes) {
  auto state = std::make_unique<State>();
  state->module = TRY(Module::open(uri.module_path));
  const Slot slot = TRY(find_slot(*state->module, uri));
  const std::string what = "token '" + printable(slot.label, 40) + "'";
  const CK_FLAGS flags = CKF_SERIAL_SESSION | (changes ? CKF_RW_SESSION : 0);
  TRY(check(state->call().C_OpenSession(slot.id, flags, nullptr, nullptr, &state->session), what));
  std::unique_ptr<TokenSession> session(new TokenSession(std::move(state)));
  if (pin == nullptr) return session;
  const Secret secret = TRY((*pin)(slot.label));
  const CK_RV code = session->state_->call().C_Login(session->state_->session, CKU_USER,
                                                     writable(secret.bytes()), secret.bytes().size());
  if (code != CKR_USER_ALREADY_LOGGED_IN) TRY(check(code, what));
  return session;
}

Result<std::vector<ObjectHandle>> TokenSession::find(TokenObject kind, const std::string& label, Bytes id) {
  const std::lock_guard guard(mutex_);
  const CK_OBJECT_CLASS wanted = kind == TokenObject::PublicKey    ? CKO_PUBLIC_KEY
                                 : kind == TokenObject::PrivateKey ? CKO_PRIVATE_KEY
                                                                   : CKO_SECRET_KEY;
  std::vector<CK_ATTRIBUTE> about = {attribute(CKA_CLASS, wanted), attribute(CKA_TOKEN, kYes)};
  if (!label.empty()) about.push_back(attribute(CKA_LABEL, label));
  if (!id.empty()) about.push_back(attribute(CKA_ID, id));
  const std::string what = "looking for a key";
  TRY(check(state_->call().C_FindObjectsInit(state_->session, about.data(), about.size()), what));
  std::vector<ObjectHandle> found(kMostObjects);
  CK_ULONG count = 0;
  const CK_RV code = state_->call().C_FindObjects(state_->session, found.data(), found.size(), &count);
  static_cast<void>(state_->call().C_FindObjectsFinal(state_->session));
  TRY(check(code, what));
  found.resize(count);
  return found;
}

Result<std::vector<std::uint8_t>> TokenSession::id_of(ObjectHandle object) {
  const std::lock_guard guard(mutex_);
  return state_->value_of(object, CKA_ID, "id of a key");
}

Result<std::vector<std::uint8_t>> TokenSession::curve_of(ObjectHandle public_key) {
  const std::lock_guard guard(mutex_);
  return state_->value_of(public_key, CKA_EC_PARAMS, "curve of a key");
}

Result<std::vector<std::uint8_t>> TokenSession::point_of(ObjectHandle public_key) {
  const std::lock_guard guard(mutex_);
  return state_->value_of(public_key, CKA_EC_POINT, "public half of a key");
}

Result<std::vector<std::uint8_t>> TokenSession::sign(ObjectHandle key, bool edwards, Bytes input) {
  const std::lock_guard guard(mutex_);
  CK_MECHANISM mechanism{edwards ? CKM_EDDSA : CKM_ECDSA, nullptr, 0};
  TRY(check(state_->call().C_SignInit(state_->session, &mechanism, key), "signing"));
  std::vector<std::uint8_t> signature(kMostWrapped);
  CK_ULONG size = signature.size();
  TRY(check(state_->call().C_Sign(state_->session, writable(input), input.size(), signature.data(), &size),
            "signing"));
  signature.resize(size);
  return signature;
}

Result<std::vector<std::uint8_t>> TokenSession::wrap(ObjectHandle wrapping_key, Bytes key) {
  const std::lock_guard guard(mutex_);
  const CK_OBJECT_HANDLE passing = TRY(state_->passing_key(key));
  CK_MECHANISM mechanism{CKM_AES_KEY_WRAP_PAD, nullptr, 0};
  std::vector<std::uint8_t> wrapped(kMostWrapped);
  CK_ULONG size = wrapped.size();
  const CK_RV code =
      state_->call().C_WrapKey(state_->session, &mechanism, wrapping_key, passing, wrapped.data(), &size);
  static_cast<void>(state_->call().C_DestroyObject(state_->session, passing));
  TRY(check(code, "wrapping a key"));
  wrapped.resize(size);
  return wrapped;
}

Result<Secret> TokenSession::unwrap(ObjectHandle wrapping_key, Bytes wrapped) {
  const std::lock_guard guard(mutex_);
  CK_MECHANISM mechanism{CKM_AES_KEY_WRAP_PAD, nullptr, 0};
  std::array<CK_ATTRIBUTE, 5> about = {attribute(CKA_CLASS, kSecretClass),
                                       attribute(CKA_KEY_TYPE, kGenericType), attribute(CKA_TOKEN, kNo),
                                       attribute(CKA_SENSITIVE, kNo), attribute(CKA_EXTRACTABLE, kYes)};
  CK_OBJECT_HANDLE handle = 0;
  const CK_RV code = state_->call().C_UnwrapKey(state_->session, &mechanism, wrapping_key, writable(wrapped),
                                                wrapped.size(), about.data(), about.size(), &handle);
  // What tokens say of bytes that do not verify differs: SoftHSM has no word for it.
  if (code == CKR_GENERAL_ERROR || code == CKR_ENCRYPTED_DATA_INVALID || code == CKR_FUNCTION_FAILED)
    TRY(check(CKR_WRAPPED_KEY_INVALID, "wrapped key"));
  TRY(check(code, "wrapped key"));
  auto value = state_->value_of(handle, CKA_VALUE, "unwrapped key");
  static_cast<void>(state_->call().C_DestroyObject(state_->session, handle));
  if (!value) return std::unexpected(std::move(value).error());
  Secret key{Bytes(*value)};
  wipe(*value);
  return key;
}

Result<void> TokenSession::generate_pair(const std::string& label, Bytes id, bool edwards, Bytes curve) {
  const std::lock_guard guard(mutex_);
  CK_MECHANISM mechanism{edwards ? CKM_EC_EDWARDS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  std::array<CK_ATTRIBUTE, 5> open_half = {attribute(CKA_TOKEN, kYes), attribute(CKA_VERIFY, kYes),
                                           attribute(CKA_EC_PARAMS, curve), attribute(CKA_LABEL, label),
                                           attribute(CKA_ID, id)};
  std::array<CK_ATTRIBUTE, 7> secret_half = {
      attribute(CKA_TOKEN, kYes),     attribute(CKA_PRIVATE, kYes),    attribute(CKA_SIGN, kYes),
      attribute(CKA_SENSITIVE, kYes), attribute(CKA_EXTRACTABLE, kNo), attribute(CKA_LABEL, label),
      attribute(CKA_ID, id)};
  CK_OBJECT_HANDLE public_key = 0;
  CK_OBJECT_HANDLE private_key = 0;
  return check(
      state_->call().C_GenerateKeyPair(state_->session, &mechanism, open_half.data(), open_half.size(),
                                       secret_half.data(), secret_half.size(), &public_key, &private_key),
      "making a key pair");
}

Result<void> TokenSession::generate_aes(const std::string& label, Bytes id) {
  const std::lock_guard guard(mutex_);
  CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
  std::array<CK_ATTRIBUTE, 9> about = {
      attribute(CKA_TOKEN, kYes),          attribute(CKA_PRIVATE, kYes), attribute(CKA_SENSITIVE, kYes),
      attribute(CKA_EXTRACTABLE, kNo),     attribute(CKA_WRAP, kYes),    attribute(CKA_UNWRAP, kYes),
      attribute(CKA_VALUE_LEN, kAesBytes), attribute(CKA_LABEL, label),  attribute(CKA_ID, id)};
  CK_OBJECT_HANDLE handle = 0;
  return check(state_->call().C_GenerateKey(state_->session, &mechanism, about.data(), about.size(), &handle),
               "making a key");
}

}  // namespace bulwark::crypto
