#pragma once
#include <vector>

#include "scenes/core/figure.hpp"
#include "scenes/room/interior.hpp"

namespace perch::scenes::room {

/// One person at one moment.
struct PersonNow {
  int id = 0;
  BodyTraits traits;
  BodyPose pose;
  Vec2 at;
  float heading = 0;
  const char* posture = "standing";
  bool moving = false;
  bool fallen = false;
};

/// The people of a room: each does something for a while, walks on, sits, lies down, leaves, and rarely falls.
/// What they do is a function of the time. @thread any
class People {
 public:
  /// Borrows the interior. @param falls_per_day  of each person
  People(const Interior& interior, Random random, int most, double falls_per_day)
      : interior_(&interior),
        random_(random),
        most_(most),
        falls_per_day_(falls_per_day) {}

  /// @param t_s  seconds since the first midnight
  void at(double t_s, std::vector<PersonNow>& out) const;

 private:
  struct Fall {
    bool happens = false;
    double from_s = 0;
    double to_s = 0;
  };

  Fall fall_at(int person, double t_s) const;
  /// The place that a person is at in a span of time, such that no two share one.
  std::size_t place_of(int person, std::int64_t span) const;
  std::size_t wish_of(int person, std::int64_t span) const;
  bool person_at(int person, double t_s, PersonNow& out) const;
  /// What they would do if nobody ever fell; false: out of the room.
  bool follow_plan(int person, double t_s, PersonNow& out) const;
  void lay_down(int person, double since_s, const Fall& fall, PersonNow& out) const;

  const Interior* interior_;
  Random random_;
  int most_;
  double falls_per_day_;
};

}  // namespace perch::scenes::room
