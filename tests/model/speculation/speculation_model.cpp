// SPDX-License-Identifier: Apache-2.0
// Model checks of the shipped headers of speculation. Usage: speculation_model PROTOCOL [BUG].
#include <array>
#include <exception>
#include <memory>
#include <tuple>

#include "pel/detail/loops/keys.hpp"

// Relacy's macros spoil what uses <atomic>, which is therefore read before.
#include "tests/model/runner.hpp"

#include "pel/detail/speculation/board.hpp"
#include "pel/detail/speculation/door.hpp"
#include "pel/detail/speculation/store.hpp"

namespace {

using pel::detail::spec::Bug;

template <Bug kPlanted>
struct Policy : model::ModelAtomics<pel::detail::Bug::kNone> {
  static constexpr Bug kSpecBug = kPlanted;
};

template <Bug kBug>
using BoardOf = pel::detail::spec::Board<Policy<kBug>>;

// Two workers execute attempts and commit what is at the head: in the end all is committed.
template <Bug kBug>
struct Commit : rl::test_suite<Commit<kBug>, 2> {
  using Board = BoardOf<kBug>;
  static constexpr std::uint32_t kAttempts = 3;
  Board* board = nullptr;
  rl::var<int> committed;  // guarded by the token; relacy reports a race on it

  void before() {
    board = new Board(64);
    board->start(0, kAttempts);
    committed(RL_INFO) = 0;
  }
  void after() {
    RL_ASSERT(committed(RL_INFO) == static_cast<int>(kAttempts));
    RL_ASSERT(board->head() == kAttempts);
    delete board;
  }
  void lead() {
    do {
      if (!board->take_token()) return;
      for (std::uint32_t i = board->head(); i < kAttempts && board->word(i).executed(i); ++i) {
        RL_ASSERT(committed(RL_INFO) == static_cast<int>(i));
        committed(RL_INFO) = static_cast<int>(i) + 1;
        board->advance(i);
      }
      board->release_token();
    } while (board->head_executed());
  }
  void thread(unsigned) {
    while (true) {
      const std::uint32_t i = board->take();
      if (i == Board::kNone) return;
      RL_ASSERT(board->word(i).execute(i, 0));
      lead();
    }
  }
};

// Attempt 1 waits for attempt 0, which executes meanwhile: 1 becomes ready.
template <Bug kBug>
struct Wait : rl::test_suite<Wait<kBug>, 2> {
  using Board = BoardOf<kBug>;
  Board* board = nullptr;

  void before() {
    board = new Board(64);
    board->start(0, 2);
    RL_ASSERT(board->take() == 0);
    RL_ASSERT(board->take() == 1);
  }
  void after() {
    RL_ASSERT(board->take_ready() == 1);
    delete board;
  }
  void thread(unsigned index) {
    if (index == 0) {
      RL_ASSERT(board->word(0).execute(0, 0));
      board->wake(0);
    } else if (!board->wait_for(1, 1, 0)) {
      board->make_ready(1, 1);
    }
  }
};

// Attempt 1 reads a key that attempt 0 writes: if it stays executed, it has seen the write.
template <Bug kBug>
struct Stale : rl::test_suite<Stale<kBug>, 2> {
  using P = Policy<kBug>;
  using Store = pel::detail::spec::Store<P, int, int>;
  using Attempt = pel::detail::spec::Attempt<P, int, int>;
  using Seat = pel::detail::spec::Seat<P, int, int>;
  BoardOf<kBug>* board = nullptr;
  Store* store = nullptr;
  Seat* seats = nullptr;
  Attempt* attempts = nullptr;
  int seen = 0;

  void before() {
    pel::SpeculationOptions options;
    options.unwind = false;
    options.window = 64;
    board = new BoardOf<kBug>(64);
    board->start(0, 2);
    store = new Store(*board);
    store->start({nullptr, [](void*, const int&) { return 3; }}, options);
    store->start_cells(64);
    store->set_alone(false);
    seats = new Seat[2];
    attempts = new Attempt[2];
    for (std::uint32_t i = 0; i < 2; ++i) {
      RL_ASSERT(board->take() == i);
      attempts[i].begin(i, 0);
      store->attempt_at(i) = &attempts[i];
    }
  }
  void after() {
    if (board->word(1).executed(1)) RL_ASSERT(seen == 7);
    delete store;
    delete[] attempts;
    delete[] seats;
    delete board;
  }
  void thread(unsigned index) {
    Seat& seat = seats[index];
    Attempt& attempt = attempts[index];
    auto& access = store->access(seat, attempt, 42);
    if (index == 0) {
      access.mine = 7;
      access.writes = true;
      attempt.written.push_back(0);
      RL_ASSERT(store->publish(seat, attempt));
      board->wake(0);
    } else {
      store->read(seat, attempt, access);
      seen = access.seen;
      static_cast<void>(board->word(1).execute(1, 0));
    }
  }
};

// Under consistent_reads. Attempt 0 writes A; attempt 1 has read A as it was before and writes B
// from it; attempt 2 reads A, then B, and must not see the one as 0 left it and the other as 1's
// stale run did.
template <Bug kBug>
struct Torn : rl::test_suite<Torn<kBug>, 3> {
  using P = Policy<kBug>;
  using Store = pel::detail::spec::Store<P, int, int>;
  using Attempt = pel::detail::spec::Attempt<P, int, int>;
  using Seat = pel::detail::spec::Seat<P, int, int>;
  static constexpr int kA = 1, kB = 2, kBase = 3;
  BoardOf<kBug>* board = nullptr;
  Store* store = nullptr;
  Seat* seats = nullptr;
  Attempt* attempts = nullptr;

