// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/source.h"

namespace phasic::client {

v1::Space Discrete(int n) {
  v1::Space space;
  space.mutable_discrete()->set_n(n);
  return space;
}

v1::Space MultiDiscrete(const std::vector<int>& nvec) {
  v1::Space space;
  space.mutable_multi_discrete()->mutable_nvec()->Add(nvec.begin(), nvec.end());
  return space;
}

v1::Space MultiBinary(int n) {
  v1::Space space;
  space.mutable_multi_binary()->set_n(n);
  return space;
}

v1::Space Box(const std::vector<int>& shape, const std::vector<double>& low,
              const std::vector<double>& high) {
  v1::Space space;
  v1::Box& box = *space.mutable_box();
  box.mutable_shape()->Add(shape.begin(), shape.end());
  box.mutable_low()->Add(low.begin(), low.end());
  box.mutable_high()->Add(high.begin(), high.end());
  return space;
}

v1::Agent FromPreset(const std::string& preset, const std::map<std::string, v1::Space>& spaces,
                     const std::map<std::string, double>& parameters) {
  v1::Agent agent;
  v1::PresetSource& source = *agent.mutable_preset();
  source.set_preset(preset);
  source.mutable_spaces()->insert(spaces.begin(), spaces.end());
  for (const auto& [name, value] : parameters) {
    (*source.mutable_parameters())[name].set_number_value(value);
  }
  return agent;
}

}  // namespace phasic::client
