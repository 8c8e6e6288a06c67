#include "pipeline/frame_slot.hpp"

#include <map>

#include <doctest/doctest.h>

using perch::CameraId;
using perch::Frame;
using perch::FramePtr;
using perch::Pace;
using perch::pipeline::FrameSlot;
using perch::pipeline::Offered;
using perch::pipeline::ReadyQueue;

namespace {

FramePtr frame(std::uint64_t seq) {
  Frame made;
  made.seq = seq;
  return std::make_shared<const Frame>(std::move(made));
}

}  // namespace

TEST_CASE("a live camera's waiting frame is replaced by a newer one and counted, while one is in work") {
  FrameSlot slot(Pace::live);
  CHECK_FALSE(slot.ready());
  CHECK(slot.offer(frame(1)) == Offered::waiting);
  CHECK(slot.ready());
  CHECK(slot.start()->seq == 1);
  CHECK_FALSE(slot.ready());
  CHECK(slot.offer(frame(2)) == Offered::waiting);
  CHECK_FALSE(slot.ready());
  for (std::uint64_t seq = 3; seq <= 10; ++seq) {
    CHECK(slot.wants());
    CHECK(slot.offer(frame(seq)) == Offered::replaced);
  }
  CHECK(slot.skipped() == 8);
  slot.finish();
  CHECK(slot.ready());
  CHECK(slot.start()->seq == 10);
  slot.finish();
  CHECK_FALSE(slot.ready());
}

TEST_CASE("a lossless source waits, and every frame comes to work in order") {
  FrameSlot slot(Pace::lossless);
  std::uint64_t next = 1;
  for (int round = 0; round < 20; ++round) {
    while (slot.wants()) {
      CHECK(slot.offer(frame(next)) == Offered::waiting);
      ++next;
    }
    CHECK(slot.offer(frame(999)) == Offered::full);
    CHECK(slot.start()->seq == next - 1);
    CHECK(slot.wants());
    slot.finish();
  }
  CHECK(next == 21);
  CHECK(slot.skipped() == 0);
}

TEST_CASE("a lossless frame waits while another is in work, and a third is refused") {
  FrameSlot slot(Pace::lossless);
  slot.offer(frame(1));
  slot.start();
  CHECK(slot.offer(frame(2)) == Offered::waiting);
  CHECK(slot.offer(frame(3)) == Offered::full);
  slot.finish();
  CHECK(slot.start()->seq == 2);
}

TEST_CASE("a waiting frame that is dropped is counted, none is not") {
  FrameSlot slot(Pace::live);
  slot.drop_waiting();
  CHECK(slot.skipped() == 0);
  slot.offer(frame(1));
  slot.drop_waiting();
  CHECK(slot.skipped() == 1);
  CHECK_FALSE(slot.ready());
}

TEST_CASE("cameras get their turns in the order in which they became ready, each once") {
  ReadyQueue queue;
  CHECK_FALSE(queue.pop());
  CHECK(queue.push({"a"}));
  CHECK(queue.push({"b"}));
  CHECK_FALSE(queue.push({"a"}));
  CHECK(queue.size() == 2);
  CHECK(queue.pop() == CameraId{"a"});
  CHECK(queue.push({"a"}));
  CHECK(queue.pop() == CameraId{"b"});
  CHECK(queue.pop() == CameraId{"a"});
  CHECK(queue.empty());
}

TEST_CASE("a camera that is removed has no turn, and may come again") {
  ReadyQueue queue;
  queue.push({"a"});
  queue.push({"b"});
  queue.push({"c"});
  CHECK(queue.remove({"b"}));
  CHECK_FALSE(queue.remove({"b"}));
  CHECK(queue.push({"b"}));
  CHECK(queue.pop() == CameraId{"a"});
  CHECK(queue.pop() == CameraId{"c"});
  CHECK(queue.pop() == CameraId{"b"});
}

TEST_CASE("no camera starves, however fast another one is") {
  ReadyQueue queue;
  std::map<std::string, int> turns;
  const std::vector<CameraId> slow{{"s1"}, {"s2"}, {"s3"}};
  for (int tick = 0; tick < 1000; ++tick) {
    queue.push({"fast"});
    for (const CameraId& camera : slow) queue.push(camera);
    ++turns[queue.pop()->value];
  }
  for (const char* name : {"fast", "s1", "s2", "s3"}) CHECK(turns[name] == 250);
}
