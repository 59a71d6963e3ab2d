#include "tern/models/formats/pytorch/pickle_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/models/formats/pytorch/globals.h"

namespace tern::pytorch {
namespace {

// By their names in Python's pickletools.
enum Opcode : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kNone = 'N',
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kLong1 = 0x8a,
  kBinFloat = 'G',
  kBinString = 'T',
  kShortBinString = 'U',
  kBinUnicode = 'X',
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kEmptyTuple = ')',
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kTuple = 't',
  kEmptyList = ']',
  kAppend = 'a',
  kAppends = 'e',
  kEmptyDict = '}',
  kSetItem = 's',
  kSetItems = 'u',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kMemoize = 0x94,
  kBinGet = 'h',
  kLongBinGet = 'j',
  kGlobal = 'c',
  kStackGlobal = 0x93,
  kReduce = 'R',
  kBuild = 'b',
  kBinPersId = 'Q',
  kProto = 0x80,
  kFrame = 0x95,
};

}  // namespace

template <class... Args>
void PickleReader::fail(fmt::format_string<Args...> problem, Args&&... args) const {
  throw DataError(fmt::format("{}: byte {}: {}", name_, opcode_position_,
                              fmt::format(problem, std::forward<Args>(args)...)));
}

const Value& PickleReader::read() {
  stack_.clear();
  marks_.clear();
  memo_.clear();
  opcode_position_ = position_;
  if (bytes_.size() > kMaxBytes) fail("the pickle has {} bytes, {} are allowed", bytes_.size(), kMaxBytes);
  if (number<std::uint8_t>() != kProto) fail("no pickle of protocol 2 or later starts here");
  const auto protocol = number<std::uint8_t>();
  if (protocol < 2 || protocol > 5) fail("the pickle is of protocol {}, expected 2 to 5", protocol);
  while (true) {
    opcode_position_ = position_;
    const auto opcode = number<std::uint8_t>();
    if (opcode == kStop) break;
    step(opcode);
  }
  Value& result = pop();
  if (!stack_.empty() || !marks_.empty()) fail("the pickle ends with values that belong to nothing");
  return result;
}

void PickleReader::step(std::uint8_t opcode) {
  const bool known = read_constant(opcode) || build_container(opcode) || use_memo(opcode) ||
                     make_object(opcode) || skip_frame(opcode);
  if (!known)
    fail(
        "opcode 0x{:02x} is none of those that torch.save writes for tensors, dicts, lists, numbers and "
        "strings",
        opcode);
}

bool PickleReader::read_constant(std::uint8_t opcode) {
  switch (opcode) {
    case kNone:
      return push(None{}), true;
    case kNewTrue:
    case kNewFalse:
      return push(opcode == kNewTrue), true;
    case kBinInt:
      return push(std::int64_t{number<std::int32_t>()}), true;
    case kBinInt1:
      return push(std::int64_t{number<std::uint8_t>()}), true;
    case kBinInt2:
      return push(std::int64_t{number<std::uint16_t>()}), true;
    case kLong1:
      return read_long(), true;
    case kBinFloat:
      return read_real(), true;
    case kShortBinString:
    case kShortBinUnicode:
      return push(bytes(number<std::uint8_t>())), true;
    case kBinString:
    case kBinUnicode:
      return push(bytes(number<std::uint32_t>())), true;
    case kBinUnicode8:
      return push(bytes(number<std::uint64_t>())), true;
    default:
      return false;
  }
}

bool PickleReader::build_container(std::uint8_t opcode) {
  switch (opcode) {
    case kMark:
      count(1);
      return marks_.push_back(stack_.size()), true;
    case kEmptyTuple:
    case kEmptyList:
      return push(Sequence{}), true;
    case kEmptyDict:
      return push(Dict{}), true;
    case kTuple1:
    case kTuple2:
    case kTuple3:
      return push_tuple(pop_items(opcode - kTuple1 + 1U)), true;
    case kTuple:
      return push_tuple(pop_to_mark()), true;
    case kAppend:
      return append(pop_items(1)), true;
    case kAppends:
      return append(pop_to_mark()), true;
    case kSetItem:
      return set_items(pop_items(2)), true;
    case kSetItems:
      return set_items(pop_to_mark()), true;
    default:
      return false;
  }
}

bool PickleReader::use_memo(std::uint8_t opcode) {
  switch (opcode) {
    case kBinPut:
      return remember(number<std::uint8_t>()), true;
    case kLongBinPut:
      return remember(number<std::uint32_t>()), true;
    case kMemoize:
      return remember(memo_.size()), true;
    case kBinGet:
      return recall(number<std::uint8_t>()), true;
    case kLongBinGet:
      return recall(number<std::uint32_t>()), true;
    default:
      return false;
  }
}

bool PickleReader::make_object(std::uint8_t opcode) {
  switch (opcode) {
    case kGlobal: {
      const std::string_view module = line();
      return push_global(module, line()), true;
    }
    case kStackGlobal: {
      const std::string_view name = pop_string();
      return push_global(pop_string(), name), true;
    }
    case kReduce:
      return reduce(), true;
    case kBuild:
      return build(), true;
    case kBinPersId:
      return load_persistent(), true;
    default:
      return false;
  }
}

// Protocol 4 says beforehand how many bytes follow up to the next frame, which nothing depends on.
bool PickleReader::skip_frame(std::uint8_t opcode) {
  if (opcode != kFrame) return false;
  number<std::uint64_t>();
  return true;
}

template <class T>
T PickleReader::number() {
  T value;
  std::memcpy(&value, bytes(sizeof value).data(), sizeof value);  // little-endian, as this machine is
  return value;
}

