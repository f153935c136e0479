// SPDX-License-Identifier: Apache-2.0
#include "server/config.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <limits>
#include <string_view>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status_macros.h"

namespace phasic {
namespace {

constexpr int64_t kMiB = 1 << 20;

absl::Status Bad(const std::string& flag, const std::string& fault) {
  return absl::InvalidArgumentError(absl::StrCat("--", flag, " ", fault));
}

absl::Status ReadNumber(const std::string& flag, const std::string& text, int64_t low, int64_t high,
                        int64_t* number) {
  if (!absl::SimpleAtoi(text, number) || *number < low || *number > high) {
    return Bad(flag,
               absl::StrCat("must be a number from ", low, " to ", high, ", not \"", text, "\""));
  }
  return absl::OkStatus();
}

absl::Status ReadSeconds(const std::string& flag, const std::string& text, double low,
                         std::chrono::milliseconds* time) {
  constexpr double kMost = 365.0 * 24 * 3'600;
  double seconds = 0;
  if (!absl::SimpleAtod(text, &seconds) || !(seconds >= low && seconds <= kMost)) {
    return Bad(flag, absl::StrCat("must be ", low, " to ", kMost, " seconds, not \"", text, "\""));
  }
  *time = std::chrono::milliseconds(static_cast<int64_t>(seconds * 1e3));
  return absl::OkStatus();
}

// "16M", "16MiB" or 16777216.
absl::Status ReadBytes(const std::string& flag, const std::string& text, int64_t low, int64_t high,
                       int64_t* bytes) {
  size_t digits = 0;
  while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
  const std::string unit = text.substr(digits);
  constexpr std::string_view kUnits = "KMGT";
  int64_t scale = 1;
  bool good = absl::SimpleAtoi(text.substr(0, digits), bytes);
  if (!unit.empty() && good) {
    const size_t power = kUnits.find(unit[0]);
    good = power != std::string_view::npos && (unit.size() == 1 || unit.substr(1) == "iB");
    if (good) scale = int64_t{1} << (10 * (power + 1));
  }
  if (!good || *bytes > high / scale || *bytes * scale < low) {
    return Bad(flag, absl::StrCat("must be a size from ", low, " to ", high,
                                  " bytes, e.g. 512M or 4G, not \"", text, "\""));
  }
  *bytes *= scale;
  return absl::OkStatus();
}

// HOST:PORT or [ADDRESS]:PORT, with the host apart. "localhost" becomes 127.0.0.1: a name with two
// addresses could be taken on one and free on the other.
absl::Status ReadAddress(const std::string& text, std::string* host, std::string* address) {
  const size_t colon = text.rfind(':');
  int64_t port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 || port > 65535) {
    return Bad("listen", absl::StrCat("must be HOST:PORT, not \"", text, "\""));
  }
  *host = text.substr(0, colon);
  const bool bracketed = host->front() == '[' && host->back() == ']';
  if (!bracketed && host->find(':') != std::string::npos) {
    return Bad("listen", absl::StrCat("needs brackets around an IPv6 address: \"", text, "\""));
  }
  if (*host == "localhost") *host = "127.0.0.1";
  *address = absl::StrCat(*host, ":", port);
  return absl::OkStatus();
}

bool IsLoopback(const std::string& host) { return host.starts_with("127.") || host == "[::1]"; }

absl::Status ReadListen(const std::string& text, Config* config) {
  config->listen.clear();
  if (text == "none") return absl::OkStatus();
  for (const auto part : absl::StrSplit(text, ',')) {
    std::string host, address;
    RETURN_IF_ERROR(ReadAddress(std::string(part), &host, &address));
    config->listen.push_back(address);
  }
  return absl::OkStatus();
}

struct Flag {
  const char* name;
  const char* argument;  // empty: none
  const char* help;
  absl::Status (*read)(const Flag& flag, const std::string& text, Config* config);
};

using std::string;

const Flag kFlags[] = {
    {"listen", "HOST:PORT[,...]",
     "where to listen; port 0 takes a free one; \"none\": nowhere (127.0.0.1:50051)",
     [](const Flag&, const string& text, Config* c) { return ReadListen(text, c); }},
    {"unix", "PATH", "listen on this Unix socket too",
     [](const Flag&, const string& text, Config* c) {
       c->unix_path = text;
       return absl::OkStatus();
     }},
    {"store", "URI",
     "where agents are kept: sqlite:///ABSOLUTE/PATH, or \"memory:\" for nowhere "
     "(phasic/phasic.db in $XDG_STATE_HOME or ~/.local/state)",
     [](const Flag& flag, const string& text, Config* c) {
       constexpr std::string_view kSqlite = "sqlite:///";
       if (text != "memory:" && (!text.starts_with(kSqlite) || text.size() == kSqlite.size())) {
         return Bad(flag.name,
                    absl::StrCat("must be memory: or sqlite:///ABSOLUTE/PATH, not \"", text, "\""));
       }
       c->store = text;
       return absl::OkStatus();
     }},
    {"hibernate-after", "SECONDS",
     "an agent without a call for so long leaves memory until the next one (600)",
     [](const Flag& flag, const string& text, Config* c) {
       return ReadSeconds(flag.name, text, 0.1, &c->habits.hibernate_after);
     }},
    {"snapshot-period", "SECONDS", "how often the states of SNAPSHOT agents are stored (60)",
     [](const Flag& flag, const string& text, Config* c) {
       return ReadSeconds(flag.name, text, 0.1, &c->habits.snapshot_period);
     }},
    {"insecure", "",
     "allow to listen beyond loopback, although anybody who reaches the port may then do anything",
     [](const Flag& flag, const string& text, Config* c) {
       if (!absl::SimpleAtob(text, &c->insecure)) return Bad(flag.name, "must be true or false");
       return absl::OkStatus();
     }},
    {"max-agents", "N", "agents at most, those that sleep too (1000000)",
     [](const Flag& flag, const string& text, Config* c) {
       return ReadNumber(flag.name, text, 1, 100'000'000, &c->limits.max_agents);
     }},
    {"max-total-bytes", "SIZE", "state in memory of all agents at most (half of the memory)",
     [](const Flag& flag, const string& text, Config* c) {
       return ReadBytes(flag.name, text, kMiB, int64_t{1} << 50, &c->limits.max_total_bytes);
     }},
    {"max-agent-bytes", "SIZE", "state of one agent at most (1G, which is the most)",
     [](const Flag& flag, const string& text, Config* c) {
       return ReadBytes(flag.name, text, 1024, limits::kMaxStateBytes, &c->limits.max_agent_bytes);
     }},
    {"max-message-bytes", "SIZE", "one message at most (16M)",
     [](const Flag& flag, const string& text, Config* c) {
       return ReadBytes(flag.name, text, kMiB, 2'047 * kMiB, &c->limits.max_message_bytes);
     }},
    {"max-waiting-turns", "N", "calls that may wait for one agent at most (1024)",
     [](const Flag& flag, const string& text, Config* c) {
       int64_t number = 0;
       RETURN_IF_ERROR(ReadNumber(flag.name, text, 0, 1'000'000, &number));
       c->limits.max_waiting_turns = static_cast<int>(number);
       return absl::OkStatus();
     }},
    {"pollers", "N", "threads that serve steps (half of the cores)",
     [](const Flag& flag, const string& text, Config* c) {
       int64_t number = 0;
       RETURN_IF_ERROR(ReadNumber(flag.name, text, 1, 256, &number));
       c->pollers = static_cast<int>(number);
       return absl::OkStatus();
     }},
    {"drain-timeout", "SECONDS", "when told to stop, wait so long for calls in flight (15)",
     [](const Flag& flag, const string& text, Config* c) {
       if (!absl::SimpleAtod(text, &c->drain_seconds) || !(c->drain_seconds >= 0) ||
           c->drain_seconds > 3'600) {
         return Bad(flag.name, absl::StrCat("must be 0 to 3600 seconds, not \"", text, "\""));
       }
       return absl::OkStatus();
     }},
    {"help", "", "print this and exit",
     [](const Flag&, const string&, Config* c) {
       c->action = Config::Action::kHelp;
       return absl::OkStatus();
     }},
    {"version", "", "print the version and exit",
     [](const Flag&, const string&, Config* c) {
       c->action = Config::Action::kVersion;
       return absl::OkStatus();
     }},
};

// --max-agents: PHASICD_MAX_AGENTS.
std::string VariableOf(const Flag& flag) {
  std::string name = absl::StrCat("PHASICD_", flag.name);
  for (char& c : name) {
    c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

absl::Status ReadFlags(std::span<const char* const> arguments, Config* config) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    const size_t equals = std::min(argument.find('='), argument.size());
    const auto flag = std::find_if(std::begin(kFlags), std::end(kFlags), [&](const Flag& f) {
      return argument.substr(0, equals) == absl::StrCat("--", f.name);
    });
    if (flag == std::end(kFlags)) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown argument \"", arguments[i], "\"; --help lists the flags"));
    }
    std::string text = "true";
    if (equals < argument.size()) {
      text = argument.substr(equals + 1);
    } else if (flag->argument[0] != '\0') {
      if (i + 1 == arguments.size()) return Bad(flag->name, absl::StrCat("needs ", flag->argument));
      text = arguments[++i];
    }
    RETURN_IF_ERROR(flag->read(*flag, text, config));
  }
  return absl::OkStatus();
}

