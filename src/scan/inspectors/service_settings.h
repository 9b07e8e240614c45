#pragma once
// Environment variables that configure a server of a machine-learning platform, wherever they are set:
// Dockerfile ENV, compose and Kubernetes environments, .env files, systemd units.

#include <array>
#include <span>
#include <vector>

#include "scan/inspectors/airflow_rules.h"
#include "scan/inspectors/launch_lines.h"
#include "scan/inspectors/server_rules.h"

namespace bulwark::scan {

// Raises rules of kSettingRules. The settings belong to one service: some only matter beside others.
void judge_settings(Inspection& in, std::span<const Setting> settings);

namespace inspectors {

inline constexpr auto kSettingRules =
    both(kAirflowRules, std::array{kMlflowMiddleware, kMlflowWildcard, kMlflowPlainHttp,
                                   kTorchServeManagement, kTorchServeUrls, kTorchServeToken,
                                   kTorchServeModelApi, kTorchServePlainHttp, kRemoteCode, kDangerousSwitch});

}  // namespace inspectors
}  // namespace bulwark::scan
