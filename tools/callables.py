#!/usr/bin/env python3
"""Writes data/knowledge/callables.tsv: what scan knows about Python callables (src/scan/knowledge/callables.h).

    tools/callables.py [--packages DIR]... [--stdlib DIR]...

Rows of data/knowledge/curated.tsv win. To them the classes of the given package trees are added as safe to make and
to build, if reading their source (nothing is imported or run) shows that every method that unpickling can reach, in
the class and all its bases, only moves data, and the helpers by which Cython restores its classes. Names that a package re-exports from something dangerous are added as
dangerous. Without arguments the generated rows of the present table are kept and the curated ones replaced.
--stdlib adds exceptions and enumerations of a standard library, and its module names to data/knowledge/stdlib.txt.
"""
import argparse
import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent / "data" / "knowledge"
EFFECTS = set("execute evaluate native-load network file-write file-read import attribute unpickle environment "
              "deferred tamper unlisted".split())

# Unpickling reaches these methods without anybody calling them by name (object.__new__, BUILD, APPENDS, SETITEMS,
# dictionary keys, garbage collection).
HOOKS = set("__new__ __setstate__ __setattr__ __getattr__ __getattribute__ __del__ __eq__ __hash__ __setitem__ "
            "__set_name__ append extend add update __reduce__ __reduce_ex__ __getnewargs__".split())
# __reduce__ runs when pickling only.
HOOKS -= {"__reduce__", "__reduce_ex__", "__getnewargs__"}
# What a hook may call: everything that moves data and no more.
CALLS = set("super dict list tuple set frozenset str int float bool bytes len isinstance issubclass hasattr type "
            "hash id repr range zip enumerate sorted min max any all abs object format join get items keys values pop "
            "setdefault update copy append extend insert add __new__ __setstate__ __setattr__ __getattr__ "
            "__getattribute__ __init__ __setitem__ __eq__ __hash__ __missing__ __delattr__ __delitem__ OrderedDict "
            "defaultdict Counter deque warn RuntimeError ValueError TypeError AttributeError KeyError IndexError "
            "NotImplementedError AssertionError startswith endswith split strip lower upper encode decode cast fspath "
            "asarray array zeros ones empty array_equal view astype reshape astuple asdict vars "
            "is_tensor tensor InconsistentVersionWarning UserWarning FutureWarning DeprecationWarning _get_name ref".split())
# A base that no given package defines may be one of these.
BASES = set("object dict list tuple set frozenset str int float bytes Exception ValueError TypeError RuntimeError "
            "KeyError AttributeError NotImplementedError Warning UserWarning DeprecationWarning FutureWarning "
            "RuntimeWarning IndexError OSError ImportError LookupError ArithmeticError AssertionError "
            "ABC abc.ABC enum.Enum enum.IntEnum enum.Flag enum.IntFlag enum.StrEnum Enum typing.NamedTuple NamedTuple "
            "typing.Generic Generic typing.Protocol collections.OrderedDict collections.UserDict collections.UserList "
            "collections.defaultdict collections.abc.Mapping collections.abc.MutableMapping collections.abc.Sequence "
            "collections.abc.MutableSequence collections.abc.Callable collections.abc.Iterable collections.abc.Set "
            "numpy.ndarray torch._C._TensorBase torch._C.Generator".split())
# Whole sub-packages that are about files, processes, compilers or tests: no class of theirs is vouched for.
SHUNNED = set("tests test testing _testing conftest setup io _inductor _dynamo fx jit package distributed multiprocessing onnx "
              "hub cpp_extension datapipes collect_env bottleneck elastic rpc f2py distutils datasets downloader "
              "externals examples benchmarks plotting iolib sandbox tools cli parallel web server app twitter "
              "multiprocessing cuda_extension _vendor compat misc tensorboard benchmark profiler package_importer "
              "printing interactive codegen parsing utilities distributed corpus chat draw viewer".split())
