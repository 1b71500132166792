/// A cell of the record that a ``CSVCursor`` has read.
struct CSVCell {
    /// Where the text of the cell ends in the text of the record. It begins where that of the cell before ends.
    var end = 0
    /// The physical line on which the cell begins, counted from 1.
    var line = 1
    /// The position in bytes of the cell on its line, counted from 1.
    var column = 1
    /// Whether the cell begins with a quote.
    var isQuoted = false
    /// Whether a quote is inside of the cell although it does not begin with one.
    var hasStrayQuote = false
    /// Why the cell cannot be used.
    var problem: Problem?

    enum Problem {
        /// The cell or its record has too many bytes, which were dropped.
        case tooLong
        /// Text follows the closing quote. It is a part of the cell up to the end of the line.
        case textAfterQuote
        /// A quote is inside of a cell without quotes, and the cursor rejects that.
        case strayQuote
        /// The file ends before the closing quote.
        case unterminatedQuote
    }
}
