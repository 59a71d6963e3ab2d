// A reader of pickles that runs nothing: it knows the opcodes that torch.save writes for tensors, dicts,
// lists, tuples, numbers and strings (protocols 2 to 5 of Python's pickle), a few names of PyTorch
// (globals.h), and refuses all else.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tern/models/formats/pytorch/pickle_value.h"

namespace tern::pytorch {

class PickleReader {
 public:
  // What goes beyond is refused.
  static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
  static constexpr std::size_t kMaxValues = std::size_t{1} << 20;
  /// Levels of lists, tuples and dicts.
  static constexpr int kMaxDepth = 64;

  /// `bytes` must outlive this; errors begin with `name`.
  PickleReader(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

  /// Reads the pickle at position(), which is then that of the byte behind it. The values live as long as
  /// this. Throws DataError naming the byte.
  const Value& read();
  std::size_t position() const { return position_; }
  /// All storages that have been named, by their keys.
  const std::map<std::string_view, Storage>& storages() const { return storages_; }

 private:
  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> problem, Args&&... args) const;

  // Each returns false for an opcode that is not of its kind.
  bool read_constant(std::uint8_t opcode);
  bool build_container(std::uint8_t opcode);
  bool use_memo(std::uint8_t opcode);
  bool make_object(std::uint8_t opcode);
  bool skip_frame(std::uint8_t opcode);
  void step(std::uint8_t opcode);

  template <class T>
  T number();
  std::string_view bytes(std::uint64_t count);
  std::string_view line();
  void read_long();
  void read_real();

  void push(decltype(Value::content) content);
  void count(std::size_t values);
  Value& top();
  Value& pop();
  std::string_view pop_string();
  Sequence pop_items(std::size_t count);
  Sequence pop_to_mark();
  void push_tuple(const Sequence& items);
  void append(const Sequence& items);
  void set_items(const Sequence& items);
  void nest(Value& outer, const Value& inner);
  void remember(std::uint64_t key);
  void recall(std::uint64_t key);
  void push_global(std::string_view module, std::string_view name);
  void reduce();
  void build();
  void load_persistent();

  std::string_view bytes_;
  std::string name_;
  std::size_t position_ = 0;
  std::size_t opcode_position_ = 0;
  std::size_t count_ = 0;
  std::deque<Value> values_;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::unordered_map<std::uint64_t, Value*> memo_;
  std::map<std::string_view, Storage> storages_;
};

}  // namespace tern::pytorch