std::string_view PickleReader::bytes(std::uint64_t count) {
  const std::size_t left = bytes_.size() - position_;
  if (count > left) fail("{} bytes are wanted, {} are left; the file was cut off", count, left);
  const std::string_view taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

std::string_view PickleReader::line() {
  const std::size_t end = bytes_.find('\n', position_);
  if (end == std::string_view::npos) fail("a line has no end; the file was cut off");
  const std::string_view text = bytes(end - position_);
  ++position_;
  return text;
}

void PickleReader::read_long() {
  const std::string_view digits = bytes(number<std::uint8_t>());
  if (digits.size() > sizeof(std::int64_t)) return push(BigInteger{digits});
  const bool negative = !digits.empty() && (digits.back() & 0x80) != 0;
  std::int64_t value = negative ? -1 : 0;
  std::memcpy(&value, digits.data(), digits.size());
  push(value);
}

void PickleReader::read_real() {
  std::uint64_t bits = 0;
  for (const char byte : bytes(sizeof bits)) bits = bits << 8 | static_cast<std::uint8_t>(byte);
  push(std::bit_cast<double>(bits));
}

void PickleReader::push(decltype(Value::content) content) {
  const auto* list = std::get_if<Sequence>(&content);
  const auto* dict = std::get_if<Dict>(&content);
  count(1 + (list != nullptr ? list->size() : dict != nullptr ? dict->size() : 0));
  stack_.push_back(&values_.emplace_back(Value{std::move(content)}));
}

// Of values and of references to them, so that memory is bounded whatever refers to what how often.
void PickleReader::count(std::size_t values) {
  count_ += values;
  if (count_ > kMaxValues) fail("the pickle has more than {} values", kMaxValues);
}

Value& PickleReader::top() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("a value is wanted, and there is none");
  return *stack_.back();
}

Value& PickleReader::pop() {
  Value& value = top();
  stack_.pop_back();
  return value;
}

std::string_view PickleReader::pop_string() {
  const Value& value = pop();
  const auto* text = value.as<std::string_view>();
  if (text == nullptr) fail("the name of a global is {}, expected a string", kind_of(value));
  return *text;
}

Sequence PickleReader::pop_items(std::size_t count) {
  const std::size_t bottom = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() - bottom < count)
    fail("{} values are wanted, there are {}", count, stack_.size() - bottom);
  Sequence items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return items;
}

Sequence PickleReader::pop_to_mark() {
  if (marks_.empty()) fail("the mark that begins the items is missing");
  Sequence items = pop_items(stack_.size() - marks_.back());
  marks_.pop_back();
  return items;
}

void PickleReader::push_tuple(const Sequence& items) {
  push(Sequence{});
  append(items);
}

void PickleReader::append(const Sequence& items) {
  Value& outer = top();
  auto* list = std::get_if<Sequence>(&outer.content);
  if (list == nullptr) fail("items are appended to {}", kind_of(outer));
  for (const Value* item : items) nest(outer, *item);
  list->insert(list->end(), items.begin(), items.end());
}

void PickleReader::set_items(const Sequence& items) {
  Value& outer = top();
  auto* dict = std::get_if<Dict>(&outer.content);
  if (dict == nullptr) fail("items are set in {}", kind_of(outer));
  if (items.size() % 2 != 0) fail("the last key of a dict has no value");
  for (std::size_t i = 0; i < items.size(); i += 2) {
    nest(outer, *items[i + 1]);
    dict->emplace_back(items[i], items[i + 1]);
  }
}

void PickleReader::nest(Value& outer, const Value& inner) {
  outer.depth = std::max(outer.depth, inner.depth + 1);
  if (outer.depth > kMaxDepth) fail("lists and dicts are nested more than {} levels deep", kMaxDepth);
}

void PickleReader::remember(std::uint64_t key) {
  count(1);
  memo_.insert_or_assign(key, &top());
}

void PickleReader::recall(std::uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) fail("value {} of the memo has not been given", key);
  count(1);
  stack_.push_back(found->second);
}

void PickleReader::push_global(std::string_view module, std::string_view name) {
  const auto global = find_global(module, name);
  if (!global) {
    fail(
        "names {}, which is none of the few globals that the tensors of a state dict need; nothing was run. "
        "Save the state dict alone: torch.save(model.state_dict(), FILE)",
        quote(fmt::format("{}.{}", module, name)));
  }
  push(*global);
}

void PickleReader::reduce() {
  const Value& arguments = pop();
  const Value& callable = pop();
  const auto* items = arguments.as<Sequence>();
  const auto* global = callable.as<Global>();
  if (items == nullptr || global == nullptr)
    fail("{} is called with {}, expected a function and a tuple", kind_of(callable), kind_of(arguments));
  int depth = 0;
  for (const Value* item : *items) depth = std::max(depth, item->depth);
  try {
    push(call(*global, *items));
  } catch (const DataError& error) {
    fail("{}", error.what());
  }
  stack_.back()->depth = depth;
}

// Of an OrderedDict: its attributes, such as the versions of modules, of which nothing is needed.
void PickleReader::build() {
  pop();
  if (top().as<Dict>() == nullptr) fail("attributes are given to {}, expected a dict", kind_of(top()));
}

void PickleReader::load_persistent() {
  try {
    const Storage storage = storage_of(pop());
    const Storage& known = storages_.emplace(storage.key, storage).first->second;
    require<DataError>(known == storage, "storage {} is described in two ways", quote(storage.key));
    push(storage);
  } catch (const DataError& error) {
    fail("{}", error.what());
  }
}

}  // namespace tern::pytorch