  void before() {
    pel::SpeculationOptions options;
    options.consistent_reads = true;
    options.window = 64;
    board = new BoardOf<kBug>(64);
    board->start(0, 3);
    store = new Store(*board);
    store->start({nullptr, [](void*, const int&) { return kBase; }}, options);
    store->start_cells(64);
    store->set_alone(false);
    seats = new Seat[3];
    attempts = new Attempt[3];
    for (std::uint32_t i = 0; i < 3; ++i) {
      RL_ASSERT(board->take() == i);
      attempts[i].begin(i, 0);
      store->attempt_at(i) = &attempts[i];
    }
    write(1, kB, 10 * read(1, kA));
  }
  void after() {
    delete store;
    delete[] attempts;
    delete[] seats;
    delete board;
  }
  int read(unsigned i, int key) {
    auto& access = store->access(seats[i], attempts[i], key);
    store->read(seats[i], attempts[i], access);
    return access.seen;
  }
  void write(unsigned i, int key, int value) {
    auto& access = store->access(seats[i], attempts[i], key);
    access.mine = value;
    access.writes = true;
    attempts[i].written.push_back(
        static_cast<std::uint32_t>(&access - attempts[i].accesses.data()));
  }
  void thread(unsigned index) {
    if (index == 0) write(0, kA, 7);
    if (index < 2) {
      static_cast<void>(store->publish(seats[index], attempts[index]));
      return;
    }
    try {
      const int a = read(2, kA);
      const int b = read(2, kB);
      RL_ASSERT(a == kBase || b != 10 * kBase);
    } catch (const pel::detail::spec::Unwound&) {
    }
  }
};

// Two writers hit run 0 of attempt 1; run 1 is nobody's business.
template <Bug kBug>
struct Incarnation : rl::test_suite<Incarnation<kBug>, 3> {
  using Board = BoardOf<kBug>;
  using Word = typename Board::Word;
  Board* board = nullptr;

  void before() {
    board = new Board(64);
    board->start(0, 2);
    RL_ASSERT(board->take() == 0);
    RL_ASSERT(board->take() == 1);
  }
  void after() { delete board; }
  void thread(unsigned index) {
    if (index != 0) {
      if (board->word(1).hit(1, 0) == Word::Hit::kTaken) board->make_ready(1, 1);
      return;
    }
    if (board->word(1).execute(1, 0)) return;
    board->make_ready(1, 1);
    RL_ASSERT(board->take_ready() == 1);
    RL_ASSERT(board->word(1).execute(1, 1));
    RL_ASSERT(board->word(1).executed(1));
  }
};

// A helper that stands at the door while the caller is alone, and works on what the caller works on
// before it opens, and again once the door is shut and nobody inside.
template <Bug kBug>
struct DoorModel : rl::test_suite<DoorModel<kBug>, 2> {
  pel::detail::spec::Door<Policy<kBug>>* door = nullptr;
  rl::var<int> shared;

  void before() {
    door = new pel::detail::spec::Door<Policy<kBug>>;
    door->expect(true);
    shared(RL_INFO) = 0;
  }
  void after() { delete door; }
  void thread(unsigned index) {
    if (index == 0) {
      shared(RL_INFO) = 1;
      static_cast<void>(door->is_knocked());
      door->open();
      door->expect(false);
      door->shut();
      if (door->empty()) shared(RL_INFO) = 2;
    } else {
      int turns = 0;
      door->knock([&] { return ++turns == 3; });
      if (!door->enter()) return;
      RL_ASSERT(static_cast<int>(shared(RL_INFO)) == 1);
      shared(RL_INFO) = 3;
      door->leave();
    }
  }
};

template <template <Bug> class Suite, Bug kBug>
int check() {
  rl::test_params params;
  // The window of this one is too narrow for random schedules.
  if (kBug == Bug::kWrongIncarnation) params.search_type = rl::sched_full;
  return model::simulate<Suite<kBug>>(kBug != Bug::kNone, params);
}

constexpr model::Case kCases[] = {
    {"commit", "", check<Commit, Bug::kNone>},
    {"commit", "token_recheck", check<Commit, Bug::kNoTokenRecheck>},
    {"wait", "", check<Wait, Bug::kNone>},
    {"wait", "wait_recheck", check<Wait, Bug::kNoWaitRecheck>},
    {"stale", "", check<Stale, Bug::kNone>},
    {"stale", "lost_push", check<Stale, Bug::kLostPush>},
    {"stale", "stale_read", check<Stale, Bug::kStaleRead>},
    {"stale", "no_validation", check<Stale, Bug::kNoValidation>},
    {"torn", "", check<Torn, Bug::kNone>},
    {"torn", "torn_publish", check<Torn, Bug::kTornPublish>},
    {"torn", "shown_before_run", check<Torn, Bug::kShownBeforeRun>},
    {"incarnation", "", check<Incarnation, Bug::kNone>},
    {"incarnation", "wrong_incarnation", check<Incarnation, Bug::kWrongIncarnation>},
    {"door", "", check<DoorModel, Bug::kNone>},
    {"door", "ajar", check<DoorModel, Bug::kDoorAjar>},
};

}  // namespace

int main(int argc, char** argv) { return model::run(kCases, argc, argv); }
