// LayoutSink: what a match of a learned layout fills in: the fields, and the row of a RecordFiller.
#pragma once

#include "monitor/ingest/json/learned_layout.h"
#include "monitor/ingest/record_filler.h"

namespace monitor {

// Fields: Clear(bool) and Set(std::size_t, const JsonFields::Found&).
template <class Fields>
struct LayoutSink {
  Fields& fields;
  RecordFiller& filler;
  Cell* cells = nullptr;

  template <class Layout>
  void Begin(const Layout& layout) {
    fields.Clear(true);
    filler.BeginRowLike(*layout.frame());
    cells = filler.row().cells.data();
  }
  void Number(std::size_t column, double number) { cells[column] = Cell::Of(number); }
  void Feature(std::size_t column, const JsonReader::Value& value) { filler.FillText(column, value); }
  void Field(std::size_t field, const JsonReader::Value& value) { fields.Set(field, {value, {}}); }
  void FieldNumber(std::size_t field, const JsonReader::Value& value, double number) {
    fields.Set(field, {value, {}, number});
  }
  void Container(std::size_t field, JsonReader::Type type, std::string_view rest) {
    fields.Set(field, {{type, {}, false}, rest});
  }
  template <class Layout>
  void End(const Layout& layout) {
    filler.row().extra = layout.extra();
    if (!layout.refits()) filler.ForgetTexts();
  }
};

}  // namespace monitor
