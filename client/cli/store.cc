// SPDX-License-Identifier: Apache-2.0
//
// phasic store: where the server keeps its agents.
#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/numbers.h"
#include "client/cli/table.h"

namespace phasic {
namespace {

absl::StatusOr<Exit> Check(const Context& context) {
  const absl::StatusOr<v1::CheckStoreResponse> found = context.server.CheckStore();
  if (!found.ok()) return found.status();
  const Exit exit = found->faults().empty() ? Exit::kOk : Exit::kRefused;
  if (context.json) {
    JsonWriter(context.out).Message(*found);
    return exit;
  }
  Table table({{""}, {""}});
  table.Row({"agents", absl::StrCat(found->agents())});
  table.Row({"states", absl::StrCat(found->states())});
  table.Row({"snapshots", absl::StrCat(found->snapshots())});
  table.Row({"records", absl::StrCat(found->records())});
  table.Row({"size", BytesText(found->bytes())});
  context.out << (exit == Exit::kOk ? "good\n" : "faulty\n") << table.Text(0, 2);
  std::string faults;
  for (const std::string& fault : found->faults()) absl::StrAppend(&faults, "  ", fault, "\n");
  context.out << Section("faults", faults);
  return exit;
}

}  // namespace

Command StoreCommand() {
  Command store;
  store.name = "store";
  store.summary = "Where the server keeps its agents.";
  store.commands = {{"check",
                     "Have the server read its whole store, and tell every fault.",
                     "Exits with 1 when there is a fault. phasic server backup copies the store.",
                     {},
                     {},
                     Check,
                     {}}};
  return store;
}

}  // namespace phasic
