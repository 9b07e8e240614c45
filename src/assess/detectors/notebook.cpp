// Notebooks, and servers that run them.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Config, "start-notebook.sh", "Jupyter server"},
    {In::Config, "jupyter lab", "Jupyter server"},
    {In::Config, "jupyter notebook", "Jupyter server"},
    {In::Config, "jupyterhub", "Jupyter server"},
    {In::Config, "jupyter/scipy-notebook", "Jupyter server"},
    {In::Config, "jupyter/base-notebook", "Jupyter server"},
    {In::Config, "jupyter/datascience-notebook", "Jupyter server"},
    {In::Config, "jupyter/tensorflow-notebook", "Jupyter server"},
    {In::Config, "jupyter/pytorch-notebook", "Jupyter server"},
    {In::Config, "jupyter/pyspark-notebook", "Jupyter server"},
    {In::Path, "jupyter_notebook_config.py", "Jupyter server"},
    {In::Path, "jupyter_server_config.py", "Jupyter server"},
    {In::Path, "jupyterhub_config.py", "Jupyter server"},
    {In::Object, "kubeflow.org/Notebook", "Kubeflow notebook"},
};

void look(const File& file, Findings& findings) {
  if (file.notebook)
    findings.add(Kind::Notebook, file.path, Confidence::Sure, file, 0, {}, "holds cells of a notebook");
}

}  // namespace

const Detector notebook{.kind = Kind::Notebook, .markers = kMarkers, .look = look};

}  // namespace bulwark::assess::detectors
