// Machines, networks and buckets that are written down as code.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Path, "*.tf", "Terraform"},         {In::Path, "*.tf.json", "Terraform"},
    {In::Path, "*.tofu", "Terraform"},       {In::Path, "pulumi.y*ml", "Pulumi"},
    {In::Path, "*.bicep", "Bicep"},          {In::Config, "awstemplateformatversion", "CloudFormation"},
    {In::Path, "playbook*.y*ml", "Ansible"}, {In::Path, "ansible.cfg", "Ansible"},
    {In::Path, "cdk.json", "AWS CDK"},
};

}  // namespace

const Detector infrastructure{.kind = Kind::Infrastructure, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
