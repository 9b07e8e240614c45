#include "scan/formats/hdf5/file.h"

#include <set>

#include "scan/formats/hdf5/reader.h"

namespace bulwark::scan::hdf5 {
namespace {

constexpr std::size_t kMaxProblems = 50;
// Longest path that is put together for messages; hostile groups nest without end.
constexpr std::size_t kMaxPath = 1024;

class Walker {
 public:
  Walker(Reader& reader, const Limits& limits, File& file) : reader_(reader), limits_(limits), file_(file) {}

  void run(std::uint64_t root) {
    open_.push_back({root, "/"});
    seen_.insert(root);
    while (!open_.empty() && !exhausted_) {
      const Pending next = std::move(open_.back());
      open_.pop_back();
      if (file_.objects.size() >= limits_.hdf5_objects) {
        problem(
            Error{Code::LimitReached, "more than " + std::to_string(limits_.hdf5_objects) + " HDF5 objects"});
        return;
      }
      object(next);
    }
  }

 private:
  struct Pending {
    std::uint64_t address;
    std::string path;
  };

  void problem(Error error) {
    if (error.code == Code::LimitReached) exhausted_ = true;
    if (file_.problems.size() < kMaxProblems) file_.problems.push_back(std::move(error));
  }
  // Keeps the object whatever is wrong with one of its parts.
  void note(const Result<void>& done, const std::string& path) {
    if (!done) problem(Error(done.error()).within(path));
  }

  void object(const Pending& pending) {
    Object out;
    out.path = pending.path;
    out.offset = reader_.absolute(pending.address);
    auto messages = reader_.messages(pending.address);
    if (!messages) return problem(std::move(messages).error().within(pending.path));
    for (const Message& message : *messages) {
      note(one(message, out), pending.path);
      if (exhausted_) break;
    }
    file_.objects.push_back(std::move(out));
  }

  [[nodiscard]] Result<void> one(const Message& message, Object& out) {
    switch (message.type) {
      case kDataspace: {
        const Dataspace space = TRY(reader_.dataspace(message.data));
        out.shape = space.shape;
        return {};
      }
      case kDatatype: {
        const Datatype type = TRY(reader_.datatype(message));
        out.type = type.name();
        return {};
      }
      case kLayout: out.dataset = true; return reader_.layout(message, out);
      case kExternalFiles: return reader_.external_files(message, out);
      case kAttribute: {
        if (message.shared)
          return fail(Code::Unsupported, "attribute in the shared message heap", message.offset);
        return add_attribute(message.data, message.offset, out);
      }
      case kAttributeInfo: {
        const DenseStorage storage = TRY(reader_.attribute_info(message.data));
        return reader_.dense_objects(storage, true, [&](Bytes data, std::uint64_t offset) {
          return add_attribute(data, offset, out);
        });
      }
      case kLink: return add_link(message.data, message.offset, out);
      case kLinkInfo: {
        const DenseStorage storage = TRY(reader_.link_info(message.data));
        return reader_.dense_objects(
            storage, false, [&](Bytes data, std::uint64_t offset) { return add_link(data, offset, out); });
      }
      case kSymbolTable: {
        const SymbolTable table = TRY(reader_.symbol_table(message.data));
        const std::vector<Link> links = TRY(reader_.group_links(table));
        for (const Link& link : links) follow(link, out);
        return {};
      }
      default: return {};
    }
  }

  [[nodiscard]] Result<void> add_attribute(Bytes data, std::uint64_t offset, Object& out) {
    Attribute attribute = TRY(reader_.attribute(data, offset));
    out.attributes.push_back(std::move(attribute));
    return {};
  }
  [[nodiscard]] Result<void> add_link(Bytes data, std::uint64_t offset, Object& out) {
    const Link link = TRY(reader_.link(data, offset));
    follow(link, out);
    return {};
  }
  void follow(const Link& link, Object& out) {
    if (link.kind != LinkKind::Hard) {
      out.links.push_back(link);
    } else if (seen_.insert(link.target).second) {
      std::string path = out.path == "/" ? "/" + link.name : out.path + "/" + link.name;
      if (path.size() > kMaxPath) path.resize(kMaxPath);
      open_.push_back({link.target, std::move(path)});
    }
  }

  Reader& reader_;
  const Limits& limits_;
  File& file_;
  std::vector<Pending> open_;
  std::set<std::uint64_t> seen_;
  bool exhausted_ = false;
};

}  // namespace

Result<File> read(Bytes content, const Limits& limits) {
  Reader reader(content, limits);
  File file;
  const std::uint64_t root = TRY(reader.open(file));
  Walker(reader, limits, file).run(root);
  return file;
}

}  // namespace bulwark::scan::hdf5
