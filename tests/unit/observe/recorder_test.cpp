// SPDX-License-Identifier: Apache-2.0
#include "runtime/observe/recorder.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/observe/trace_json.hpp"

namespace {

using pel::observe::Recorder;
using pel::observe::SpanKind;
using pel::observe::SpanRecord;
using pel::observe::Track;

SpanRecord span(const char* name, std::int64_t begin_ns) {
  SpanRecord s;
  s.name = name;
  s.begin_ns = begin_ns;
  return s;
}

TEST(Track, SpansNestAndComeOutInOrder) {
  Track track(10, 0);
  track.begin(span("outer", 1));
  track.begin(span("inner", 1));
  track.end(false);
  track.begin(span("second", 5));
  track.end(true);
  track.end(false);
  track.end(false);  // one too many
  const Track::Contents contents = track.contents();
  ASSERT_EQ(contents.spans.size(), 3u);
  EXPECT_STREQ(contents.spans[0].name, "outer");
  EXPECT_STREQ(contents.spans[1].name, "inner");
  EXPECT_STREQ(contents.spans[2].name, "second");
  EXPECT_TRUE(contents.spans[2].failed);
  EXPECT_EQ(contents.lost, 0u);
}

TEST(Track, KeepsTheNewestAtItsBound) {
  Track track(300, 0);
  for (int i = 0; i < 1000; ++i) {
    track.begin(span("s", i));
    track.end(false);
  }
  const Track::Contents contents = track.contents();
  ASSERT_EQ(contents.spans.size(), 300u);
  EXPECT_EQ(contents.lost, 700u);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(contents.spans[static_cast<size_t>(i)].begin_ns, 700 + i);
}

TEST(Track, BoundOfZeroKeepsNothing) {
  Track track(0, 0);
  track.begin(span("s", 1));
  track.end(false);
  EXPECT_TRUE(track.contents().spans.empty());
}

TEST(Recorder, OneRecordingAtATime) {
  Recorder& recorder = Recorder::instance();
  EXPECT_EQ(recorder.track(), nullptr);
  ASSERT_TRUE(recorder.start(10));
  EXPECT_FALSE(recorder.start(10));
  recorder.stop();
  EXPECT_EQ(recorder.known_track(), nullptr);
}

// A span that is open when the recording ends does not leak into the next one.
TEST(Recorder, RecordingsAreApart) {
  Recorder& recorder = Recorder::instance();
  ASSERT_TRUE(recorder.start(10));
  recorder.track()->begin(span("left open", 1));
  EXPECT_TRUE(recorder.stop()[0].spans.empty());
  ASSERT_TRUE(recorder.start(10));
  EXPECT_EQ(recorder.known_track(), nullptr);
  recorder.track()->end(false);
  recorder.track()->begin(span("fresh", 2));
  recorder.track()->end(false);
  const auto tracks = recorder.stop();
  ASSERT_EQ(tracks.size(), 1u);
  ASSERT_EQ(tracks[0].spans.size(), 1u);
  EXPECT_STREQ(tracks[0].spans[0].name, "fresh");
}

TEST(Recorder, ThreadsRecordWhileRecordingsStartAndStop) {
  Recorder& recorder = Recorder::instance();
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        if (Track* track = recorder.track()) track->begin(span("work", 1));
        if (Track* track = recorder.known_track()) track->end(false);
      }
    });
  }
  std::size_t spans = 0;
  // On a busy machine, fifty may go by before a thread runs in one.
  for (int i = 0; i < 50 || (spans == 0 && i < 50'000); ++i) {
    ASSERT_TRUE(recorder.start(100));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (const Track::Contents& contents : recorder.stop()) {
      EXPECT_LE(contents.spans.size(), 100u);
      spans += contents.spans.size();
    }
  }
  stop.store(true);
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(spans, 0u);
}

TEST(TraceJson, WritesCompleteEvents) {
  SpanRecord loop = span("sort", 1'500);
  loop.end_ns = 4'750;
  loop.file = "a \"b\"\\c.cpp";
  loop.line = 12;
  loop.size = 77;
  loop.kind = SpanKind::kLoop;
  loop.failed = true;
  const std::vector<Track::Contents> tracks = {{{loop}, 0, 3, 5}, {{span("steal", 500)}, 1, -1, 1}};
  const auto json = nlohmann::json::parse(pel::observe::trace_json(tracks, 1'000));
  const auto& events = json["traceEvents"];
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[1]["args"]["name"], "worker 3");
  EXPECT_EQ(events[2]["ph"], "X");
  EXPECT_EQ(events[2]["name"], "sort");
  EXPECT_EQ(events[2]["cat"], "loop");
  EXPECT_DOUBLE_EQ(events[2]["ts"], 0.5);
  EXPECT_DOUBLE_EQ(events[2]["dur"], 3.25);
  EXPECT_EQ(events[2]["args"]["file"], "a \"b\"\\c.cpp");
  EXPECT_EQ(events[2]["args"]["line"], 12);
  EXPECT_EQ(events[2]["args"]["size"], 77);
  EXPECT_EQ(events[2]["args"]["failed"], true);
  EXPECT_EQ(events[3]["args"]["name"], "thread 1");
  EXPECT_DOUBLE_EQ(events[4]["ts"], 0);
  EXPECT_EQ(json["otherData"]["lost_spans"], 6);
}

TEST(TraceJson, StringsAreEscapedAndUtf8) {
  for (const std::string text :
       {"plain", "tab\t quote\" back\\ nul\x01", "caf\xc3\xa9 \xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    std::string out;
    pel::observe::append_json_string(out, text);
    EXPECT_EQ(nlohmann::json::parse(out), text);
  }
  // Overlong, cut, surrogate, beyond Unicode, stray continuation: replaced, never passed on.
  for (const std::string text : {"\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x80",
                                 "\xf4\x90\x80\x80", "\xe0\x80\x80"}) {
    std::string out;
    pel::observe::append_json_string(out, text);
    const std::string back = nlohmann::json::parse(out);
    EXPECT_EQ(back.substr(0, 3), "\xef\xbf\xbd");
  }
}

}  // namespace