# Functions of these are kept inside models by reference (scorers, metrics, activations); nobody calls them on load.
REFERENCES = ("sklearn.metrics", "sklearn.feature_selection", "sklearn.preprocessing", "scipy.spatial.distance",
              "scipy.stats", "scipy.special", "sklearn.feature_extraction.text", "sklearn.utils.extmath")
RISKY = set("open exec eval compile __import__ import_module getattr system popen Popen run check_output urlopen "
            "remove unlink rmtree load loads dump dumps connect socket write read savetxt loadtxt".split())
ONLY = {"torch": ("torch.nn.", "torch.optim.", "torch.distributions.", "torch.ao.nn.", "torch.ao.quantization.",
                  "torch.quantization.", "torch.nn.quantized", "torch.utils.data.dataset", "torch.utils.data.sampler",
                  "torch.autograd.grad_mode")}


def dotted(node):
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else None
    if isinstance(node, ast.Subscript):
        return dotted(node.value)
    return None


def called(function):
    """Last names of everything the body calls; None for a call of something without a name."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name is None and isinstance(node.func, ast.Attribute):
                name = node.func.attr
            yield name.rsplit(".", 1)[-1] if name else None


class Class:
    def __init__(self, node, scope):
        self.bases = [scope(dotted(base)) for base in node.bases]
        self.plain_meta = all(k.arg == "metaclass" and (dotted(k.value) or "").rsplit(".", 1)[-1] in
                              {"ABCMeta", "EnumMeta", "EnumType"} for k in node.keywords)
        self.hooks_move_data = True
        self.init_moves_data = True
        for item in node.body:
            if not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            setter = any(isinstance(d, ast.Attribute) and d.attr == "setter" for d in item.decorator_list)
            if item.name == "__del__":
                self.hooks_move_data = False
            if (item.name in HOOKS or setter) and not all(name in CALLS for name in called(item)):
                self.hooks_move_data = False
            if item.name in ("__init__", "__new__", "_missing_") and not all(name in CALLS for name in called(item)):
                self.init_moves_data = False


def modules_of(root, package):
    base = root / package
    files = [base.with_suffix(".py")] if base.with_suffix(".py").exists() else sorted(base.rglob("*.py"))
    for file in files:
        parts = list(file.relative_to(root).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        yield ".".join(parts), file


def cython_helpers(root, package):
    """(module, name) of the functions that Cython writes to restore a class: X.__new__(type), then its fields."""
    for file in sorted((root / package).rglob("*.so")):
        module = ".".join(file.relative_to(root).parts).partition(".cpython")[0].removesuffix(".so")
        if not file.is_file() or SHUNNED & set(module.split(".")):
            continue
        for name in set(re.findall(rb"\0(__pyx_unpickle_[A-Za-z_]\w*)\0", file.read_bytes())):
            name = name.decode()
            if not name.endswith("__set_state"):
                yield module, name


def read(module, file, classes, functions, exports):
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    names = {}

    def scope(name):
        if name is None:
            return None
        head, _, rest = name.partition(".")
        if head in names:
            return names[head] + ("." + rest if rest else "")
        return name

    def walk(body):
        for node in body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    names[alias.asname or alias.name.partition(".")[0]] = \
                        alias.name if alias.asname else alias.name.partition(".")[0]
            elif isinstance(node, ast.ImportFrom):
                origin = node.module or ""
                if node.level:
                    up = package.split(".")
                    up = up[:len(up) - node.level + 1]
                    origin = ".".join(up + ([node.module] if node.module else []))
                for alias in node.names:
                    names[alias.asname or alias.name] = f"{origin}.{alias.name}"
                    if node.level == 0:
                        exports.append((module, alias.asname or alias.name, origin, alias.name))
            elif isinstance(node, ast.ClassDef):
                names[node.name] = f"{module}.{node.name}"
                classes[f"{module}.{node.name}"] = Class(node, scope)
            elif isinstance(node, ast.FunctionDef):
                names[node.name] = f"{module}.{node.name}"
                functions[(module, node.name)] = not any(name is None or name in RISKY for name in called(node))
            elif isinstance(node, (ast.If, ast.Try)):
                walk(node.body)
                walk(node.orelse)
                for handler in getattr(node, "handlers", []):
                    walk(handler.body)

    walk(tree.body)
    for name, target in names.items():  # a public alias of a class: pkg.Class -> pkg._impl.Class
        classes.setdefault(f"{module}.{name}", target)


def harmless(name, classes, memo, curated_safe, init=False, depth=0):
    if name is None or depth > 40:
        return False
    if name in BASES or name in curated_safe:
        return True
    key = (name, init)
    if key in memo:
        return memo[key]
    memo[key] = False  # a cycle is not harmless
    entry = classes.get(name)
    while isinstance(entry, str) and entry != name and depth < 40:
        return harmless(entry, classes, memo, curated_safe, init, depth + 1)
    if not isinstance(entry, Class):
        return False
    memo[key] = entry.plain_meta and entry.hooks_move_data and (not init or entry.init_moves_data) and \
        all(harmless(base, classes, memo, curated_safe, init, depth + 1) for base in entry.bases)
    return memo[key]


def curated_rows():
    rows = {}
    for number, line in enumerate((ROOT / "curated.tsv").read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        try:
            module, names, trust, what, flags, provenance = line.split("\t")
        except ValueError:
            sys.exit(f"curated.tsv:{number}: needs six columns")
        if trust == "dangerous" and what not in EFFECTS:
            sys.exit(f"curated.tsv:{number}: unknown effect {what}")
        for name in names.split():
            # Narrow rows win over the broad ones that stand before them; * never replaces a name.
            rows[(module, name)] = (trust, what, flags, provenance)
    return rows


def covering(rows, module, name):
    if (module, name) in rows:
        return rows[(module, name)]
    while module:
        if (module, "*") in rows:
            return rows[(module, "*")]
        module = module.rpartition(".")[0]
    return None


def versions(root):
    found = {}
    for info in list(root.glob("*.egg-info")) + list(root.glob("*.dist-info")):
        name, _, version = info.name.rsplit(".", 1)[0].partition("-")
        found[name.lower().replace("_", "-")] = version.partition("+")[0]
    return found


PROJECT = {"sklearn": "scikit-learn", "skimage": "scikit-image", "imblearn": "imbalanced-learn"}


def generated_rows(package_roots, stdlib_roots, curated):
    rows = {}
    classes, functions, exports, homes = {}, {}, [], {}
    wanted = "numpy scipy pandas sklearn torch torchvision torchaudio torchtext statsmodels imblearn networkx " \
             "gensim skimage nltk skorch xgboost pynndescent patsy xarray".split()
    for root in map(pathlib.Path, package_roots):
        known = versions(root)
        for package in wanted:
            if not (root / package).is_dir() or package in homes:
                continue
            homes[package] = f"{package} {known.get(PROJECT.get(package, package), '?')}"
            for module, file in modules_of(root, package):
                read(module, file, classes, functions, exports)
            for helper in cython_helpers(root, package):
                rows[helper] = ("safe", "call,make,build", "-", "source of " + homes[package])
    safe = {f"{m}.{n}" for (m, n), row in curated.items() if row[0] == "safe"}
    memo = {}
    for full, entry in classes.items():
        module, _, name = full.rpartition(".")
        package = module.partition(".")[0]
        if not isinstance(entry, Class) or package not in homes or SHUNNED & set(module.split(".")):
            continue
        if package in ONLY and not (module + ".").startswith(ONLY[package]):
            continue
        if covering(curated, module, name) or not harmless(full, classes, memo, safe):
            continue
        rows[(module, name)] = ("safe", "make,build", "-", "source of " + homes[package])
    for (module, name), calm in functions.items():
        if calm and (module + ".").startswith(tuple(p + "." for p in REFERENCES)) and not name.startswith("_") \
                and not SHUNNED & set(module.split(".")):
            rows[(module, name)] = ("safe", "-", "-", "source of " + homes[module.partition(".")[0]])
            public = ".".join(p for p in module.split(".") if not p.startswith("_"))
            rows.setdefault((public, name), ("safe", "-", "-", "source of " + homes[module.partition(".")[0]]))
    # The same dangerous thing under a harmless name.
    reach = EFFECTS - {"unlisted", "deferred", "tamper", "attribute", "environment"}
    for module, name, origin, original in exports:
        row = covering(curated, origin, original)
        if {"tests", "test", "testing", "_testing", "conftest"} & set(module.split(".") + origin.split(".")):
            continue
        if origin.startswith(("pytest", "sklearn.datasets", "collections")):
            continue
        if row and row[0] == "dangerous" and row[1] in reach and not covering(curated, module, name):
            rows[(module, name)] = ("dangerous", row[1], "-", f"re-export of {origin}.{original}")
    names = set()
    for root in map(pathlib.Path, stdlib_roots):
        classes, functions, exports = {}, {}, []
        version = root.name
        for entry in sorted(root.iterdir()):
            if entry.name in ("site-packages", "test", "idlelib", "lib2to3", "__pycache__", "turtledemo"):
                continue
            if entry.is_dir() and "-" not in entry.name and entry.name != "lib-dynload":
                for module, file in modules_of(root, entry.name):
                    read(module, file, classes, functions, exports)
            elif entry.suffix == ".py":
                read(entry.stem, entry, classes, functions, exports)
        values = {b for b in BASES if b.rsplit(".", 1)[-1] in
                  {"Enum", "IntEnum", "Flag", "IntFlag", "StrEnum"} or b.endswith(("Error", "Exception", "Warning"))}
        memo = {}
        for full, entry in classes.items():
            if not isinstance(entry, Class):
                continue
            seen, todo = set(), [full]
            while todo:
                current = classes.get(todo.pop())
                if isinstance(current, Class):
                    fresh = set(current.bases) - seen - {None}
                    seen |= fresh
                    todo += fresh
            module, _, name = full.rpartition(".")
            if seen & values and harmless(full, classes, memo, set(), init=True) and (module, name) not in curated \
                    and not SHUNNED & set(module.split(".")):
                rows.setdefault((module, name), ("safe", "call,make,build", "-", f"source of {version}"))
    return rows


def stdlib_names(roots):
    """Top-level names of the standard library: what the roots hold, and the built-in modules of this interpreter."""
    names = set(sys.builtin_module_names) | set(getattr(sys, "stdlib_module_names", ()))
    for root in map(pathlib.Path, roots):
        for entry in list(root.iterdir()) + list((root / "lib-dynload").glob("*.so")):
            stem = entry.name.partition(".")[0]
            if (entry.is_dir() or entry.suffix in (".py", ".so")) and stem.isidentifier() and \
                    stem not in ("site", "__pycache__") or stem == "site":
                names.add(stem)
    return names - {"__pycache__", "__phello__"}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--packages", action="append", default=[], metavar="DIR")
    options.add_argument("--stdlib", action="append", default=[], metavar="DIR")
    options = options.parse_args()
    curated = curated_rows()
    table = ROOT / "callables.tsv"
    if options.packages or options.stdlib:
        rows = generated_rows(options.packages, options.stdlib, curated)
    else:
        rows = {}
        for line in table.read_text().splitlines():
            module, name, *row = line.split("\t")
            if row[3].startswith(("source of ", "re-export of ")):
                rows[(module, name)] = tuple(row)
    rows.update(curated)
    lines = sorted("\t".join((module, name) + row).encode() for (module, name), row in rows.items())
    table.write_bytes(b"".join(line + b"\n" for line in lines))
    if options.stdlib:
        kept = set((ROOT / "stdlib.txt").read_text().split()) if (ROOT / "stdlib.txt").exists() else set()
        names = sorted(n.encode() for n in kept | stdlib_names(options.stdlib))
        (ROOT / "stdlib.txt").write_bytes(b"".join(n + b"\n" for n in names))
    print(f"{len(lines)} rows, {len(curated)} curated", file=sys.stderr)


if __name__ == "__main__":
    main()
