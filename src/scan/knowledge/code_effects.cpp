#include "scan/knowledge/code_effects.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bulwark::scan {
namespace {

struct Row {
  std::string_view name;  // "module.*" covers everything below the module
  Effect effect;
  bool decodes = false;
};

using enum Effect;

// Sorted bytewise (checked at compile time). "*" sorts before every letter, so an exact row is found first.
constexpr std::array kRows = {
    Row{"__import__", Import},
    Row{"aiohttp.*", Network},
    Row{"ast.literal_eval", None},
    Row{"asyncio.create_subprocess_exec", Execute},
    Row{"asyncio.create_subprocess_shell", Execute},
    Row{"asyncio.open_connection", Network},
    Row{"asyncio.start_server", Network},
    Row{"atexit.register", Deferred},
    Row{"base64.*", None, true},
    Row{"binascii.*", None, true},
    Row{"boto3.*", Network},
    Row{"builtins.__import__", Import},
    Row{"builtins.compile", Evaluate},
    Row{"builtins.eval", Evaluate},
    Row{"builtins.exec", Evaluate},
    Row{"bytearray.fromhex", None, true},
    Row{"bytes.fromhex", None, true},
    Row{"bz2.decompress", None, true},
    Row{"cffi.*", NativeLoad},
    Row{"cloudpickle.load", Unpickle},
    Row{"cloudpickle.loads", Unpickle},
    Row{"code.*", Evaluate},
    Row{"codecs.decode", None, true},
    Row{"codeop.*", Evaluate},
    Row{"commands.*", Execute},
    Row{"compile", Evaluate},
    Row{"ctypes.CDLL", NativeLoad},
    Row{"ctypes.PyDLL", NativeLoad},
    Row{"ctypes.WinDLL", NativeLoad},
    Row{"ctypes.cdll.*", NativeLoad},
    Row{"ctypes.memmove", NativeLoad},
    Row{"ctypes.pythonapi.*", NativeLoad},
    Row{"ctypes.windll.*", NativeLoad},
    Row{"dill.load", Unpickle},
    Row{"dill.loads", Unpickle},
    Row{"distutils.spawn.*", Execute},
    Row{"eval", Evaluate},
    Row{"exec", Evaluate},
    Row{"execfile", Evaluate},
    Row{"fabric.*", Execute},
    Row{"ftplib.*", Network},
    Row{"getpass.getpass", Environment},
    Row{"http.client.*", Network},
    Row{"http.server.*", Network},
    Row{"httpx.*", Network},
    Row{"imp.load_dynamic", NativeLoad},
    Row{"imp.load_module", Import},
    Row{"imp.load_source", Import},
    Row{"importlib.__import__", Import},
    Row{"importlib.import_module", Import},
    Row{"importlib.machinery.*", Import},
    Row{"importlib.reload", Import},
    Row{"joblib.load", Unpickle},
    Row{"keyring.*", Environment},
    Row{"lzma.decompress", None, true},
    Row{"marshal.load", Evaluate},
    Row{"marshal.loads", Evaluate},
    Row{"mmap.mmap", FileRead},
    Row{"multiprocessing.Process", Deferred},
    Row{"netrc.*", Environment},
    Row{"nt.system", Execute},
    Row{"os.chmod", FileWrite},
    Row{"os.chown", FileWrite},
    Row{"os.dup2", Execute},
    Row{"os.environ", Environment},
    Row{"os.environb", Environment},
    Row{"os.execl", Execute},
    Row{"os.execle", Execute},
    Row{"os.execlp", Execute},
    Row{"os.execlpe", Execute},
    Row{"os.execv", Execute},
    Row{"os.execve", Execute},
    Row{"os.execvp", Execute},
    Row{"os.execvpe", Execute},
    Row{"os.fork", Execute},
    Row{"os.forkpty", Execute},
    Row{"os.getenv", Environment},
    Row{"os.kill", Execute},
    Row{"os.link", FileWrite},
    Row{"os.popen", Execute},
    Row{"os.posix_spawn", Execute},
    Row{"os.posix_spawnp", Execute},
    Row{"os.putenv", Tamper},
    Row{"os.remove", FileWrite},
    Row{"os.removedirs", FileWrite},
    Row{"os.rename", FileWrite},
    Row{"os.replace", FileWrite},
    Row{"os.rmdir", FileWrite},
    Row{"os.spawnl", Execute},
    Row{"os.spawnle", Execute},
    Row{"os.spawnlp", Execute},
    Row{"os.spawnlpe", Execute},
    Row{"os.spawnv", Execute},
    Row{"os.spawnve", Execute},
    Row{"os.spawnvp", Execute},
    Row{"os.spawnvpe", Execute},
    Row{"os.startfile", Execute},
    Row{"os.symlink", FileWrite},
    Row{"os.system", Execute},
    Row{"os.truncate", FileWrite},
    Row{"os.unlink", FileWrite},
    Row{"pandas.read_pickle", Unpickle},
    Row{"paramiko.*", Network},
    Row{"pexpect.*", Execute},
    Row{"pickle.Unpickler", Unpickle},
    Row{"pickle.load", Unpickle},
    Row{"pickle.loads", Unpickle},
    Row{"pip.*", Execute},
    Row{"pipes.Template", Execute},
    Row{"platform.popen", Execute},
    Row{"popen2.*", Execute},
    Row{"poplib.*", Network},
    Row{"posix.execv", Execute},
    Row{"posix.popen", Execute},
    Row{"posix.system", Execute},
    Row{"psutil.Popen", Execute},
    Row{"pty.*", Execute},
    Row{"pydoc.pipepager", Execute},
    Row{"requests.*", Network},
    Row{"runpy.*", Evaluate},
    Row{"setuptools.*", Execute},
    Row{"sh.*", Execute},
    Row{"shelve.open", Unpickle},
    Row{"shutil.chown", FileWrite},
    Row{"shutil.move", FileWrite},
    Row{"shutil.rmtree", FileWrite},
    Row{"signal.signal", Deferred},
    Row{"smtplib.*", Network},
    Row{"socket.create_connection", Network},
    Row{"socket.create_server", Network},
    Row{"socket.socket", Network},
    Row{"socketserver.*", Network},
    Row{"ssl.get_server_certificate", Network},
    Row{"ssl.wrap_socket", Network},
    Row{"subprocess.*", Execute},
    Row{"sys._getframe", Attribute},
    Row{"sys.meta_path.*", Tamper},
    Row{"sys.setprofile", Tamper},
    Row{"sys.settrace", Tamper},
    Row{"telnetlib.*", Network},
    Row{"threading.Thread", Deferred},
    Row{"threading.Timer", Deferred},
    Row{"timeit.timeit", Evaluate},
    Row{"torch.classes.load_library", NativeLoad},
    Row{"torch.hub.load", Import},
    Row{"torch.ops.load_library", NativeLoad},
    Row{"torch.utils.cpp_extension.load", NativeLoad},
    Row{"torch.utils.cpp_extension.load_inline", NativeLoad},
    Row{"types.CodeType", Evaluate},
    Row{"types.FunctionType", Evaluate},
    Row{"urllib.request.*", Network},
    Row{"urllib.urlopen", Network},
    Row{"urllib.urlretrieve", Network},
    Row{"urllib2.*", Network},
    Row{"urllib3.*", Network},
    Row{"webbrowser.*", Execute},
    Row{"websocket.*", Network},
    Row{"websockets.*", Network},
    Row{"winreg.*", Tamper},
    Row{"xmlrpc.client.*", Network},
    Row{"yaml.full_load", None},
    Row{"yaml.load", Unpickle},
    Row{"yaml.unsafe_load", Unpickle},
    Row{"zlib.decompress", None, true},
};
static_assert(std::ranges::is_sorted(kRows, {}, &Row::name));

constexpr std::array kAliases = {
    std::pair<std::string_view, std::string_view>{"K", "keras.backend"},
    std::pair<std::string_view, std::string_view>{"np", "numpy"},
    std::pair<std::string_view, std::string_view>{"pd", "pandas"},
    std::pair<std::string_view, std::string_view>{"sp", "subprocess"},
    std::pair<std::string_view, std::string_view>{"tf", "tensorflow"},
};

const Row* exact(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(kRows, name, {}, &Row::name);
  return found != kRows.end() && found->name == name ? found : nullptr;
}

// "a.b.*" for the longest "a.b" that `dotted` lies below.
const Row* covering(std::string_view dotted) {
  for (std::size_t dot = dotted.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = dotted.rfind('.', dot - 1)) {
    const std::string_view module = dotted.substr(0, dot);
    const auto* const found = std::ranges::lower_bound(
        kRows, module, {}, [&](const Row& row) { return row.name.substr(0, module.size()); });
    for (const Row* row = found; row != kRows.end() && row->name.starts_with(module); ++row)
      if (row->name.size() == module.size() + 2 && row->name.ends_with(".*")) return row;
  }
  return nullptr;
}

}  // namespace

CodeEffect code_effect(std::string_view dotted) {
  const Row* row = exact(dotted);
  if (row == nullptr) row = covering(dotted);
  if (row == nullptr) return {};
  return {.effect = row->effect, .decodes = row->decodes, .name = row->name};
}

std::string_view unaliased(std::string_view name) {
  const auto* const found =
      std::ranges::find(kAliases, name, &std::pair<std::string_view, std::string_view>::first);
  return found == kAliases.end() ? name : found->second;
}

}  // namespace bulwark::scan
