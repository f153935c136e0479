// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace phasic::wire {

// What a completion queue is given with each operation and gives back when that has ended.
class Tag {
 public:
  // In the queue's thread. `ok` is as gRPC has it: for a read, that there is a message; for a call
  // waited for, that one has come; for a write, that it will go out.
  virtual void Proceed(bool ok) = 0;

 protected:
  ~Tag() = default;
};

// A tag that calls a method of its owner.
template <class Owner, void (Owner::*kMethod)(bool)>
class MethodTag final : public Tag {
 public:
  explicit MethodTag(Owner* owner) : owner_(owner) {}
  void Proceed(bool ok) override { (owner_->*kMethod)(ok); }

 private:
  Owner* const owner_;
};

}  // namespace phasic::wire
