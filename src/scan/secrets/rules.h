#pragma once
// The texts of BW-SEC. One rule is one family of providers: what the key opens and where it is revoked. The
// order of the fix is always the same: revoke, then remove, because history and clones keep what a commit
// removes.

#include <array>

#include "core/rule.h"

namespace bulwark::scan::secrets {

inline constexpr std::array kRules = {
    Rule{.id = "BW-NB-001",
         .title = "notebook holds a secret in a cell or its output",
         .severity = Severity::High,
         .atlas = "AML.T0055",
         .why = "Notebooks are shared with their outputs: what was printed once is in every copy, and "
                "clearing the source of the cell does not clear it.",
         .fix = "Revoke the credential, read it from the environment or a secret store in the cell, "
                "clear the outputs and remove the value from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-001",
         .title = "private key in a text",
         .severity = Severity::Critical,
         .atlas = "AML.T0055 AML.T0012",
         .why = "Whoever has the key signs, decrypts or logs in as its owner; every copy of the file "
                "and of its history is enough.",
         .fix = "Generate a new key pair and take the old public key out of every place that trusts "
                "it; then remove the key from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-002",
         .title = "AWS credential in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055 AML.T0012",
         .why = "The key works from anywhere: buckets with training data and models are read or "
                "replaced, and accelerators are rented on the owner's bill.",
         .fix = "Deactivate the access key in IAM and create a new one (better: a role without keys); "
                "look through CloudTrail for its use; then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-003",
         .title = "Google Cloud credential in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055 AML.T0012",
         .why = "The key calls every API that it is not restricted from, model endpoints included, on "
                "the owner's bill and with the service account's rights.",
         .fix = "Delete the key in the console (APIs & Services > Credentials, or IAM > Service "
                "accounts > Keys), use workload identity instead, then remove it from the file and "
                "from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-004",
         .title = "Azure or Microsoft credential in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055 AML.T0012",
         .why = "The secret reads storage accounts, calls model deployments or acts as the "
                "application that it belongs to.",
         .fix = "Rotate it (App registrations > Certificates & secrets, or az storage account keys "
                "renew), prefer a managed identity, then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-005",
         .title = "GitHub token in a text",
         .severity = Severity::Critical,
         .atlas = "AML.T0055 AML.T0010.001 AML.T0095.000",
         .why = "The token pushes code, changes workflows and publishes packages in its owner's name: "
                "a supply chain attack needs nothing more.",
         .fix = "Revoke it (Settings > Developer settings > Tokens), read the security log, use the "
                "job's own token or a GitHub App instead, then remove it from the file and from "
                "history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-006",
         .title = "GitLab token in a text",
         .severity = Severity::Critical,
         .atlas = "AML.T0055 AML.T0010.001",
         .why = "The token pushes code, registers runners or reads CI variables in its owner's name.",
         .fix = "Revoke it (Preferences > Access tokens, or Settings > CI/CD > Runners), then remove "
                "it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-007",
         .title = "Slack credential in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055",
         .why = "The token reads conversations and posts as a trusted colleague or bot; a webhook "
                "posts whatever an attacker writes.",
         .fix = "Revoke it (api.slack.com/apps > OAuth & Permissions, or regenerate the webhook), "
                "then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-008",
         .title = "Hugging Face token in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055 AML.T0010.003",
         .why = "A token with write access replaces models and data sets that others load; one with "
                "read access takes private ones.",
         .fix = "Invalidate it (Settings > Access Tokens), make a fine-grained one that only reads "
                "what the job needs, then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-009",
         .title = "OpenAI API key in a text",
         .severity = Severity::Critical,
         .atlas = "AML.T0055 AML.T0034",
         .why = "The key runs models on the owner's bill and reads files, assistants and fine-tuned "
                "models of the project.",
         .fix = "Revoke the key in the dashboard, set a budget limit, load the new one from a secret "
                "store, then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-010",
         .title = "Anthropic API key in a text",
         .severity = Severity::Critical,
         .atlas = "AML.T0055 AML.T0034",
         .why = "The key runs models on the owner's bill; an admin key manages members and keys of "
                "the organisation.",
         .fix = "Disable the key in the console, load the new one from a secret store, then remove it "
                "from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-011",
         .title = "key of a model service in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055 AML.T0034",
         .why = "The key runs models on the owner's bill and reads the prompts, traces or fine-tuned "
                "models that are kept there.",
         .fix = "Revoke the key with the provider, load the new one from a secret store, then remove "
                "it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-012",
         .title = "credential of an experiment tracker in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055 AML.T0010.003",
         .why = "The key reads every run and rewrites or registers models that are then deployed.",
         .fix = "Rotate the key in the tracker, give jobs their own accounts, load it from the "
                "environment, then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-013",
         .title = "credential of a data platform in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055 AML.T0012",
         .why = "The token reads or changes the data that models are trained on, and may start "
                "clusters.",
         .fix = "Revoke the token with the provider and check its audit log, then remove it from the "
                "file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-014",
         .title = "credential of a package registry in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055 AML.T0010.001",
         .why = "The token publishes a package in the owner's name; everybody who installs it runs "
                "the attacker's code.",
         .fix = "Revoke the token, publish with short-lived identities (trusted publishing), check "
                "the releases since it was committed, then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-015",
         .title = "credential of a payment or trading service in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055",
         .why = "The key moves money or reads customers and payments.",
         .fix = "Roll the key in the provider's dashboard, look through its request log, then remove "
                "it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-016",
         .title = "credential of a messaging service in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055",
         .why = "The token sends messages in the owner's name and reads those that come in: a path to "
                "phishing and, for bots in front of a model, to its users.",
         .fix = "Revoke the token with the provider, then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-017",
         .title = "credential of a shop platform in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055",
         .why = "The token reads customers and orders and changes the shop.",
         .fix = "Uninstall the app or rotate its credentials, then remove the token from the file and "
                "from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-018",
         .title = "credential of infrastructure in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055 AML.T0012",
         .why = "The token changes clusters, networks, deployments or opens other secrets: the way "
                "from a repository into production.",
         .fix = "Revoke the token, prefer short-lived identities of the workload, look through the "
                "audit log, then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-019",
         .title = "credential of a monitoring service in a text",
         .severity = Severity::Medium,
         .atlas = "AML.T0055",
         .why = "The key reads logs and traces, which hold prompts and personal data, or floods and "
                "silences the monitoring.",
         .fix = "Revoke the key with the provider, then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-020",
         .title = "JSON Web Token in a text",
         .severity = Severity::Medium,
         .atlas = "AML.T0055",
         .why = "Until it expires the token is its owner, for every service that accepts its issuer.",
         .fix = "End the session or rotate the signing key if the token is still valid, then remove "
                "it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-021",
         .title = "credentials in a URL",
         .severity = Severity::High,
         .atlas = "AML.T0055",
         .why = "A URL travels: into logs, shell histories, error messages and the reports of other "
                "tools, with the password in it.",
         .fix = "Change the password, take user and password out of the URL and pass them in the "
                "environment, then remove them from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-022",
         .title = "credentials on a curl command line",
         .severity = Severity::Medium,
         .atlas = "AML.T0055",
         .why = "The header or user that is written here works for everybody who can read the file; "
                "on a shared machine the process list shows it, too.",
         .fix = "Revoke the credential, write `-H \"Authorization: Bearer $TOKEN\"` or a .netrc outside "
                "of the repository instead, then remove it from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-023",
         .title = "credential of a development service in a text",
         .severity = Severity::Medium,
         .atlas = "AML.T0055 AML.T0010.001",
         .why = "The token reads code, issues and findings that are not public, or switches features "
                "and builds.",
         .fix = "Revoke the token with the provider, then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-024",
         .title = "credential of an identity provider in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055 AML.T0012",
         .why = "The token creates users, resets factors and lets applications in.",
         .fix = "Revoke the token in the provider's administration, look through the system log, then "
                "remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-025",
         .title = "credential of an online service in a text",
         .severity = Severity::Medium,
         .atlas = "AML.T0055",
         .why = "The key calls the service in the owner's name and against the owner's quota, and "
                "reads what the account may read.",
         .fix = "Regenerate the key with the provider, then remove it from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-026",
         .title = "Kubernetes Secret with values in a text",
         .severity = Severity::High,
         .atlas = "AML.T0055",
         .why = "base64 is no encryption: whoever reads the manifest has the values.",
         .fix = "Rotate what is in it; keep the manifest out of the repository or seal it "
                "(SealedSecret, ExternalSecret, SOPS), then remove the values from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-027",
         .title = "value that looks like a key",
         .severity = Severity::Low,
         .atlas = "AML.T0055 AML.T0095.000",
         .why = "A random value under a name such as token or secret is usually what it says.",
         .fix = "If it opens anything: revoke it, load it from the environment or a secret store, "
                "remove it from history. If not: rename it or accept this finding by its fingerprint.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-028",
         .title = "password in a text",
         .severity = Severity::Low,
         .atlas = "AML.T0055 AML.T0095.000",
         .why = "A password that is written down once is used by everybody who reads the file, and it "
                "works elsewhere, too.",
         .fix = "Change the password, load it from the environment or a secret store, then remove it "
                "from the file and from history.",
         .controls = "SC-SECRET"},
    Rule{.id = "BW-SEC-029",
         .title = "credential in the configuration of an agent",
         .severity = Severity::High,
         .atlas = "AML.T0083 AML.T0055",
         .why = "An agent reads its own configuration, and instructions hidden in what it processes "
                "can make it print or send the credential; the tool behind it then obeys the "
                "attacker.",
         .fix = "Revoke the credential, write a reference to the environment in its place (such as "
                "${NAME}), give the agent one with the least rights, then remove it from history.",
         .controls = "SC-SECRET"},
};

}  // namespace bulwark::scan::secrets