absl::Status Check(const Config& config) {
  if (config.listen.empty() && config.unix_path.empty()) {
    return Bad("listen", "is none and there is no --unix: nobody could call");
  }
  for (const std::string& address : config.listen) {
    if (!config.insecure && !IsLoopback(address.substr(0, address.rfind(':')))) {
      return Bad("listen",
                 absl::StrCat(address,
                              " is beyond loopback. There is no TLS and no authentication: "
                              "anybody who reaches that port may do anything. If that is "
                              "what you want, say --insecure"));
    }
  }
  return absl::OkStatus();
}

// Where the XDG base directory specification has state that should persist.
absl::StatusOr<std::string> DefaultStore(const Environment& env) {
  const char* const state = env("XDG_STATE_HOME");
  if (state != nullptr && state[0] == '/') {
    return absl::StrCat("sqlite://", state, "/phasic/phasic.db");
  }
  const char* const home = env("HOME");
  if (home != nullptr && home[0] == '/') {
    return absl::StrCat("sqlite://", home, "/.local/state/phasic/phasic.db");
  }
  return Bad("store", "must be given: neither XDG_STATE_HOME nor HOME says where state may be");
}

}  // namespace

absl::StatusOr<Config> ReadConfig(std::span<const char* const> arguments, const Environment& env) {
  Config config;
  config.limits.max_total_bytes = DefaultTotalBytes();
  for (const Flag& flag : kFlags) {
    const std::string variable = VariableOf(flag);
    const char* const text = env(variable.c_str());
    if (text == nullptr || config.action != Config::Action::kServe) continue;
    if (absl::Status status = flag.read(flag, text, &config); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(variable, ": ", status.message()));
    }
  }
  config.action = Config::Action::kServe;
  RETURN_IF_ERROR(ReadFlags(arguments, &config));
  if (config.action != Config::Action::kServe) return config;
  if (config.store.empty()) {
    ASSIGN_OR_RETURN(config.store, DefaultStore(env));
  }
  RETURN_IF_ERROR(Check(config));
  return config;
}

std::string HelpText() {
  std::string text =
      "Usage: phasicd [FLAG...]\n\n"
      "Hosts agents that learn, over gRPC. They are kept in the store, and outlive the "
      "process.\n\n";
  for (const Flag& flag : kFlags) {
    const std::string head =
        absl::StrCat("  --", flag.name, flag.argument[0] ? " " : "", flag.argument);
    absl::StrAppend(&text, head,
                    std::string(std::max<int>(1, 29 - static_cast<int>(head.size())), ' '),
                    flag.help, "\n");
  }
  return absl::StrCat(
      text,
      "\nEach flag may come as an environment variable too (--max-agents: PHASICD_MAX_AGENTS).\n"
      "SIGTERM and SIGINT end calls in flight cleanly and exit with 0; a second one exits at "
      "once.");
}

int DefaultPollers() {
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency() / 2));
}

int64_t DefaultTotalBytes() {
  int64_t bytes = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  // A container's own limit, by the newer and the older kernel interface; "max" is none.
  for (const char* const path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    int64_t limit = 0;
    if (file >> limit && limit > 0) bytes = std::min(bytes, limit);
  }
  return bytes / 2;
}

}  // namespace phasic
