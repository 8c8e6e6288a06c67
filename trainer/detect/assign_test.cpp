#include "detect/assign.hpp"

#include <doctest/doctest.h>

namespace perch::trainer {

namespace {

/// 4 × 4 cells of 8 px, each of which says its own cell as its box and 0.1 as its scores.
struct Grid {
  std::vector<Cell> cells;
  std::vector<float> boxes, scores;

  Grid() {
    for (int y = 0; y < 4; ++y) {
      for (int x = 0; x < 4; ++x) {
        cells.push_back({static_cast<float>(x) * 8 + 4, static_cast<float>(y) * 8 + 4, 8});
        boxes.insert(boxes.end(), {cells.back().cx, cells.back().cy, 8, 8});
        scores.insert(scores.end(), {0.1F, 0.1F});
      }
    }
  }

  Assignment assign(const std::vector<Target>& targets) const {
    return trainer::assign(cells, boxes.data(), scores.data(), 1, targets);
  }
};

}  // namespace

TEST_CASE("the cell whose box fits a thing best learns it, and cells far away learn that nothing is there") {
  const Grid grid;
  const Assignment lesson = grid.assign({{12, 12, 8, 8, 0, true}});
  CHECK(lesson.target_of[5] == 0);
  CHECK(lesson.iou_of[5] == 1);
  CHECK(lesson.positives == 1);
  CHECK(lesson.target_of[15] == Assignment::kNothing);
}

TEST_CASE("every thing has a cell that learns it, even one that no cell fits yet") {
  const Grid grid;
  const Assignment lesson = grid.assign({{16, 16, 1, 1, 0, true}});
  CHECK(lesson.positives == 1);
}

TEST_CASE("a cell that two things want goes to the one that it fits better") {
  const Grid grid;
  const Assignment lesson = grid.assign({{12, 12, 7, 7, 0, true}, {12, 12, 8, 8, 0, true}});
  CHECK(lesson.target_of[5] == 1);
}

TEST_CASE("cells in a thing that does not count learn nothing, unless another thing wants them") {
  const Grid grid;
  const Assignment lesson = grid.assign({{16, 16, 32, 32, 0, false}, {12, 12, 8, 8, 0, true}});
  CHECK(lesson.target_of[0] == Assignment::kIgnored);
  CHECK(lesson.target_of[5] == 1);
  CHECK(lesson.positives == 1);
}

}  // namespace perch::trainer
