#pragma once
// Words that every form of an assessment uses. Internal to report/.

#include <string>
#include <string_view>
#include <vector>

#include "assess/assessment.h"

namespace bulwark::report {

// "3 techniques", "1 technique".
[[nodiscard]] std::string counted(std::size_t count, std::string_view one, std::string_view many = {});
// "2 incidents, 1 exercise; newest 2024-07" or empty.
[[nodiscard]] std::string cases_words(const assess::Threat& threat);
// "MLflow tracking (docker-compose.yml:24), FastAPI (churn/serve.py:5) and 3 more": the components that make
// it apply, best known first, of different kinds first.
[[nodiscard]] std::string because_words(const assess::Assessment& assessment, const assess::Threat& threat,
                                        std::size_t most);
// "churn/serve.py:5"; empty if nobody saw it.
[[nodiscard]] std::string place_of(const assess::Component& component);
// "grey box; may publish what the system takes in, or …"
[[nodiscard]] std::string attacker_words(const assess::Applicability& rule);
// Threats of a catalogue seen in real incidents.
[[nodiscard]] std::size_t realized(const assess::Assessment& assessment,
                                   const std::vector<std::size_t>& threats);

}  // namespace bulwark::report
