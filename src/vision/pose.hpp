#pragma once
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace perch::vision {

/// The keypoints of a COCO body, in the order in which models give them. Left and right are the person's own.
/// Source: COCO, person keypoints.
inline constexpr std::array<std::string_view, 17> kCocoKeypoints{
    "nose",           "left_eye",   "right_eye",   "left_ear",   "right_ear",   "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip",
    "right_hip",      "left_knee",  "right_knee",  "left_ankle", "right_ankle"};

/// Names for the places in `kCocoKeypoints`.
enum CocoKeypoint : std::size_t {
  kNose,
  kLeftEye,
  kRightEye,
  kLeftEar,
  kRightEar,
  kLeftShoulder,
  kRightShoulder,
  kLeftElbow,
  kRightElbow,
  kLeftWrist,
  kRightWrist,
  kLeftHip,
  kRightHip,
  kLeftKnee,
  kRightKnee,
  kLeftAnkle,
  kRightAnkle
};

/// Which keypoints are joined when a body is drawn.
inline constexpr std::array<std::pair<int, int>, 18> kCocoBones{{{kNose, kLeftEye},
                                                                 {kNose, kRightEye},
                                                                 {kLeftEye, kLeftEar},
                                                                 {kRightEye, kRightEar},
                                                                 {kLeftShoulder, kRightShoulder},
                                                                 {kLeftShoulder, kLeftElbow},
                                                                 {kLeftElbow, kLeftWrist},
                                                                 {kRightShoulder, kRightElbow},
                                                                 {kRightElbow, kRightWrist},
                                                                 {kLeftShoulder, kLeftHip},
                                                                 {kRightShoulder, kRightHip},
                                                                 {kLeftHip, kRightHip},
                                                                 {kLeftHip, kLeftKnee},
                                                                 {kLeftKnee, kLeftAnkle},
                                                                 {kRightHip, kRightKnee},
                                                                 {kRightKnee, kRightAnkle},
                                                                 {kNose, kLeftShoulder},
                                                                 {kNose, kRightShoulder}}};

}  // namespace perch::vision
