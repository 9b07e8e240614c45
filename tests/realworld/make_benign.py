#!/usr/bin/env python3
"""Writes benign model files with whatever machine-learning libraries are installed: data that nobody here wrote.

usage: make_benign.py FOLDER

Every file must be accepted by `bulwark scan --fail-on medium` without a gap; script/realworld does both. A library
that is missing is skipped and named on standard error. Nothing is loaded, nothing is fetched.
"""
import collections
import datetime
import decimal
import fractions
import functools
import importlib
import ipaddress
import logging
import operator
import pathlib
import pickle
import random
import re
import sys
import types
import uuid
import warnings
import zoneinfo

warnings.filterwarnings("ignore")
PROTOCOLS = (0, 2, 4, 5)


class Folder:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.written = 0

    def file(self, name):
        self.written += 1
        return str(self.path / name)

    def dump(self, name, value, protocols=PROTOCOLS):
        for protocol in protocols:
            try:
                content = pickle.dumps(value, protocol=protocol)
            except Exception as problem:  # not every class supports every protocol
                print(f"  not picklable: {name} at protocol {protocol}: {problem}", file=sys.stderr)
                continue
            pathlib.Path(self.file(f"{name}_p{protocol}.pkl")).write_bytes(content)


def standard_library(out):
    out.dump("collections", [
        collections.OrderedDict(a=1), collections.deque([1, 2], maxlen=3), collections.Counter("abc"),
        collections.defaultdict(list, {"a": [1]}), collections.ChainMap({"a": 1}), collections.UserDict(a=1)])
    out.dump("time", [
        datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc), datetime.date(2026, 1, 2), datetime.time(1, 2),
        datetime.timedelta(1), zoneinfo.ZoneInfo("UTC")])
    out.dump("numbers", [decimal.Decimal("1.5"), fractions.Fraction(1, 3), complex(1, 2), 1 << 200, -0.0])
    out.dump("values", [
        uuid.UUID(int=7), pathlib.PurePosixPath("/a/b"), pathlib.Path("/a"), types.SimpleNamespace(a=1),
        ipaddress.ip_address("192.0.2.1"), ipaddress.ip_network("192.0.2.0/24"), re.compile("a+"), random.Random(1),
        Ellipsis, NotImplemented, range(3), slice(1, 2), frozenset([1]), bytearray(b"x")])
    out.dump("callables", [functools.partial(int, base=2), operator.itemgetter(1), operator.attrgetter("a.b"), len, sum,
                           str.lower, max])
    out.dump("errors", [ValueError("x"), KeyError("k"), OSError(2, "x")])
    out.dump("logger", logging.getLogger("training"))
    out.dump("texts", ["os.system('x')", "eval(1)", "__import__", "cos\nsystem\n(S'x'\ntR.", "subprocess.Popen"])


def numpy_arrays(out):
    np = importlib.import_module("numpy")
    generator = np.random.RandomState(0)
    out.dump("numpy", [
        np.arange(10), np.zeros((3, 4), np.float16), np.array(["a", "bb"]), np.array([1, "a", None], dtype=object),
        np.ma.array([1, 2], mask=[0, 1]), np.random.RandomState(1), np.random.default_rng(1), np.random.PCG64(1),
        np.random.SeedSequence(1), np.dtype([("a", "i4"), ("b", "f8")]), np.float64(1.5), np.bool_(True),
        np.array(["2020-01-01"], dtype="M8[D]"), np.matrix([[1, 2]]), np.poly1d([1, 2]),
        np.polynomial.Polynomial([1, 2]), np.asfortranarray(np.ones((2, 3))), np.add, np.float32, np.ndarray,
        np.rec.array([(1, 2.0)], dtype=[("x", "i4"), ("y", "f8")])])
    np.save(out.file("plain.npy"), np.ones((3, 3)))
    np.save(out.file("objects.npy"), np.array([1, "a", {"x": 2}], dtype=object), allow_pickle=True)
    np.save(out.file("structured.npy"), np.zeros(3, dtype=[("a", "i4"), ("b", "U3")]))
    np.save(out.file("fortran.npy"), np.asfortranarray(generator.rand(4, 5)))
    np.savez(out.file("plain.npz"), a=np.ones(3), b=np.array([1, None], dtype=object))
    np.savez_compressed(out.file("compressed.npz"), a=np.ones(3))
    for seed in range(30):
        generator = np.random.RandomState(seed)
        kinds = {
            "random": np.frombuffer(generator.bytes(200_000), np.uint8),
            "float32": (generator.randn(50_000) * 0.02).astype(np.float32),
            "float16": (generator.randn(50_000) * 0.02).astype(np.float16),
            "int8": (generator.randn(50_000) * 20).astype(np.int8),
            "index": generator.randint(0, 100, 50_000).astype([np.int64, np.int32, np.int16, np.uint8][seed % 4]),
        }
        for kind, values in kinds.items():
            values.tofile(out.file(f"raw_{kind}_{seed}.bin"))


