// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/terminal.h"
#include "client/cpp/error.h"

namespace phasic {
namespace {

constexpr double kDefaultTimeout = 30;

constexpr char kDetails[] =
    R"(exit codes:
  0  done
  1  the server refused the call, or a validated circuit has violations, or a checked store has faults
  2  the command line, or a file that it names, is wrong, or the answer could not be written
  3  the server could not be reached, or did not answer in time

Errors are told on standard error. With --json, those of the server are also told on standard output, as {"error": ...}.)";

Command RootCommand() {
  Command root;
  root.name = "phasic";
  root.summary =
      "Talks to a phasic server: agents that learn from reward, and the circuits they are made of.";
  root.details = kDetails;
  root.options = {
      {"server", Type::kText, "ADDRESS",
       absl::StrCat("HOST:PORT or unix:/PATH. Without it, the environment's ",
                    client::kTargetVariable, ", else ", client::kDefaultTarget, ".")},
      {"timeout", Type::kPositive, "SECONDS",
       absl::StrCat(
           "How long a call may take; ", kDefaultTimeout,
           " unless said, and as long as it takes to move or check whole agents and stores.")},
      {"json", Type::kSwitch, "", "Answer with one JSON document."},
      {"help", Type::kSwitch, "", "Explain the command."},
      {"version", Type::kSwitch, "", "Print this program's version."},
  };
  root.commands = {AgentsCommand(), SnapshotsCommand(), CircuitsCommand(), ServerCommand(),
                   StoreCommand()};
  return root;
}

absl::StatusOr<Exit> RunCommand(const Parsed& parsed, std::ostream& out) {
  const Args& args = parsed.args;
  const std::string target = args.Text("server", client::DefaultTarget());
  if (const absl::Status fault = client::CheckTarget(target); !fault.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(args.Has("server") ? "--server" : client::kTargetVariable, ": ",
                     std::string(fault.message())));
  }
  client::Options options;
  options.timeout = absl::Seconds(args.Number("timeout").value_or(kDefaultTimeout));
  if (const auto timeout = args.Number("timeout")) {
    options.transfer_timeout = absl::Seconds(*timeout);
  }
  // A command is called once, unless whoever calls it calls it again.
  options.max_tries = 1;
  options.user_agent = "phasic-cli/" PHASIC_VERSION;
  const client::Client server(target, options);
  const Context context{args, server, out, args.Has("json"), IsTerminal() ? TerminalWidth() : 0};
  return parsed.path.back()->run(context);
}

}  // namespace

Exit Run(const std::vector<std::string>& words, std::ostream& out, std::ostream& err) {
  const Command root = RootCommand();
  const absl::StatusOr<Parsed> parsed = Parse(root, words);
  if (!parsed.ok()) {
    err << "phasic: " << std::string(parsed.status().message()) << '\n';
    return Exit::kUsage;
  }
  if (parsed->args.Has("help")) {
    out << Help(parsed->path, TerminalWidth());
    return Exit::kOk;
  }
  if (parsed->args.Has("version")) {
    out << "phasic " PHASIC_VERSION "\n";
    return Exit::kOk;
  }
  const absl::StatusOr<Exit> exit = RunCommand(*parsed, out);
  if (exit.ok()) return *exit;
  const Exit code = ExitOf(exit.status());
  err << "phasic: " << client::ErrorText(exit.status()) << '\n';
  if (parsed->args.Has("json") && code != Exit::kUsage) {
    JsonWriter writer(out);
    WriteError(exit.status(), writer);
  }
  return code;
}

}  // namespace phasic
