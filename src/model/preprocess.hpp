#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "image/sampling.hpp"
#include "model/card.hpp"
#include "seam/findings.hpp"
#include "seam/tensor.hpp"

namespace perch::model {

/// The card's input as the kernels want it: one number a channel, the element type of the model.
/// Errors: invalid (numbers that are not one for all or one a channel, a std of 0, a fill outside 0..255 or, of
///         temperatures, not finite; whole pixels of temperatures).
Result<image::TensorFormat> tensor_format(const InputCard& input, image::Element element);

/// Which part of a width × height px area is shown, and where in the input it goes.
struct Fitting {
  Box crop;
  image::PixelRect content;
};

/// How an area comes into an input. `letterbox_topleft` is YOLOX's: r = min(H/h, W/w), content int(w·r) × int(h·r)
/// (Source: YOLOX, `preproc`); `letterbox` is NanoDet's: the longer side fills the input, the other is rounded down,
/// the odd pixel of the margin goes to the right or bottom (Source: NanoDet's ncnn demo, `resize_uniform`). Content is
/// at least a pixel each way.
Fitting fit(Fit how, double width, double height, image::Size input);

/// The smallest decoded size that loses nothing for these regions: no region has fewer pixels than the input shows of
/// it, and twice as many a side where it averages areas: with fewer, edges of the decoded pixels show in what is left
/// (docs/accuracy.md). Never above `full`. Empty regions: the whole frame.
image::Size needed_size(const InputCard& input, image::Size full, std::span<const Region> regions);

/// What a model looks at: a picture, or a field of temperatures.
using Sight = std::variant<image::PictureView, image::FieldView>;

/// Brings regions of pictures into a model's input. Plans are made once for (picture size, frame size, corners) and
/// kept; nothing is allocated once they have been made, and regions that move with every frame reuse the memory of the
/// least recently used plan. One a worker; not for two threads at once.
class Preprocessor {
 public:
  /// `input` must have its size filled in.
  Preprocessor(InputCard input, const image::TensorFormat& format);

  /// Fills one batch element and says where it lies in the frame.
  /// @param sight    the frame, or a reduced form of it; temperatures for a card in °C, and only then
  /// @param full     size of the frame that `region` refers to
  /// @param tensor   exactly `format.bytes()`
  /// Errors: invalid (a region that misses the frame or has no area, naming it), mismatch (a picture where the card
  ///         wants temperatures, or the other way round)
  Result<Placement> fill(const Sight& sight, image::Size full, const Region& region, std::span<std::byte> tensor);

  /// Makes room for the plans of so many regions a frame: twice as many are kept, for frames of two sizes.
  void expect(std::size_t regions);

  std::size_t plans() const { return plans_.size(); }

 private:
  struct Plan {
    image::Size picture, full;
    Quad corners;
    std::uint64_t used = 0;
    bool upright = true;
    image::ResizePlan resize;
    image::WarpPlan warp;
    Placement placement;
  };

  Result<const Plan*> plan_for(image::Size picture, image::Size full, const Region& region);
  Result<void> make(Plan& plan) const;
  std::size_t place_for_new();

  InputCard input_;
  image::TensorFormat format_;
  image::Scratch scratch_;
  std::vector<Plan> plans_;
  std::size_t room_ = 0;
  std::size_t next_ = 0;  ///< where the plan of the next region most likely is: after that of the last one
  std::uint64_t uses_ = 0;
};

}  // namespace perch::model
