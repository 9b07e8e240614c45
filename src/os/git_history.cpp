#include "os/git_history.h"

#include <dlfcn.h>
#include <git2.h>

#include <array>
#include <cstring>
#include <ctime>
#include <memory>
#include <unordered_set>

#include "base/text.h"

namespace bulwark::os {
namespace {

constexpr std::size_t kIdBytes = GIT_OID_RAWSZ;

// The functions that we call, by the names and types of the header.
#define BULWARK_GIT_FUNCTIONS(X) \
  X(git_libgit2_init)            \
  X(git_libgit2_opts)            \
  X(git_error_last)              \
  X(git_repository_open_ext)     \
  X(git_repository_free)         \
  X(git_repository_odb)          \
  X(git_repository_head)         \
  X(git_reference_free)          \
  X(git_reference_peel)          \
  X(git_revwalk_new)             \
  X(git_revwalk_free)            \
  X(git_revwalk_sorting)         \
  X(git_revwalk_push_glob)       \
  X(git_revwalk_push_head)       \
  X(git_revwalk_next)            \
  X(git_commit_lookup)           \
  X(git_commit_free)             \
  X(git_commit_tree_id)          \
  X(git_commit_author)           \
  X(git_commit_message)          \
  X(git_object_free)             \
  X(git_object_id)               \
  X(git_tree_lookup)             \
  X(git_tree_free)               \
  X(git_tree_entrycount)         \
  X(git_tree_entry_byindex)      \
  X(git_tree_entry_id)           \
  X(git_tree_entry_name)         \
  X(git_tree_entry_type)         \
  X(git_odb_free)                \
  X(git_odb_read_header)         \
  X(git_odb_read)                \
  X(git_odb_object_data)         \
  X(git_odb_object_size)         \
  X(git_odb_object_free)         \
  // end of list

struct Git {
#define BULWARK_GIT_MEMBER(name) decltype(&::name) name = nullptr;
  BULWARK_GIT_FUNCTIONS(BULWARK_GIT_MEMBER)
#undef BULWARK_GIT_MEMBER
};

// Major version 1 keeps these functions as they are.
void* open_library() {
  constexpr std::array kNames = {"libgit2.so.1.5", "libgit2.so.1.7", "libgit2.so.1.8",
                                 "libgit2.so.1.9", "libgit2.so.1.6", "libgit2.so.1.4"};
  for (const char* name : kNames)
    if (void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  return nullptr;
}

template <class Function>
bool load(void* library, const char* name, Function& function) {
  void* address = dlsym(library, name);
  std::memcpy(&function, &address, sizeof(address));  // POSIX: a function's address fits into a void*
  return address != nullptr;
}

const Git* git() {
  static const std::unique_ptr<const Git> kGit = []() -> std::unique_ptr<const Git> {
    void* library = open_library();
    if (library == nullptr) return nullptr;
    auto loaded = std::make_unique<Git>();
    bool whole = true;
#define BULWARK_GIT_LOAD(name) whole = load(library, #name, loaded->name) && whole;
    BULWARK_GIT_FUNCTIONS(BULWARK_GIT_LOAD)
#undef BULWARK_GIT_LOAD
    if (!whole || loaded->git_libgit2_init() < 0) return nullptr;
    // A hostile checkout must not be read by the rules of the user's configuration.
    for (const int level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG,
                            GIT_CONFIG_LEVEL_PROGRAMDATA})
      (void)loaded->git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
    // safe.directory protects those who run what a repository's configuration names. We run nothing of it,
    // and build machines read checkouts of other owners all the time.
    (void)loaded->git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    return loaded;
  }();
  return kGit.get();
}

template <class Object, auto Free>
struct Freed {
  void operator()(Object* object) const { (git()->*Free)(object); }
};
using Repository = std::unique_ptr<git_repository, Freed<git_repository, &Git::git_repository_free>>;
using Database = std::unique_ptr<git_odb, Freed<git_odb, &Git::git_odb_free>>;
using Walk = std::unique_ptr<git_revwalk, Freed<git_revwalk, &Git::git_revwalk_free>>;
using CommitObject = std::unique_ptr<git_commit, Freed<git_commit, &Git::git_commit_free>>;
using Tree = std::unique_ptr<git_tree, Freed<git_tree, &Git::git_tree_free>>;
using Blob = std::unique_ptr<git_odb_object, Freed<git_odb_object, &Git::git_odb_object_free>>;
using Reference = std::unique_ptr<git_reference, Freed<git_reference, &Git::git_reference_free>>;
using AnyObject = std::unique_ptr<git_object, Freed<git_object, &Git::git_object_free>>;

std::string key_of(const git_oid& id) {
  std::string key(kIdBytes, '\0');
  std::memcpy(key.data(), id.id, kIdBytes);
  return key;
}

std::string date_of(git_time_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 32> text{};
  if (gmtime_r(&time, &parts) == nullptr) return "unknown date";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

Error last_error(const std::string& what) {
  const git_error* error = git()->git_error_last();
  return {.code = Code::Unavailable,
          .message = what + ": " + (error == nullptr ? "unknown reason" : printable(error->message, 200))};
}

class History {
 public:
  History(Repository repository, Database database, const HistoryLimits& limits,
          const HistoryVisitor& visitor)
      : repository_(std::move(repository)),
        database_(std::move(database)),
        limits_(limits),
        visitor_(visitor),
        deadline_(std::chrono::steady_clock::now() + limits.time) {}

  Result<HistorySummary> walk() {
    mark_head();
    git_revwalk* raw = nullptr;
    if (git()->git_revwalk_new(&raw, repository_.get()) < 0) return std::unexpected(last_error("history"));
    const Walk revisions(raw);
    // Oldest first: what is reported is the commit that brought the secret.
    (void)git()->git_revwalk_sorting(raw, GIT_SORT_TIME | GIT_SORT_REVERSE);
    (void)git()->git_revwalk_push_glob(raw, "refs/*");
    (void)git()->git_revwalk_push_head(raw);
    git_oid id{};
    while (!stopped_ && git()->git_revwalk_next(&id, raw) == 0) {
      if (++summary_.commits > limits_.commits || is_late()) {
        summary_.complete = false;
        break;
      }
      visit_commit(id);
    }
    return summary_;
  }

 private:
  [[nodiscard]] bool is_late() const { return std::chrono::steady_clock::now() > deadline_; }

  // What is among the files of HEAD is scanned as a file.
  void mark_head() {
    git_reference* raw = nullptr;
    if (git()->git_repository_head(&raw, repository_.get()) < 0) return;
    const Reference head(raw);
    git_object* peeled = nullptr;
    if (git()->git_reference_peel(&peeled, raw, GIT_OBJECT_COMMIT) < 0) return;
    const AnyObject owned(peeled);
    git_commit* commit = nullptr;
    if (git()->git_commit_lookup(&commit, repository_.get(), git()->git_object_id(peeled)) < 0) return;
    const CommitObject object(commit);
    visit_tree(*git()->git_commit_tree_id(commit), {}, 0, nullptr);
    seen_trees_
        .clear();  // the names that HEAD's folders had before are still to be walked: their blobs are known
  }

  void visit_commit(const git_oid& id) {
    git_commit* raw = nullptr;
    if (git()->git_commit_lookup(&raw, repository_.get(), &id) < 0) return lose();
    const CommitObject commit(raw);
    const git_signature* author = git()->git_commit_author(raw);
    const Commit about{.id = hex(Bytes(id.id, kIdBytes)),
                       .date = author == nullptr ? "unknown date" : date_of(author->when.time)};
    const char* message = git()->git_commit_message(raw);
    if (message != nullptr && !visitor_.message(about, message)) stopped_ = true;
    visit_tree(*git()->git_commit_tree_id(raw), {}, 0, &about);
  }

  // `commit` null: only remember what is there.
  void visit_tree(const git_oid& id, const std::string& folder, std::uint32_t depth, const Commit* commit) {
    if (stopped_ || depth > limits_.depth || !seen_trees_.insert(key_of(id)).second) return;
    git_tree* raw = nullptr;
    if (git()->git_tree_lookup(&raw, repository_.get(), &id) < 0) return lose();
    const Tree tree(raw);
    const std::size_t count = git()->git_tree_entrycount(raw);
    for (std::size_t i = 0; i < count && !stopped_; ++i) {
      const git_tree_entry* entry = git()->git_tree_entry_byindex(raw, i);
      const std::string path = folder + git()->git_tree_entry_name(entry);
      const git_object_t type = git()->git_tree_entry_type(entry);
      const git_oid* child = git()->git_tree_entry_id(entry);
      if (type == GIT_OBJECT_TREE) visit_tree(*child, path + "/", depth + 1, commit);
      if (type == GIT_OBJECT_BLOB) visit_blob(*child, path, commit);
    }
  }

  void visit_blob(const git_oid& id, const std::string& path, const Commit* commit) {
    if (!seen_blobs_.insert(key_of(id)).second || commit == nullptr) return;
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (git()->git_odb_read_header(&size, &type, database_.get(), &id) < 0) return lose();
    if (size > limits_.blob_bytes) return lose();
    read_bytes_ += size;
    if (read_bytes_ > limits_.total_bytes || is_late()) {
      summary_.complete = false;
      stopped_ = true;
      return;
    }
    git_odb_object* raw = nullptr;
    if (git()->git_odb_read(&raw, database_.get(), &id) < 0) return lose();
    const Blob blob(raw);
    ++summary_.blobs;
    const auto* data = static_cast<const std::uint8_t*>(git()->git_odb_object_data(raw));
    if (!visitor_.blob(*commit, path, Bytes(data, git()->git_odb_object_size(raw)))) stopped_ = true;
  }

  void lose() { ++summary_.too_large; }

  Repository repository_;
  Database database_;
  const HistoryLimits& limits_;
  const HistoryVisitor& visitor_;
  std::chrono::steady_clock::time_point deadline_;
  HistorySummary summary_;
  std::unordered_set<std::string> seen_trees_;
  std::unordered_set<std::string> seen_blobs_;
  std::uint64_t read_bytes_ = 0;
  bool stopped_ = false;
};

}  // namespace

Result<HistorySummary> walk_history(const std::string& path, const HistoryLimits& limits,
                                    const HistoryVisitor& visitor) {
  if (git() == nullptr)
    return fail(Code::Unavailable,
                "reading the history needs libgit2 (Debian: libgit2-1.5), which is not installed");
  git_repository* raw = nullptr;
  if (git()->git_repository_open_ext(&raw, path.c_str(), 0, nullptr) < 0)
    return fail(Code::NotFound, "no git repository at '" + printable(path, 1000) + "'");
  Repository repository(raw);
  git_odb* odb = nullptr;
  if (git()->git_repository_odb(&odb, raw) < 0) return std::unexpected(last_error("history"));
  return History(std::move(repository), Database(odb), limits, visitor).walk();
}

}  // namespace bulwark::os