def pandas_frames(out):
    pd = importlib.import_module("pandas")
    frame = pd.DataFrame({
        "a": [1, 2], "b": ["x", "y"], "c": pd.Categorical(["u", "v"]), "d": pd.date_range("2020", periods=2),
        "e": pd.array([1, None], dtype="Int64"), "f": pd.to_timedelta([1, 2]),
        "g": pd.date_range("2020", periods=2, tz="UTC"), "p": pd.period_range("2020", periods=2, freq="D")})
    out.dump("pandas_frame", frame)
    out.dump("pandas_series", frame["a"])
    out.dump("pandas_multi_index", frame.set_index(["a", "b"]))
    out.dump("pandas_interval", pd.cut([1, 2, 3], 2))
    out.dump("pandas_sparse", pd.arrays.SparseArray([0, 0, 1]))
    out.dump("pandas_scalars", [pd.Timestamp("2020"), pd.NaT, pd.Timedelta(1), pd.Interval(0, 1), pd.RangeIndex(5)])
    frame.to_pickle(out.file("pandas.pkl.gz"))
    frame.to_pickle(out.file("pandas.pkl.xz"))


def scipy_objects(out):
    np = importlib.import_module("numpy")
    sparse = importlib.import_module("scipy.sparse")
    spatial = importlib.import_module("scipy.spatial")
    interpolate = importlib.import_module("scipy.interpolate")
    eye = np.eye(3)
    out.dump("scipy_sparse", [sparse.csr_matrix(eye), sparse.coo_matrix(eye), sparse.csc_matrix(eye),
                              sparse.lil_matrix(eye), sparse.dok_matrix(eye)])
    out.dump("scipy", [interpolate.interp1d([1, 2, 3], [1, 2, 3]), interpolate.CubicSpline([1, 2, 3], [1, 2, 4]),
                       spatial.cKDTree(np.random.RandomState(0).rand(20, 2))], protocols=(2, 4, 5))


def sklearn_estimators(out):
    np = importlib.import_module("numpy")
    joblib = importlib.import_module("joblib")
    importlib.import_module("sklearn.experimental.enable_iterative_imputer")
    from sklearn import compose, feature_extraction, model_selection, pipeline, preprocessing, svm
    from sklearn.utils import all_estimators
    compressions = (0, 3, ("xz", 3), ("bz2", 3), ("gzip", 3), ("lz4", 3), ("lzma", 3))
    features = np.random.RandomState(0).rand(60, 4)
    labels = (features[:, 0] > 0.5).astype(int)
    for number, (name, kind) in enumerate(all_estimators()):
        estimator = None
        for fit in (lambda e: e.fit(features, labels), lambda e: e.fit(features), lambda e: e):
            try:
                estimator = fit(kind())
                break
            except Exception:  # meta-estimators need arguments that this script does not know
                continue
        if estimator is None:
            continue
        out.dump(f"sklearn_{name}", estimator, protocols=(4,))
        joblib.dump(estimator, out.file(f"sklearn_{name}.joblib"), compress=compressions[number % len(compressions)])
    scale = compose.ColumnTransformer([
        ("scale", preprocessing.StandardScaler(), [0, 1]),
        ("log", preprocessing.FunctionTransformer(np.log1p), [2])])
    search = model_selection.GridSearchCV(svm.SVC(), {"C": [1, 2]}, cv=2)
    model = pipeline.Pipeline([("prepare", scale), ("search", search)]).fit(features, labels)
    out.dump("sklearn_pipeline", model)
    joblib.dump(model, out.file("sklearn_pipeline.joblib"))
    words = feature_extraction.text.TfidfVectorizer().fit(["hello world", "os.system rm -rf", "eval exec"])
    out.dump("sklearn_vectorizer", words)
    joblib.dump({"a": np.arange(1000.0), "b": [np.ones((3, 3)), np.array(["a", None], dtype=object)]},
                out.file("arrays.joblib"))


