// SPDX-License-Identifier: Apache-2.0
#include "core/ports/table.h"

namespace phasic {

extern const Component kGaussianEncoder, kNormaliseEncoder, kOneHotEncoder, kPoissonEncoder,
    kRawEncoder;
extern const Decoder kBitsDecoder, kIndexDecoder, kRatesDecoder, kVectorDecoder;

std::span<const Component* const> Encoders() {
  static constexpr const Component* kTable[] = {
      &kGaussianEncoder,   //
      &kNormaliseEncoder,  //
      &kOneHotEncoder,     //
      &kPoissonEncoder,    //
      &kRawEncoder,
  };
  return kTable;
}

std::span<const Decoder* const> Decoders() {
  static constexpr const Decoder* kTable[] = {
      &kBitsDecoder,   //
      &kIndexDecoder,  //
      &kRatesDecoder,  //
      &kVectorDecoder,
  };
  return kTable;
}

}  // namespace phasic
