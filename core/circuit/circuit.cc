// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/circuit.h"

#include "absl/strings/str_cat.h"
#include "core/base/errors.h"
#include "core/circuit/compiler.h"
#include "core/modulators/table.h"
#include "core/populations/table.h"
#include "core/ports/table.h"
#include "core/rules/table.h"
#include "core/transmissions/table.h"

namespace phasic {

const Catalogue& Circuit::Standard() {
  static const Catalogue catalogue = {Populations(), Modulators(), Encoders(),
                                      Decoders(),    Rules(),      Transmissions()};
  return catalogue;
}

absl::StatusOr<std::shared_ptr<const Circuit>> Circuit::Compile(const CircuitSpec& spec) {
  std::vector<Violation> violations;
  std::shared_ptr<const Circuit> circuit = Compile(spec, Standard(), &violations);
  if (circuit == nullptr) return InvalidFields("BAD_CIRCUIT", std::move(violations));
  return circuit;
}

std::shared_ptr<const Circuit> Circuit::Compile(const CircuitSpec& spec, const Catalogue& catalogue,
                                                std::vector<Violation>* violations, Isa isa) {
  return Compiler(spec, catalogue, isa, violations).Run();
}

absl::Status Circuit::CheckShadow() const {
  if (why_no_shadow_.empty()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("the agent cannot learn from what someone else did: ", why_no_shadow_),
      {"SHADOW_NOT_SUPPORTED", {}, {}});
}

}  // namespace phasic
