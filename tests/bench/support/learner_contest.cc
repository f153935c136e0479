// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/learner_contest.h"

#include <cstdio>

#include "core/stores/kernels.h"

namespace phasic::testing {

LearnerContest::LearnerContest(Report& report, const LearnerSpec& spec, int steps_per_reward)
    : report_(report),
      n_(spec.n),
      where_(", " + std::to_string(n_) + " x " + std::to_string(n_)),
      learner_(Compiled(spec.circuit()), report.seed()),
      y_(n_),
      step_(
          [this, steps_per_reward] {
            for (int i = 0; i < steps_per_reward; ++i) learner_.Step(i == 0);
          },
          steps_per_reward),
      product_([this] {
        const Link& link = learner_.agent().circuit().links()[0];
        const State& state = learner_.agent().state();
        link.kernels->deliver(state.data<Real>(link.weights), link.Delivered(state), y_.data(), n_,
                              n_);
      }),
      again_(product_),
      contest_(report.seed()) {
  Add("step" + where_, step_);
  Add("  product", product_);
  Add("  product again", again_);
}

bool LearnerContest::Run() {
  std::printf("kernels for %s\n", NameOf(ActiveIsa()));
  return contest_.Run();
}

void LearnerContest::JudgeStep(double small, double middle, double large, const std::string& why) {
  const double most = n_ <= 256 ? small : n_ <= 2048 ? middle : large;
  AtMost(report_, "step over product" + where_ + why, Ratio(kStep, kProduct), most);
}

void LearnerContest::TellNoise() {
  Measured(report_, "product over the same again" + where_, Ratio(kProduct, kAgain));
}

}  // namespace phasic::testing
