// RowCounter: counts the rows of a strip on frozen bins and dictionaries.
//
// Not thread-safe; one per strip, results merged in the order of the file. Cost: about 20 ns per number, 40 ns per
// text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "baselines/build/time_table.h"
#include "baselines/csv/cell_reader.h"
#include "detectors/counts/composition.h"
#include "detectors/counts/exact_sum.h"
#include "detectors/evidence/joint_counter.h"
#include "detectors/feature_summary.h"
#include "detectors/quality/classification_counts.h"
#include "detectors/quality/regression_counts.h"
#include "detectors/quality/score_bins.h"

namespace baselines {

// What to count, shared by all strips.
struct CountingFrame {
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

  struct Column {
    std::size_t field;  // of the file; kAbsent: every value is missing
    std::shared_ptr<const detectors::FeatureShape> shape;
    bool share = false;  // numbers outside [0, 1] are type faults
  };
  std::vector<Column> columns;
  // Columns (by number here) whose class and score are added up, to find the class that the score is the probability
  // of.
  std::optional<std::size_t> class_column, score_column;

  // Rows with a label count as outcomes of the model.
  struct Outcomes {
    std::size_t label;  // columns, by number here
    std::optional<std::size_t> prediction, score;
    bool numbers = false;                                      // regression: prediction and label are numbers
    std::vector<std::uint16_t> label_codes, prediction_codes;  // class codes by category of the two dictionaries
    std::vector<std::uint16_t> positives;  // classes that may turn out to be the positive one; one table for each
    detectors::ScoreBins bins = detectors::ScoreBins::Make({});
  };
  std::optional<Outcomes> outcomes;

  // Columns (by number here) whose second moments are counted, and the normal scores of their bins.
  struct Joint {
    std::vector<std::size_t> columns;
    std::vector<detectors::BinScores> scores;
  };
  std::optional<Joint> joint;

  // What the model said, added up by the cells of `features`; `errors` where label and prediction can be compared. Sums
  // are of outcomes less `least`, in whole units of about 2^-22 of the range, so that any split of the rows gives the
  // same ones.
  struct Composition {
    std::vector<std::size_t> features;  // columns, by number here
    std::size_t outcome;                // a column of numbers, or of categories: then 1 where it is `of_category`
    detectors::CategoryId of_category = 0;
    double least = 0, most = 1;  // numbers are cut to these, so that one outlier is not the mean of its cell
    bool errors = false;         // by Outcomes::label and prediction
  };
  std::optional<Composition> composition;
  // Rows with a time count by time slot as well, columns by number here; nullptr: none do. The table is thread-safe.
  TimeTable* times = nullptr;
  std::size_t time_field = kAbsent;  // of the file
};

struct CountedRows {
  std::uint64_t rows = 0;
  std::vector<detectors::FeatureSummary> summaries;
  std::vector<double> score_sums;  // per class of class_column's dictionary, over rows that have both
  std::vector<std::uint64_t> score_counts;
  std::vector<detectors::ClassificationCounts> outcomes;  // one per entry of Outcomes::positives
  detectors::RegressionCounts numbers;
  std::optional<detectors::SecondMoments> joint;
  std::vector<detectors::CompositionTable> composition;  // one per entry of Composition::features
  std::uint64_t outcome_rows = 0;
  double outcome_sum = 0;  // of outcomes less Composition::least, as in `composition`
  detectors::ExactSum outcome_square;

  explicit CountedRows(const CountingFrame& frame);
  void Merge(const CountedRows& later);
};

class RowCounter {
 public:
  // Of rows whose fields are pieces of `text`.
  RowCounter(const CountingFrame& frame, const MissingTexts& missing, std::string_view text);

  void Add(const std::vector<Field>& fields);
  CountedRows Take();

 private:
  static constexpr std::size_t kBlock = 512;

  struct Block {
    std::vector<double> numbers;
    std::vector<detectors::CategoryId> ids;
    std::vector<std::string> unseen;
    ShortTextMemo<detectors::CategoryId> known;  // what is in the dictionary
    std::vector<std::uint8_t> bins;              // of the numbers, where they are needed
    std::uint64_t missing = 0, faults = 0;
  };

  // `number`: as ReadNumbers gives it.
  void AddNumber(std::size_t column, const Field& field, double number);
  void AddName(std::size_t column, const Field& field);
  void AddOutcomes();
  void AddJoint();
  void AddComposition();
  std::uint32_t SlotOf(const Field& time);
  void Flush();

  const CountingFrame& frame_;
  CellReader reader_;
  CountedRows counted_;
  std::vector<std::uint32_t> numeric_;  // fields
  std::vector<double> numbers_;         // of the row, by field
  std::vector<Block> blocks_;
  std::optional<detectors::JointCounter> joint_;
  std::vector<std::uint32_t> slots_;  // of the rows in the blocks, where times are counted
  std::size_t rows_ = 0;              // in the blocks
};

}  // namespace baselines