def torch_models(out):
    torch = importlib.import_module("torch")
    np = importlib.import_module("numpy")
    nn = torch.nn
    for number, name in enumerate(dir(nn)):
        kind = getattr(nn, name)
        if not (isinstance(kind, type) and issubclass(kind, nn.Module)):
            continue
        for arguments in ((), (4,), (4, 4), (4, 4, 3), (4, 4, 4, 2)):
            try:
                module = kind(*arguments)
            except Exception:
                continue
            torch.save(module, out.file(f"nn_{name}.pt"), _use_new_zipfile_serialization=number % 3 != 0)
            break
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "LBFGS"):
        optimiser = getattr(torch.optim, name)(net.parameters(), lr=0.1)
        schedule = torch.optim.lr_scheduler.StepLR(optimiser, 3)
        torch.save({"model": net.state_dict(), "optimiser": optimiser.state_dict(), "object": optimiser,
                    "schedule": schedule.state_dict(), "epoch": 3}, out.file(f"checkpoint_{name}.pth"))
    torch.save({
        "bfloat16": torch.zeros(3, dtype=torch.bfloat16), "sparse": torch.eye(3).to_sparse(),
        "quantised": torch.quantize_per_tensor(torch.rand(3), 0.1, 0, torch.qint8), "complex": torch.tensor(1 + 2j),
        "parameter": nn.Parameter(torch.ones(2)), "transposed": torch.ones(2, 3).t(), "device": torch.device("cpu"),
        "size": torch.Size([1]), "rng": torch.get_rng_state(), "numpy_rng": np.random.get_state(),
        "python_rng": random.getstate(), "type": torch.bool}, out.file("tensors.pt"))
    for number, module in enumerate((nn.Sequential(nn.Linear(2, 2), nn.ReLU()), nn.LSTM(2, 2))):
        script = torch.jit.script(module)
        script.save(out.file(f"script_{number}.pt"))
        script._save_for_lite_interpreter(out.file(f"script_{number}.ptl"))
    traced = torch.jit.trace(nn.Conv2d(3, 4, 3), torch.rand(1, 3, 8, 8))
    traced.save(out.file("trace.pt"))
    torch.jit.freeze(traced.eval()).save(out.file("frozen.pt"))
    torch.onnx.export(net, torch.rand(1, 3, 3, 3), out.file("net.onnx"))


def hdf5_files(out):
    h5py = importlib.import_module("h5py")
    np = importlib.import_module("numpy")
    with h5py.File(out.file("latest.h5"), "w", libver="latest") as file:
        group = file.create_group("group")
        group.create_dataset("values", data=np.random.RandomState(0).rand(100, 10), chunks=True, compression="gzip")
        for i in range(40):
            group.attrs[f"attribute{i}"] = i
            group.create_group(f"group{i}")
    with h5py.File(out.file("plain.h5"), "w") as file:
        file["values"] = np.arange(10)
        file["soft"] = h5py.SoftLink("/values")
        file["texts"] = np.array(["a", "b"], dtype=h5py.string_dtype())
        file["table"] = np.zeros(3, dtype=[("a", "i4"), ("b", "f8")])
        file.attrs["model_config"] = (
            '{"class_name":"Sequential","config":{"name":"s","layers":'
            '[{"class_name":"Dense","config":{"name":"d","units":2,"activation":"relu"}}]}}')


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = Folder(sys.argv[1])
    for make in (standard_library, numpy_arrays, pandas_frames, scipy_objects, sklearn_estimators, torch_models,
                 hdf5_files):
        try:
            make(out)
        except ImportError as missing:
            print(f"skipped {make.__name__}: {missing}", file=sys.stderr)
    print(out.written, "files")


if __name__ == "__main__":
    main()
