#pragma once
#include <cstdint>

namespace perch::journal {

/// What to give up when the disk is full, in order: pictures, then delivered readings, then the oldest of all. Pure: it
/// only says what is next; `Service` does it. @thread one
class DiskGuard {
 public:
  enum class Step : std::uint8_t {
    pictures,   ///< that nothing has pinned
    delivered,  ///< readings that every sink has delivered
    oldest,     ///< readings that are lost with this
    nothing     ///< all of it was tried; the write fails
  };

  /// What to give up now. @pre the disk was full again after everything before
  Step next() const { return step_; }

  /// What that has brought. A step is repeated as long as it brings something.
  void freed(std::uint64_t amount) {
    if (amount == 0 && step_ != Step::nothing) step_ = static_cast<Step>(static_cast<int>(step_) + 1);
  }

  /// A write went through: the next full disk begins with the pictures again.
  void recovered() { step_ = Step::pictures; }

 private:
  Step step_ = Step::pictures;
};

}  // namespace perch::journal
